"""What other parts stand on: it knows nothing of texts, models or lessons."""

"""Bad inputs whose error is not clear yet. Whoever mends one takes its line out."""

OPEN = set()

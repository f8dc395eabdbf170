"""AttentionView: the attention of a model, to look at and to touch."""

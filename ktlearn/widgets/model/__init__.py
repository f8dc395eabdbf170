"""ModelView: the model's own picture, from its tokens to its answer."""

"""The data that the lessons use: bundled sets and loaders."""

from ktlearn.data.reviews import load_review_lists, load_reviews

__all__ = ["load_review_lists", "load_reviews"]

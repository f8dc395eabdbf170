"""A trained model that answers: classes, probabilities, explanations, sentence vectors; saved and loaded."""

from ktlearn.predictor.predictor import Predictor, get_predictor, load_predictor

__all__ = ["Predictor", "get_predictor", "load_predictor"]

"""A trained model that answers: classes, probabilities, explanations, sentence vectors; saved and loaded.

For one call from a checkpoint's name to an answer, see :mod:`ktlearn.tasks`.
"""

from ktlearn.predictor.card import model_card
from ktlearn.predictor.predictor import Predictor, get_predictor, load_predictor

__all__ = ["Predictor", "get_predictor", "load_predictor", "model_card"]

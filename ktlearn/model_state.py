"""What a model has learned: :mod:`ktlearn.learner.model_state`, under the name lessons use."""

from ktlearn.learner.model_state import unchanged

__all__ = ["unchanged"]

"""The ktrain-style learner: trains a model, looks at it, and keeps it.

``base.py`` holds the state, and each other part is one idea: see :mod:`ktlearn.learner.learner`.
"""

from ktlearn.kinds import kind_of_loss, probabilities
from ktlearn.learner.learner import Learner, get_learner

__all__ = ["Learner", "get_learner", "kind_of_loss", "probabilities"]

"""Where the bundled data, models and lessons lie: :mod:`ktlearn.support.bundled`, under the name lessons use."""

from ktlearn.support.bundled import bundled_models, resource

__all__ = ["bundled_models", "resource"]

"""Widgets: attention to look at and to touch, in a notebook, offline."""

from ktlearn.widgets.maps import AttentionMaps
from ktlearn.widgets.mask import MaskPainter
from ktlearn.widgets.positions import PositionExplorer
from ktlearn.widgets.softmax import SoftmaxPlayground
from ktlearn.widgets.view import AttentionView

__all__ = ["AttentionMaps", "AttentionView", "MaskPainter", "PositionExplorer", "SoftmaxPlayground"]

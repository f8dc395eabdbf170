"""Widgets: attention to look at and to touch, in a notebook, offline."""

from ktlearn.widgets.attention.maps import AttentionMaps
from ktlearn.widgets.attention.view import AttentionView
from ktlearn.widgets.mask.painter import MaskPainter
from ktlearn.widgets.model.view import ModelView
from ktlearn.widgets.positions.explorer import PositionExplorer
from ktlearn.widgets.softmax.playground import SoftmaxPlayground

__all__ = ["AttentionMaps", "AttentionView", "MaskPainter", "ModelView", "PositionExplorer", "SoftmaxPlayground"]

"""Raw text to batches.

>>> from ktlearn import text
>>> t = text.Transformer("ktlearn/mini-bert-en", maxlen=128, class_names=["negative", "positive"])
"""

from ktlearn.text.dataset import ArrayDataset, TextDataset
from ktlearn.text.labels import Labels
from ktlearn.text.transformer import Transformer

__all__ = ["ArrayDataset", "Labels", "TextDataset", "Transformer"]

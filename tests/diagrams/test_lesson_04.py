"""The diagram of lesson 04 says of a layer what the layer does."""

import re

import numpy as np

from ktlearn.diagrams.lesson_04 import POST, PRE, encoder_layers
from ktlearn.transformer import EncoderLayer


def test_every_arrow_of_both_layers_carries_the_shape_that_the_layer_keeps():
    x = np.ones((2, 3, 8), "float32")
    assert EncoderLayer(8, 2, 16)(x).shape == x.shape
    assert encoder_layers().data.count("(B, L, D)") == 2 * (len(POST) + 1)


def test_the_parts_stand_in_the_order_in_which_the_layer_runs_them():
    for norm_first, drawn in ((False, POST), (True, PRE)):
        assert drawn == order_of_the_parts(EncoderLayer(8, 2, 16, norm_first=norm_first))


def order_of_the_parts(layer):
    """What the layer runs, noted while it runs. It adds where its dropout has run."""
    called = []
    names = {"attention": "attention", "attention_norm": "norm", "feed_forward": "feed-forward"}
    for attribute, name in (names | {"feed_forward_norm": "norm", "dropout": "add"}).items():
        part = getattr(layer, attribute)
        part.call = noting(called, name, part.call)
    layer(np.ones((1, 3, 8), "float32"))
    return tuple(called)


def noting(called, name, call):
    def noted(*args, **kwargs):
        called.append(name)
        return call(*args, **kwargs)

    return noted


def test_no_shape_is_drawn_outside_the_sheet():
    data = encoder_layers().data
    width, height = map(float, re.search(r'viewBox="0 0 (\S+) (\S+)"', data).groups())
    for x, y in re.findall(r'<text x="([\d.-]+)" y="([\d.-]+)"', data):
        assert 0 < float(x) < width
        assert 0 < float(y) < height

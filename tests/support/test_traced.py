"""A traced function is run by Python once for each shape, and computes with the weights of now."""

import numpy as np

from ktlearn.backend import keras, ops
from ktlearn.support.traced import traced


def test_python_runs_it_once_for_each_shape():
    runs = []
    double = traced(None, lambda x: runs.append(1) or 2 * x)
    for length in (3, 3, 3, 4, 4):
        assert np.array(double(ops.ones((length,)))).tolist() == [2.0] * length
    assert len(runs) == 2


def test_it_takes_and_gives_nests_of_tensors():
    function = traced(None, lambda x, more: {"sum": x + more["y"][0]})
    found = function(ops.ones((1,)), {"y": (ops.ones((1,)),)})
    assert np.array(found["sum"]).tolist() == [2.0]


def test_the_weights_are_those_of_now():
    layer = keras.layers.Dense(1, use_bias=False)
    layer.build((None, 1))
    function = traced(layer, layer.call)
    for weight in (3.0, 4.0):
        layer.kernel.assign([[weight]])
        assert float(np.array(function(ops.ones((1, 1))))[0, 0]) == weight

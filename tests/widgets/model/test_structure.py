"""A model as blocks: all of it, in the order of its computation, whatever its family."""

import numpy as np
import pytest

from ktlearn.backend import keras
from ktlearn.transformer import Decoder, DecoderLayer, Encoder, EncoderLayer
from ktlearn.widgets.model.counts import all_parameters, multiply_adds, parameters
from ktlearn.widgets.model.picture import allowed_in
from ktlearn.widgets.model.structure import read
from tests.benchmarks import flops
from tests.tiny import tiny_config
from tests.widgets.model.machines import MACHINES, OwnLayer, bart, dates, encoder, gpt2, llama, own, t5


def kinds(block):
    return [part.kind for part in block.parts]


@pytest.mark.parametrize("name", MACHINES)
def test_the_blocks_hold_every_parameter_once(name):
    model = MACHINES[name][0]()
    assert all_parameters(read(model)) == model.count_params()


def test_post_norm_and_pre_norm_have_their_norms_in_their_places():
    post, pre = (read([EncoderLayer(8, 2, 16, norm_first=first)]).towers[0].blocks[0] for first in (False, True))
    assert kinds(post) == ["attention", "residual", "norm", "feed_forward", "residual", "norm"]
    assert kinds(pre) == ["norm", "attention", "residual", "norm", "feed_forward", "residual"]
    assert [part.back for part in post.parts if part.kind == "residual"] == [1, 1]
    assert [part.back for part in pre.parts if part.kind == "residual"] == [2, 2]


def test_a_decoder_layer_has_cross_attention_or_none():
    both = [read([DecoderLayer(8, 2, 16, cross_attention=has)]).towers[0].blocks[0] for has in (True, False)]
    assert ["cross_attention" in kinds(layer) for layer in both] == [True, False]


def test_names_say_what_the_layers_are():
    layer = read([EncoderLayer(8, 2, 16, norm="rms", gated=True, activation="silu")]).towers[0].blocks[0]
    assert [part.label for part in layer.parts[2:4]] == ["RMS norm", "Feed-forward"]
    assert layer.parts[3].detail == "F = 16 · gated silu"


def test_the_two_towers_of_an_encoder_decoder_have_lengths_and_masks_of_their_own():
    source, target = read(dates()).towers
    assert (source.name, source.length, target.name, target.length) == ("encoder", "S", "decoder", "T")
    masks = [block.mask for tower in (source, target) for block in tower.walk() if "attention" in block.kind][:3]
    assert masks == ["padding", "padding", "causal & padding"]
    assert target.blocks[-1].shape == ("B", "T", "V")


def test_a_path_is_python_s_way_to_the_layer():
    model = gpt2()
    structure = read(model)
    assert structure.find("embeddings.tokens").layer is model.embeddings.tokens
    assert structure.find("decoder.layers[1].attention").layer is model.decoder.layers[1].attention
    assert structure.find("decoder.layers[0].feed_forward_norm").layer is model.decoder.layers[0].feed_forward_norm
    assert structure.find("decoder.final_norm").layer is model.decoder.final_norm


@pytest.mark.parametrize("make", [dates, t5, llama, bart])
def test_no_two_blocks_have_one_path(make):
    shared = ("distances", "rotary")  # the same for each layer
    paths = [block.path for block in read(make()).walk() if block.kind not in shared]
    assert len(paths) == len(set(paths))


def test_distances_stand_beside_their_attention():
    structure = read(t5())
    assert structure.find("decoder.layers[1].attention").beside[0].layer is structure.model.target_distances
    assert structure.find("decoder.layers[1].cross_attention").beside == ()


def test_rotary_positions_stand_beside_each_attention_and_grouped_queries_are_told():
    structure = read(llama())
    attention = structure.find("decoder.layers[1].attention")
    assert [beside.layer for beside in attention.beside] == [structure.model.rotary]
    assert attention.detail == "H = 4, K and V 2 · d_k = 6"
    assert [block.kind for block in structure.towers[0].blocks] == ["embedding", "layer", "layer", "norm", "head"]


def test_a_window_is_told_by_the_mask():
    structure = read(llama("mistral", sliding_window=2))
    assert structure.find("decoder.layers[0].attention").mask == "causal & padding & window"
    assert allowed_in("causal & padding & window").astype(int).tolist() == [
        *([1, 0, 0, 0, 0], [1, 1, 0, 0, 0], [1, 1, 1, 0, 0], [0, 1, 1, 1, 0], [0, 0, 1, 1, 0])
    ]


def test_grouped_keys_and_values_multiply_less():
    layers = [EncoderLayer(8, 4, 16, num_kv_heads=count) for count in (4, 2)]
    whole, grouped = (multiply_adds(block.parts[0], {"L": 3, "D": 8}) for block in read(layers).towers[0].blocks)
    assert whole - grouped == 2 * 3 * 8 * 4  # two matrices, three tokens, from 8 numbers to 4 less


def test_what_stands_below_the_stack_of_a_published_encoder_decoder():
    source, target = read(bart()).towers
    assert [block.path for block in source.blocks[:3]] == ["embedding", "source_positions", "source_norm"]
    assert [block.path for block in target.blocks[:3]] == ["embedding (target)", "target_positions", "target_norm"]
    marian = read(bart("marian", scale_embedding=True)).towers[0]
    assert [block.detail for block in marian.blocks[:2]] == ["V = 50 · times √D", "sin, cos"]


@pytest.mark.parametrize(
    ("make", "length"),
    [(lambda: Encoder(3, 8, 2, 16), 3), (lambda: Decoder(2, 8, 2, 16, norm_first=True), 3), (lambda: own(2), 2)],
)
def test_stacks_and_lists_are_read_too(make, length):
    assert len(read(make()).towers[0].blocks) == length


def test_a_model_of_the_reader_s_own_is_read_by_its_attributes():
    class Own(keras.Model):
        def __init__(self):
            super().__init__()
            self.embedding = keras.layers.Embedding(20, 8)
            self.stack = own(2)
            self.out = keras.layers.Dense(3)

        def call(self, ids):
            x = self.embedding(ids)
            for layer in self.stack:
                x = layer(x)
            return self.out(x)

    model = Own()
    model(np.array([[1, 2, 3]]))
    structure = read(model)
    assert [block.path for block in structure.towers[0].blocks] == ["embedding", "stack[0]", "stack[1]", "out"]
    assert all_parameters(structure) == model.count_params()


def test_a_reader_s_own_layer_is_watched_for_its_order_and_its_residuals():
    """Made in the order attention, norm, feed-forward; called in another one."""
    layer = read(own(1)).towers[0].blocks[0]
    assert kinds(layer) == ["attention", "residual", "feed_forward", "residual", "norm"]
    assert [part.back for part in layer.parts if part.kind == "residual"] == [1, 3]
    assert layer.is_seen


def test_a_layer_that_adds_in_another_way_is_not_said_to_be_known():
    class Other(OwnLayer):
        def call(self, x):
            return self.norm(2 * x + self.feed_forward(self.attention(x, x, x)))

    layer = read([Other()]).towers[0].blocks[0]
    assert (layer.is_seen, kinds(layer)) == (False, ["attention", "norm", "feed_forward"])


def test_watching_leaves_nothing_behind():
    layers = own(1)
    read(layers)
    assert [name for each in (layers[0].attention, layers[0].norm) for name in vars(each) if name == "call"] == []


def test_equal_layers_in_a_row_are_a_group():
    layers = [EncoderLayer(8, 2, 16), EncoderLayer(8, 2, 16), EncoderLayer(8, 4, 16)]
    assert [len(group) for group in read(layers).towers[0].groups()] == [2, 1]


@pytest.mark.parametrize("wrong", [3, [], ["layer"], keras.layers.Dense(3)])
def test_what_is_no_model_is_refused(wrong):
    with pytest.raises(TypeError, match="model: give a model of ktlearn"):
        read(wrong)


def test_the_counted_products_are_those_of_the_benchmark():
    """Two independent counts of a classifier's arithmetic; a multiply-add is two operations."""
    model = encoder("classification", num_labels=3)
    structure = read(model)
    sizes = structure.sizes | {"L": 7}
    counted = [multiply_adds(block, sizes) for block in structure.towers[0].blocks]
    assert 2 * sum(counted) == flops.forward_flops(tiny_config(), 3, 7, 7)


def test_a_layer_that_is_not_built_is_not_counted():
    assert parameters(read([keras.Sequential([keras.layers.Dense(3)])]).towers[0].blocks[0]) is None

"""The encoder against the paper's formulas, written here once more in NumPy."""

import numpy as np
import pytest

from ktlearn.attention import causal_mask, padding_mask
from ktlearn.backend import keras
from ktlearn.transformer import Encoder, EncoderLayer

B, L, D, H, F = 2, 5, 12, 3, 20
PADDED = np.array([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]])
numbers = np.asarray
NORMS = pytest.mark.parametrize("norm_first", [False, True], ids=["post-norm", "pre-norm"])


def draw(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def with_weights(layer):
    """Every number drawn, so that no bias is 0 and no scale is 1."""
    layer.build((None, None, D))
    layer.set_weights([draw(*w.shape, seed=i) / 2 for i, w in enumerate(layer.weights)])
    return layer


def encoder_layer(**settings):
    return with_weights(EncoderLayer(D, H, F, **settings))


# The paper in NumPy: one text (L, D), one head at a time, every sum written out.


def dense(x, layer):
    return x @ numbers(layer.kernel) + numbers(layer.bias)


def norm(x, layer):
    mean = x.mean(-1, keepdims=True)
    variance = ((x - mean) ** 2).mean(-1, keepdims=True)
    return (x - mean) / np.sqrt(variance + layer.eps) * numbers(layer.gamma) + numbers(layer.beta)


def attention(x, layer, allowed):
    q, k, v = dense(x, layer.query), dense(x, layer.key), dense(x, layer.value)
    heads, maps = [], []
    for h in range(H):
        part = slice(h * D // H, (h + 1) * D // H)
        scores = q[:, part] @ k[:, part].T / np.sqrt(D / H)
        e = np.exp(scores) * allowed
        maps.append(e / e.sum(-1, keepdims=True))
        heads.append(maps[-1] @ v[:, part])
    return dense(np.concatenate(heads, -1), layer.output_projection), np.stack(maps)


def feed_forward(x, layer):
    return dense(np.maximum(dense(x, layer.expand), 0), layer.contract)


def paper(x, layer, allowed):
    """Section 3.1 for post-norm; Xiong et al. 2020, figure 1, for pre-norm."""
    if layer.norm_first:
        attended, maps = attention(norm(x, layer.attention_norm), layer.attention, allowed)
        x = x + attended
        return x + feed_forward(norm(x, layer.feed_forward_norm), layer.feed_forward), maps
    attended, maps = attention(x, layer.attention, allowed)
    x = norm(x + attended, layer.attention_norm)
    return norm(x + feed_forward(x, layer.feed_forward), layer.feed_forward_norm), maps


MASKS = {
    "no mask": (None, np.ones((B, L, L))),
    "padding": (padding_mask(PADDED), np.repeat(PADDED[:, None], L, axis=1)),
    "causal": (causal_mask(L), np.tril(np.ones((B, L, L)))),
}


@NORMS
@pytest.mark.parametrize("mask", MASKS)
def test_encoder_layer_is_the_formula_of_the_paper(norm_first, mask):
    layer, x = encoder_layer(norm_first=norm_first, eps=0.1), draw(B, L, D)
    mask, allowed = MASKS[mask]
    output, weights = layer(x, mask=mask, return_weights=True)
    for b in range(B):
        expected, maps = paper(x[b], layer, allowed[b])
        np.testing.assert_allclose(output[b], expected, atol=1e-5)
        np.testing.assert_allclose(weights[b], maps, atol=1e-5)


@NORMS
def test_encoder_is_its_layers_one_after_the_other(norm_first):
    encoder, x = with_weights(Encoder(3, D, H, F, norm_first=norm_first, eps=0.1)), draw(1, L, D)
    output, weights = encoder(x, return_weights=True)

    expected, maps = x[0], []
    for layer in encoder.layers:
        expected, seen = paper(expected, layer, np.ones((L, L)))
        maps.append(seen)
    if norm_first:  # nothing stands behind the last residual of a pre-norm stack
        expected = norm(expected, encoder.final_norm)
    np.testing.assert_allclose(output[0], expected, atol=2e-5)
    assert len(weights) == 3
    for seen, wanted in zip(weights, maps, strict=True):
        np.testing.assert_allclose(seen[0], wanted, atol=1e-5)


def test_the_settings_reach_every_layer_of_the_stack():
    encoder = Encoder(2, D, H, F, dropout=0.3, attention_dropout=0.2, activation="gelu_new", eps=0.5)
    for layer in encoder.layers:
        assert layer.dropout.rate == 0.3
        assert layer.attention.dropout.rate == 0.2
        assert layer.feed_forward.get_config()["activation"] == "gelu_new"
        assert layer.attention_norm.eps == layer.feed_forward_norm.eps == 0.5


def test_the_mask_makes_real_positions_independent_of_the_padding():
    encoder, x = with_weights(Encoder(3, D, H, F)), draw(B, L, D)
    before = numbers(encoder(x, mask=padding_mask(PADDED)))
    x[1, 3:] = 1e3
    after = numbers(encoder(x, mask=padding_mask(PADDED)))
    np.testing.assert_array_equal(after[PADDED == 1], before[PADDED == 1])
    assert (after[PADDED == 0] != before[PADDED == 0]).any()


def test_a_padded_text_gives_what_the_text_alone_gives():
    encoder, x = with_weights(Encoder(3, D, H, F)), draw(B, L, D)
    together = encoder(x, mask=padding_mask(PADDED))
    np.testing.assert_allclose(numbers(together)[1, :3], numbers(encoder(x[1:, :3]))[0], atol=1e-5)


def test_the_causal_mask_hides_the_future_through_all_layers():
    encoder, x = with_weights(Encoder(3, D, H, F)), draw(1, L, D)
    before = numbers(encoder(x, mask=causal_mask(L)))
    x[0, 3] += 1
    after = numbers(encoder(x, mask=causal_mask(L)))
    np.testing.assert_array_equal(after[0, :3], before[0, :3])
    assert (after[0, 3:] != before[0, 3:]).any(axis=-1).all()


def test_no_keras_mask_hides_on_the_outputs():
    # Keras takes the mask argument for one that travels; a loss further down would use it.
    for layer in (encoder_layer(), with_weights(Encoder(2, D, H, F))):
        output, weights = layer(draw(B, L, D), mask=padding_mask(PADDED), return_weights=True)
        for tensor in (output, *(weights if isinstance(weights, tuple) else [weights])):
            assert getattr(tensor, "_keras_mask", None) is None


@pytest.mark.parametrize("layer", [EncoderLayer(D, H, F), Encoder(1, D, H, F)], ids=["layer", "stack"])
def test_a_hidden_mask_of_keras_on_the_input_is_refused(layer):
    x = keras.layers.Embedding(5, D, mask_zero=True)(np.array([[1, 2, 0], [3, 0, 0], [1, 2, 3]]))
    with pytest.raises(ValueError, match="hidden mask of Keras.*mask=padding_mask"):
        layer(x)


def test_dropout_only_in_training():
    x = draw(B, L, D)
    layer, without = encoder_layer(dropout=0.5), encoder_layer(dropout=0.0)
    np.testing.assert_array_equal(layer(x), without(x))
    np.testing.assert_array_equal(layer(x, training=False), without(x))
    assert np.abs(numbers(layer(x, training=True)) - numbers(without(x))).max() > 0.01


def test_heads_that_do_not_divide_the_width_are_refused():
    with pytest.raises(ValueError, match="num_heads must divide d_model; got d_model=12 and num_heads=5"):
        Encoder(2, D, 5, F)


@pytest.mark.parametrize(
    "layer",
    [
        EncoderLayer(D, H, F, 0.2, 0.1, "gelu_new", norm_first=True, eps=0.1, name="a"),
        Encoder(2, D, H, F, norm_first=True, eps=0.1, activation="silu", dropout=0.2, name="a"),
    ],
    ids=["layer", "stack"],
)
def test_config_round_trip(layer):
    again = type(layer).from_config(layer.get_config())
    assert again.get_config() == layer.get_config()
    with_weights(layer), with_weights(again)
    np.testing.assert_array_equal(again(draw(B, L, D)), layer(draw(B, L, D)))


def test_the_dtype_of_the_stack_is_that_of_all_its_parts():
    encoder = with_weights(Encoder(1, D, H, F, norm_first=True, dtype="mixed_bfloat16"))
    output, weights = encoder(draw(B, L, D), return_weights=True)
    for tensor in (output, weights[0]):
        assert keras.backend.standardize_dtype(tensor.dtype) == "bfloat16"
    assert {layer.compute_dtype for layer in encoder._flatten_layers()} == {"bfloat16"}


def test_a_model_of_these_layers_trains_is_saved_and_loaded(tmp_path):
    # In Keras' functional style the mask is an input like any other.
    x, mask = keras.Input((None, D)), keras.Input((1, 1, None), dtype="bool")
    encoder = Encoder(1, D, H, F, dropout=0.1)
    model = keras.Model([x, mask], encoder(x, mask=mask))
    model.compile("sgd", "mse")
    before = numbers(encoder.layers[0].attention.query.kernel).copy()
    data = [draw(B, L, D), numbers(padding_mask(PADDED))]
    model.fit(data, draw(B, L, D), verbose=0)
    assert (numbers(encoder.layers[0].attention.query.kernel) != before).any()

    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(again.predict(data, verbose=0), model.predict(data, verbose=0), atol=1e-6)

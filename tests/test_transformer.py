"""Encoder and decoder against the paper's formulas, and against what masks promise."""

import numpy as np
import pytest

from ktlearn.attention import causal_mask, padding_mask, recorded
from ktlearn.backend import keras, ops
from ktlearn.rotary import RotaryPositions, rotate
from ktlearn.support.gradients import gradient
from ktlearn.transformer import Decoder, DecoderLayer, Encoder, EncoderLayer
from tests import paper
from tests.arrays import draw, numbers

B, L, S, D, H, F = 2, 5, 7, 12, 3, 20
PADDED = np.array([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]])
SOURCE_PADDED = np.array([[1, 1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 0, 0, 0]])
NORMS = pytest.mark.parametrize("norm_first", [False, True], ids=["post-norm", "pre-norm"])


def with_weights(layer):
    """Every number drawn, so that no bias is 0 and no scale is 1."""
    layer.build((None, None, D))
    layer.set_weights([draw(*w.shape, seed=i) / 2 for i, w in enumerate(layer.weights)])
    return layer


def encoder_layer(**settings):
    return with_weights(EncoderLayer(D, H, F, **settings))


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
        expected, maps = paper.encoder_layer(x[b], layer, allowed[b])
        np.testing.assert_allclose(output[b], expected, atol=1e-5)
        np.testing.assert_allclose(weights[b], maps, atol=1e-5)


@NORMS
def test_encoder_is_its_layers_one_after_the_other(norm_first):
    encoder, x = with_weights(Encoder(2, D, H, F, norm_first=norm_first, eps=0.1)), draw(1, L, D)
    output, weights = encoder(x, return_weights=True)

    expected, maps = x[0], []
    for layer in encoder.layers:
        expected, seen = paper.encoder_layer(expected, layer, np.ones((L, L)))
        maps.append(seen)
    if norm_first:  # nothing stands behind the last residual of a pre-norm stack
        expected = paper.norm(expected, encoder.final_norm)
    np.testing.assert_allclose(output[0], expected, atol=2e-5)
    assert len(weights) == 2
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
    encoder, x = with_weights(Encoder(2, D, H, F)), draw(B, L, D)
    before = numbers(encoder(x, mask=padding_mask(PADDED)))
    x[1, 3:] = 1e3
    after = numbers(encoder(x, mask=padding_mask(PADDED)))
    np.testing.assert_array_equal(after[PADDED == 1], before[PADDED == 1])
    assert (after[PADDED == 0] != before[PADDED == 0]).any()


def test_a_padded_text_gives_what_the_text_alone_gives():
    encoder, x = with_weights(Encoder(2, D, H, F)), draw(B, L, D)
    together = encoder(x, mask=padding_mask(PADDED))
    np.testing.assert_allclose(numbers(together)[1, :3], numbers(encoder(x[1:, :3]))[0], atol=1e-5)


def test_the_causal_mask_hides_the_future_through_all_layers():
    encoder, x = with_weights(Encoder(2, D, H, F)), draw(1, L, D)
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
        Encoder(2, D, H, F, True, norm="rms", gated=True, use_bias=False, d_k=7, scale=1, name="a"),
    ],
    ids=["layer", "stack", "stack as later models have it"],
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


@pytest.mark.slow
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


# The decoder


def decoder_layer(**settings):
    return with_weights(DecoderLayer(D, H, F, **settings))


def decoder(**settings):
    return with_weights(Decoder(2, D, H, F, **settings))


MEMORY_MASKS = {
    "no mask": (None, np.ones((B, L, S))),
    "padding": (padding_mask(SOURCE_PADDED), np.repeat(SOURCE_PADDED[:, None], L, axis=1)),
}


@pytest.mark.slow
@NORMS
@pytest.mark.parametrize("mask", MASKS)
@pytest.mark.parametrize("memory_mask", MEMORY_MASKS)
def test_decoder_layer_is_the_formula_of_the_paper(norm_first, mask, memory_mask):
    layer, x, memory = decoder_layer(norm_first=norm_first, eps=0.1), draw(B, L, D), draw(B, S, D, seed=1)
    (mask, allowed), (memory_mask, memory_allowed) = MASKS[mask], MEMORY_MASKS[memory_mask]
    found = layer(x, memory, mask=mask, memory_mask=memory_mask, return_weights=True)
    for b in range(B):
        expected = paper.decoder_layer(x[b], memory[b], layer, allowed[b], memory_allowed[b])
        for ours, theirs in zip(found, expected, strict=True):
            np.testing.assert_allclose(ours[b], theirs, atol=1e-5)
    np.testing.assert_array_equal(layer(x, memory, mask=mask, memory_mask=memory_mask), found[0])


@NORMS
def test_decoder_is_its_layers_one_after_the_other(norm_first):
    stack, x, memory = decoder(norm_first=norm_first, eps=0.1), draw(1, L, D), draw(1, S, D, seed=1)
    output, self_weights, cross_weights = stack(x, memory, mask=causal_mask(L), return_weights=True)

    expected = x[0]
    for layer, own, cross in zip(stack.layers, self_weights, cross_weights, strict=True):
        expected, own_wanted, cross_wanted = paper.decoder_layer(
            expected, memory[0], layer, np.tril(np.ones((L, L))), np.ones((L, S))
        )
        np.testing.assert_allclose(own[0], own_wanted, atol=1e-5)
        np.testing.assert_allclose(cross[0], cross_wanted, atol=1e-5)
    if norm_first:
        expected = paper.norm(expected, stack.final_norm)
    np.testing.assert_allclose(output[0], expected, atol=2e-5)


@pytest.mark.slow
@NORMS
def test_the_gradient_of_an_output_ends_at_its_own_position(norm_first):
    stack, x, memory = decoder(norm_first=norm_first), draw(1, L, D), draw(1, S, D, seed=1)
    direction = draw(D, seed=2)  # the sum of a normalised vector has no gradient, this has
    for t in (0, 2, L - 1):

        def output_t(x, t=t):
            return ops.sum(stack(x, memory, mask=causal_mask(L))[0, t] * direction)

        slope = gradient(output_t, x)[0]
        assert (slope[t + 1 :] == 0).all()  # exactly: it does not depend on the future
        assert (slope[: t + 1] != 0).any(axis=-1).all()  # and it does on all of the past


@NORMS
def test_the_gradient_does_not_reach_a_padded_source(norm_first):
    stack, x, memory = decoder(norm_first=norm_first), draw(B, L, D), draw(B, S, D, seed=1)
    direction = draw(D, seed=2)

    def outputs(memory):
        mask, memory_mask = causal_mask(L), padding_mask(SOURCE_PADDED)
        return ops.sum(stack(x, memory, mask=mask, memory_mask=memory_mask) * direction)

    slope = gradient(outputs, memory)
    assert (slope[SOURCE_PADDED == 0] == 0).all()
    assert (slope[SOURCE_PADDED == 1] != 0).any(axis=-1).all()


def test_without_a_mask_the_first_output_depends_on_the_future():
    # The masks are arguments: what is not given does not mask.
    layer, x, memory = decoder_layer(), draw(1, L, D), draw(1, S, D, seed=1)
    first = gradient(lambda x: ops.sum(layer(x, memory)[0, 0] * draw(D, seed=2)), x)[0]
    assert (first != 0).any(axis=-1).all()


@NORMS
def test_step_by_step_with_a_cache_gives_what_the_whole_sequence_gives(norm_first):
    stack, x, memory = decoder(norm_first=norm_first), draw(B, L, D), draw(B, S, D, seed=1)
    memory_mask = padding_mask(SOURCE_PADDED)
    whole = numbers(stack(x, memory, mask=causal_mask(L), memory_mask=memory_mask))

    cache, of_memory = stack.empty_cache(B, L + 2), stack.memory_cache(memory)  # more room than is needed
    for t in range(L):
        output, cache = stack.step(x[:, t : t + 1], t, cache, of_memory, memory_mask)
        np.testing.assert_allclose(output[:, 0], whole[:, t], atol=1e-5)
    for keys_and_values in cache:
        for room in keys_and_values:
            assert tuple(room.shape) == (B, H, L + 2, D // H)
            assert (numbers(room)[:, :, L:] == 0).all()
            assert (numbers(room)[:, :, :L] != 0).all()


def test_the_decoder_hangs_no_keras_mask_on_its_outputs():
    x, memory = draw(B, L, D), draw(B, S, D, seed=1)
    for layer in (decoder_layer(), decoder()):
        found = layer(x, memory, mask=causal_mask(L), memory_mask=padding_mask(SOURCE_PADDED), return_weights=True)
        for tensor in keras.tree.flatten(found):
            assert getattr(tensor, "_keras_mask", None) is None


@pytest.mark.parametrize("layer", [DecoderLayer(D, H, F), Decoder(1, D, H, F)], ids=["layer", "stack"])
def test_the_decoder_refuses_a_hidden_mask_of_keras_on_the_memory(layer):
    memory = keras.layers.Embedding(5, D, mask_zero=True)(np.array([[1, 2, 0], [3, 0, 0]]))
    with pytest.raises(ValueError, match="hidden mask of Keras.*memory_mask=padding_mask"):
        layer(draw(B, L, D), memory, mask=causal_mask(L))
    layer(draw(B, L, D), memory, mask=causal_mask(L), memory_mask=padding_mask([[1, 1, 0], [1, 0, 0]]))


def test_the_settings_reach_every_layer_of_the_decoder():
    stack = Decoder(2, D, H, F, dropout=0.3, attention_dropout=0.2, activation="gelu_new", eps=0.5)
    for layer in stack.layers:
        assert layer.dropout.rate == 0.3
        assert layer.attention.dropout.rate == layer.cross_attention.dropout.rate == 0.2
        assert layer.feed_forward.get_config()["activation"] == "gelu_new"
        assert layer.attention_norm.eps == layer.cross_attention_norm.eps == layer.feed_forward_norm.eps == 0.5


def test_the_decoder_drops_only_in_training():
    x, memory = draw(B, L, D), draw(B, S, D, seed=1)
    layer, without = decoder_layer(dropout=0.5), decoder_layer(dropout=0.0)
    np.testing.assert_array_equal(layer(x, memory, training=False), without(x, memory))
    assert np.abs(numbers(layer(x, memory, training=True)) - numbers(without(x, memory))).max() > 0.01


@pytest.mark.parametrize(
    "layer",
    [
        DecoderLayer(D, H, F, 0.2, 0.1, "gelu_new", norm_first=True, eps=0.1, name="a"),
        Decoder(2, D, H, F, norm_first=True, eps=0.1, activation="silu", dropout=0.2, name="a"),
    ],
    ids=["layer", "stack"],
)
def test_decoder_config_round_trip(layer):
    again = type(layer).from_config(layer.get_config())
    assert again.get_config() == layer.get_config()
    with_weights(layer), with_weights(again)
    x, memory = draw(B, L, D), draw(B, S, D, seed=1)
    np.testing.assert_array_equal(again(x, memory), layer(x, memory))


# A decoder alone


@NORMS
def test_a_decoder_alone_is_an_encoder_that_may_not_look_ahead(norm_first):
    settings = dict(norm_first=norm_first, eps=0.1)
    decoder = with_weights(Decoder(2, D, H, F, cross_attention=False, **settings))
    encoder = with_weights(Encoder(2, D, H, F, **settings))
    x = draw(B, L, D)
    output, maps = decoder(x, mask=causal_mask(L), return_weights=True)
    expected, encoder_maps = encoder(x, mask=causal_mask(L), return_weights=True)
    np.testing.assert_array_equal(output, expected)
    np.testing.assert_array_equal(maps[1], encoder_maps[1])
    assert len(maps) == 2 and len(decoder.weights) == len(encoder.weights)


def test_a_decoder_alone_writes_step_by_step_what_it_gives_at_once():
    decoder, x = with_weights(Decoder(2, D, H, F, norm_first=True, cross_attention=False)), draw(B, L, D)
    expected, cache = decoder(x, mask=causal_mask(L)), decoder.empty_cache(B, L)
    for position in range(L):
        y, cache = decoder.step(x[:, position : position + 1], position, cache)
        np.testing.assert_allclose(y[:, 0], expected[:, position], atol=1e-5)


# What later models changed


def test_a_bias_reaches_the_scores_of_every_layer():
    encoder, x = with_weights(Encoder(2, D, H, F)), draw(B, L, D)
    ahead = np.where(np.arange(L)[:, None] >= np.arange(L), 0, -1e9).astype("float32")  # a mask, said by numbers
    _, maps = encoder(x, bias=ahead, return_weights=True)
    _, expected = encoder(x, mask=causal_mask(L), return_weights=True)
    for ours, theirs in zip(maps, expected, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-6)


def test_the_decoder_s_bias_is_for_its_look_at_itself():
    layer, x, memory = decoder_layer(), draw(B, L, D), draw(B, S, D, seed=1)
    bias = draw(1, H, L, L, seed=2)
    _, self_weights, cross_weights = layer(x, memory, bias=bias, return_weights=True)
    with recorded() as steps:
        layer(x, memory, bias=bias)
    assert steps[0].bias is not None and steps[1].bias is None
    assert tuple(self_weights.shape) == (B, H, L, L) and tuple(cross_weights.shape) == (B, H, L, S)


def test_the_choices_of_later_models_reach_every_layer():
    choices = dict(norm="rms", gated=True, use_bias=False, d_k=7, scale=1, num_kv_heads=1, qkv_bias=True)
    decoder = Decoder(2, D, H, F, True, **choices)
    decoder.build((None, None, D))
    for layer in decoder.layers:
        for attention in (layer.attention, layer.cross_attention):
            assert (attention.d_k, attention.use_bias, attention.scale) == (7, False, 1)
            assert (attention.num_kv_heads, attention.query.use_bias) == (1, True)
        assert layer.feed_forward.gate is not None
        assert type(layer.cross_attention_norm).__name__ == "RMSNorm"
    assert type(decoder.final_norm).__name__ == "RMSNorm"
    biased = {weight.path.split("/")[-2] for weight in decoder.weights if weight.name in ("bias", "beta")}
    assert biased == {"query", "key", "value"}


def test_with_rotary_positions_and_grouped_queries_a_cache_gives_what_the_whole_sequence_gives():
    decoder = Decoder(2, 16, 4, F, True, norm="rms", num_kv_heads=2, cross_attention=False)
    rotary, x = RotaryPositions(4), draw(B, L, 16)
    decoder.build((None, None, 16))
    places = np.array([[0, 1, 2, 3, 4], [7, 8, 9, 10, 11]])  # a row of its own may begin anywhere
    whole = decoder(x, mask=causal_mask(L), rotation=rotary(places))
    assert np.abs(numbers(whole) - numbers(decoder(x, mask=causal_mask(L)))).max() > 0.01  # the rotation matters

    cache = decoder.empty_cache(B, L)
    assert tuple(cache[0][0].shape) == (B, 2, L, 4)
    for t in range(L):
        output, cache = decoder.step(x[:, t : t + 1], t, cache, rotation=rotary(places[:, t : t + 1]))
        np.testing.assert_allclose(numbers(output)[:, 0], numbers(whole)[:, t], atol=1e-5)


def test_a_rotation_turns_the_target_s_look_at_itself_and_not_at_the_memory():
    layer, x, memory = decoder_layer(), draw(B, L, D), draw(B, S, D, seed=1)
    rotation = RotaryPositions(D // H)(np.arange(L)[None])
    with recorded() as plain:
        layer(x, memory)
    with recorded() as turned:
        layer(x, memory, rotation=rotation)
    np.testing.assert_allclose(turned[0].q, rotate(plain[0].q, *rotation), atol=1e-6)
    np.testing.assert_allclose(turned[0].k, rotate(plain[0].k, *rotation), atol=1e-6)
    np.testing.assert_allclose(turned[1].k, plain[1].k, atol=1e-6)

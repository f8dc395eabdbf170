"""The whole Transformer against the paper's formulas, and as a Keras model that trains, saves and loads."""

import functools

import numpy as np
import pytest

import ktlearn
from ktlearn.backend import keras, ops
from ktlearn.seq2seq import TokenAccuracy, TokenCrossentropy, Transformer
from tests import paper
from tests.arrays import draw

D, H, F, LAYERS, SOURCE_VOCAB, VOCAB = 12, 3, 20, 2, 9, 11
SOURCE = np.array([[3, 4, 5, 6, 7, 8], [8, 7, 3, 5, 4, 6]])
TARGET = np.array([[1, 3, 9, 10, 5], [1, 4, 4, 7, 8]])
PADDED_SOURCE = np.array([[3, 4, 5, 6, 7, 8], [8, 7, 3, 0, 0, 0]])
PADDED_TARGET = np.array([[1, 3, 0, 0, 0], [1, 4, 4, 7, 8]])
numbers = np.asarray
NORMS = pytest.mark.parametrize("norm_first", [False, True], ids=["post-norm", "pre-norm"])
# Where the norm stands does not touch what is tested: one place at each change, both every week.
A_NORM = pytest.mark.parametrize(
    "norm_first", [False, pytest.param(True, marks=pytest.mark.weekly)], ids=["post-norm", "pre-norm"]
)


def transformer(source_vocab_size=SOURCE_VOCAB, **settings):
    """Every number drawn, so that no bias is 0 and no scale is 1."""
    settings = dict(d_model=D, num_heads=H, num_layers=LAYERS, d_ff=F, eps=0.1) | settings
    model = Transformer(source_vocab_size, VOCAB, **settings)
    model.set_weights([draw(*w.shape, seed=i) / 2 for i, w in enumerate(model.weights)])
    return model


@pytest.fixture(scope="module")
def model():
    """Tests only look at it."""
    return transformer()


def inputs(source=SOURCE, target=TARGET):
    return {"input_ids": source, "decoder_input_ids": target}


# The formula


@pytest.mark.slow
@NORMS
@pytest.mark.parametrize("settings", [{}, {"tie_output": False}, {"share_embeddings": True}], ids=str)
@pytest.mark.parametrize(  # of a padded batch, one source and one target are full: it shows both
    "source, target",
    [pytest.param(SOURCE, TARGET, marks=pytest.mark.weekly), (PADDED_SOURCE, PADDED_TARGET)],
    ids=["full", "padded"],
)
def test_the_transformer_is_the_paper(norm_first, settings, source, target):
    shared = "share_embeddings" in settings
    model = transformer(VOCAB if shared else SOURCE_VOCAB, norm_first=norm_first, **settings)
    out = model(inputs(source, target), return_attention=True)
    for b in range(len(source)):
        logits, *maps = paper.transformer(model, source[b], target[b])
        np.testing.assert_allclose(out.logits[b], logits, atol=1e-5)
        for ours, theirs in zip((out.attentions, out.decoder_attentions, out.cross_attentions), maps, strict=True):
            for layer, wanted in zip(ours, theirs, strict=True):
                np.testing.assert_allclose(layer[b], wanted, atol=1e-5)


def test_the_output_has_its_maps_only_when_asked(model):
    S, T = SOURCE.shape[1], TARGET.shape[1]
    out = model(inputs(), return_attention=True)
    assert tuple(out.last_hidden_state.shape) == (2, T, D)
    for maps, shape in (
        (out.attentions, (2, H, S, S)),
        (out.decoder_attentions, (2, H, T, T)),
        (out.cross_attentions, (2, H, T, S)),
    ):
        assert [tuple(layer.shape) for layer in maps] == [shape] * LAYERS

    without = model(inputs())
    assert without.attentions is without.decoder_attentions is without.cross_attentions is None
    np.testing.assert_array_equal(without.logits, out.logits)


def test_the_call_is_encode_decode_and_logits(model):
    memory, memory_mask, _ = model.encode(PADDED_SOURCE)
    hidden, _, _ = model.decode(TARGET, memory, memory_mask)
    np.testing.assert_array_equal(model.logits(hidden), model(inputs(PADDED_SOURCE)).logits)


# What masks promise


@pytest.mark.slow
@A_NORM
def test_logits_do_not_depend_on_later_target_tokens(norm_first):
    model = transformer(norm_first=norm_first)
    before = numbers(model(inputs()).logits)
    for t in range(1, TARGET.shape[1]):
        changed = TARGET.copy()
        changed[:, t] = 6
        after = numbers(model(inputs(target=changed)).logits)
        np.testing.assert_array_equal(after[:, :t], before[:, :t])
        assert (after[:, t:] != before[:, t:]).any(axis=-1).all()


@pytest.mark.slow
@A_NORM
def test_a_padded_pair_gives_what_the_pair_alone_gives(norm_first):
    model = transformer(norm_first=norm_first)
    together = numbers(model(inputs(PADDED_SOURCE, PADDED_TARGET)).logits)
    alone = numbers(model(inputs(PADDED_SOURCE[1:, :3], PADDED_TARGET[1:])).logits)
    np.testing.assert_allclose(together[1], alone[0], atol=1e-5)
    alone = numbers(model(inputs(PADDED_SOURCE[:1], PADDED_TARGET[:1, :2])).logits)
    np.testing.assert_allclose(together[0, :2], alone[0], atol=1e-5)


def test_nobody_looks_at_padding(model):
    out = model(inputs(PADDED_SOURCE, PADDED_TARGET), return_attention=True)
    for maps, ids in (
        (out.attentions, PADDED_SOURCE),
        (out.decoder_attentions, PADDED_TARGET),
        (out.cross_attentions, PADDED_SOURCE),
    ):
        for layer in maps:
            looked_at = numbers(layer).sum(axis=(1, 2))  # (B, K)
            assert (looked_at[ids == 0] == 0).all()
            assert (looked_at[ids != 0] > 0).all()


def test_another_pad_id_is_padding_and_0_is_a_token():
    model = transformer(pad_id=2, num_layers=1)
    seven = np.where(PADDED_SOURCE == 0, 2, PADDED_SOURCE)
    np.testing.assert_array_equal(
        numbers(model(inputs(seven)).logits)[1], numbers(model(inputs(seven[:, [0, 1, 2, 5, 4, 3]])).logits)[1]
    )
    alone = numbers(model(inputs(seven[1:, :3], TARGET[1:])).logits)
    np.testing.assert_allclose(numbers(model(inputs(seven)).logits)[1], alone[0], atol=1e-5)
    assert np.abs(numbers(model(inputs(PADDED_SOURCE)).logits)[1] - alone[0]).max() > 1e-3


@pytest.mark.slow
@NORMS
def test_decoding_step_by_step_gives_the_logits_of_the_whole_sequence(norm_first):
    model = transformer(norm_first=norm_first)
    whole = numbers(model(inputs(PADDED_SOURCE)).logits)
    context, cache = model.prepare(PADDED_SOURCE, TARGET.shape[1])
    for t, tokens in enumerate(TARGET.T):
        logits, cache = model.step(tokens, t, context, cache)
        np.testing.assert_allclose(logits, whole[:, t], atol=1e-5)


# Embeddings, one or several


def count(model):
    return sum(int(np.prod(w.shape)) for w in model.weights)


@pytest.mark.slow
def test_tied_embeddings_are_one_variable():
    tied, untied = transformer(num_layers=1), transformer(tie_output=False, num_layers=1)
    shared = transformer(VOCAB, share_embeddings=True, num_layers=1)
    assert tied.output_layer is None
    assert count(untied) - count(tied) == VOCAB * D
    assert count(tied) - count(shared) == SOURCE_VOCAB * D
    assert shared.source_embedding is shared.target_embedding
    for model in (tied, untied, shared):
        assert len({id(w) for w in model.weights}) == len(model.weights)
        before = numbers(model(inputs()).logits)
        table = model.target_embedding.embeddings
        table.assign(numbers(table) + 10 * (np.arange(VOCAB) == 0)[:, None])  # row 0 is no token of these texts
        changed = numbers(model(inputs()).logits) != before
        assert changed[..., 0].all() == (model is not untied)
        assert not changed[..., 1:].any()


def test_shared_embeddings_need_one_vocabulary():
    with pytest.raises(
        ValueError, match="one vocabulary for both sides; got source_vocab_size=9 and target_vocab_size=11"
    ):
        transformer(share_embeddings=True)


def test_the_embeddings_start_small_and_the_logits_near_1():
    model = Transformer(300, 300, d_model=64, num_heads=2, num_layers=1, d_ff=64)
    assert abs(numbers(model.target_embedding.embeddings).std() * 64**0.5 - 1) < 0.05
    ids = np.arange(1, 101).reshape(10, 10)
    assert 0.5 < numbers(model(inputs(ids, ids)).logits).std() < 2


def test_a_missing_input_is_named(model):
    with pytest.raises(ValueError, match="'decoder_input_ids' is missing"):
        model({"input_ids": SOURCE})


# Loss and accuracy


def test_the_loss_is_the_mean_over_real_tokens():
    labels, logits = np.array([[1, 3, 0, 0], [2, 2, 4, 1]]), draw(2, 4, 5)
    p = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
    each = [-np.log(p[b, t, labels[b, t]]) for b in range(2) for t in range(4) if labels[b, t]]
    np.testing.assert_allclose(float(TokenCrossentropy()(labels, logits)), np.mean(each), rtol=1e-6)


def test_label_smoothing_is_that_of_keras_on_one_hot_labels():
    labels, logits = np.array([[1, 3, 0, 0], [2, 2, 4, 1]]), draw(2, 4, 5)
    real = labels != 0
    keras_loss = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1)
    expected = keras_loss(np.eye(5, dtype="float32")[labels[real]], logits[real])
    np.testing.assert_allclose(
        float(TokenCrossentropy(label_smoothing=0.1)(labels, logits)), float(expected), rtol=1e-6
    )


def test_the_loss_has_no_gradient_at_padding():
    labels, logits = np.array([[1, 3, 0, 0]]), draw(1, 4, 5)
    before = float(TokenCrossentropy(label_smoothing=0.1)(labels, logits))
    logits[0, 2:] *= -7
    assert float(TokenCrossentropy(label_smoothing=0.1)(labels, logits)) == before
    assert float(TokenCrossentropy()(np.zeros((1, 4), int), logits)) == 0  # nothing real: nothing to learn


def test_pad_id_is_a_setting_of_loss_and_accuracy():
    labels, logits = np.array([[0, 3, 2, 2]]), draw(1, 4, 5)
    expected = TokenCrossentropy()(labels[:, [1]], logits[:, [1]])
    first = TokenCrossentropy()(np.array([[4]]), logits[:, [0]][..., [1, 2, 3, 4, 0]])  # label 0, called 4
    both = TokenCrossentropy(pad_id=2)(labels, logits)
    np.testing.assert_allclose(float(both), (float(expected) + float(first)) / 2, rtol=1e-6)
    accuracy = TokenAccuracy(pad_id=2)
    accuracy.update_state(labels, logits)
    assert float(accuracy.result()) == np.mean(logits[0, :2].argmax(-1) == labels[0, :2])


def test_the_accuracy_counts_real_tokens_over_all_batches():
    accuracy = TokenAccuracy()
    right = np.eye(5)[[[1, 3, 2, 0]]]
    accuracy.update_state(np.array([[1, 3, 4, 0]]), right)  # two of three
    accuracy.update_state(np.array([[4, 0, 0, 0]]), right)  # none of one
    assert float(accuracy.result()) == 0.5


def test_weights_of_tokens_are_kept():
    labels, logits = np.array([[1, 3, 4, 0], [4, 2, 0, 0]]), draw(2, 4, 5)
    weight = np.array([[0.0] * 4, [1.0] * 4])
    accuracy, second = TokenAccuracy(), TokenAccuracy()
    accuracy.update_state(labels, logits, weight)
    second.update_state(labels[1:], logits[1:])
    assert float(accuracy.result()) == float(second.result())
    # As for every loss of Keras the sum is divided by what it was without the weights: five real tokens.
    loss = TokenCrossentropy()
    expected = float(loss(labels[1:], logits[1:])) * 2 / 5
    np.testing.assert_allclose(float(loss(labels, logits, weight)), expected, rtol=1e-6)


def test_loss_and_accuracy_config_round_trip():
    for thing in (TokenCrossentropy(0.1, pad_id=3, name="a"), TokenAccuracy(pad_id=3, name="a")):
        again = type(thing).from_config(thing.get_config())
        assert again.get_config() == thing.get_config()
        assert again.pad_id == 3


# As a Keras model


def test_config_round_trip():
    model = transformer(
        dropout=0.3, attention_dropout=0.2, activation="silu", norm_first=True, pad_id=2, tie_output=False, name="a"
    )
    again = Transformer.from_config(model.get_config())
    assert again.get_config() == model.get_config()
    again.set_weights(model.get_weights())
    np.testing.assert_array_equal(again(inputs()).logits, model(inputs()).logits)
    assert {layer.rate for layer in again._flatten_layers() if isinstance(layer, keras.layers.Dropout)} == {0.3, 0.2}


@pytest.mark.slow
@pytest.mark.parametrize(
    "settings", [{}, {"tie_output": False, "norm_first": True}, {"share_embeddings": True}], ids=str
)
def test_saved_and_loaded_it_gives_the_same_logits(settings, tmp_path):
    size = VOCAB if "share_embeddings" in settings else SOURCE_VOCAB
    model = transformer(size, num_layers=1, **settings)
    expected = numbers(model(inputs()).logits)
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(again(inputs()).logits, expected)

    model.save_weights(tmp_path / "model.weights.h5")
    other = Transformer.from_config(model.get_config())
    other.load_weights(tmp_path / "model.weights.h5")
    np.testing.assert_array_equal(other(inputs()).logits, expected)


def test_no_keras_mask_hides_on_the_output(model):
    for tensor in keras.tree.flatten(tuple(model(inputs(), return_attention=True))):
        assert getattr(tensor, "_keras_mask", None) is None


@pytest.mark.slow
def test_predict_answers_with_the_logits(model):
    logits = model.predict(inputs(), verbose=0)
    np.testing.assert_allclose(logits, model(inputs()).logits, atol=1e-6)


@pytest.mark.slow
def test_dropout_only_in_training():
    model, without = (transformer(dropout=share, num_layers=1) for share in (0.5, 0.0))
    expected = numbers(without(inputs()).logits)
    np.testing.assert_array_equal(model(inputs()).logits, expected)
    assert np.abs(numbers(model(inputs(), training=True).logits) - expected).max() > 0.01


def test_dropout_reaches_the_embeddings():
    # Section 5.4: also the sums of embeddings and positions. The encoder gets zeros in half of its places.
    model, seen = transformer(dropout=0.5, num_layers=1), []
    model.encoder.call = lambda x, **options: seen.append(x) or (x, ())
    model.encode(SOURCE, training=True)
    assert 0.3 < (numbers(seen[0]) == 0).mean() < 0.7


def test_in_half_precision_the_model_still_decodes(model):
    half = transformer(dtype="mixed_bfloat16")
    out = half(inputs(PADDED_SOURCE))
    assert keras.backend.standardize_dtype(out.logits.dtype) == "float32"  # for losses and probabilities
    assert keras.backend.standardize_dtype(out.last_hidden_state.dtype) == "bfloat16"
    expected = numbers(model(inputs(PADDED_SOURCE)).logits)
    assert np.abs(numbers(ops.cast(out.logits, "float32")) - expected).max() < 0.1 * np.abs(expected).max()
    context, cache = half.prepare(PADDED_SOURCE, 3)
    logits, _ = half.step(TARGET[:, 0], 0, context, cache)
    assert np.isfinite(numbers(ops.cast(logits, "float32"))).all()


# Training


def copies(count, seed=0):
    """Three to six tokens to be written once more: (inputs, labels); 1 is the start, 2 the end."""
    rng = np.random.default_rng(seed)
    source, labels = np.zeros((count, 6), "int32"), np.zeros((count, 7), "int32")
    for row, label, length in zip(source, labels, rng.integers(3, 7, count), strict=True):
        row[:length] = label[:length] = rng.integers(3, VOCAB, length)
        label[length] = 2
    start = np.ones((count, 1), "int32")
    return inputs(source, np.concatenate([start, labels[:, :-1]], axis=1)), labels


def trained(epochs):
    model = Transformer(VOCAB, VOCAB, d_model=32, num_heads=4, num_layers=1, d_ff=64, share_embeddings=True)
    ktlearn.seed_weights(model, 0)
    model.compile(keras.optimizers.Adam(1e-2), TokenCrossentropy(label_smoothing=0.1), metrics=[TokenAccuracy()])
    x, y = copies(640)  # batches of one size: each further size is traced anew
    history = model.fit(x, y, batch_size=64, epochs=epochs, shuffle=False, verbose=0)
    return model, history.history


@pytest.fixture(scope="module")
def learned():
    """A model that has learned to copy, its history, and how often it was called in Python."""
    calls, call = [], Transformer.call

    @functools.wraps(call)  # Keras looks at its arguments: without `training` there would be no dropout
    def counted(self, *args, **kwargs):
        calls.append(kwargs)
        return call(self, *args, **kwargs)

    keras.utils.set_random_seed(1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Transformer, "call", counted)
        return *trained(16), len(calls)


@pytest.mark.slow
@pytest.mark.weekly  # at each change test_seeding.py asks it of the start and the dropout, learner/ of a training
def test_training_is_reproducible_to_the_digits_printed(learned):
    _, first, _ = learned
    keras.utils.set_random_seed(2)
    _, second = trained(2)
    for name in ("loss", "token_accuracy"):
        printed = [f"{x:.4f}" for x in first[name][:2]]
        assert printed == [f"{x:.4f}" for x in second[name]]
        assert printed[0] != printed[1]


@pytest.mark.slow
def test_it_learns_to_copy_is_saved_and_goes_on(learned, tmp_path):
    model, history, calls = learned
    assert calls <= 2  # Keras looks at the shapes once, and traces once for all epochs
    assert history["loss"][0] > 1.8 and history["token_accuracy"][0] < 0.5

    x, y = copies(192, seed=1)
    loss, accuracy = model.evaluate(x, y, batch_size=64, verbose=0)
    assert accuracy > 0.9
    assert model.evaluate(x, np.roll(y, 1, axis=0), batch_size=64, verbose=0)[1] < 0.5

    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(again.evaluate(x, y, batch_size=64, verbose=0), [loss, accuracy], rtol=1e-4)
    again.fit(x, y, batch_size=64, verbose=0)

"""Less memory, the same training: gradients of several batches in one step, and layers that are computed twice."""

import numpy as np
import pytest

import ktlearn
from ktlearn import models, text
from ktlearn.backend import keras, ops
from ktlearn.optimizers import innermost
from ktlearn.support.recomputed import Recomputed
from tests.plain import X, dense, plain
from tests.tiny import NAMES, reviews, tiny_config

IDS = np.random.default_rng(0).integers(5, 20, (4, 6)).astype("int32")


class InOrder(keras.utils.PyDataset):
    """The plain data in batches of one size, never shuffled."""

    def __init__(self, size):
        super().__init__()
        self.size = size

    def __len__(self):
        return len(X) // self.size

    def __getitem__(self, i):
        rows = slice(i * self.size, (i + 1) * self.size)
        return X[rows], (X[rows, 0] > 0).astype(int)


def trained(batch_size, accumulate=1, epochs=2, **model):
    keras.utils.set_random_seed(0)
    learner = ktlearn.get_learner(dense(activation="softmax", **model), InOrder(batch_size))
    if accumulate > 1:
        learner.accumulate_gradients(accumulate)
    learner.fit(0.1, epochs, verbose=0)
    return learner


def test_two_small_batches_make_the_step_of_a_large_one():
    large, small, neither = trained(8), trained(4, accumulate=2), trained(4)
    for ours, theirs, other in zip(*(x.model.get_weights() for x in (small, large, neither)), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-6)
        assert np.abs(other - theirs).max() > 1e-3
    assert int(small.model.optimizer.iterations) == int(large.model.optimizer.iterations) == 6


@pytest.mark.slow
def test_the_rows_of_an_embedding_are_added_up_too(t):
    def after(size, accumulate, eager):
        trn = t.preprocess_train(*reviews(8), verbose=0)
        keras.utils.set_random_seed(0)
        config = tiny_config(vocab_size=200, num_hidden_layers=1, hidden_dropout_prob=0, attention_probs_dropout_prob=0)
        model = models.from_config(config, "classification", 2, seed=0)
        model.compile(ktlearn.optimizers.adamw(), keras.losses.CategoricalCrossentropy(from_logits=True))
        model.run_eagerly = eager
        learner = ktlearn.get_learner(model, trn, batch_size=size)
        learner.accumulate_gradients(accumulate)
        learner.fit(1e-2, 1, verbose=0)
        return model.embeddings.tokens.embeddings.numpy()

    np.testing.assert_allclose(after(4, 2, eager=False), after(8, 1, eager=True), atol=1e-5)


def test_a_step_with_every_batch_again():
    learner = plain()
    learner.accumulate_gradients(3)
    learner.accumulate_gradients(1)
    learner.fit(0.1, 1, verbose=0)
    assert int(learner.model.optimizer.iterations) == 3


def test_a_training_that_would_learn_nothing_is_refused():
    learner = plain()
    learner.accumulate_gradients(4)
    with pytest.raises(ValueError, match="has 3 batches, and a step needs 4 of them"):
        learner.fit(0.1, 1, verbose=0)
    learner.fit(0.1, 2, verbose=0)


@pytest.mark.parametrize("batches", [0, 1.5, "2", None])
def test_what_is_no_number_of_batches_is_refused(batches):
    with pytest.raises(ValueError, match="batches"):
        plain().accumulate_gradients(batches)


def test_a_run_goes_on_with_the_gradients_that_were_added_up(tmp_path):
    class Stop(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 1:
                raise KeyboardInterrupt

    def learner():
        keras.utils.set_random_seed(0)
        learner = plain()
        learner.accumulate_gradients(2)  # three batches in an epoch: one is left over
        return learner

    whole = learner()
    whole.fit(0.1, 2, checkpoint_folder=tmp_path / "whole", verbose=0)
    learner().fit(0.1, 2, checkpoint_folder=tmp_path / "parts", callbacks=[Stop()], verbose=0)
    parts = learner()
    parts.fit(0.1, 2, checkpoint_folder=tmp_path / "parts", resume=True, verbose=0)
    assert int(innermost(parts.model.optimizer).iterations) == 3
    for ours, theirs in zip(parts.model.get_weights(), whole.model.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-7)


def bert():
    return models.from_config(
        tiny_config(hidden_dropout_prob=0.3, attention_probs_dropout_prob=0.3), "classification", 2, seed=0
    )


def t5():
    from transformers import T5Config

    shape = dict(vocab_size=20, d_model=8, d_kv=4, d_ff=16, num_layers=2, num_heads=2, dropout_rate=0.3)
    return models.from_config(T5Config(**shape), "seq2seq", seed=0)


def llama():
    from transformers import LlamaConfig

    shape = dict(vocab_size=20, hidden_size=8, intermediate_size=16, num_hidden_layers=2)
    shape |= dict(num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=8)
    return models.from_config(LlamaConfig(**shape), "causal-lm", seed=0)


def gradients(make, recompute):
    """Loss and gradients of two steps in training, dropout and all."""
    import tensorflow as tf

    keras.utils.set_random_seed(1)
    model = make()
    model.compile(ktlearn.optimizers.adamw(), "mse")
    if recompute:
        ktlearn.get_learner(model).recompute_layers(verbose=0)
    inputs = {"input_ids": IDS, "attention_mask": (IDS > 7).astype("int32"), "decoder_input_ids": IDS[:, :4]}

    @tf.function
    def step():
        with tf.GradientTape() as tape:
            loss = ops.sum(model(inputs, training=True).logits ** 2)
        return [loss, *tape.gradient(loss, model.trainable_variables)]

    return [ops.convert_to_numpy(ops.convert_to_tensor(value)) for value in (*step(), *step())]


@pytest.mark.slow
@pytest.mark.parametrize("make", [bert, *(pytest.param(make, marks=pytest.mark.weekly) for make in (t5, llama))])
def test_layers_that_are_computed_twice_have_the_same_gradients(make):
    """The second time drops out what the first time did, else they would differ; the next step drops out others."""
    kept, again = gradients(make, False), gradients(make, True)
    for ours, theirs in zip(again, kept, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-6 * np.abs(theirs).max())
    assert make is llama or kept[0] != kept[len(kept) // 2]


def test_what_is_turned_off_is_as_it_was(t, capsys):
    model = t.get_classifier()
    learner, plain_call = ktlearn.get_learner(model), model.encoder.layers[0].call
    for _ in range(2):
        learner.recompute_layers()
    assert capsys.readouterr().out.splitlines()[0] == (
        "2 layers are computed twice in each step, and their results are not kept."
    )
    assert not isinstance(model.encoder.layers[0].call.plain, Recomputed)  # once is enough
    learner.recompute_layers(False)
    assert model.encoder.layers[0].call == plain_call


def test_a_model_without_transformer_layers_is_refused():
    with pytest.raises(ValueError, match="Sequential has no Transformer layers"):
        plain().recompute_layers()


@pytest.mark.slow
def test_both_together_learn_and_are_saved_as_ever(shallow, tmp_path):
    t = text.Transformer(shallow, maxlen=64, class_names=NAMES)
    keras.utils.set_random_seed(0)
    learner = ktlearn.get_learner(t.get_classifier(), t.preprocess_train(*reviews(64), verbose=0), batch_size=4)
    learner.accumulate_gradients(2)
    learner.recompute_layers(verbose=0)
    learner.add_lora(rank=2)
    losses = learner.fit(5e-3, 6, verbose=0).history["loss"]
    assert losses[-1] < losses[0]
    learner.merge_lora()
    learner.save_model(tmp_path / "model")
    again = models.from_pretrained(tmp_path / "model", "classification", verbose=0)
    for ours, theirs in zip(again.get_weights(), learner.model.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-6)

"""All that the learner promises holds in half precision too, where Keras wraps the optimizer in another one."""

import numpy as np
import pytest

import ktlearn
from ktlearn import seq2seq, text
from ktlearn.backend import keras, ops
from ktlearn.learner.model_state import read_state
from ktlearn.optimizers import adamw, innermost
from tests.plain import CopyHalf, X, Y
from tests.tiny import NAMES, reviews

HALF = ["mixed_float16", "mixed_bfloat16"]
# In float16 the optimizer is wrapped besides; what takes long is asked of bfloat16 once a week.
FIRST = pytest.mark.parametrize("half", [HALF[0], pytest.param(HALF[1], marks=pytest.mark.weekly)], indirect=True)


@pytest.fixture(params=HALF)
def half(request):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(request.param)
    yield request.param
    keras.config.set_dtype_policy(before)


def learner_of(*names, weight_decay=0.5, loss=None, kernel="ones"):
    """A learner whose layers of these names start with ones everywhere, and whose loss has no gradient."""
    layers = [keras.layers.Dense(2, kernel_initializer=kernel, bias_initializer="ones", name=name) for name in names]
    model = keras.Sequential([keras.Input((2,)), *layers])
    model.compile(adamw(weight_decay=weight_decay), loss or (lambda true, predicted: 0 * ops.sum(predicted, axis=-1)))
    return ktlearn.get_learner(model, (np.ones((1, 2)), np.zeros((1, 2))), batch_size=1)


def shrunk(learner):
    """How much each variable of the model is smaller after a step at a rate of 0.1."""
    before = [variable.numpy().copy() for variable in learner.model.trainable_variables]
    learner.fit(0.1, 1, verbose=0)
    after = [variable.numpy() for variable in learner.model.trainable_variables]
    names = ["/".join(variable.path.split("/")[-2:]) for variable in learner.model.trainable_variables]
    return {name: float((1 - b / a).max()) for name, a, b in zip(names, before, after, strict=True)}


@pytest.mark.slow
@FIRST
def test_after_freezing_and_unfreezing_only_matrices_decay(half):
    learner = learner_of("a", "b")
    for prepare in (lambda: None, lambda: learner.freeze("a"), learner.unfreeze, learner.reset_weights):
        prepare()
        for path, share in shrunk(learner).items():
            assert share == pytest.approx(0.05 if path.endswith("kernel") else 0, abs=1e-6), path


def test_a_new_weight_decay_is_used_and_told(half):
    learner = learner_of("a")
    assert learner.get_weight_decay() == 0.5
    for wd in (0.2, 0):
        learner.set_weight_decay(wd)
        assert learner.get_weight_decay() == wd
        assert shrunk(learner)["a/kernel"] == pytest.approx(0.1 * wd, abs=1e-6)


def test_an_optimizer_of_keras_gets_its_decay_too(half):
    learner = learner_of("a")
    learner.model.compile("adam", learner.model.loss)
    learner.set_weight_decay(0.2)
    found = shrunk(learner)
    assert (found["a/kernel"], found["a/bias"]) == pytest.approx((0.02, 0), abs=1e-6)


def test_the_momentum_goes_round(half):
    learner = learner_of("a")
    optimizer, seen = innermost(learner.model.optimizer), []
    look = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append(optimizer.get_momentum()))
    history = learner.fit_onecycle(0.1, 3, callbacks=[look], verbose=0).history
    assert len(history["momentum"]) == 3
    assert seen == pytest.approx(history["momentum"])
    assert optimizer.get_momentum() == pytest.approx(0.9)


def test_each_block_has_its_share_of_the_rate(half, capsys):
    inputs = keras.Input((1,))
    outputs = [keras.layers.Dense(1, use_bias=False, kernel_initializer="ones", name=n)(inputs) for n in "abc"]
    model = keras.Model(inputs, keras.layers.Concatenate()(outputs))
    model.compile(adamw(weight_decay=0.0, clip=None), loss=lambda true, predicted: ops.sum(predicted, axis=-1))
    learner = ktlearn.get_learner(model, (np.ones((4, 1)), np.zeros((4, 1))), batch_size=1)
    learner.set_layer_decay(0.5)
    learner.fit(0.01, 1, verbose=0)
    steps = 1 - np.array([float(v.numpy().item()) for v in model.trainable_variables])
    assert steps == pytest.approx(4 * 0.01 * np.array([0.25, 0.5, 1]), rel=1e-3)
    learner.print_layers(show_wd=True)
    assert "rate × 0.25" in capsys.readouterr().out


def test_a_schedule_inside_the_optimizer_is_found(half):
    learner = learner_of("a")
    learner.model.compile(keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(0.1, 10)), learner.model.loss)
    with pytest.raises(ValueError, match="compiled with a learning-rate schedule"):
        learner.fit(0.1, 1)


def test_the_rate_can_be_set(half):
    learner = learner_of("a")
    learner.set_lr(0.25)
    assert float(innermost(learner.model.optimizer).learning_rate.numpy()) == 0.25


def fresh(seed):
    keras.utils.set_random_seed(seed)
    layers = [keras.Input((3,)), keras.layers.Dense(4), keras.layers.Dropout(0.5), keras.layers.Dense(2, "softmax")]
    model = keras.Sequential(layers)
    model.compile(adamw(), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return ktlearn.get_learner(model, (X, Y), (X, Y), batch_size=8)


@pytest.mark.slow
@FIRST
def test_a_resumed_run_is_the_whole_one_and_a_search_leaves_nothing(half, tmp_path):
    whole, resumed = fresh(1), fresh(2)
    keras.utils.set_random_seed(1)
    copy = CopyHalf(tmp_path / "whole", tmp_path / "half")
    whole.fit_onecycle(1e-2, 3, tmp_path / "whole", callbacks=[copy], verbose=0)
    resumed.fit_onecycle(1e-2, 3, tmp_path / "half", resume=True, verbose=0)
    assert resumed.history.history == whole.history.history
    before = read_state(resumed.model)
    resumed.lr_find(max_epochs=2, verbose=0)
    for one, after in ((whole.model, before), (resumed.model, before)):
        state = read_state(one)
        for part in ("model", "optimizer"):
            assert all(np.array_equal(a, b) for a, b in zip(state[part], after[part], strict=True))


@pytest.mark.slow
def test_the_answers_are_numbers_that_scikit_learn_can_read(half):
    learner = fresh(1)
    assert learner.predict().dtype == np.float32
    assert learner.validate(print_report=False).sum() == 24
    assert learner.top_losses(n=30) == learner.top_losses(n=30)


@pytest.mark.slow
@FIRST
def test_a_transformer_learns_and_its_logits_have_all_their_digits(half, shallow, tmp_path):
    keras.utils.set_random_seed(1)
    t = text.Transformer(shallow, maxlen=64, class_names=NAMES)
    trn, val = t.preprocess_train(*reviews(120), verbose=0), t.preprocess_test(*reviews(20, seed=1), verbose=0)
    learner = ktlearn.get_learner(t.get_classifier(), trn, val, batch_size=8)
    learner.add_lora(rank=2)
    learner.fit_onecycle(1e-2, 8, verbose=0)
    answers = learner.predict()
    assert learner.validate(print_report=False).figures["accuracy"] >= 0.9
    learner.merge_lora()
    np.testing.assert_allclose(learner.predict(), answers, atol=0.05)
    whole = learner.model({"input_ids": np.ones((1, 4), "int32")})
    assert keras.backend.standardize_dtype(whole.logits.dtype) == "float32"
    assert learner.model.predict({"input_ids": np.ones((1, 4), "int32")}, verbose=0).dtype == np.float32
    predictor = ktlearn.get_predictor(learner.model, t)
    predictor.save(tmp_path)
    texts = ["good film", "bad book"]
    again = ktlearn.load_predictor(tmp_path).predict_proba(texts)
    np.testing.assert_allclose(again, predictor.predict_proba(texts), atol=0.02)


def test_the_papers_model_answers_in_float32(half):
    model = seq2seq.Transformer(9, 9, d_model=4, num_heads=1, d_ff=4, num_layers=1)
    answer = model({"input_ids": np.ones((1, 3), "int32"), "decoder_input_ids": np.ones((1, 2), "int32")})
    assert keras.backend.standardize_dtype(answer.logits.dtype) == "float32"

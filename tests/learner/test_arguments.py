"""Every number and option of the learner is checked by name, before any work; nothing is changed by a wrong one."""

import re

import numpy as np
import pytest

import ktlearn
from ktlearn import optimizers, schedules
from ktlearn.backend import keras
from tests.plain import X, Y, dense, plain
from tests.tiny import reviews

NAN = float("nan")


def case(method, *args, says, kind=ValueError, **options):
    shown = ", ".join([*map(repr, args), *(f"{name}={value!r}" for name, value in options.items())])
    shown = re.sub(r"<(?:function )?(\S+).*? at 0x\w+>", r"\1", shown)  # two test processes must call it the same
    return pytest.param(method, args, options, says, kind, id=f"{method}({shown})"[:100])


CALLS = [
    # fit
    case("fit", True, 1, says="lr must be a positive number"),
    case("fit", None, 1, says="lr must be a positive number"),
    case("fit", lambda step, steps: "x", 1, says="lr: a policy must answer with"),
    case("fit", lambda step, steps: (1,), 1, says="lr: a policy must answer with"),
    case("fit", lambda step, steps: (NAN, None), 1, says="lr: the policy's rate at step 0 must be a number"),
    case("fit", lambda step, steps: (-1, None), 1, says="lr: the policy's rate at step 0"),
    case("fit", lambda step, steps: (0.1, 2), 1, says="lr: the policy's momentum at step 0"),
    case("fit", lambda step, steps: (0.1 if step < 2 else NAN, None), 1, says="lr: the policy's rate at step 2"),
    case("fit", lambda: 1, 1, says="lr: a policy must be a function of", kind=TypeError),
    case("fit", 1e-4, 2.5, says="n_cycles: the number of epochs must be a whole number"),
    case("fit", 1e-4, True, says="n_cycles: the number of epochs"),
    case("fit", 1e-4, 2, cycle_len=1, lr_decay="x", says="lr_decay must be a number"),
    case("fit", 1e-4, 2, lr_decay=NAN, says="lr_decay must be a number above 0 and at most 1"),
    case("fit", 1e-4, 2, lr_decay=0, says="lr_decay must be a number above 0"),
    case("fit", 1e-4, 10**9, cycle_len=1, cycle_mult=2, says="n_cycles: 1000000000 cycles"),
    case("fit", 1e-4, 1, steps_per_epoch="3", says="steps_per_epoch must be a whole number"),
    case("fit", 1e-4, 1, early_stopping=True, says="early_stopping must be a whole number"),
    case(
        "fit",
        1e-4,
        1,
        checkpoint_folder="x",
        resume="no",
        says="resume must be True or False; got 'no'",
        kind=TypeError,
    ),
    # fit_onecycle and autofit
    case("fit_onecycle", 1e-4, 1, max_momentum="x", says="max_momentum must be a number"),
    case("fit_onecycle", 1e-4, 1, max_momentum=None, says="max_momentum must be a number"),
    case("fit_onecycle", 1e-4, 1, max_momentum=2, min_momentum=1.5, says="max_momentum must be a number from 0"),
    case("fit_onecycle", 1e-4, 1, max_momentum=1, says="max_momentum must be a number from 0"),
    case("fit_onecycle", 1e-4, 1, min_momentum=-1, says="min_momentum must be a number from 0 to 0.95"),
    case("fit_onecycle", 1e-4, 1, max_momentum=NAN, says="max_momentum"),
    case(
        "fit_onecycle", 1e-4, 1, max_momentum=0.1, min_momentum=0.9, says="min_momentum must be a number from 0 to 0.1"
    ),
    case("fit_onecycle", 1e-4, 1, cycle_momentum="no", says="cycle_momentum must be True or False", kind=TypeError),
    case("autofit", 1e-4, 1, monitor=5, says="monitor must be the name of a figure"),
    case("autofit", 1e-4, 1, min_momentum="q", says="min_momentum must be a number"),
    case("autofit", 1e-4, early_stopping=0, says="early_stopping must be a whole number, at least 1; got 0"),
    case("autofit", 1e-4, reduce_on_plateau=0, says="reduce_on_plateau must be a whole number"),
    case("autofit", 1e-4, 1, reduce_factor=NAN, says="reduce_factor must be a number"),
    case("autofit", 1e-4, 1, reduce_factor="2", says="reduce_factor must be a number"),
    # lr_find
    case("lr_find", start_lr="x", says="start_lr must be a number"),
    case("lr_find", start_lr=NAN, says="start_lr must be a number"),
    case("lr_find", lr_mult=1, says="lr_mult must be a number above 1"),
    case("lr_find", stop_factor=True, says="stop_factor must be a number"),
    case("lr_find", max_epochs=0.5, says="max_epochs must be a whole number"),
    case("lr_find", show_plot="no", says="show_plot must be True or False", kind=TypeError),
    case("lr_plot", n_skip_beginning=-1, says="n_skip_beginning must be a whole number"),
    case("lr_plot", n_skip_end="5", says="n_skip_end must be a whole number"),
    # looking at the model
    case("validate", class_names="ab", says="class_names must be a list of names", kind=TypeError),
    case("validate", class_names=5, says="class_names must be a list of names", kind=TypeError),
    case("validate", save_path="/no/such/dir/x.csv", says="save_path must name a file in a folder that is there"),
    case("validate", save_path="/tmp", says="save_path must name a file"),
    case("validate", save_path=5, says="save_path must name a file", kind=TypeError),
    case("validate", save_path="", says="save_path must name a file"),
    case("top_losses", n=(5, 2), says="n: the first example must come before the last"),
    case("top_losses", n="4", says="n must be a number of examples"),
    case("top_losses", n=-1, says="n must be a number of examples"),
    case("top_losses", n=(True, 2), says="n must be a number of examples"),
    case("top_losses", preproc=5, says="preproc must be the text.Transformer", kind=TypeError),
    case("predict", 5, says="The data must come from preprocess_train", kind=TypeError),
    case("plot", None, says="There is no training to draw yet"),
    # layers
    case("freeze", 1.5, says="freeze_range must be a number of blocks, a name or a list"),
    case("freeze", [1, 2], says="freeze_range must be a number of blocks"),
    case("freeze", True, says="freeze_range must be a number of blocks"),
    case("unfreeze", 1.5, says="exclude_range must be a number of blocks"),
    case("set_layer_decay", NAN, says="decay must be a number"),
    case("set_layer_decay", True, says="decay must be a number"),
    case("add_lora", 10**9, says="rank must be at most"),
    case("add_lora", "8", says="rank must be a whole number"),
    case("add_lora", 2, alpha=0, says="alpha must be a number"),
    case("add_lora", 2, layers=5, says="layers must be names of Keras layers"),
    case("add_lora", 2, layers=[None], says="layers must be names of Keras layers"),
    case("set_weight_decay", "x", says="wd must be a number from 0 to 1"),
    case("set_weight_decay", NAN, says="wd must be a number"),
    case("set_weight_decay", True, says="wd must be a number"),
    case("set_lr", True, says="lr must be a positive number"),
    case("print_layers", "no", says="show_wd must be True or False", kind=TypeError),
    case("set_model", 5, says="model must be a Keras model", kind=TypeError),
    # files
    case("save_model", "", says="fpath must name a folder; got ''"),
    case("save_model", 5, says="fpath must name a folder", kind=TypeError),
    case("save_model", "a\0b", says="fpath must name a folder"),
    case("load_model", None, says="fpath must name a folder", kind=TypeError),
    case("load_model", "", says="fpath must name a folder"),
]


@pytest.fixture(scope="module")
def learner(checkpoint):
    from ktlearn import text

    t = text.Transformer(checkpoint, maxlen=16, class_names=["bad", "good"])
    data = t.preprocess_train(*reviews(6, longest=5), verbose=0)
    return ktlearn.get_learner(t.get_classifier(), data, data, batch_size=2)


@pytest.mark.parametrize("method, args, options, says, kind", CALLS)
def test_a_wrong_argument_is_named_and_changes_nothing(
    learner, method, args, options, says, kind, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(learner.model, "fit", None)
    monkeypatch.setattr(learner.model, "predict", None)
    before = [weights.copy() for weights in learner.model.get_weights()]
    with pytest.raises(kind, match=f"^{says}".replace("(", r"\(")):
        getattr(learner, method)(*args, **options)
    for weights, same in zip(before, learner.model.get_weights(), strict=True):
        np.testing.assert_array_equal(weights, same)
    assert learner.history is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["batch_size", "eval_batch_size"])
@pytest.mark.parametrize("size", ["8", None, 2.5, NAN, True, -1, [8]])
def test_a_batch_size_is_a_whole_number(name, size):
    with pytest.raises(ValueError, match=f"^{name} must be a whole number, at least 1; got "):
        ktlearn.get_learner(dense(), (X, Y), **{name: size})


def test_flags_may_be_numpys_and_names_may_be_numbers():
    learner = plain(val=True)
    learner.fit_onecycle(1e-3, np.int64(1), cycle_momentum=np.True_, verbose=0)
    assert learner.validate(class_names=[1, 2], print_report=False).class_names == ["1", "2"]


# --- arrays that do not fit the model ------------------------------------------------------------


def tokens(*ids):
    return np.array([ids, ids])


@pytest.mark.parametrize(
    "x, message",
    [
        (tokens(2, 10**6), "there is no token 1000000; the model's ids go from 0 to 199"),
        (tokens(2, -7), "there is no token -7"),
        ({"input_ids": tokens(200), "attention_mask": tokens(1)}, "there is no token 200"),
        (np.zeros((2, 5000), int), "texts of 5000 tokens; the model takes at most 128"),
        (np.zeros((2, 4)), "x must hold 'input_ids', whole numbers"),
        ({"ids": tokens(2)}, "x must hold 'input_ids'"),
        (np.zeros(2, int), "x must hold 'input_ids'"),
    ],
)
def test_token_ids_that_the_model_does_not_have(x, message, learner):
    for arrays in ((x, np.eye(2)), (x, None)):
        with pytest.raises(ValueError, match=message):
            ktlearn.get_learner(learner.model, arrays)
        with pytest.raises(ValueError, match=message):
            learner.predict(arrays)


SPARSE, ONE_HOT = "sparse_categorical_crossentropy", "categorical_crossentropy"


@pytest.mark.parametrize(
    "units, loss, y, message",
    [
        (2, SPARSE, [0, 1, 2, 9], "y: there is no class 2; the model's classes are 0 to 1"),
        (2, SPARSE, [0, -1, 0, 0], "y: there is no class -1"),
        (2, SPARSE, [0, 0.5, 0, 0], "y: there is no class 0.5"),
        (2, SPARSE, np.eye(4)[:, :2], "y must be the number of each example's class"),
        (2, ONE_HOT, [0, 1, 0, 1], r"y must have 2 columns.*got \(4,\). Class numbers need a loss with sparse_"),
        (2, ONE_HOT, np.zeros((4, 5)), r"y must have 2 columns, one for each output of the model; got \(4, 5\)"),
        (1, "binary_crossentropy", [0, 1, 2, 1], "y must be between 0 and 1 for the loss binary_crossentropy; got 2"),
        (2, "binary_crossentropy", [0, 1, 0, 1], "y must have 2 columns"),
        (1, "mse", np.zeros((4, 5)), "y must have 1 columns"),
        (2, "mae", np.zeros(4), "y must have 2 columns"),
        (3, keras.losses.Huber(), np.zeros((4, 2)), "y must have 3 columns"),
    ],
)
def test_labels_that_the_loss_would_take_for_others(units, loss, y, message):
    model = dense(units, loss=loss)
    with pytest.raises(ValueError, match=message):
        ktlearn.get_learner(model, (X[:4], np.asarray(y)))
    with pytest.raises(ValueError, match=message):
        ktlearn.get_learner(model).validate((X[:4], np.asarray(y)))


@pytest.mark.parametrize(
    "units, loss, y",
    [
        (2, SPARSE, [[0], [1], [0], [1]]),
        (2, SPARSE, [True, False, True, False]),
        (2, SPARSE, [0.0, 1.0, 0.0, 1.0]),
        (1, "binary_crossentropy", [0.1, 1, 0, 1]),  # smoothed labels
        (1, "mse", [3, 4, 5, 6]),
        (2, lambda true, predicted: predicted[:, 0], np.zeros((4, 7))),  # the reader knows
    ],
)
def test_labels_that_fit_are_taken(units, loss, y):
    activation = {SPARSE: "softmax", "binary_crossentropy": "sigmoid"}.get(loss if isinstance(loss, str) else None)
    model = dense(units, activation, loss=loss)
    assert ktlearn.get_learner(model, (X[:4], np.asarray(y))).fit(1e-3, 1, verbose=0).history["loss"]


# --- optimizers and schedules --------------------------------------------------------------------


@pytest.mark.parametrize(
    "options, message",
    [
        (dict(learning_rate="x"), "learning_rate must be a positive number"),
        (dict(learning_rate=-1), "learning_rate must be a positive number"),
        (dict(learning_rate=True), "learning_rate must be a positive number"),
        (dict(weight_decay="x"), "weight_decay must be a number from 0 to 1"),
        (dict(weight_decay=-0.1), "weight_decay must be a number"),
        (dict(weight_decay=None), "weight_decay must be a number"),
        (dict(clip=-1), "clip must be a number above 0"),
        (dict(clip=0), "clip must be a number above 0"),
        (dict(clip=NAN), "clip must be a number"),
    ],
)
def test_the_optimizer_checks_its_numbers(options, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        optimizers.adamw(**options)


def test_the_optimizer_takes_whole_numbers_and_no_limit():
    optimizer = optimizers.adamw(1, 0, None)
    assert (optimizer.weight_decay, optimizer.global_clipnorm) == (0, None)
    assert float(optimizer.learning_rate.numpy()) == 1


@pytest.mark.parametrize(
    "policy, args, message",
    [
        ("constant", (0, 10, "x"), "learning_rate must be a number"),
        ("constant", (0, 0, 0.1), "steps must be a whole number"),
        ("constant", (-1, 10, 0.1), "step must be a number from 0 to 10"),
        ("warm_up", (0, 10, NAN), "max_learning_rate must be a number"),
        ("warm_up", (0, 10, 0.1, 2), "share must be a number from 0 to 1"),
        ("one_cycle", (11, 10, 0.1), "step must be a number from 0 to 10"),
        ("one_cycle", (0, 10, 0.1, 2), "max_momentum must be a number"),
        ("one_cycle", (0, 10, 0.1, 0.8, 0.9), "min_momentum must be a number from 0 to 0.8"),
        ("triangular", (0, 10, 0.1, 0), "cycle must be a whole number"),
        ("sgdr", (0, 10, 0.1, 0), "cycle must be a whole number"),
        ("sgdr", (5, 10, 0.1, 1, 0), "mult must be a number above 0"),  # it would go round for ever
        ("sgdr", (5, 10, 0.1, 1, 1, 2), "decay must be a number above 0 and at most 1"),
        ("rising", (0, 10, 0, 1), "start must be a number above 0"),
        ("rising", (0, 10, 0.1, "x"), "end must be a number above 0"),
    ],
)
def test_a_schedule_checks_its_numbers(policy, args, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        getattr(schedules, policy)(*args)

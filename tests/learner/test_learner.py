"""The learner: it trains, tells what happened, can be interrupted, and refuses what does not go together."""

import inspect

import numpy as np
import pytest

import ktlearn
from ktlearn import text
from ktlearn.backend import keras
from ktlearn.learner import Learner
from tests.plain import X, Y, dense, plain
from tests.tiny import NAMES, reviews


class Interrupt(keras.callbacks.Callback):
    """Ctrl-C at the end of a batch."""

    def __init__(self, epoch, batch):
        super().__init__()
        self.at = (epoch, batch)

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        if (self.epoch, batch) == self.at:
            raise KeyboardInterrupt


# --- ktrain's calls ------------------------------------------------------------------------------

KTRAINS_ARGUMENTS = {  # of ktrain 0.41.4, in its order
    "lr_find": "start_lr=1e-07, lr_mult=1.01, max_epochs=None, class_weight=None, stop_factor=4, show_plot=False, "
    "suggest=False, restore_weights_only=False, verbose=1",
    "lr_plot": "n_skip_beginning=10, n_skip_end=5, suggest=False, return_fig=False",
    "lr_estimate": "",
    "fit": "lr, n_cycles, cycle_len=None, cycle_mult=1, lr_decay=1, checkpoint_folder=None, early_stopping=None, "
    "class_weight=None, callbacks=(), steps_per_epoch=None, verbose=1",
    "fit_onecycle": "lr, epochs, checkpoint_folder=None, cycle_momentum=True, max_momentum=0.95, min_momentum=0.85, "
    "class_weight=None, callbacks=(), steps_per_epoch=None, verbose=1",
    "autofit": "lr, epochs=None, early_stopping=None, reduce_on_plateau=None, reduce_factor=2, cycle_momentum=True, "
    "max_momentum=0.95, min_momentum=0.85, monitor='val_loss', checkpoint_folder=None, class_weight=None, "
    "callbacks=(), steps_per_epoch=None, verbose=1",
    "validate": "val_data=None, print_report=True, save_path=None, class_names=()",
    "top_losses": "n=4, val_data=None, preproc=None",
    "view_top_losses": "n=4, preproc=None, val_data=None",
    "predict": "val_data=None",
    "ground_truth": "val_data=None",
    "plot": "plot_type='loss', return_fig=False",
    "print_layers": "show_wd=False",
    "freeze": "freeze_range=None",
    "unfreeze": "exclude_range=None",
    "set_weight_decay": "wd=0.01",
    "get_weight_decay": "",
    "set_lr": "lr",
    "set_model": "model",
    "reset_weights": "verbose=1",
    "save_model": "fpath",
    "load_model": "fpath, preproc=None",  # as its FAQ writes it
}


@pytest.mark.parametrize("method", KTRAINS_ARGUMENTS)
def test_a_notebook_of_ktrain_finds_its_arguments(method):
    signature = inspect.signature(getattr(Learner, method))
    ours = [p for p in signature.parameters.values() if p.name != "self" and p.kind is not p.KEYWORD_ONLY]
    assert ", ".join(map(str, ours)) == KTRAINS_ARGUMENTS[method]


# --- training -----------------------------------------------------------------------------------


def test_the_history_holds_each_epochs_figures_and_each_batchs_rates():
    learner = plain(val=True, metrics=["accuracy"])
    history = learner.fit_onecycle(1e-2, 2, verbose=0)
    assert history is learner.history
    counts = {name: len(values) for name, values in history.history.items()}
    assert counts == {
        "loss": 2,
        "accuracy": 2,
        "val_loss": 2,
        "val_accuracy": 2,
        "lr": 6,
        "iterations": 6,
        "momentum": 6,
    }
    assert history.history["iterations"] == [0, 1, 2, 3, 4, 5]
    assert history.history["lr"][3] == 1e-2  # the middle


@pytest.mark.slow
def test_the_training_step_is_traced_once(shallow, monkeypatch):
    t = text.Transformer(shallow, maxlen=64, class_names=NAMES)
    model, traces = t.get_classifier(), []
    step = model.train_step
    monkeypatch.setattr(model, "train_step", lambda data: traces.append(1) or step(data))
    data = t.preprocess_train(*reviews(48), verbose=0)
    ktlearn.get_learner(model, data, batch_size=8).fit(1e-4, 2, verbose=0)
    assert len(traces) == 1


def test_fit_trains_at_one_rate():
    learner = plain()
    assert learner.fit(1e-2, 1, verbose=0).history["lr"] == [1e-2] * 3
    assert "momentum" not in learner.history.history


def test_the_momentum_stays_when_its_cycle_is_not_wanted():
    learner = plain()
    assert "momentum" not in learner.fit_onecycle(1e-2, 1, cycle_momentum=False, verbose=0).history
    assert float(learner.model.optimizer.beta_1.numpy()) == pytest.approx(0.9)


def test_each_fit_has_its_own_history_and_goes_on_from_where_the_model_is():
    learner = plain()
    first = learner.fit(1e-1, 3, verbose=0).history["loss"]
    second = learner.fit(1e-1, 1, verbose=0).history
    assert len(second["lr"]) == 3
    assert second["loss"][0] < first[0]


@pytest.mark.slow
def test_the_same_seed_gives_the_same_run_and_another_seed_another():
    def losses(seed):
        keras.utils.set_random_seed(seed)
        return plain().fit(1e-1, 2, verbose=0).history["loss"]

    assert losses(1) == losses(1)
    assert losses(1) != losses(2)


def test_verbose_0_prints_nothing(capsys):
    plain(val=True).fit_onecycle(1e-2, 2, verbose=0)
    assert "".join(capsys.readouterr()) == ""


def test_verbose_1_prints_one_line_for_each_epoch(capsys):
    plain(val=True, metrics=["accuracy"]).fit_onecycle(1e-2, 2)
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("epoch 1/2  loss ")
    assert second.startswith("epoch 2/2  loss ")
    assert "val_loss" in first


@pytest.mark.parametrize("epochs", [0, -1, 1.5, "2"])
def test_an_unusable_number_of_epochs_is_refused(epochs):
    with pytest.raises(ValueError, match="number of epochs must be a whole number, at least 1"):
        plain().fit_onecycle(1e-3, epochs)


@pytest.mark.parametrize("lr", [0, -1e-3, float("nan"), 1000, "5e-5", None])
def test_an_unusable_learning_rate_is_refused(lr):
    with pytest.raises(ValueError, match="lr must be a positive number"):
        plain().fit(lr, 1)


# --- interruption -------------------------------------------------------------------------------


def test_an_interruption_in_the_first_epoch_keeps_the_model_and_the_values_so_far(capsys):
    learner = plain()
    before = learner.model.get_weights()[0]
    history = learner.fit_onecycle(1e-1, 2, callbacks=[Interrupt(epoch=0, batch=1)])
    assert "Interrupted in batch 2 of 6. The model keeps what it has learned." in capsys.readouterr().out
    assert history is learner.history
    assert {name: len(values) for name, values in history.history.items()} == {"lr": 2, "iterations": 2, "momentum": 2}
    assert np.abs(learner.model.get_weights()[0] - before).max() > 1e-3
    assert learner.predict((X, Y)).shape == (24, 2)
    assert len(learner.fit(1e-2, 1, verbose=0).history["loss"]) == 1


def test_an_interruption_later_keeps_the_finished_epochs():
    history = plain().fit_onecycle(1e-1, 3, callbacks=[Interrupt(epoch=1, batch=0)], verbose=0).history
    assert len(history["loss"]) == 1
    assert len(history["lr"]) == 4


def test_an_interruption_before_the_first_step_leaves_an_empty_history(monkeypatch):
    learner = plain()

    def stop(indices):
        raise KeyboardInterrupt

    monkeypatch.setattr(learner.train_data, "collate", stop)
    assert learner.fit(1e-1, 1, verbose=0).history == {"lr": [], "iterations": []}


@pytest.mark.slow
def test_an_interrupted_transformer_still_answers_with_everything(t):
    trn = t.preprocess_train(*reviews(12), verbose=0)
    model = t.get_classifier()
    model.run_eagerly = True  # one step is quicker than compiling it
    learner = ktlearn.get_learner(model, trn, batch_size=4)
    learner.fit_onecycle(1e-3, 1, callbacks=[Interrupt(epoch=0, batch=2)], verbose=0)
    assert len(learner.history.history["momentum"]) == 3
    output = model({"input_ids": np.ones((1, 4), "int32")}, return_attention=True)
    assert len(output.attentions) == 2
    assert ktlearn.get_predictor(model, t).predict("good film") in NAMES


# --- what does not go together ------------------------------------------------------------------


def test_what_is_no_compiled_keras_model_is_refused(t):
    with pytest.raises(TypeError, match="model must be a Keras model; got Transformer"):
        ktlearn.get_learner(t)
    with pytest.raises(ValueError, match=r"not compiled: call model.compile"):
        ktlearn.get_learner(keras.Sequential([keras.layers.Dense(1)]))


@pytest.mark.parametrize("options", [{"batch_size": 0}, {"eval_batch_size": 0}])
def test_batch_sizes_below_one_are_refused(options):
    with pytest.raises(ValueError, match="batch_size must be a whole number, at least 1; got 0"):
        ktlearn.get_learner(dense(), (X, Y), **options)


@pytest.mark.parametrize("data", [["good", "bad"], X, (X,), "reviews.csv"])
def test_data_of_another_kind_is_refused(data):
    with pytest.raises(TypeError, match=r"must come from preprocess_train or preprocess_test, or be a tuple"):
        ktlearn.get_learner(dense(), data)


def test_data_that_is_missing_or_has_no_labels_is_asked_for(t):
    empty = ktlearn.get_learner(t.get_classifier())
    with pytest.raises(ValueError, match=r"There is no train_data: give it .*get_learner\(train_data=…\)"):
        empty.fit(1e-3, 1)
    with pytest.raises(ValueError, match="There is no val_data"):
        empty.validate()
    with pytest.raises(ValueError, match="val_data has no labels"):
        empty.validate(t.preprocess_test(["good"], verbose=0))
    with pytest.raises(ValueError, match="train_data has no labels"):
        ktlearn.get_learner(t.get_classifier(), t.preprocess_test(["good"], verbose=0)).fit(1e-3, 1)


def test_data_of_another_task_than_the_models_is_refused(t, checkpoint, regression):
    three = text.Transformer(checkpoint, class_names=["a", "b", "c"])
    data = three.preprocess_train(["a", "film", "book"], ["a", "b", "c"], verbose=0)
    for model in (t.get_classifier(), regression.get_regression_model()):
        with pytest.raises(ValueError, match="The labels have 3 columns, but the model has"):
            ktlearn.get_learner(model, data)


def test_a_model_built_before_its_labels_turned_out_multilabel_is_refused(t):
    early = t.get_classifier()
    data = t.preprocess_train(["a", "film"], [[1, 1], [0, 1]], verbose=0)
    with pytest.raises(ValueError, match="labels are multilabel, but the model is compiled for classes"):
        ktlearn.get_learner(early, data)
    assert ktlearn.get_learner(t.get_classifier(), data).predict(data).shape == (2, 2)


@pytest.mark.slow
def test_texts_of_one_class_each_can_train_a_model_for_several(t):
    data = t.preprocess_train(["good film", "bad film"], ["positive", "negative"], verbose=0)
    model = t.get_classifier(multilabel=True)
    model.run_eagerly = True
    learner = ktlearn.get_learner(model, data, data)
    learner.fit(1e-3, 1, verbose=0)
    assert learner.validate(print_report=False).shape == (2, 2, 2)  # a table of yes and no for each class
    assert ktlearn.get_predictor(learner.model, t).predict("good film")[0][0] == "negative"


def test_a_wrong_number_of_class_names_is_refused_before_any_prediction(t, monkeypatch):
    learner = ktlearn.get_learner(t.get_classifier(), val_data=t.preprocess_train(*reviews(4), verbose=0))
    monkeypatch.setattr(learner, "predict", None)
    with pytest.raises(ValueError, match=r"the data has the classes \['negative', 'positive'\]; got \['one'\]"):
        learner.validate(class_names=["one"])

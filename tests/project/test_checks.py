"""Each check of a project sees what it is for, and says what it cannot see."""

import copy

import numpy as np
import pandas as pd
import pytest

import ktlearn
from ktlearn import text
from ktlearn.predictor import model_card
from ktlearn.project import Project, SealedTest
from ktlearn.project.rubric import GOOD, MEND, OPEN
from tests.project.always import Always
from tests.tiny import NAMES, reviews

ALL = ["leaks", "groups", "classes", "baseline", "seeds", "epoch", "calibration", "test", "saved", "card"]
LETTERS = list("abcdefghijklmnopqrstuvw")


def table(count, seed, sender="s"):
    """Distinct long texts, half of them of each class."""
    rng = np.random.default_rng(seed)
    texts = [" ".join("".join(rng.choice(LETTERS, 6)) for _ in range(8)) for _ in range(count)]
    return pd.DataFrame(
        {"text": texts, "label": NAMES * (count // 2), "sender": [f"{sender}{i}" for i in range(count)]}
    )


def tiny(count, seed):
    texts, labels = reviews(count, seed=seed)
    return pd.DataFrame({"text": texts, "label": [NAMES[label] for label in labels]})


@pytest.fixture
def project():
    return Project(table(40, 0, "a"), table(20, 1, "b"), table(20, 2, "c"), group="sender")


@pytest.fixture
def whole(trained, tmp_path):
    """A project with everything, on tiny texts (which resemble each other, so "leaks" is not asked)."""
    learner, t = trained
    parts = [tiny(120, 0), tiny(40, 1), tiny(40, 2)]
    predictor = ktlearn.get_predictor(learner.model, preproc=t)
    work = Project(*parts, predictor=predictor, learner=learner, monitor="val_loss")
    work.sealed = SealedTest(parts[2]["text"], parts[2]["label"], tmp_path / "log.jsonl")
    work.folder = tmp_path / "saved"
    predictor.save(work.folder)
    return work


def test_a_project_of_three_tables_has_the_first_checks_and_the_rest_is_open(project):
    rubric = project.check()
    assert [finding.name for finding in rubric] == ALL
    assert [finding.verdict for finding in rubric] == [GOOD] * 3 + [OPEN] * 7
    assert rubric.open == ALL[3:]
    assert all(finding.unseen and finding.todo for finding in rubric[3:])


def test_a_copy_in_two_parts_is_shown(project):
    project.test.loc[3, "text"] = f"Fwd: {project.train['text'][5]}!"
    found = project.check("leaks")["leaks"]
    assert found.verdict == MEND
    assert "train and test: 1" in found.saw
    assert "Fwd:" in found.saw


def test_a_group_in_two_parts_is_counted(project):
    project.validation.loc[0, "sender"] = project.train["sender"][0]
    assert "train and validation: 1" in project.check("groups")["groups"].saw
    project.group = None
    assert project.check("groups")["groups"].verdict == OPEN


@pytest.mark.parametrize(
    ("part", "places", "label", "words"),
    [
        ("train", [0], "Negative ", "differ by spaces or capitals only: 'Negative ', 'negative'"),
        ("test", [0], "neutral", "'neutral': not in the training part"),
        ("test", range(0, 16, 2), "positive", "'negative' is rarest in test: 2"),
    ],
)
def test_classes_that_are_misspelt_strange_or_rare(project, part, places, label, words):
    getattr(project, part).loc[list(places), "label"] = label
    found = project.check("classes")["classes"]
    assert found.verdict == MEND
    assert words in found.saw


PARTS = ("train", "validation", "test")
NOTHING = ["", "  ", None, float("nan")]


@pytest.mark.parametrize("nothing", NOTHING)
@pytest.mark.parametrize(
    ("column", "check", "words"),
    [
        ("text", "leaks", "rows without a text in"),
        ("sender", "groups", "rows without 'sender' in"),
        ("label", "classes", "rows without a class in"),
    ],
)
def test_rows_with_nothing_in_a_column_are_counted(project, column, check, words, nothing):
    for part, places in (("train", [0, 1, 5]), ("validation", [3])):
        getattr(project, part).loc[places, column] = nothing
    found = project.check(check)[check]
    assert (found.verdict, found.saw) == (MEND, f"{words} train: 3, validation: 1.")
    project.test.loc[2, column] = nothing
    assert found.saw[:-1] + ", test: 1." == project.check(check)[check].saw


@pytest.mark.parametrize("nothing", NOTHING)
def test_a_column_with_nothing_at_all_is_not_good(project, nothing):
    for part in PARTS:
        for column in ("text", "label", "sender"):
            getattr(project, part)[column] = nothing
    assert [finding.verdict for finding in project.check("leaks", "groups", "classes")] == [MEND] * 3


def test_a_class_that_is_called_nan_is_a_class(project):
    for part in PARTS:
        getattr(project, part)["label"] = getattr(project, part)["label"].replace("negative", "nan")
    assert project.check("classes")["classes"].verdict == GOOD


def test_one_class_is_none(project):
    for part in PARTS:
        getattr(project, part)["label"] = "positive"
    found = project.check("classes")["classes"]
    assert (found.verdict, found.saw) == (MEND, "all texts are 'positive'.")
    assert "Is 'label' the right column?" in found.todo


@pytest.mark.parametrize(("part", "called"), [("train", "training"), ("validation", "validation"), ("test", "test")])
def test_a_class_must_be_in_every_part(project, part, called):
    getattr(project, part)["label"] = "positive"
    found = project.check("classes")["classes"]
    assert (found.verdict, found.saw) == (MEND, f"'negative': not in the {called} part.")


def test_a_group_in_other_letters_is_the_same_group(project):
    project.train.loc[0, "sender"], project.test.loc[0, "sender"] = "Ann@sea.org", "ann@sea.org "
    assert "train and test: 1" in project.check("groups")["groups"].saw


def test_a_group_may_be_a_number(project):
    for part, start in zip(PARTS, (0, 100, 200), strict=True):
        getattr(project, part)["sender"] = np.arange(start, start + len(getattr(project, part)))
    assert project.check("groups")["groups"].verdict == GOOD
    project.test["sender"] -= 100.0
    assert "validation and test: 20" in project.check("groups")["groups"].saw


def test_a_baseline_below_the_most_frequent_class_is_none(project):
    project.baselines = {"numbers": Always(0, 1), "others": Always(1, 0)}
    found = project.check("baseline")["baseline"]
    assert found.verdict == MEND
    assert "numbers, 0.000 ± 0.000. Whoever always says 'negative' is right more often: 0.500." in found.saw


def test_a_baseline_is_measured_here_and_one_setting_is_not_tuned(project):
    project.baselines = {"coin": Always(*NAMES)}
    assert project.check("baseline")["baseline"].verdict == MEND
    project.baselines["constant"] = Always("negative")
    found = project.check("baseline")["baseline"]
    assert found.verdict == GOOD
    assert "best on validation: coin, 1.000 ± 0.000" in found.saw


def test_seeds_are_counted_and_compared_with_the_baseline(project):
    project.runs = {1: {"val_accuracy": [0.4, 0.6]}, 2: {"val_accuracy": [0.7]}}
    assert project.check("seeds")["seeds"].verdict == MEND
    project.runs[3] = {"val_accuracy": [0.8, 0.1]}
    project.baselines = {"a": Always("negative"), "b": Always("positive")}
    found = project.check("seeds")["seeds"]
    assert found.verdict == GOOD
    assert "from 0.600 to 0.800, 0.700 ± 0.100; the baseline's 0.500 lies below" in found.saw


def test_runs_that_are_one_run_are_no_seeds(project):
    run = {"val_accuracy": [0.5, 0.7], "loss": [0.6, 0.4]}
    project.runs = {1: run, 2: {"val_accuracy": [0.5, 0.7], "loss": [0.6, 0.5]}, 3: dict(run)}
    found = project.check("seeds")["seeds"]
    assert (found.verdict, found.saw) == (MEND, "two of the runs are the same to the last digit.")


@pytest.mark.parametrize("bad", [{}, {"val_accuracy": []}, {"val_accuracy": [0.5, float("nan")]}])
def test_a_run_without_numbers_is_no_run(project, bad):
    project.runs = {1: {"val_accuracy": [0.6]}, 2: bad, 3: {"val_accuracy": [0.7]}}
    found = project.check("seeds")["seeds"]
    assert found.verdict == MEND
    assert found.saw.startswith("run 2 has no val_accuracy")


def test_a_baseline_is_asked_once_in_each_look(project):
    class Counting(Always):
        asked = 0

        def predict(self, texts):
            self.asked += 1
            return super().predict(texts)

    one = Counting("negative")
    project.baselines = {"a": one, "b": Always("positive")}
    project.runs = {seed: {"val_accuracy": [0.8 + seed / 100]} for seed in (1, 2, 3)}
    project.check()
    assert one.asked == 1
    project.check("seeds")
    assert one.asked == 2, "it may have learned something in between"


def test_the_epoch_is_measured_again(whole):
    found = whole.check("epoch")["epoch"]
    losses = whole.learner.history.history["val_loss"]
    assert found.verdict == (GOOD if losses[-1] == min(losses) else MEND)
    whole.learner = copy.copy(whole.learner)
    whole.learner.history = copy.copy(whole.learner.history)
    whole.learner.history.history = {"val_loss": [0.0001, losses[-1]]}
    assert "Keep the best epoch" in whole.check("epoch")["epoch"].todo
    whole.learner.history.history = {"val_loss": [7.0, 8.0]}
    assert "none of its epochs" in whole.check("epoch")["epoch"].todo
    whole.monitor = "val_accuracy"
    assert "has no val_accuracy" in whole.check("epoch")["epoch"].saw


def test_an_epoch_that_is_no_number_is_not_the_best(whole):
    whole.learner = copy.copy(whole.learner)
    whole.learner.history = copy.copy(whole.learner.history)
    losses = whole.learner.history.history["val_loss"]
    whole.learner.history.history = {"val_loss": [float("nan"), 0.0001, losses[-1]]}
    assert "Keep the best epoch" in whole.check("epoch")["epoch"].todo
    whole.learner.history.history = {"val_loss": [float("nan")] * 2}
    assert whole.check("epoch")["epoch"].verdict == MEND


def test_epochs_must_be_those_of_the_validation_part(whole):
    whole.learner = copy.copy(whole.learner)
    whole.learner.history = copy.copy(whole.learner.history)
    whole.learner.history.history = {"val_loss": whole.learner.history.history["val_loss"][-1:]}
    assert whole.check("epoch")["epoch"].verdict == GOOD
    own = whole.validation
    for other in (tiny(38, 1), own.iloc[::-1].reset_index(drop=True)):
        whole.validation = other
        assert "other texts than the validation part" in whole.check("epoch")["epoch"].saw
    whole.validation = own


def test_the_best_epoch_with_a_temperature_in_its_head_is_still_the_best_epoch(whole):
    learner = whole.learner = copy.copy(whole.learner)
    probabilities, truth = learner.predict(), np.asarray(learner.ground_truth())
    accuracy = float((probabilities.argmax(1) == truth.argmax(1)).mean())
    learner.history = copy.copy(learner.history)
    learner.history.history = {"val_loss": [0.2, 7.0], "val_accuracy": [accuracy, accuracy - 0.1]}
    found = whole.check("epoch")["epoch"]
    assert found.verdict == GOOD and "a temperature changes the loss alone" in found.saw
    for others in ([accuracy - 0.1, accuracy], [accuracy, accuracy]):  # another epoch, or one that cannot be told
        learner.history.history["val_accuracy"] = others
        assert "none of its epochs" in whole.check("epoch")["epoch"].todo


def test_a_predictor_that_is_too_sure_is_told_to_take_a_temperature(whole):
    real = whole.predictor
    sure = copy.copy(real)
    sure.predict_proba = lambda texts, verbose=0: np.tile([0.99, 0.01], (len(texts), 1))
    whole.predictor = sure
    found = whole.check("calibration")["calibration"]
    assert found.verdict == MEND
    assert "calibration error 0.49" in found.saw


def test_classes_that_the_predictor_does_not_know_are_named(whole):
    whole.validation = whole.validation.replace({"label": {"negative": "Negative"}})
    found = whole.check("calibration")["calibration"]
    assert (found.verdict, found.saw) == (MEND, "'Negative': in the validation part, and unknown to the predictor.")


def test_the_test_is_open_once_with_this_model(whole):
    assert whole.check("test")["test"].verdict == OPEN
    whole.sealed.open({"ours": whole.predictor})
    found = whole.check("test")["test"]
    assert (found.verdict, found.saw) == (GOOD, "opened once, asked: ours.")
    assert "opened once" in repr(whole.sealed)
    whole.sealed.open({"ours": whole.predictor})
    assert "opened 2 times" in whole.check("test")["test"].saw


def test_another_model_than_the_tested_one_is_seen(whole):
    whole.sealed.open({"coin": Always(*NAMES)})
    assert "another model" in whole.check("test")["test"].saw
    whole.sealed = SealedTest(["x", "y"], NAMES, whole.sealed.log)
    assert "other texts" in whole.check("test")["test"].saw


def test_a_folder_of_another_model_is_seen(whole, t, tmp_path):
    assert whole.check("saved")["saved"].verdict == GOOD
    t.preprocess_train(*reviews(10), verbose=0)
    ktlearn.get_predictor(t.get_classifier(), preproc=t).save(tmp_path / "other")
    whole.folder = tmp_path / "other"
    assert whole.check("saved")["saved"].verdict == MEND


def test_a_folder_of_a_model_with_other_classes_is_seen(whole, checkpoint, tmp_path):
    other = text.Transformer(checkpoint, maxlen=64, class_names=["bad", "good", "neither"])
    other.preprocess_train(["Bad.", "Good.", "Neither."], ["bad", "good", "neither"], verbose=0)
    ktlearn.get_predictor(other.get_classifier(), preproc=other).save(tmp_path / "three")
    whole.folder = tmp_path / "three"
    found = whole.check("saved")["saved"]
    assert found.verdict == MEND and "its classes are 'bad', 'good', 'neither'" in found.saw


def test_a_card_needs_answers_and_the_result(whole):
    answers = dict.fromkeys(
        ("purpose", "not_for", "data", "labels", "groups", "limits", "licence", "contact"), "Not known."
    )
    runs = {seed: {"val_accuracy": [0.5, 0.6]} for seed in (1, 2, 3)}
    whole.card = " \n"
    assert whole.check("card")["card"].saw == "no card is here."
    whole.card = "# Written by hand"
    found = whole.check("card")["card"]
    assert found.verdict == OPEN and "No test was opened" in found.saw
    tested = whole.sealed.open({"ours": whole.predictor})
    whole.card = model_card(whole.predictor, whole.learner)
    assert "10 open questions" in whole.check("card")["card"].saw
    whole.card = model_card(whole.predictor, whole.learner, runs=runs, tested=tested * 0, answers=answers)
    assert "is not in its table" in whole.check("card")["card"].saw
    whole.card = model_card(whole.predictor, whole.learner, runs=runs, tested=tested, answers=answers)
    assert whole.check("card")["card"].verdict == GOOD


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"train": [1]}, TypeError, "train must be a pandas DataFrame"),
        ({"label": "desk"}, ValueError, "train has no column 'desk'; it has"),
        ({"group": "thread"}, ValueError, "no column 'thread'"),
        ({"test": table(0, 0)}, ValueError, "test is empty"),
        ({"monitor": "auc"}, ValueError, "monitor must be one of val_accuracy, val_loss"),
    ],
)
def test_what_is_no_project_is_named(change, error, words):
    with pytest.raises(error, match=words):
        Project(**({"train": table(4, 0), "validation": table(4, 1), "test": table(4, 2)} | change))


def test_a_check_of_no_name_is_refused(project):
    with pytest.raises(ValueError, match="There is no check 'seed'; there are leaks, groups"):
        project.check("seed")
    with pytest.raises(KeyError, match="there are leaks, groups"):
        project.check()["seed"]


def test_the_table_shows_texts_as_texts(project):
    project.test.loc[0, "text"] = project.train.loc[0, "text"] = f"<script>alert(1)</script> {project.train['text'][0]}"
    html = project.check()._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html

"""The predictor: answers for new texts, and a folder that gives the same answers later."""

import copy as copy_module
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

import ktlearn
from ktlearn import text
from ktlearn.models import hub
from ktlearn.support import bars
from tests.tiny import NAMES, sentence

RAGGED = ["good", f"bad {sentence(40)}", f"good {sentence(12)}", "bad film", f"good {sentence(25)}"]
TOPICS = ["sport", "money", "art"]


@pytest.fixture(scope="module")
def predictor(trained):
    learner, t = trained
    return ktlearn.get_predictor(learner.model, preproc=t)


@pytest.fixture(scope="module")
def saved(predictor, tmp_path_factory):
    """A folder with the trained predictor. Tests only read it."""
    folder = tmp_path_factory.mktemp("saved") / "predictor"
    predictor.save(folder)
    return folder


@pytest.fixture
def copy(saved, tmp_path):
    """A copy of that folder, to be damaged."""
    return shutil.copytree(saved, tmp_path / "copy")


@pytest.fixture
def multilabel(shallow):
    t = text.Transformer(shallow, class_names=TOPICS)
    t.preprocess_train(["a film", "the book"], [[1, 1, 0], [0, 1, 1]], verbose=0)
    return ktlearn.get_predictor(t.get_classifier(), t)


@pytest.fixture
def numbers(shallow):
    regression = text.Transformer(shallow, maxlen=64, is_regression=True)
    regression.preprocess_train(["a film", "the book"], [1.5, 2.5], verbose=0)
    return ktlearn.get_predictor(regression.get_regression_model(), regression)


# --- answers ------------------------------------------------------------------------------------


@pytest.mark.slow
def test_one_text_gets_one_name_and_a_list_gets_a_list(predictor):
    assert predictor.predict("good film") == "positive"
    assert predictor.predict(["good film", "bad film"]) == ["positive", "negative"]
    assert predictor.predict(["good film"]) == ["positive"]
    assert predictor.get_classes() == NAMES


def test_probabilities_come_in_the_order_of_the_classes(predictor):
    one, several = predictor.predict_proba("good film"), predictor.predict_proba(RAGGED)
    assert one.shape == (2,) and several.shape == (5, 2)
    assert one.argmax() == NAMES.index("positive")
    np.testing.assert_allclose(several.sum(1), 1, atol=1e-6)
    np.testing.assert_array_equal(predictor.predict(RAGGED, return_proba=True), several)


def test_answers_come_in_the_order_of_the_texts_whatever_their_length(predictor):
    alone = [predictor.predict_proba(text) for text in RAGGED]
    np.testing.assert_allclose(predictor.predict_proba(RAGGED), alone, atol=1e-5)
    assert predictor.predict(RAGGED) == ["positive", "negative", "positive", "negative", "positive"]


def test_probabilities_come_with_the_class_names_when_asked(predictor, numbers):
    one, several = (
        predictor.predict_proba("good film", with_names=True),
        predictor.predict_proba(RAGGED, with_names=True),
    )
    assert list(one) == NAMES and one["positive"] == pytest.approx(predictor.predict_proba("good film")[1])
    assert len(several) == 5 and all(list(row) == NAMES for row in several)
    with pytest.raises(ValueError, match="with_names is for classes"):
        numbers.predict_proba("good film", with_names=True)


@pytest.mark.parametrize("batch_size", [1, 2, 3, 64])
def test_any_batch_size_gives_the_same_answers(predictor, batch_size):
    other = ktlearn.get_predictor(predictor.model, predictor.preproc, batch_size=batch_size)
    np.testing.assert_allclose(other.predict_proba(RAGGED), predictor.predict_proba(RAGGED), atol=1e-5)


def test_many_texts_show_a_bar(predictor, monkeypatch, capsys):
    predictor = ktlearn.get_predictor(predictor.model, predictor.preproc, batch_size=2)
    predictor.predict(RAGGED)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(bars, "BAR_FROM", 5)
    predictor.predict(RAGGED)
    assert "predicting: 100%" in capsys.readouterr().err
    predictor.predict(RAGGED, verbose=0)
    assert capsys.readouterr().err == ""


def test_the_attention_of_a_text_opens_a_view(predictor):
    view = predictor.attention("good film", layer=1)
    assert (view.layer, view.text) == (1, "good film")
    assert view.blocks["attention"].tokens == ["[CLS]", "good", "film", "[SEP]"]
    assert predictor.attention("good", "bad").blocks["attention"].tokens == ["[CLS]", "good", "[SEP]", "bad", "[SEP]"]


def test_pairs_are_answered_with_their_segments(predictor):
    pairs = [("good film", "bad book"), (sentence(9), sentence(20))]
    answers = predictor.predict_proba(pairs)
    assert answers.shape == (2, 2)
    # The model of the tests learned from single texts; that the second text counts is all that is asked.
    assert np.abs(answers - predictor.predict_proba([first for first, _ in pairs])).max() > 1e-6
    encoded = predictor.preproc.tokenizer(*pairs[0], return_tensors="np")
    logits = np.array(predictor.model(dict(encoded)).logits)[0]
    np.testing.assert_allclose(answers[0], np.exp(logits) / np.exp(logits).sum(), atol=1e-5)


def test_multilabel_answers_are_names_with_probabilities(multilabel):
    answer = multilabel.predict("good film")
    assert [name for name, _ in answer] == TOPICS
    np.testing.assert_allclose([p for _, p in answer], multilabel.predict_proba("good film"), rtol=1e-6)
    assert all(isinstance(p, float) and 0 < p < 1 for _, p in answer)
    assert abs(sum(p for _, p in answer) - 1) > 1e-3  # each is a question of its own
    assert len(multilabel.predict(["good film", "bad film"])) == 2


def test_a_regression_answers_with_a_number(numbers):
    assert isinstance(numbers.predict("good film"), float)
    several = numbers.predict(["good film", "bad film"])
    assert several == pytest.approx([numbers.predict("good film"), numbers.predict("bad film")], abs=1e-5)
    assert numbers.get_classes() == []


@pytest.mark.parametrize(
    "texts, error, message",
    [
        ([], ValueError, "there are no texts"),
        (["good", None], TypeError, "item 1 is None"),
        (("good", "bad"), ValueError, "could be two texts or one pair"),
        (5, TypeError, "accepted are a list"),
        (None, TypeError, "accepted are a list"),
    ],
)
def test_what_is_no_text_is_refused_before_any_work(predictor, monkeypatch, texts, error, message):
    monkeypatch.setattr(predictor.preproc, "tokenizer", None)
    with pytest.raises(error, match=message):
        predictor.predict(texts)


def test_what_does_not_belong_together_makes_no_predictor(trained, checkpoint, t):
    learner, preproc = trained
    with pytest.raises(TypeError, match=r"such as learner.model; got Learner"):
        ktlearn.get_predictor(learner, preproc)
    with pytest.raises(TypeError, match=r"preproc must be the text.Transformer .*got str"):
        ktlearn.get_predictor(learner.model, checkpoint)
    with pytest.raises(ValueError, match="call its preprocess_train first"):
        ktlearn.get_predictor(learner.model, t)
    t = text.Transformer(checkpoint)
    t.preprocess_train(["a", "film", "book"], TOPICS, verbose=0)
    with pytest.raises(ValueError, match="The model has 2 outputs, but preproc needs 3"):
        ktlearn.get_predictor(learner.model, t)


@pytest.mark.slow
def test_integer_labels_come_back_as_integers(shallow, tmp_path):
    texts, y = ["bad film", "good film", "good book"] * 2, np.array([3, 5, 5] * 2)
    t = text.Transformer(shallow, maxlen=16)
    t.preprocess_train(texts, y, verbose=0)
    predictor = ktlearn.get_predictor(t.get_classifier(), t)
    predictor.save(tmp_path / "stars")
    best = np.array([3, 5])[predictor.predict_proba(texts).argmax(1)]
    for each in (predictor, ktlearn.load_predictor(tmp_path / "stars")):
        assert each.predict(texts) == best.tolist()
        assert (each.predict(texts) == y).tolist() == (best == y).tolist()
        assert list(each.predict_proba("good", with_names=True)) == [3, 5]
        assert each.explain("good film", target=5).target == "5"


def test_labels_that_were_named_come_back_as_names(predictor):
    assert predictor.predict("good film") == "positive"  # its training labels were 0 and 1


def test_attention_shows_the_tokens_that_are_read_and_says_what_was_cut(trained):
    learner, t = trained
    short = copy_of(t, maxlen=8)
    predictor = ktlearn.get_predictor(learner.model, short)
    view = predictor.attention(sentence(30))
    assert len(view.blocks["attention"].tokens) == 8 == len(short.preprocess([sentence(30)]).ids(0))
    assert view.notes == ["The text has 32 tokens; the model reads and shows 8 of them (maxlen)."]
    assert predictor.attention("good film").notes == []
    assert len(predictor.attention(sentence(9), sentence(9)).blocks["attention"].tokens) == 8
    view.text = sentence(400)  # typed into the view's box
    assert view._status == "" and "The text has 402 tokens" in view.notes[0]


def copy_of(t, **changes):
    other = copy_module.copy(t)
    vars(other).update(changes)
    return other


@pytest.mark.parametrize("task", [None, "masked-lm", "question-answering"])
def test_a_model_without_a_head_for_the_task_makes_no_predictor(checkpoint, regression, task):
    from ktlearn import models

    regression.preprocess_train(["a", "film"], [1.5, 2.5], verbose=0)
    with pytest.raises(ValueError, match=r"model is a .*(bare model|masked-lm|question-answering).*get_classifier\(\)"):
        ktlearn.get_predictor(models.from_pretrained(checkpoint, task=task, verbose=0), regression)


@pytest.mark.parametrize("batch_size", [0, "x", 2.5, None, True])
def test_a_size_of_batches_that_is_none_is_refused(predictor, saved, batch_size):
    for make in (
        lambda size: ktlearn.get_predictor(predictor.model, predictor.preproc, size),
        lambda size: ktlearn.load_predictor(saved, size),
    ):
        with pytest.raises(ValueError, match="batch_size must be a whole number"):
            make(batch_size)


@pytest.mark.slow
def test_a_loaded_predictor_can_be_validated_and_trained_on(predictor, saved, tmp_path):
    loaded = ktlearn.load_predictor(saved)
    texts, y = ["bad film", "good film"] * 8, [0, 1] * 8
    trn = loaded.preproc.preprocess_train(texts, y, verbose=0)
    loaded.model.run_eagerly = True  # a step or two
    learner = ktlearn.get_learner(loaded.model, trn, trn, batch_size=8)
    assert np.trace(learner.validate(print_report=False)) == 16
    learner.fit_onecycle(1e-4, 1, verbose=0)
    again = loaded.preproc.get_classifier()
    assert again.loading.fresh == []
    np.testing.assert_array_equal(again.get_weights()[0], predictor.model.get_weights()[0])


def test_a_loaded_predictor_reads_labels_as_it_was_taught(checkpoint, tmp_path):
    t = text.Transformer(checkpoint, maxlen=16)
    t.preprocess_train(["a", "film", "book"], ["1", "2", "unknown"], verbose=0)
    ktlearn.get_predictor(t.get_classifier(), t).save(tmp_path / "mixed")
    loaded = ktlearn.load_predictor(tmp_path / "mixed")
    for read in (loaded.preproc.preprocess_test, loaded.preproc.preprocess_train):
        assert read(["a", "b"], [1, 2], verbose=0).y.argmax(1).tolist() == [0, 1]


# --- the folder ---------------------------------------------------------------------------------


def test_a_loaded_predictor_gives_the_same_answers(predictor, saved):
    loaded = ktlearn.load_predictor(saved)
    np.testing.assert_allclose(loaded.predict_proba(RAGGED), predictor.predict_proba(RAGGED), atol=1e-6)
    assert loaded.predict(RAGGED) == predictor.predict(RAGGED)
    assert loaded.get_classes() == NAMES
    assert loaded.preproc.maxlen == predictor.preproc.maxlen


@pytest.mark.slow
def test_multilabel_and_regression_come_back_as_such(multilabel, numbers, tmp_path):
    for name, predictor in (("multilabel", multilabel), ("numbers", numbers)):
        predictor.save(tmp_path / name)
        loaded = ktlearn.load_predictor(str(tmp_path / name))
        np.testing.assert_allclose(loaded.predict_proba(RAGGED), predictor.predict_proba(RAGGED), atol=1e-6)
        assert type(loaded.predict(RAGGED)[0]) is type(predictor.predict(RAGGED)[0])


def test_integer_labels_keep_their_meaning(checkpoint, tmp_path):
    t = text.Transformer(checkpoint)
    t.preprocess_train(["a", "film", "book"], [1, 2, 5], verbose=0)
    ktlearn.get_predictor(t.get_classifier(), t).save(tmp_path / "stars")
    loaded = ktlearn.load_predictor(tmp_path / "stars")
    assert loaded.get_classes() == ["1", "2", "5"]
    again = loaded.preproc.preprocess_test(["a", "film"], [2, 1], verbose=0)
    np.testing.assert_array_equal(again.y, [[0, 1, 0], [1, 0, 0]])


def test_the_folder_holds_json_and_safetensors_only(saved):
    from safetensors import safe_open

    assert {"config.json", "ktlearn.json", "model.safetensors", "tokenizer.json"} <= {p.name for p in saved.iterdir()}
    for file in saved.iterdir():
        if file.suffix == ".safetensors":
            with safe_open(str(file), framework="np") as content:
                assert content.get_tensor("classifier.weight").shape == (2, 32)
        elif file.name != "ktlearn.sha256":
            assert file.suffix == ".json", file.name
            json.loads(file.read_text(encoding="utf-8"))


def test_the_config_names_the_classes_for_every_other_program(saved, multilabel, tmp_path):
    config = json.loads((saved / "config.json").read_text())
    assert config["id2label"] == {"0": "negative", "1": "positive"}
    assert config["label2id"] == {"negative": 0, "positive": 1}
    assert config["architectures"] == ["BertForSequenceClassification"]
    assert config["problem_type"] == "single_label_classification"
    multilabel.save(tmp_path / "multilabel")
    assert json.loads((tmp_path / "multilabel" / "config.json").read_text())["problem_type"] == (
        "multi_label_classification"
    )


def test_a_folder_named_like_the_bundled_models_is_still_a_folder(predictor, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    predictor.save("ktlearn/mine")
    assert ktlearn.load_predictor("ktlearn/mine").predict("good film") == "positive"


def test_saving_again_replaces_the_files_and_leaves_others(predictor, copy):
    (copy / "notes.txt").write_text("mine")
    (copy / "ktlearn.json").write_text("old")
    predictor.save(copy)
    assert (copy / "notes.txt").read_text() == "mine"
    assert ktlearn.load_predictor(copy).predict("good film") == "positive"


def test_a_save_that_fails_leaves_the_old_folder_whole(multilabel, copy, monkeypatch):
    def contents():
        return {path.name: path.read_bytes() for path in copy.iterdir()}

    def full_disk(*args, **kwargs):
        raise OSError(28, "No space left on device")

    before = contents()
    monkeypatch.setattr(multilabel.preproc.tokenizer, "save_pretrained", full_disk)  # after the weights
    with pytest.raises(OSError, match="No space left"):
        multilabel.save(copy)
    assert contents() == before
    assert [path.name for path in copy.parent.iterdir()] == ["copy"]  # no half-written folder beside it


# --- damaged folders ----------------------------------------------------------------------------


def meant(folder):
    """Say that what is changed in a folder now is no damage."""
    (folder / "ktlearn.sha256").unlink(missing_ok=True)


def settings(folder, **changes):
    meant(folder)
    path = Path(folder, "ktlearn.json")
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def test_a_folder_that_is_not_there_is_not_looked_for_on_the_hub(tmp_path, monkeypatch):
    monkeypatch.setattr(hub, "find", None)
    with pytest.raises(FileNotFoundError, match="holds no ktlearn.json; give a folder written by predictor.save"):
        ktlearn.load_predictor(tmp_path / "nowhere")


def test_a_checkpoint_is_no_predictor(checkpoint):
    with pytest.raises(FileNotFoundError, match="holds no ktlearn.json"):
        ktlearn.load_predictor(checkpoint)


def test_a_folder_of_ktrain_is_named_and_its_pickle_is_not_opened(tmp_path):
    trap = tmp_path / "opened"
    (tmp_path / "tf_model.preproc").write_bytes(b"cos\nmkdir\n(S'%s'\ntR." % str(trap).encode())
    with pytest.raises(ValueError, match="was written by ktrain. Its tf_model.preproc is a pickle, which can run any"):
        ktlearn.load_predictor(tmp_path)
    assert not trap.exists()


def test_code_in_a_folder_is_never_run(copy, monkeypatch):
    meant(copy)
    trap = copy / "trap.txt"
    (copy / "code.py").write_text(f"open({str(trap)!r}, 'w').close()\nclass Evil: pass\n")
    for name, keys in (("config.json", ("AutoConfig", "AutoModel")), ("tokenizer_config.json", ("AutoTokenizer",))):
        content = json.loads((copy / name).read_text())
        content["auto_map"] = {key: "code.Evil" for key in keys}
        (copy / name).write_text(json.dumps(content | {"tokenizer_class": "Evil"}))
    monkeypatch.setattr("builtins.input", lambda *question: pytest.fail("it asked whether to run the code"))
    assert ktlearn.load_predictor(copy).predict("good film") == "positive"
    assert not trap.exists()


def test_settings_that_are_no_json_are_named(copy):
    meant(copy)
    (copy / "ktlearn.json").write_text("{")
    with pytest.raises(ValueError, match=r"ktlearn.json is damaged \(.*is not valid JSON"):
        ktlearn.load_predictor(copy)


def test_settings_that_lack_a_part_are_named(copy):
    meant(copy)
    (copy / "ktlearn.json").write_text("{}")
    with pytest.raises(ValueError, match=r"ktlearn.json is damaged \(KeyError"):
        ktlearn.load_predictor(copy)


@pytest.mark.parametrize(
    "changes",
    [
        {"format": 99},
        {"kind": "guessing"},
        {"maxlen": "64"},
        {"class_names": "negative"},
        {"class_names": [None, "positive"]},
        {"class_names": []},
        {"kind": "regression"},
    ],
)
def test_settings_with_other_values_are_refused(copy, changes):
    settings(copy, **changes)
    with pytest.raises(ValueError, match="was not written by this version of ktlearn"):
        ktlearn.load_predictor(copy)


def test_other_classes_than_the_models_are_named(copy):
    settings(copy, class_names=TOPICS)
    with pytest.raises(ValueError, match=r"the classes in config.json are .*those in ktlearn.json"):
        ktlearn.load_predictor(copy)


def test_missing_weights_are_named(copy):
    (copy / "model.safetensors").unlink()
    with pytest.raises(ValueError, match="has neither model.safetensors nor"):
        ktlearn.load_predictor(copy)


def test_weights_that_were_cut_short_are_named(copy):
    file = copy / "model.safetensors"
    file.write_bytes(file.read_bytes()[:1000])
    with pytest.raises(ValueError, match="model.safetensors is damaged or was cut short"):
        ktlearn.load_predictor(copy)


def test_a_missing_config_is_named(copy):
    (copy / "config.json").unlink()
    with pytest.raises(FileNotFoundError, match=r"has no config.json"):
        ktlearn.load_predictor(copy)


def test_a_missing_tokenizer_is_named(copy):
    meant(copy)
    (copy / "tokenizer.json").unlink()
    with pytest.raises(FileNotFoundError, match=r"no tokenizer.json"):
        ktlearn.load_predictor(copy)

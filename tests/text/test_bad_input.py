"""Bad input of `text.Transformer` is refused before any text is read or any weight is loaded."""

import shutil
from pathlib import Path

import pytest

from ktlearn import text
from tests.tiny import POSITIONS

GOLDEN = Path(__file__).parents[1] / "golden"
TEXTS = ["bad film", "good film", "good book"]
LABELS = [0, 1, 1]


@pytest.fixture
def no_loading(monkeypatch):
    """Loading a tokenizer fails the test."""
    import transformers

    def stop(*args, **kwargs):
        raise AssertionError("the tokenizer was loaded before the input was checked")

    monkeypatch.setattr(transformers.AutoTokenizer, "from_pretrained", stop)


@pytest.mark.parametrize(
    "texts, y, error, message",
    [
        ([], [], ValueError, "there are no texts"),
        (["a", None], [0, 1], TypeError, "item 1 is None"),
        (["a", 5], [0, 1], TypeError, r"item 1 is 5 \(int\)"),
        ("good", [0], ValueError, "got one string"),
        (("good", "bad"), [0, 1], ValueError, "one pair"),
        (["a", "b"], [0, 1, 1], ValueError, "2 texts, but 3 labels"),
        (["a", "b"], [0, 5], ValueError, "item 1 has the unknown label 5"),
        (["a", "b"], [1, 1], ValueError, "no training text has the class 'negative'"),
        (["a", "b"], [0.3, 0.7], ValueError, "fractions cannot be classes"),
        (["a", "b"], None, ValueError, "y: training needs labels"),
    ],
)
def test_bad_training_input_is_refused_before_any_work(t, no_work, texts, y, error, message):
    with pytest.raises(error, match=message):
        t.preprocess_train(texts, y)


@pytest.mark.parametrize(
    "texts, y, error, message",
    [
        ([], None, ValueError, "there are no texts"),
        (["a", None], None, TypeError, "item 1 is None"),
        ("good", None, ValueError, "got one string"),
        (("good", "bad"), None, ValueError, "one pair"),
        (["a", "b"], [0], ValueError, "2 texts, but 1 labels"),
        (["a", "b"], [0, 2], ValueError, "item 1 has the unknown label 2"),
        (["a", "b"], ["negative", "other"], ValueError, "unknown label 'other'"),
    ],
)
def test_bad_test_input_is_refused_before_any_work(t, request, texts, y, error, message):
    t.preprocess_train(TEXTS, LABELS, verbose=0)
    request.getfixturevalue("no_work")
    with pytest.raises(error, match=message):
        t.preprocess_test(texts, y)


def test_test_labels_before_the_training_labels_are_refused(t, no_work):
    with pytest.raises(ValueError, match="Call preprocess_train first"):
        t.preprocess_test(TEXTS, LABELS)


@pytest.mark.parametrize(
    "options, message",
    [
        ({"maxlen": 2}, "maxlen must be a whole number, at least 3"),
        ({"maxlen": 64.0}, "maxlen must be a whole number"),
        ({"maxlen": "64"}, "maxlen must be a whole number"),
        ({"maxlen": POSITIONS + 1}, f"more than the {POSITIONS} positions.*Use maxlen={POSITIONS} or less"),
        ({"class_names": "negative"}, "must be a list of names; got one string"),
        ({"class_names": ["a", "a"]}, "a name occurs twice"),
        ({"class_names": ["a", "b"], "is_regression": True}, "exclude each other"),
        ({"use_with_learner": False}, "batch_size"),
    ],
)
def test_unusable_settings_are_refused_before_anything_is_loaded(checkpoint, no_loading, options, message):
    with pytest.raises(ValueError, match=message):
        text.Transformer(checkpoint, **options)


def test_the_longest_maxlen_is_the_models(checkpoint):
    assert text.Transformer(checkpoint, maxlen=POSITIONS).maxlen == POSITIONS


def test_a_maxlen_above_the_models_positions_can_be_capped(checkpoint):
    assert text.Transformer(checkpoint, maxlen=POSITIONS + 1, cap_maxlen=True).maxlen == POSITIONS
    assert text.Transformer(checkpoint, maxlen=POSITIONS - 1, cap_maxlen=True).maxlen == POSITIONS - 1


@pytest.mark.parametrize("family, task", [("gpt2", "causal-lm"), ("t5", "seq2seq")])
@pytest.mark.parametrize("maxlen", [128, 8, None])
def test_a_family_without_a_classifier_is_refused_before_anything_is_loaded(no_loading, family, task, maxlen):
    with pytest.raises(ValueError, match=f"which has no classifier. Take one of BERT, .*, task='{task}'"):
        text.Transformer(GOLDEN / family, maxlen=maxlen)


def test_a_tokenizer_without_a_padding_token_is_refused(checkpoint, tmp_path):
    folder = shutil.copytree(checkpoint, tmp_path / "copy")
    t = text.Transformer(folder)
    t.tokenizer.pad_token = None
    t.tokenizer.save_pretrained(folder)
    with pytest.raises(ValueError, match="no padding token.*tokenizer.pad_token ="):
        text.Transformer(folder)


def test_a_checkpoint_without_a_tokenizer_is_refused(checkpoint, tmp_path):
    for file in ("config.json", "model.safetensors"):
        shutil.copy(Path(checkpoint, file), tmp_path)
    with pytest.raises(FileNotFoundError, match=r"no tokenizer.json and no vocab.txt"):
        text.Transformer(tmp_path)


def test_a_damaged_tokenizer_is_refused(checkpoint, tmp_path):
    folder = shutil.copytree(checkpoint, tmp_path / "copy")
    (folder / "tokenizer.json").write_text("{")
    with pytest.raises(ValueError, match="the tokenizer's files are damaged"):
        text.Transformer(folder)


def test_a_tokenizer_of_another_model_is_refused(checkpoint, tmp_path):
    folder = shutil.copytree(checkpoint, tmp_path / "copy")
    t = text.Transformer(folder)
    t.tokenizer.add_tokens(["one", "more"])
    t.tokenizer.save_pretrained(folder)
    with pytest.raises(ValueError, match="knows 202 tokens, the model only 200"):
        text.Transformer(folder)

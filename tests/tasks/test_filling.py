"""Hidden words: the masked model's own probabilities, for the one hidden word of each text."""

import warnings

import numpy as np
import pytest

from ktlearn import models, tasks
from ktlearn.tasks.results import Results
from ktlearn.widgets import AttentionView
from tests.tasks.checkpoints import checkpoint_with_tokenizer
from tests.tiny import sentence

TEXTS = ["the [MASK] was good", "a bad [MASK]", "it was really not a very <mask> film and it was not good"]


@pytest.fixture(scope="module")
def bert(tmp_path_factory):
    return checkpoint_with_tokenizer("bert-masked-lm", tmp_path_factory.mktemp("bert") / "bert")


@pytest.fixture(scope="module")
def opened(bert):
    return tasks.open_model(bert, "fill_mask")


def directly(opened, text):
    """The probabilities of all words in place of the hidden one, ``(V,)``."""
    ids = opened.tokenizer(text.replace("<mask>", "[MASK]"))["input_ids"]
    logits = np.array(opened.model([ids]).logits)[0, ids.index(4)]
    return np.exp(logits) / np.exp(logits).sum()


def test_the_best_words_are_the_models_in_the_order_of_the_texts(opened):
    results = tasks.fill_mask(opened, TEXTS, top=3, batch_size=2)
    assert isinstance(results, Results) and [result.text for result in results] == TEXTS
    for result, text in zip(results, TEXTS, strict=True):
        p = directly(opened, text)
        best = np.argsort(-p)[:3]
        assert [word for word, _ in result.words] == [opened.tokenizer.decode([token]) for token in best.tolist()]
        np.testing.assert_allclose([score for _, score in result.words], p[best], atol=1e-5)
        assert (result.word, result.score) == result.words[0]
    assert tasks.fill_mask(opened, TEXTS[1], top=3).data["words"] == results[1].data["words"]


def test_no_more_words_than_there_are(opened):
    words = tasks.fill_mask(opened, TEXTS[0], top=1000).words
    assert len(words) == 60 and sum(score for _, score in words) == pytest.approx(1, abs=1e-5)


def test_of_a_long_text_the_part_around_the_hidden_word_is_read(opened):
    text = f"{sentence(40)} the [MASK] was {sentence(50)}"
    with pytest.warns(
        UserWarning, match="1 of 1 text is longer than the 24 tokens .* has 93\\), so it is cut: what is"
    ):
        result = tasks.fill_mask(opened, text)
    assert result.is_cut
    [before, after] = (text.split()[i] for i in (40, 42))
    tokens = AttentionView(result.attention).blocks["attention"].tokens
    place = tokens.index("[MASK]")
    assert 12 <= len(tokens) <= 24 and (tokens[place - 1], tokens[place + 1]) == (before, after)
    assert 5 <= place <= len(tokens) - 5  # it stands in the middle
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        alone = tasks.fill_mask(opened, " ".join(tokens))
    assert alone.words[0][0] == result.word and alone.score == pytest.approx(result.score, abs=1e-5)


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ("", "texts: it is blank"),
        ([], "texts: there are no texts"),
        ("no gap", "item 0 has 0 hidden words, and one is wanted: write \\[MASK\\] in its place"),
        (["a [MASK]", "[MASK] <mask>"], "item 1 has 2 hidden words"),
    ],
)
def test_a_text_without_one_hidden_word_is_refused_before_a_model_is_opened(texts, said):
    with pytest.raises(ValueError, match=said):
        tasks.fill_mask("there is no such model", texts)


def test_the_bundled_model_knows_some_english():
    assert tasks.fill_mask("ktlearn/mini-bert-en", "She [MASK] the door and went in.").word == "opened"


def test_a_model_of_ones_own_is_taken_with_its_tokenizer(opened):
    model = models.from_config(opened.model.config, task="masked-lm", seed=0)
    assert tasks.fill_mask(tasks.Opened(model, opened.tokenizer), TEXTS[0]).words != tasks.fill_mask(opened, TEXTS[0])

"""Translations: what the model writes, in the language asked for, and what is said of texts too long."""

import json
import warnings

import pytest

from ktlearn import generate, models, tasks
from ktlearn.tasks import rewriting
from ktlearn.text.tokenizer import tokenizer_of
from ktlearn.widgets import AttentionView
from tests.tasks.checkpoints import checkpoint_with_tokenizer
from tests.tiny import sentence

pytestmark = pytest.mark.slow  # each graph of a search is traced once

TEXTS = ["the good film", "a bad book that was not read again", "food"]
T5 = {
    f"translation_en_to_{code}": {"prefix": f"translate English to {name}: ", "num_beams": 2, "max_length": 9}
    for code, name in {"de": "German", "fr": "French"}.items()
}


@pytest.fixture(scope="module")
def marian(tmp_path_factory):
    """A translator that names its languages in its folder's name alone."""
    folder = tmp_path_factory.mktemp("marian") / "opus-mt-en-zh"
    return checkpoint_with_tokenizer("marian-seq2seq", folder, generation={"max_length": 12})


@pytest.fixture(scope="module")
def opened(marian):
    return tasks.open_model(marian, "translate")


@pytest.fixture(scope="module")
def t5(tmp_path_factory):
    words = ["translate", "English", "to", "German", "French"]
    return checkpoint_with_tokenizer(
        "t5-seq2seq",
        tmp_path_factory.mktemp("t5") / "t5",
        {"task_specific_params": T5, "decoder_start_token_id": 0},
        words=words,
    )


def directly(opened, texts, **options):
    """The new texts with the model and its tokenizer alone, one at a time."""
    return [generate.generate(opened.model, text, opened.tokenizer, **options).text.strip() for text in texts]


@pytest.fixture
def quiet():
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "translating: ")
        yield


def test_it_is_what_the_model_writes_in_the_order_of_the_texts(marian, opened, quiet):
    results = tasks.translate(opened, TEXTS, batch_size=2)
    assert [result.text for result in results] == directly(opened, TEXTS)
    assert [result.source for result in results] == TEXTS
    assert {(result.to, result.parts) for result in results} == {("zh", 1)}
    assert tasks.translate(marian, TEXTS[1]) == results[1]
    assert str(results[1]) == results[1].text


def test_options_are_those_of_generate(opened):
    options = dict(num_beams=3, max_new_tokens=4)
    with pytest.warns(UserWarning, match="translating: .* of 3 came to the most tokens that may be written"):
        results = tasks.translate(opened, TEXTS, **options)
    assert [result.text for result in results] == directly(opened, TEXTS, **options)
    with pytest.raises(TypeError, match="there is no option 'beams'"):
        tasks.translate(opened, TEXTS, beams=3)
    with pytest.raises(ValueError, match="num_return_sequences: there is one answer for each text"):
        tasks.translate(opened, TEXTS, num_beams=3, num_return_sequences=2)


def test_only_a_text_that_came_to_the_limit_is_called_cut(opened):
    model, tokenizer = opened.model, opened.tokenizer
    [new] = generate.generate(model, [tokenizer(TEXTS[0])["input_ids"]], max_new_tokens=6, forced_eos_token_id=9).ids
    second = int(new[1])
    with pytest.warns(UserWarning, match="1 of 1 came to the most"):
        assert tasks.translate(opened, TEXTS[0], max_new_tokens=2).is_cut  # the config forces an end upon the last
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert not tasks.translate(opened, TEXTS[0], max_new_tokens=6, eos_token_id=second).is_cut


def test_where_nothing_says_how_long_it_is_as_long_as_the_source_wants(tmp_path):
    folder = checkpoint_with_tokenizer("t5-seq2seq", tmp_path / "t5")
    path = folder / "generation_config.json"
    path.write_text(json.dumps({"decoder_start_token_id": 0, "eos_token_id": [], "pad_token_id": 0}))
    text, model = sentence(9), tasks.open_model(folder, "translate")
    with pytest.warns(UserWarning, match="came to the most tokens"):
        result = tasks.translate(model, text)
    assert result.text == directly(model, [text], max_new_tokens=2 * 10 + 16)[0]


def test_t5_gets_its_prefix_and_the_options_of_the_checkpoint(t5, quiet):
    model = tasks.open_model(t5, "translate")
    expected = directly(model, ["translate English to French: the film"], num_beams=2, max_length=9)
    for to in ("fr", "French", "FR"):
        result = tasks.translate(model, "the film", to=to)
        assert (result.text, result.to) == (expected[0], "fr")
    assert tasks.translate(model, "the film", to="de").text != result.text


def test_a_language_that_the_checkpoint_does_not_write_is_an_error_that_names_its_own(t5, opened, no_work):
    with pytest.raises(ValueError, match="to='zh': the model does not write it. '.*t5' translates into: de, fr."):
        tasks.translate(models_of(t5), "the film", to="zh")
    with pytest.raises(ValueError, match="to: it must be named. .* translates into: de, fr."):
        tasks.translate(models_of(t5), "the film")
    with pytest.raises(ValueError, match="to='de': the model does not write it. '.*opus-mt-en-zh' .* into: zh."):
        tasks.translate(opened, "the film", to="de")
    with pytest.raises(TypeError, match="to must be a language, such as 'de'; got 5"):
        tasks.translate(opened, "the film", to=5)


def models_of(folder):
    """Opened without its weights: which languages it writes stands in its config."""
    config = models.checkpoint.read_config(folder)
    return tasks.Opened(models.from_config(config, task="seq2seq", seed=0), tokenizer_of(folder), str(folder))


def test_a_translator_into_several_languages_is_told_which_by_a_token(tmp_path, quiet):
    folder = tmp_path / "opus-mt-en-ROMANCE"
    checkpoint_with_tokenizer(
        "marian-seq2seq", folder, generation={"max_length": 12}, words=[">>fr<<", ">>it<<"], target_lang="ROMANCE"
    )
    model = tasks.open_model(folder, "translate")
    assert tasks.translate(model, "the film", to="it").text == directly(model, [">>it<< the film"])[0]
    with pytest.raises(ValueError, match="to: it must be named. .* translates into: fr, it."):
        tasks.translate(model, "the film")


def test_a_text_too_long_is_translated_in_parts_and_that_is_said(opened):
    text = f"{sentence(14)}. {sentence(12)}. {sentence(13)}."
    with pytest.warns(UserWarning) as said:
        result = tasks.translate(opened, ["the film", text], max_new_tokens=5)[1]
    assert said[0].filename == __file__  # the reader's own line
    assert "1 of 2 texts is longer than the 24 tokens that the model reads (the longest has 43)" in str(said[0].message)
    assert result.parts == 3 and result.source == text
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        parts = [f"{part}." for part in text.rstrip(".").split(". ")]
        alone = [each.text for each in tasks.translate(opened, parts, max_new_tokens=5)]
    assert result.text == "".join(alone)  # Chinese has no spaces between sentences
    assert len([name for name in result.attention if name.startswith("cross")]) == 3


def test_many_words_that_the_checkpoint_does_not_know_are_said(opened, quiet):
    with pytest.warns(UserWarning, match="67% of the tokens are unknown to this checkpoint"):
        tasks.translate(opened, "Ein Film")


def test_the_attention_is_that_of_reading_and_writing(opened, quiet):
    result = tasks.translate(opened, "the good film", max_new_tokens=5, num_beams=2)
    view = AttentionView(result.attention)
    assert list(view.blocks) == ["encoder", "decoder", "cross"]
    cross = view.blocks["cross"]
    assert cross.key_tokens == ["the", "good", "film", "</s>"]
    assert cross.tokens[0] == "<pad>" and opened.tokenizer.decode(
        opened.tokenizer.convert_tokens_to_ids(cross.tokens[1:]), skip_special_tokens=True
    ).startswith(result.text)


def test_progress_appears_on_long_work_only(opened, quiet, monkeypatch, capsys):
    for seconds, options, is_shown in (
        (3600, {"batch_size": 1}, False),  # it did not take so long
        (0, {"batch_size": 1}, True),
        (0, {"batch_size": 3}, False),  # one batch: nothing to be seen before its end
        (0, {"batch_size": 1, "verbose": 0}, False),
    ):
        monkeypatch.setattr("ktlearn.support.bars.LONG", seconds)
        tasks.translate(opened, TEXTS, **options)
        assert ("translating: 100%" in capsys.readouterr().err) == is_shown


def test_batches_are_of_texts_of_about_one_length_and_of_one_size(opened, quiet, monkeypatch):
    seen, real = [], rewriting.generate
    monkeypatch.setattr(
        rewriting, "generate", lambda model, prompt, *a, **k: seen.append(prompt) or real(model, prompt, *a, **k)
    )
    texts = [sentence(length) for length in (9, 2, 8, 3, 4)]
    tasks.translate(opened, texts, batch_size=2)
    assert [[len(row) for row in each["input_ids"]] for each in seen] == [[3, 4], [5, 9], [10, 10]]


@pytest.mark.parametrize("texts", ["", [], ["good", " "], [None]])
def test_no_text_is_refused_before_a_model_is_opened(texts):
    with pytest.raises((ValueError, TypeError), match="texts: "):
        tasks.translate("there is no such model", texts)

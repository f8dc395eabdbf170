"""Writing on: the text of ``generate``, at once or while it is written."""

import numpy as np
import pytest

from ktlearn import tasks
from ktlearn.generate import generate
from ktlearn.widgets import AttentionView
from tests.tasks.checkpoints import checkpoint_with_tokenizer
from tests.tiny import sentence

PROMPTS = ["the good film", "a bad book was", "food"]


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    """GPT-2 with 24 positions."""
    folder = checkpoint_with_tokenizer("gpt2-causal-lm", tmp_path_factory.mktemp("gpt2") / "gpt2")
    return tasks.open_model(folder, "write")


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"max_new_tokens": 5, "num_beams": 3},
        {"max_new_tokens": 6, "do_sample": True, "seed": 4, "temperature": 2.0, "top_k": 0},
        {"max_new_tokens": 9, "repetition_penalty": 1.8},
    ],
)
def test_the_text_is_that_of_generate(opened, options):
    expected = generate(opened.model, PROMPTS, opened.tokenizer, **options).texts
    results = tasks.write(opened, PROMPTS, **options)
    assert [result.text for result in results] == expected
    assert [(result.prompt, result.texts) for result in results] == [
        (prompt, [text]) for prompt, text in zip(PROMPTS, expected, strict=True)
    ]


def test_several_batches_are_several_draws_in_the_order_of_the_prompts(opened):
    options = dict(do_sample=True, top_k=0, temperature=3.0, max_new_tokens=8)
    same = [PROMPTS[0]] * 3
    results = tasks.write(opened, same, batch_size=1, seed=5, **options)
    alone = [tasks.write(opened, PROMPTS[0], seed=seed, **options).text for seed in (5, 6, 7)]
    assert [result.text for result in results] == alone and len(set(alone)) == 3


def test_several_texts_for_a_prompt(opened):
    options = dict(num_beams=3, num_return_sequences=2, max_new_tokens=5)
    expected = generate(opened.model, PROMPTS, opened.tokenizer, **options).texts
    results = tasks.write(opened, PROMPTS, **options)
    assert [text for result in results for text in result.texts] == expected
    assert [result.text for result in results] == expected[::2]


def test_it_is_shown_while_it_is_written(opened, capsys):
    options = dict(max_new_tokens=6, do_sample=True, top_k=0)
    result = tasks.write(opened, PROMPTS[1], show=True, seed=3, **options)
    assert capsys.readouterr().out == f"{result.text}\n"
    assert result == tasks.write(opened, PROMPTS[1], seed=3, **options)
    np.random.seed(1)
    drawn = tasks.write(opened, PROMPTS[1], show=True, **options)  # its maps are of the text that was shown
    tokens = AttentionView(drawn.attention).blocks["attention"].tokens
    assert " ".join(tokens) == f"{PROMPTS[1]} {drawn.text.strip()}"


def test_what_cannot_be_shown_is_refused_before_a_model_is_opened(opened):
    with pytest.raises(ValueError, match="show: one text can be shown at a time; got 3 prompts"):
        tasks.write("there is no such model", PROMPTS, show=True)
    with pytest.raises(ValueError, match="with beams the text is known only at the end"):
        tasks.write(opened, PROMPTS[0], show=True, num_beams=2)
    for prompts in ("", [], ["a", " "]):
        with pytest.raises(ValueError, match="prompts: "):
            tasks.write("there is no such model", prompts)


def test_of_a_prompt_without_room_for_the_new_tokens_the_end_is_read_and_that_is_said(opened):
    long = sentence(40)
    with pytest.warns(UserWarning, match="1 of 2 prompts: there is room for 18 tokens before the new ones, and .* 40."):
        result, other = tasks.write(opened, [long, PROMPTS[0]], max_new_tokens=6)
    end = " ".join(long.split()[-18:])
    assert (result.is_cut, other.is_cut, result.prompt) == (True, False, long)
    assert result.text == generate(opened.model, end, opened.tokenizer, max_new_tokens=6).text


def test_an_encoder_decoder_answers_to_the_text_as_it_is(tmp_path):
    folder = checkpoint_with_tokenizer("bart-seq2seq", tmp_path / "bart")
    model = tasks.open_model(folder, "write")
    result = tasks.write(model, PROMPTS[0], max_new_tokens=5)
    assert result.text == generate(model.model, PROMPTS[0], model.tokenizer, max_new_tokens=5).text
    assert list(result.attention) == ["encoder", "decoder", "cross"]
    with pytest.warns(UserWarning, match="1 of 1 text is longer than the 24 tokens .* has 41\\), so it is cut"):
        result = tasks.write(model, sentence(40), max_new_tokens=5)
    begin = " ".join(sentence(40).split()[:23])
    assert result.text == generate(model.model, begin, model.tokenizer, max_new_tokens=5).text

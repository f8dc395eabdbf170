"""`generate`: what goes in and comes out, and what the checkpoint says of itself."""

import json
import warnings
from pathlib import Path

import numpy as np
import pytest

from ktlearn import models
from ktlearn.attention import recorded
from ktlearn.backend import keras, ops
from ktlearn.generate import generate, stream
from ktlearn.models.decoder import DecoderModel
from ktlearn.widgets import AttentionView
from tests.generate.planted import END, Recital, byte_tokenizer
from tests.tasks.checkpoints import first_layers

GOLDEN = Path(__file__).parents[1] / "golden"
ENDS = {"eos_token_id": 1, "pad_token_id": 0}
T5_BEGIN = {"decoder_start_token_id": 0}
PROMPTS = [[5, 6, 7, 8, 9], [30], [11, 12]]
numbers = np.asarray


@pytest.fixture(scope="module")
def gpt2_folder(tmp_path_factory):
    return first_layers("gpt2-causal-lm", tmp_path_factory.mktemp("gpt2") / "model")


@pytest.fixture(scope="module")
def gpt2(gpt2_folder):
    return models.from_pretrained(gpt2_folder, task="causal-lm", verbose=0)


@pytest.fixture(scope="module")
def t5(tmp_path_factory):
    return models.from_pretrained(
        first_layers("t5-seq2seq", tmp_path_factory.mktemp("t5") / "model"), task="seq2seq", verbose=0
    )


def without_cache(model, prompt, count):
    """The argmax loop, each time over the whole text."""
    ids = list(prompt)
    for _ in range(count):
        ids.append(int(numbers(model([ids]).logits)[0, -1].argmax()))
    return ids[len(prompt) :]


@pytest.mark.slow
def test_greedy_is_the_argmax_loop_without_a_cache(gpt2):
    found = generate(gpt2, PROMPTS, max_new_tokens=7, eos_token_id=[], pad_token_id=0)
    assert found.ids.tolist() == [without_cache(gpt2, prompt, 7) for prompt in PROMPTS]


@pytest.mark.slow
def test_a_prompt_is_written_on_alike_alone_and_in_any_batch(gpt2):
    drawn = dict(max_new_tokens=9, do_sample=True, seed=4, **ENDS)
    whole = generate(gpt2, PROMPTS, **drawn).ids
    some = generate(gpt2, PROMPTS, batch_size=2, **drawn).ids
    assert whole.tolist() == some.tolist()
    alone = generate(gpt2, PROMPTS[:1], **drawn).ids
    assert alone[0].tolist() == whole[0, : alone.shape[1]].tolist()


@pytest.mark.slow
def test_a_prompt_may_take_all_positions_but_one(gpt2):
    # 23 tokens are rounded up to no more than the 24 positions there are.
    prompt = np.arange(2, 25)
    assert generate(gpt2, [prompt], max_new_tokens=1, **ENDS).ids.tolist() == [without_cache(gpt2, prompt, 1)]


@pytest.mark.slow
def test_padding_on_either_side_of_a_prompt_is_no_text(gpt2):
    expected = generate(gpt2, PROMPTS, max_new_tokens=6, **ENDS).ids.tolist()
    for on_the_left in (True, False):
        ids, mask = np.full((3, 7), 3), np.zeros((3, 7), int)
        for prompt, own, real in zip(PROMPTS, ids, mask, strict=True):
            place = slice(7 - len(prompt), 7) if on_the_left else slice(len(prompt))
            own[place], real[place] = prompt, 1
        given = {"input_ids": ids, "attention_mask": mask}
        assert generate(gpt2, given, max_new_tokens=6, **ENDS).ids.tolist() == expected


@pytest.mark.slow
def test_the_same_seed_draws_the_same_text(gpt2):
    def drawn(**options):
        return generate(gpt2, PROMPTS, max_new_tokens=8, do_sample=True, **ENDS, **options).ids.tolist()

    assert drawn(seed=1) == drawn(seed=1) != drawn(seed=2)
    np.random.seed(0)
    first = drawn()
    assert drawn() != first  # without a seed another text each time
    np.random.seed(0)
    assert drawn() == first


@pytest.mark.slow
def test_many_texts_can_be_drawn_for_one_prompt(gpt2):
    found = generate(gpt2, PROMPTS, max_new_tokens=8, do_sample=True, seed=0, num_return_sequences=4, **ENDS)
    assert len(found.ids) == 12
    assert len({tuple(row) for row in found.ids[:4].tolist()}) > 1


@pytest.mark.slow
def test_drawing_follows_the_models_probabilities(gpt2):
    p = numbers(ops.softmax(gpt2([[5, 6, 7]]).logits[0, -1] / 0.8))
    drawn = generate(
        gpt2, [[5, 6, 7]], batch_size=1000, max_new_tokens=1, do_sample=True, temperature=0.8, top_k=0, seed=0,
        num_return_sequences=1000, eos_token_id=[], pad_token_id=0,
    ).ids[:, 0]  # fmt: skip
    share = np.bincount(drawn, minlength=60) / 1000
    np.testing.assert_array_less(np.abs(share - p), 4.5 * np.sqrt(p * (1 - p) / 1000) + 2e-3)


# One graph


@pytest.mark.slow
def test_other_numbers_prompts_and_lengths_need_no_other_graph(gpt2_folder, monkeypatch):
    model = models.from_pretrained(gpt2_folder, task="causal-lm", verbose=0)
    traced, step = [], DecoderModel.step
    monkeypatch.setattr(DecoderModel, "step", lambda *args: traced.append(1) or step(*args))
    common = dict(do_sample=True, top_p=0.9, repetition_penalty=1.2, temperature=0.5, **ENDS)
    generate(model, PROMPTS[:1], max_new_tokens=3, seed=0, **common)
    once = len(traced)
    tokenizer = byte_tokenizer()
    for change in ({"temperature": 2.0}, {"top_p": 0.3}, {"seed": 9}, {"max_new_tokens": 12}):
        generate(model, [PROMPTS[2]], **{"max_new_tokens": 5, "seed": 1} | common | change)
    list(stream(model, PROMPTS[:1], tokenizer, max_new_tokens=7, seed=0, **common))
    assert 1 <= once == len(traced)


# The maps


@pytest.mark.slow
def test_the_maps_are_those_of_the_steps_that_wrote_the_text(gpt2):
    found = generate(gpt2, [[5, 6, 7]], max_new_tokens=4, return_attention=True, eos_token_id=[], pad_token_id=0)
    ids = np.array([[5, 6, 7, *found.ids[0]]], "int32")
    assert found.inputs["input_ids"].tolist() == ids.tolist()
    assert AttentionView(found.output.attentions, [str(token) for token in ids[0]]).blocks
    context, cache = gpt2.prepare(ids[:, :1], 7)
    for position in range(7):
        with recorded() as steps:
            _, cache = gpt2.step(ids[:, position], position, context, cache)
        for layer, one in zip(found.output.attentions, steps, strict=True):
            np.testing.assert_allclose(one.weights[:, :, 0], numbers(layer)[:, :, position], atol=1e-5)


@pytest.mark.slow
def test_the_maps_of_an_encoder_decoder_are_of_what_the_decoder_read(t5):
    found = generate(t5, PROMPTS, max_new_tokens=4, return_attention=True, eos_token_id=[], pad_token_id=0, **T5_BEGIN)
    assert tuple(found.output.cross_attentions[0].shape) == (3, 3, 4, 5)
    said = numbers(found.output.logits).argmax(-1)
    assert said.tolist() == found.ids.tolist()


# What the checkpoint says of itself


def folder_with(tmp_path, name="gpt2-causal-lm", **generation):
    folder = first_layers(name, tmp_path / "model")
    (folder / "generation_config.json").write_text(json.dumps(generation), encoding="utf-8")
    return folder


@pytest.mark.slow
def test_the_checkpoints_own_options_are_used_and_the_call_wins(tmp_path, gpt2):
    folder = folder_with(tmp_path, **ENDS, repetition_penalty=1.8, max_length=13)
    model = models.from_pretrained(folder, task="causal-lm", verbose=0)
    expected = generate(gpt2, PROMPTS[:1], repetition_penalty=1.8, max_new_tokens=8, **ENDS).ids.tolist()
    assert generate(model, PROMPTS[:1]).ids.tolist() == expected
    greedy = generate(gpt2, PROMPTS[:1], max_new_tokens=5, **ENDS).ids.tolist()
    assert generate(model, PROMPTS[:1], max_new_tokens=5, repetition_penalty=1.0).ids.tolist() == greedy != expected


@pytest.mark.slow
def test_they_are_saved_with_the_model(tmp_path):
    model = models.from_pretrained(folder_with(tmp_path, **ENDS, num_beams=3), task="causal-lm", verbose=0)
    model.save_pretrained(tmp_path / "again")
    assert json.loads((tmp_path / "again" / "generation_config.json").read_text())["num_beams"] == 3
    model.save(tmp_path / "model.keras")
    for again in (
        models.from_pretrained(tmp_path / "again", task="causal-lm", verbose=0),
        keras.models.load_model(tmp_path / "model.keras"),
    ):
        assert dict(again.generation_config) == dict(model.generation_config)
        assert again.generation_config["num_beams"] == 3


def test_a_setting_that_is_not_known_is_named(tmp_path):
    model = Recital("a")
    model.generation_config |= {"penalty_alpha": 0.6, "typical_p": 1.0, "use_cache": True, "transformers_version": "5"}
    with pytest.warns(UserWarning, match="asks for penalty_alpha=0.6, which ktlearn does not do"):
        generate(model, [[5]], max_new_tokens=1)
    del model.generation_config["penalty_alpha"]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        generate(model, [[5]], max_new_tokens=1)


def test_a_damaged_file_is_refused(tmp_path):
    folder = folder_with(tmp_path)
    (folder / "generation_config.json").write_text("[1]")
    with pytest.raises(ValueError, match="generation_config.json must hold names and values"):
        models.from_pretrained(folder, task="causal-lm", verbose=0)


def test_a_model_that_does_not_write_has_no_such_options():
    assert models.from_pretrained(GOLDEN / "gpt2", verbose=0).generation_config is None


def test_what_the_call_asks_for_overrules_what_the_checkpoint_asks_for():
    model = Recital("yes.")
    model.generation_config |= {"num_beams": 4, "length_penalty": 2.0, "early_stopping": True, "max_length": 9}
    assert generate(model, [[5]]).scores is not None
    for change in ({"do_sample": True, "seed": 0}, {"num_beams": 1}):
        assert generate(model, [[5]], **change).scores is None
    model.generation_config = {"eos_token_id": END, "do_sample": True, "temperature": 0.6, "top_p": 0.9}
    assert generate(model, [[5]], num_beams=2).scores is not None
    assert generate(model, [[5]], do_sample=False).ids[0, -1] == END


# Texts


def test_texts_go_in_and_new_texts_come_out():
    tokenizer = byte_tokenizer()
    found = generate(Recital("yes."), ["Is it?", "Really?"], tokenizer, max_new_tokens=9)
    assert found.texts == ["yes.", "yes."] and found.text == "yes."
    assert found.ids[0].tolist() == [*tokenizer("yes.")["input_ids"], END]
    assert generate(Recital("yes."), [[5]], max_new_tokens=2).text is None


# What cannot be is refused before anything is computed


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"num_beams": 2, "do_sample": True}, "num_beams and do_sample: beams take the likeliest"),
        ({"temperature": 0, "do_sample": True}, "temperature: 0 would divide by zero.*do_sample=False"),
        ({"temperature": 0.5}, "temperature=0.5 has an effect only with do_sample=True"),
        ({"seed": 3}, "seed=3 has an effect only with do_sample=True"),
        ({"length_penalty": 2.0}, "length_penalty=2.0 has an effect only with num_beams above 1"),
        ({"early_stopping": "soon", "num_beams": 2}, "early_stopping must be True, False or 'never'; got 'soon'"),
        ({"num_beams": 40}, "num_beams=40 are too many for a vocabulary of 60"),
        ({"num_return_sequences": 2}, "without beams or do_sample=True all texts of a prompt would be the same"),
        ({"num_beams": 2, "num_return_sequences": 3}, "num_return_sequences=3, but there are only num_beams=2"),
        ({"max_new_tokens": 20}, "max_new_tokens=20: the model has 24 positions and the longest prompt has 5.* 19 new"),
        ({"max_length": 5}, "max_length=5, but the prompt has 5 tokens already"),
        ({"max_length": 9, "max_new_tokens": 3}, "max_length and max_new_tokens say the same"),
        ({"min_new_tokens": 9, "max_new_tokens": 3}, "min_new_tokens=9 is more than max_new_tokens=3"),
        ({"eos_token_id": 60}, "eos_token_id must be a token id of the model, 0 to 59; got 60"),
        ({"forced_bos_token_id": 4}, "forced_bos_token_id is for an encoder–decoder"),
        ({"stop_strings": ""}, "stop_strings must be a string that is not empty"),
        ({"stop_strings": "."}, "stop_strings need the model's tokenizer"),
        ({"bad_words_ids": [[3, 4]]}, r"only words of one token can be forbidden; got \(3, 4\)"),
        ({"top_q": 4}, "there is no option 'top_q'. Accepted: .*top_p"),
        ({"prompt": []}, "prompt is empty"),
        ({"prompt": [[4], []]}, "prompt: number 1 has no tokens"),
        ({"prompt": [[4, 60]]}, "prompt: there is no token 60; the model's ids go from 0 to 59"),
        ({"prompt": "a text"}, r"a text needs its tokenizer: generate\(model, text, tokenizer\); got None"),
        ({"prompt": 5}, "prompt must be a text, a list of texts, or token ids"),
        ({"prompt": [4, 5]}, "prompt must be a text, a list of texts, or token ids .* got 4 in it"),
        ({"model": keras.layers.Dense(1)}, "model: Dense cannot write. Give a decoder"),
        ({"batch_size": 0}, "batch_size must be a whole number"),
        ({"return_attention": 1}, "return_attention must be True or False"),
    ],
    ids=str,
)
def test_an_unusable_argument_is_named(gpt2, options, message):
    with pytest.raises((ValueError, TypeError), match=message):
        generate(**{"model": gpt2, "prompt": PROMPTS, **ENDS} | options)


def test_a_model_without_a_language_head_is_refused():
    model = models.from_pretrained(GOLDEN / "gpt2", verbose=0)
    with pytest.raises(ValueError, match="no language head.*Load it with task='causal-lm'"):
        generate(model, PROMPTS)


def test_a_target_needs_a_beginning(t5):
    with pytest.raises(ValueError, match="decoder_start_token_id: a target begins with a token"):
        generate(t5, PROMPTS)


def test_the_end_of_another_vocabulary_is_named(gpt2):
    with pytest.raises(ValueError, match="eos_token_id must be .* got 50256. It may come from the checkpoint's"):
        generate(gpt2, PROMPTS)

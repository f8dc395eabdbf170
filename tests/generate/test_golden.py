"""The tokens are those that PyTorch transformers' ``generate`` writes with the same checkpoints and options."""

import functools
import json
from pathlib import Path

import numpy as np
import pytest

from ktlearn import models
from ktlearn.generate import generate

GOLDEN = Path(__file__).parents[1] / "golden"
NAMES = sorted(path.parent.name for path in GOLDEN.glob("*/generation.json"))


@functools.cache
def model_of(name):
    task = "causal-lm" if name.endswith("causal-lm") else "seq2seq"
    return models.from_pretrained(GOLDEN / name, task=task, verbose=0)


# Every case is a graph of its own, so at each change some stand for all, and every week each is asked. A rule is the
# same code in every family: GPT-2 shows each one once, where it can with beams. Of the steps, one family of each kind.
OFTEN = {
    "gpt2-causal-lm": [
        *("greedy", "beams", "beams, early", "beams, never", "beams, ngrams", "beams, repetition", "beams, forced end"),
        *("beams, renormalised", "two ends", "lengths with the prompt", "suppressed"),
    ],
    "llama-causal-lm": ["greedy"],
    "mistral-causal-lm": ["greedy"],
    "t5-seq2seq": ["beams", "forced begin"],
    "marian-seq2seq": ["greedy"],
}


def cases():
    for name in NAMES:
        for case in json.loads((GOLDEN / name / "generation.json").read_text(encoding="utf-8")):
            marks = [] if case["title"] in OFTEN.get(name, []) else [pytest.mark.weekly]
            yield pytest.param(name, case, id=f"{name}: {case['title']}", marks=marks)


def test_the_cases_asked_at_each_change_are_there():
    assert sum(not case.marks for case in cases()) == sum(map(len, OFTEN.values()))


def texts_of(ids, ends):
    """Rows without what stands behind the end."""
    rows = []
    for row in ids.tolist():
        end = next((i for i, token in enumerate(row) if token in ends), len(row))
        rows.append(row[: end + 1])
    return rows


@pytest.mark.slow
@pytest.mark.parametrize(("name", "case"), list(cases()))
def test_the_tokens_are_those_of_pytorch(name, case):
    # The prompts are of several lengths. In one batch each is written on as PyTorch writes on it alone.
    options, R = case["options"], case["options"].get("num_return_sequences", 1)
    found = generate(model_of(name), case["prompts"], **options)
    ends = np.atleast_1d(options["eos_token_id"]).tolist()
    expected = [row for rows in case["tokens"] for row in rows]
    assert texts_of(found.ids, ends) == expected
    assert len(found.ids) == R * len(case["prompts"])
    if case["scores"][0] is None:
        assert found.scores is None
    else:
        np.testing.assert_allclose(found.scores, np.ravel(case["scores"]), atol=1e-4)


def test_the_golden_cases_tell_the_options_apart():
    # Each option changes what is written: a forgotten one would show.
    assert len(NAMES) == 8
    for name in NAMES:
        found = json.loads((GOLDEN / name / "generation.json").read_text(encoding="utf-8"))
        tokens = {case["title"]: json.dumps(case["tokens"]) for case in found}
        usual = {title: tokens["beams" if title.startswith("beams") else "greedy"] for title in tokens}
        same = [title for title in tokens if title not in ("greedy", "beams") and tokens[title] == usual[title]]
        assert {*same} <= {"two ends", "beams, two ends"}, (name, same)

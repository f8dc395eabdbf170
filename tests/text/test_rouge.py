"""ROUGE: the same figures as another program, and what they do not see."""

import json
from pathlib import Path

import pytest

from ktlearn.text.rouge import rouge, rouge_l, rouge_n

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "rouge.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", GOLDEN, ids=lambda case: case["summary"][:20] or "empty")
def test_the_figures_are_those_of_googles_program(case):
    pair = case["summary"], case["reference"]
    found = dict(rouge1=rouge_n(*pair, 1), rouge2=rouge_n(*pair, 2), rougeL=rouge_l(*pair))
    for name, figures in found.items():
        assert list(figures) == pytest.approx(case[name], abs=1e-6), name


def test_a_word_counts_as_often_as_both_have_it():
    assert rouge_n("the the the", "the cat").precision == pytest.approx(1 / 3)
    assert rouge_n("the the the", "the the cat").precision == pytest.approx(2 / 3)


def test_another_order_costs_rouge_2_and_l_but_not_rouge_1():
    found = rouge("the dog bit the man", "the man bit the dog")
    assert found["ROUGE-1"] == 1 and found["ROUGE-2"] == 0.75 and found["ROUGE-L"] == 0.6


def test_letters_of_other_alphabets_are_words():
    assert rouge_n("Bürgermeister Çelik", "Çelik, Bürgermeister").f1 == 1


def test_a_paraphrase_may_share_nothing():
    assert set(rouge("The bill was settled.", "Somebody paid it").values()) == {0}

"""Explanations: the right words get the credit, the parts add up, and a text is only ever shown as text."""

from html.parser import HTMLParser

import numpy as np
import pytest

import ktlearn
from ktlearn import text
from ktlearn.predictor import explain
from ktlearn.predictor.explanation import Explanation, Word
from tests.tiny import NAMES, sentence

METHODS = ["occlusion", "integrated-gradients"]
TEXT = "good plot, it was really good!"
PAIR = ("good film", "bad book")


@pytest.fixture(scope="module")
def predictor(trained):
    learner, t = trained
    return ktlearn.get_predictor(learner.model, t)


@pytest.fixture(scope="module")
def numbers(shallow):
    regression = text.Transformer(shallow, maxlen=64, is_regression=True)
    regression.preprocess_train(["a film", "the book"], [1.5, 2.5], verbose=0)
    return ktlearn.get_predictor(regression.get_regression_model(), regression)


@pytest.fixture(scope="module")
def topics(shallow):
    t = text.Transformer(shallow, class_names=["sport", "money", "art"])
    t.preprocess_train(["a film", "the book"], [[1, 1, 0], [0, 1, 1]], verbose=0)
    return ktlearn.get_predictor(t.get_classifier(), t)


def log_odds(p):
    return np.log(p / (1 - p))


# --- the numbers --------------------------------------------------------------------------------


@pytest.mark.parametrize("method", METHODS)
def test_the_word_that_decides_gets_the_highest_score(predictor, method):
    for label in ("good", "bad"):
        explanation = predictor.explain(f"{label} film that was seen again", method)
        assert explanation.target == NAMES[label == "good"]
        assert explanation.words[explanation.scores.argmax()] == label
        other = predictor.explain(f"{label} film that was seen again", method, target=NAMES[label == "bad"])
        np.testing.assert_allclose(other.scores, -explanation.scores, atol=1e-3)  # of two classes


def test_occlusion_is_the_fall_when_a_word_is_masked(predictor):
    explanation = predictor.explain("good film", target="positive")
    whole, without = (log_odds(predictor.predict_proba(text)[1]) for text in ("good film", "[MASK] film"))
    assert explanation.words == ["good", "film"]
    assert explanation.value == pytest.approx(whole, abs=1e-3)
    assert explanation.scores[0] == pytest.approx(whole - without, abs=1e-3)
    assert explanation.baseline == pytest.approx(log_odds(predictor.predict_proba("[MASK] [MASK]")[1]), abs=1e-3)


@pytest.mark.slow
def test_the_scores_of_integrated_gradients_add_up_to_the_difference(predictor):
    for length in (1, 8, 60):
        explanation = predictor.explain(f"good {sentence(length)}", "integrated-gradients")
        difference = explanation.value - explanation.baseline
        assert abs(explanation.gap) <= 0.011 * abs(difference)
        assert explanation.is_complete
        assert "they add up." in str(explanation)


def test_more_steps_are_taken_until_the_parts_add_up(predictor, monkeypatch):
    taken, parts = [], explain._parts

    def noted(model, reading, answer, steps):
        taken.append(steps)
        return parts(model, reading, answer, steps) * (1 if steps == 64 else 0.9)

    monkeypatch.setattr(explain, "_parts", noted)
    predictor.explain(TEXT, "integrated-gradients")
    assert taken == [16, 32, 64]


def test_a_sum_that_does_not_add_up_is_said():
    words = [Word(0, 0, 4, 1.0)]
    explanation = Explanation(("good",), words, "integrated-gradients", "positive", value=3.0, baseline=1.0)
    assert not explanation.is_complete
    assert explanation.gap == 1.0
    assert "The scores sum to +1.00 of +2.00: they do not add up, so do not trust them." in str(explanation)


@pytest.mark.slow
@pytest.mark.parametrize("method", METHODS)
def test_pairs_are_explained_with_their_segments(predictor, method):
    explanation = predictor.explain(PAIR, method)
    assert explanation.words == ["good", "film", "bad", "book"]
    assert [word.part for word in explanation.spans] == [0, 0, 1, 1]
    assert explanation.value == pytest.approx(log_odds(predictor.predict_proba([PAIR])[0].max()), abs=1e-3)
    assert method == "occlusion" or explanation.is_complete


@pytest.mark.slow
@pytest.mark.parametrize("method", METHODS)
def test_a_regression_is_explained_in_its_own_unit(numbers, method):
    explanation = numbers.explain(TEXT, method)
    assert explanation.target is None
    assert explanation.value == pytest.approx(numbers.predict(TEXT), abs=1e-4)
    assert f"Why the number {explanation.value:.4g}?" in str(explanation)
    assert method == "occlusion" or explanation.is_complete


@pytest.mark.slow
def test_of_a_multilabel_answer_each_label_can_be_explained(topics):
    probabilities = topics.predict_proba(TEXT)
    assert topics.explain(TEXT).target == topics.get_classes()[probabilities.argmax()]
    explanation = topics.explain(TEXT, "integrated-gradients", target="art")
    assert explanation.value == pytest.approx(log_odds(probabilities[2]), abs=1e-3)
    assert explanation.is_complete


# --- how it is shown ----------------------------------------------------------------------------


class Page(HTMLParser):
    """What a browser would make of some HTML."""

    def __init__(self, content):
        super().__init__()
        self.tags, self.words = [], []
        self.feed(content)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_data(self, data):
        self.words.append(data)


def test_a_text_is_shown_letter_by_letter_and_never_as_markup(predictor):
    hostile = '<script>alert("good")</script> & <img src=x onerror=alert(1)>\n  good\tfilm &amp; "bad\''
    page = Page(predictor.explain(hostile)._repr_html_())
    assert hostile in "".join(page.words)
    assert {tag for tag, _ in page.tags} <= {"div", "p", "b", "span"}
    assert {name for _, attributes in page.tags for name in attributes} <= {"style", "title"}


def test_class_names_are_never_markup():
    explanation = Explanation(("a",), [Word(0, 0, 1, 1.0)], "occlusion", "<b onclick=x>", 1.0, 0.0)
    assert "<b onclick" not in explanation.to_html()


def test_colour_strength_and_line_follow_the_score(predictor):
    explanation = Explanation(
        ("yes no so",), [Word(0, 0, 3, 2.0), Word(0, 4, 6, -1.0), Word(0, 7, 9, 0.0)], "occlusion", "x", 1.0, 0.0
    )
    spans = [attributes for tag, attributes in Page(explanation.to_html()).tags if tag == "span"][
        2:
    ]  # after the legend
    assert [span["title"] for span in spans] == ["+2.000", "-1.000"]
    assert "rgba(0, 114, 178, 0.55)" in spans[0]["style"] and "solid" in spans[0]["style"]
    assert "rgba(213, 94, 0, 0.28)" in spans[1]["style"] and "dotted" in spans[1]["style"]


def test_plain_text_marks_the_words_that_count_and_warns(predictor):
    shown = str(predictor.explain(TEXT))
    assert "good(+" in shown
    assert "It is not a reason as a person would give it" in shown
    assert len(shown.splitlines()) == 4
    assert len(str(predictor.explain(PAIR)).splitlines()) == 5
    assert repr(predictor.explain(TEXT)) == "<Explanation of 'positive' by occlusion: 8 words>"


def test_what_maxlen_cuts_is_said(predictor):
    explanation = predictor.explain("good " + "film " * 100)
    assert len(explanation.words) == 62
    assert "[…cut here: film film" in str(explanation)


# --- what is refused ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments, error, message",
    [
        ((["good", "bad"],), None, None),  # a list of two strings is a pair
        ((["good", "bad", "film"],), TypeError, "item 0 is .*accepted is a string"),
        ((5,), TypeError, "item 0 is 5"),
        (("",), ValueError, "there is no word to explain in it; got ''"),
        (("good", "lime"), ValueError, "method must be one of 'occlusion', 'integrated-gradients'; got 'lime'"),
        (("good", "occlusion", "neutral"), ValueError, r"one of the classes \['negative', 'positive'\]; got 'neutral'"),
    ],
)
def test_what_cannot_be_explained_is_refused(predictor, arguments, error, message):
    if error is None:
        assert len(predictor.explain(*arguments).texts) == 2
        return
    with pytest.raises(error, match=message):
        predictor.explain(*arguments)

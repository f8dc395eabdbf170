"""Lesson 02: typical wrong answers, and the diagnosis each of them gets."""

import numpy as np
import pytest

from ktlearn.exercises import lesson_02, lesson_02_choosing
from tests.exercises.answers import diagnosis, line

TRIANGLE = np.tril(np.ones((5, 5), dtype=int))


def softmax(x, axis=-1):
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def distance(length):
    return np.arange(length)[:, None] - np.arange(length)


def convert(**wrong):
    """The right conversion, but another one for the origins named."""
    right = {
        "tokenizer": lambda m: m == 1,
        "keras": lambda m: m,
        "pytorch": lambda m: ~m,
        "additive": lambda m: m == 0,
    }
    return lambda mask, origin: (right | wrong)[origin](mask)[:, None]


def row_without_padding():
    mask = TRIANGLE.copy()
    mask[:, 4] = mask[4] = 0
    return mask


def alarm(places, rows=lambda t: slice(0, t), tolerance=1e-8):
    """An alarm that changes some places of six, and compares some rows."""

    def sees_the_future(f):
        X = np.random.default_rng().normal(size=(6, 4))
        for t in places:
            changed = X.copy()
            changed[t] += 1
            if not np.allclose(f(changed)[rows(t)], f(X)[rows(t)], rtol=0, atol=tolerance):
                return True
        return False

    return sees_the_future


def no_mask_for_empty_rows(scores, mask):
    return softmax(np.where(mask, scores, -1e30))


def infinite(scores, mask):
    return softmax(np.where(mask, scores, -np.inf))


def not_stable(scores, mask):
    e = np.where(mask, np.exp(scores), 0)
    total = e.sum(axis=-1, keepdims=True)
    return e / np.where(total == 0, 1, total)


def over_queries(scores, mask):
    return np.where(mask, softmax(np.where(mask, scores, -1e30), axis=-2), 0)


def packed(same=True, causal=True, words=True, axis=True):
    def packed_mask(document):
        mask = np.ones((len(document), document.shape[1], document.shape[1]), dtype=bool)
        if same:
            mask &= document[:, :, None] == document[:, None, :]
        if causal:
            mask &= np.tril(mask[0] | True)
        if words:
            mask &= document[:, None, :] != 0
        return mask[:, None] if axis else mask

    return packed_mask


WRONG = [
    ("2.1", TRIANGLE, "sees the padding"),
    ("2.1", np.array([[1, 1, 1, 1, 0]] * 5), "sees the future"),
    ("2.1", row_without_padding(), "you hid the row of <pad>"),
    ("2.1", 1 - np.array(lesson_02.solution_2_1()), "wrong way round"),
    ("2.1", TRIANGLE[:4, :4], "shape (5, 5)"),
    ("2.2", lambda length, width: np.abs(distance(length)) < width, "both sides"),
    ("2.2", lambda length, width: distance(length) < width, "must not be negative"),
    ("2.2", lambda length, width: (distance(length) >= 0) & (distance(length) <= width), "one token too wide"),
    ("2.2", lambda length, width: (distance(length) >= 0) & (distance(length) < width) * 1, "must be boolean"),
    ("2.2", lambda length, width: lesson_02.solution_2_2(length, width).T, "changed places"),
    ("2.2", lambda length, width: ~lesson_02.solution_2_2(length, width), "wrong way round"),
    ("2.3", convert(pytorch=lambda m: m), '"pytorch" is the wrong way round'),
    ("2.3", convert(additive=lambda m: m != 0), '"additive" is the wrong way round'),
    ("2.3", convert(additive=lambda m: m > -1e9), "with -10000 for hidden"),
    ("2.3", convert(tokenizer=lambda m: m), 'from "tokenizer" must be boolean'),
    ("2.3", lambda mask, origin: convert()(mask, origin)[:, 0], "shape (3, 1, 7)"),
    ("2.4", alarm([5]), "in the middle"),
    ("2.4", alarm([2]), "only the first output sees the last token"),
    ("2.4", alarm(range(1, 6), tolerance=0.3), "quiet"),
    ("2.4", alarm(range(1, 6), rows=lambda t: slice(0, t + 1)), "rings for an honest model"),
    ("2.4", lambda f: True, "rings for an honest model"),
    ("2.4", lambda f: "leak", "return True or False"),
    ("2.5", no_mask_for_empty_rows, "must be all zeros"),
    ("2.5", infinite, "NumPy would warn here (invalid"),
    ("2.5", not_stable, "NumPy would warn here (overflow"),
    ("2.5", lambda scores, mask: softmax(scores) * mask, "after the softmax"),
    ("2.5", lambda scores, mask: softmax(scores * mask), "a score of 0 is not hidden"),
    ("2.5", lambda scores, mask: softmax(scores), "no effect"),
    ("2.5", lambda scores, mask: lesson_02.solution_2_5(scores, ~mask), "wrong way round"),
    ("2.5", over_queries, "over the queries"),
    ("2.6", packed(causal=False), "causal mask is missing"),
    ("2.6", packed(same=False), "documents before its own"),
    ("2.6", packed(words=False), "padding sees padding"),
    ("2.6", packed(axis=False), "axis for the heads"),
    ("2.6", lambda document: ~packed()(document), "wrong way round"),
    ("2.6", lambda document: np.swapaxes(packed()(document), -1, -2), "changed places"),
]


def prefix(join=np.logical_or, question=lambda position, prefix: (position < prefix)[None, :]):
    def prefix_mask(length, prefix):
        position = np.arange(length)
        return join(distance(length) >= 0, question(position, prefix) & np.ones((length, length), dtype=bool))

    return prefix_mask


def matrices(pronoun=20, gender=8, name=30):
    W_Q = [[0, 0, name], [0, gender, 0], [0, 0, 0], [pronoun, 0, 0]]
    return W_Q, lesson_02_choosing.solution_2_8()[1]


def padded(scale=lambda k: k.shape[-1], keys=True):
    def padded_attention(q, k, v, is_word):
        scores = q @ np.swapaxes(k, -1, -2) / np.sqrt(scale(k))
        weights = softmax(np.where(is_word[:, None] if keys else is_word[:, :, None], scores, -1e30))
        return weights @ v, weights

    return padded_attention


WRONG += [
    ("2.7", prefix(join=lambda causal, question: causal), "does not see its end"),
    ("2.7", prefix(join=np.logical_and), "not with &"),
    ("2.7", prefix(question=lambda position, prefix: (position <= prefix)[None, :]), "one token too long"),
    ("2.7", prefix(question=lambda position, prefix: (position < prefix)[:, None]), "the question sees the answer"),
    ("2.8", matrices(name=2), "to met, and"),
    ("2.8", matrices(gender=0), "to Mia, "),
    ("2.8", matrices(gender=2), "which is the most, and too little"),
    ("2.8", (np.eye(4), np.ones((4, 3))), "must meet"),
    ("2.8", (np.ones((3, 4)), np.ones((3, 4))), "a row for each feature"),
    ("2.9", padded(scale=len), "the mask is right now"),
    ("2.9", padded(keys=False), "the scores are right now"),
    ("2.9", padded(scale=len, keys=False), "both bugs"),
    ("2.10", ["hidden", "none", "hidden future", "none"], "'minus three' rings otherwise"),
    ("2.10", ["hidden future", "rows", "hidden future", "none"], "'scaled up' rings otherwise"),
    ("2.10", ["yes", "no", "yes", "no"], 'write the alarms as "rows"'),
    ("2.11", ["padding", "window", "packed", "causal"], "so it looks ahead"),
    ("2.11", ["padding", "causal", "packed", "prefix"], "three filled cells only"),
    ("2.11", ["a", "b", "c", "d"], "is none of the names"),
    ("2.12", "It is wrong.", "these are 3 words"),
    (
        "2.12",
        "Your model copies the future, and I would not ship it before we know where that comes from. " * 2,
        "how the future",
    ),
    (
        "2.12",
        "The future leaks in after the softmax, by its denominator, and that is what gives you so good a score. " * 2,
        "the test",
    ),
]


@pytest.mark.parametrize(("number", "wrong", "phrase"), WRONG)
def test_a_wrong_answer_gets_its_own_diagnosis(number, wrong, phrase):
    for _ in range(3):  # on any random input
        assert phrase in diagnosis(number, wrong)


def test_every_exercise_has_two_wrong_answers_here():
    numbers = [number for number, _, _ in WRONG]
    assert all(numbers.count(exercise.number) >= 2 for exercise in lesson_02.EXERCISES)


def test_a_mask_on_paper_may_be_written_with_true_and_false():
    assert line("2.1", np.array(lesson_02.solution_2_1(), dtype=bool)) == "✓ Right."


def test_an_alarm_may_change_all_that_comes_after():
    def sees_the_future(f):
        X = np.random.default_rng().normal(size=(5, 3))
        return any(bool(np.abs(f(np.vstack([X[:t], X[t:] + 1]))[:t] - f(X)[:t]).max() > 1e-9) for t in range(1, 5))

    assert line("2.4", sees_the_future) == "✓ Right."


def test_the_packed_mask_gives_each_document_the_output_it_has_alone():
    def attention(X, mask):
        return lesson_02.solution_2_5(X @ X.T, mask) @ X

    rng = np.random.default_rng(0)
    first, second, padding = rng.normal(size=(3, 4)), rng.normal(size=(2, 4)), rng.normal(size=(1, 4))
    mask = lesson_02.solution_2_6(np.array([[7, 7, 7, 3, 3, 0]]))[0, 0]
    together = attention(np.vstack([first, second, padding]), mask)
    triangle = np.tril(np.ones((3, 3), dtype=bool))
    np.testing.assert_allclose(together[:3], attention(first, triangle))
    np.testing.assert_allclose(together[3:5], attention(second, triangle[:2, :2]))
    assert not together[5].any()


def test_the_predicted_alarms_are_those_that_ring():
    rng = np.random.default_rng(0)
    uses = {
        "minus three": lambda s, m: softmax(np.where(m, s, s - 3)),
        "scaled up": lambda s, m: softmax(s) * m / (softmax(s) * m).sum(axis=-1, keepdims=True),
        "transposed": lambda s, m: softmax(np.where(m.T, s, -1e30)),
        "too narrow": lambda s, m: softmax(np.where(np.eye(len(s), dtype=bool), s, -1e30)),
    }
    assert tuple(uses) == lesson_02_choosing.USES
    X, mask = rng.normal(size=(5, 3)), np.tril(np.ones((5, 5), dtype=bool))
    other = np.vstack([X[:4], rng.normal(size=(1, 3))])
    for weigh, predicted in zip(uses.values(), lesson_02_choosing.solution_2_10(), strict=True):
        weights, changed = weigh(X @ X.T, mask), weigh(other @ other.T, mask)
        is_fine = {
            "rows": np.allclose(weights.sum(axis=-1), 1),
            "hidden": np.allclose(weights[~mask], 0),
            "future": np.allclose((weights @ X)[:4], (changed @ other)[:4]),
        }
        assert " ".join(name for name, fine in is_fine.items() if not fine) == predicted.replace("none", "")


def test_a_prefix_mask_goes_from_gpt_to_bert():
    assert np.array_equal(lesson_02_choosing.solution_2_7(5, 0), TRIANGLE.astype(bool))
    assert lesson_02_choosing.solution_2_7(5, 5).all()


def test_other_matrices_do_as_well():
    W_Q, W_K = (np.array(matrix) for matrix in lesson_02_choosing.solution_2_8())
    turned = np.linalg.qr(np.random.default_rng(0).normal(size=(3, 3)))[0]  # scores do not change
    assert line("2.8", (W_Q @ turned, W_K @ turned)) == "✓ Right."

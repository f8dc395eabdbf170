"""The checks and solutions of lesson 09 about choosing: between settings, models, mixtures and thresholds."""

import math

import numpy as np

from ktlearn.exercises.compare import as_array, compare, is_close
from ktlearn.exercises.exercise import NotYet

CHOICES = (0.1, 1, 10, 100)


def _validation_scores():
    """Accuracy of the word counts on validation, for each C; and its standard error."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    from ktlearn.data import load_review_lists

    train, val, _ = load_review_lists()
    models = [
        make_pipeline(TfidfVectorizer(ngram_range=(1, 2)), LogisticRegression(C=C, max_iter=1000)) for C in CHOICES
    ]
    scores = np.array([model.fit(*train).score(*val) for model in models])
    return scores, float(np.sqrt(scores.max() * (1 - scores.max()) / len(val[0])))


def check_9_1(answer):
    answer = as_array(answer, "good_C")
    if answer.ndim != 1 or len(answer) == 0:
        raise NotYet("good_C must be a list, such as [0.1, 1]: all the values that are good enough.")
    if unknown := [C for C in answer.tolist() if C not in CHOICES]:
        raise NotYet(f"each C must be one of {', '.join(map(str, CHOICES))}. You gave {unknown[0]:g}.")
    scores, error = _validation_scores()
    is_good = scores >= scores.max() - error
    taken = np.isin(CHOICES, answer)
    if (taken & ~is_good).any():
        i = int(np.flatnonzero(taken & ~is_good)[0])
        raise NotYet(
            f"{CHOICES[i]:g} is {scores.max() - scores[i]:.3f} behind the best on validation, and the standard error "
            f"is {error:.3f}: validation can tell them apart."
        )
    if taken.sum() == 1 and taken[scores.argmax()]:
        raise NotYet("that is the best one on validation. Which others are less than a standard error behind it?")
    if (is_good & ~taken).any():
        i = int(np.flatnonzero(is_good & ~taken)[0])
        raise NotYet(f"{CHOICES[i]:g} is missing: {scores[i]:.3f} on validation, less than a standard error behind.")


def solution_9_1():
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    from ktlearn.data import load_review_lists

    train, val, _ = load_review_lists()
    scores = {}
    for C in (0.1, 1, 10, 100):
        model = make_pipeline(TfidfVectorizer(ngram_range=(1, 2)), LogisticRegression(C=C, max_iter=1000))
        scores[C] = model.fit(*train).score(*val)
    best = max(scores.values())
    error = (best * (1 - best) / len(val[0])) ** 0.5
    return [C for C, score in scores.items() if score >= best - error]


def check_9_2(answer):
    rng = np.random.default_rng()
    model = answer(*_spelling(rng, "train"))
    if not hasattr(model, "predict"):
        raise NotYet(f"return the fitted model, which has a method predict. You returned {type(model).__name__}.")
    for part, complaint in {
        "pairs": "it does not tell 'not bad' from 'not good'. Single words and letters inside words cannot: count "
        "pairs of words too, ngram_range=(1, 2).",
        "forms": "it has learned 'dreadful' and does not know 'dreadfully'. Whole words cannot: count the pieces "
        'inside words too, analyzer="char_wb".',
    }.items():
        texts, labels = _spelling(rng, part)
        if np.mean(np.asarray(model.predict(texts)) == np.array(labels)) < 0.9:
            raise NotYet(complaint)


_GOOD = ("delight", "splendid", "charming", "wonderful", "cheerful", "superb")
_BAD = ("dreadful", "horrid", "miserable", "shameful", "dismal", "hopeless")
_THINGS = ("soup", "room", "film", "story", "camera", "waiter", "garden", "music")


def _spelling(rng, part):
    """Made-up reviews. ``forms``: endings that the training texts do not have. ``pairs``: not good, not bad."""
    texts, labels = [], []
    for i in range(30):
        things = rng.choice(_THINGS, 4)
        if part in ("train", "forms"):
            ending = "ly" if part == "forms" else ""
            texts += [f"The {things[0]} was {word}{ending}" for word in (_GOOD[i % 6], _BAD[i % 6])]
            labels += ["positive", "negative"]
        if part in ("train", "pairs"):
            texts += [f"The {things[1]} is not bad", f"The {things[2]} is not good"]
            texts += [f"The {things[3]} is good", f"The {things[0]} is bad"]
            labels += ["positive", "negative", "positive", "negative"]
    return texts, labels


def solution_9_2(texts, labels):
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline, make_union

    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True)
    return make_pipeline(make_union(words, letters), LogisticRegression(C=10, max_iter=1000)).fit(texts, labels)


def check_9_3(answer):
    rng = np.random.default_rng()
    # Both kinds of difference are there, not equally often, and not so unequally that the probability is nearly 0.
    only_b = int(rng.integers(12, 20))
    either = 2 * only_b + int(rng.integers(5, 13))
    a = rng.random(200) < 0.75
    b = a.copy()
    a[:either], b[:either] = np.arange(either) >= only_b, np.arange(either) < only_b
    order = rng.permutation(200)
    mistakes = [
        (_one_sided, "this is one side of it. The other model could have been ahead as well: take it twice."),
        (_all_texts, "your coin was tossed for all the texts. Where both are right, or both wrong, nobody won."),
        (_difference, "this is the difference of the accuracies. How often would coins give one as large?"),
        (lambda a, b: _probability_of(_only(a, b), a, b), "this is exactly that result. Count the more extreme ones."),
    ]
    compare(answer, solution_9_3, a[order], b[order], mistakes=mistakes, names=["the probability"])
    even = np.array([True, False, True, False]), np.array([False, True, False, True])
    if not np.isclose(float(as_array(answer(*even))), 1):
        raise NotYet("with 2 against 2 it must be 1: twice the half is more than 1 here, so cut it there.")


def solution_9_3(right_a, right_b):
    only_a, only_b = int((right_a & ~right_b).sum()), int((right_b & ~right_a).sum())
    tosses = only_a + only_b
    ways = sum(math.comb(tosses, k) for k in range(min(only_a, only_b) + 1))
    return min(1, 2 * ways / 2**tosses)


def _only(a, b):
    return int(min((a & ~b).sum(), (b & ~a).sum()))


def _probability_of(k, a, b):
    tosses = int((a != b).sum())
    return math.comb(tosses, k) / 2**tosses


def _one_sided(a, b):
    return sum(_probability_of(k, a, b) for k in range(_only(a, b) + 1))


def _all_texts(a, b):
    k, N = int(min(a.sum(), b.sum())), len(a)
    return min(1, 2 * sum(math.comb(N, i) for i in range(k + 1)) / 2**N)


def _difference(a, b):
    return abs(a.mean() - b.mean())


def check_9_4(answer):
    rng = np.random.default_rng()
    # Both methods answer most texts alike, so drawing the texts of each apart is a large mistake.
    a = rng.random(2000) < rng.uniform(0.74, 0.8)
    b = np.where(rng.random(2000) < 0.05, ~a, a)
    found = answer(a.copy(), b.copy())
    if not (isinstance(found, (tuple, list, np.ndarray)) and len(found) == 2):
        raise NotYet("return two numbers: the lower and the upper end.")
    found = np.array([as_array(end, "each end", shape=()) for end in found], dtype=float)
    if not np.isfinite(found).all():
        raise NotYet("an end is not a finite number.")
    if found[0] == found[1]:
        raise NotYet("both ends are the same: drawn without putting back, the texts are always the same ones.")
    if found[0] > found[1]:
        raise NotYet("the lower end comes first.")
    d = a.astype(float) - b
    apart = np.sqrt(a.var() + b.var())

    def between(mean, spread, width):
        return mean + np.array([-width, width]) * spread / np.sqrt(len(a))

    ends = {  # what many more draws would give
        "": between(d.mean(), d.std(), 1.96),
        "this is b against a. The difference asked for is accuracy of a minus accuracy of b.": between(
            -d.mean(), d.std(), 1.96
        ),
        "these are the ends of 90 %. For 95 % leave out 2.5 % on each side.": between(d.mean(), d.std(), 1.645),
        "you drew the texts of a and of b apart. Draw texts, and take both answers of each text drawn.": between(
            d.mean(), apart, 1.96
        ),
        "this is the accuracy of a alone. Take the difference of the two in each draw.": between(
            a.mean(), a.std(), 1.96
        ),
        "these are the lowest and the highest draw. Leave out 2.5 % on each side.": between(d.mean(), d.std(), 3.7),
    }
    sentence = min(ends, key=lambda sentence: np.abs(found - ends[sentence]).sum())
    if sentence:
        raise NotYet(sentence)
    if np.abs(found - ends[""]).max() > 0.003:
        low, high = ends[""]
        raise NotYet(
            f"for one example the ends are {low:.3f} and {high:.3f}, and yours {found[0]:.3f}, {found[1]:.3f}."
        )


def solution_9_4(right_a, right_b):
    rng = np.random.default_rng(0)
    drawn = rng.integers(0, len(right_a), (5000, len(right_a)))  # numbers of texts, put back after each draw
    differences = right_a[drawn].mean(axis=1) - right_b[drawn].mean(axis=1)
    return tuple(np.percentile(differences, [2.5, 97.5]))


def check_9_5(answer):
    for _ in range(100):  # until each mistake has another result than the answer
        p_a, p_b, truth = _two_models()
        right = solution_9_5(p_a, p_b, truth)
        if len({round(f(p_a, p_b, truth), 2) for f in (solution_9_5, _for_b, _by_accuracy, _by_square)}) == 4:
            break
    mistakes = [
        (_for_b, "this is the weight of b. Asked for is w in w · p_a + (1 − w) · p_b."),
        (_by_accuracy, "this is the weight with the most right answers. Take the smallest loss: it uses every text."),
        (_by_square, "you squared the distances. The loss is −log of the probability of the true class."),
    ]
    found = float(as_array(answer(p_a.copy(), p_b.copy(), truth.copy()), "the weight", shape=()))
    for wrong, sentence in mistakes:
        if is_close(found, wrong(p_a, p_b, truth), 1e-6):
            raise NotYet(sentence)
    if abs(found - right) > 1e-6:
        raise NotYet(f"the weight with the smallest loss is another one: you gave {found:.2f}, for one example.")


def solution_9_5(p_a, p_b, truth):
    weights = np.arange(21) / 20
    rows = np.arange(len(truth))
    losses = [-np.log((w * p_a + (1 - w) * p_b)[rows, truth]).mean() for w in weights]
    return weights[np.argmin(losses)]


def _two_models():
    """Probabilities ``(N, 2)`` of two models that know different things, one of them too sure, and the truth."""
    rng = np.random.default_rng()
    truth = rng.integers(0, 2, 200)
    sign = 2 * truth - 1
    z_a, z_b = (sign * rng.uniform(0.4, 1.2) + rng.normal(0, 1.3, 200) for _ in range(2))
    return _probabilities(1.5 * z_a), _probabilities(z_b), truth


def _probabilities(z):
    p = 1 / (1 + np.exp(-z))
    return np.stack([1 - p, p], axis=1)


def _mixtures(p_a, p_b):
    return [w * p_a + (1 - w) * p_b for w in np.arange(21) / 20]


def _for_b(p_a, p_b, truth):
    return 1 - solution_9_5(p_a, p_b, truth)


def _by_accuracy(p_a, p_b, truth):
    return np.argmax([(p.argmax(axis=1) == truth).mean() for p in _mixtures(p_a, p_b)]) / 20


def _by_square(p_a, p_b, truth):
    return np.argmin([np.square(p[:, 1] - truth).mean() for p in _mixtures(p_a, p_b)]) / 20


def check_9_6(answer):
    rng = np.random.default_rng()
    for _ in range(1000):  # until each known mistake has a cost of its own
        is_bad = rng.random(300) < 0.5
        p = 1 / (1 + np.exp(-2.2 * (np.where(is_bad, 0.6, -0.6) + rng.normal(0, 1, 300))))  # too sure of itself
        miss, alarm = rng.integers(4, 9), rng.integers(1, 3)
        right = solution_9_6(p, is_bad, miss, alarm)
        mistakes = {
            "you have exchanged the two costs: a miss is the dear one.": solution_9_6(p, is_bad, alarm, miss),
            "this threshold makes the fewest mistakes. They do not cost the same.": solution_9_6(p, is_bad, 1, 1),
            "this is one minus the threshold: p is of *negative*.": 1 - right,
            "alarm / (alarm + miss) is for a calibrated model, and this one is not: search.": alarm / (alarm + miss),
            "0.5 is right where both mistakes cost the same.": 0.5,
        }
        costs = {sentence: _cost(t, p, is_bad, miss, alarm) for sentence, t in mistakes.items()}
        cheapest, nothing = (_cost(t, p, is_bad, miss, alarm) for t in (right, 2))
        if len({cheapest, nothing, *costs.values()}) == 2 + len(costs) and cheapest < min(costs.values()):
            break
    found = float(as_array(answer(p.copy(), is_bad.copy(), miss, alarm), "the threshold", shape=()))
    cost = _cost(found, p, is_bad, miss, alarm)
    if cost <= cheapest:
        return
    for sentence in costs:
        if cost == costs[sentence]:
            raise NotYet(sentence)
    raise NotYet(f"the threshold {found:.2f} costs {cost} for one example. There is one that costs {cheapest}.")


def solution_9_6(p, is_negative, miss, alarm):
    thresholds = np.arange(101) / 100
    flagged = p >= thresholds[:, None]  # (101, N)
    costs = miss * (is_negative & ~flagged).sum(axis=1) + alarm * (~is_negative & flagged).sum(axis=1)
    return thresholds[np.argmin(costs)]


def _cost(threshold, p, is_bad, miss, alarm):
    flagged = p >= threshold
    return int(miss * (is_bad & ~flagged).sum() + alarm * (~is_bad & flagged).sum())

"""The checks and solutions of lesson 05 about writing and reading: beams, sampling, maps, years, a claim."""

import numpy as np

from ktlearn.exercises.compare import as_array
from ktlearn.exercises.exercise import NotYet
from ktlearn.exercises.in_words import check_in_words

# --- 5.7 One round of beam search ---------------------------------------------------------------


def check_5_7(answer):
    cases = [(_beginnings(table, num_beams), table, num_beams) for num_beams in (2, 3) * 10 for table in [_random()]]
    found = [_as_beams(answer(*case)) for case in cases]
    if _same_beams(found, [solution_5_7(*case) for case in cases]):
        return
    for wrong, sentence in ROUND_MISTAKES:
        if _same_beams(found, [wrong(*case) for case in cases]):
            raise NotYet(sentence)
    lengths = {len(beams) for beams in found}
    if lengths - {2, 3}:
        raise NotYet(f"a round must leave num_beams beams; yours leaves {min(lengths)} to {max(lengths)}.")
    raise NotYet("the number of beams is right, but they are not the best ones, or not with their log-probabilities.")


def solution_5_7(beams, next_log_p, num_beams):
    longer = []
    for tokens, log_p in beams:
        longer += [([*tokens, token], log_p + more) for token, more in enumerate(next_log_p(tokens))]
    return sorted(longer, key=lambda beam: beam[1], reverse=True)[:num_beams]


def _random():
    return _Table(np.random.default_rng())


def _beginnings(table, num_beams):
    """The beams after a first round, none of them finished; in no order."""
    log_p = table([])
    return [([token], float(log_p[token])) for token in np.random.default_rng().permutation(3)[:num_beams] + 1]


def _as_beams(beams):
    """A reader's beams as pairs of a list and a number."""
    try:
        return [([int(token) for token in tokens], float(log_p)) for tokens, log_p in beams]
    except (TypeError, ValueError):
        raise NotYet("your function must return a list of pairs (tokens, log-probability).") from None


def _same_beams(found, right):
    def equal(mine, other):
        same = [tokens for tokens, _ in mine] == [tokens for tokens, _ in other]
        return same and np.allclose([log_p for _, log_p in mine], [log_p for _, log_p in other])

    return all(equal(mine, other) for mine, other in zip(found, right, strict=True))


def _round(beams, next_log_p, num_beams, add=lambda log_p, more: log_p + more, each=False, best_first=True):
    """One round with one thing wrong."""
    longer = [[([*b, token], add(log_p, more)) for token, more in enumerate(next_log_p(b))] for b, log_p in beams]

    def best(some):
        return sorted(some, key=lambda beam: beam[1], reverse=best_first)

    return [best(some)[0] for some in longer] if each else best([beam for some in longer for beam in some])[:num_beams]


ROUND_MISTAKES = [
    (lambda *case: best_of_each(*case), "it keeps the best continuation of each beam. The cut is made over all."),
    (
        lambda *case: _round(*case, add=lambda log_p, more: more),
        "it compares the last token only: add the log-probability of the beginning.",
    ),
    (
        lambda *case: _round(*case, add=lambda log_p, more: log_p * more),
        "it multiplies logarithms. Probabilities are multiplied; their logarithms are added.",
    ),
    (lambda *case: _round(*case, best_first=False), "it keeps the worst: sort from high to low."),
    (lambda beams, f, K: _round(beams, f, 4 * K), "it keeps every continuation. Only num_beams may stay."),
    (
        lambda beams, f, K: sorted(_round(beams, f, K), key=lambda beam: beam[1]),
        "the right beams, but the best one must stand first.",
    ),
]


def best_of_each(*case):
    return sorted(_round(*case, each=True), key=lambda beam: beam[1], reverse=True)


# --- 5.8 Beam search ---------------------------------------------------------------------------


def check_5_8(answer):
    cases = [(table, num_beams, 4) for num_beams in (1, 2, 3) * 20 for table in [_Table(np.random.default_rng())]]
    found = [answer(*case) for case in cases]
    for tokens in found:
        if not isinstance(tokens, (list, tuple)) or not all(isinstance(t, (int, np.integer)) for t in tokens):
            raise NotYet("your function must return one list of token ids: the best one that it found.")
    found = [list(map(int, tokens)) for tokens in found]
    right = [solution_5_8(*case) for case in cases]
    if found == right:
        return
    for wrong, sentence in BEAM_MISTAKES:
        if found == [wrong(*case) for case in cases]:
            raise NotYet(sentence)
    raise NotYet(
        f"{sum(a == b for a, b in zip(found, right, strict=True))} of {len(cases)} searches end at the right list."
    )


def solution_5_8(next_log_p, num_beams, max_length):
    beams = [([], 0.0)]  # the tokens, and the log-probability of all of them
    for _ in range(max_length):
        longer = []
        for tokens, log_p in beams:
            if tokens and tokens[-1] == 0:
                longer.append((tokens, log_p))  # finished: it waits
            else:
                longer += [([*tokens, token], log_p + more) for token, more in enumerate(next_log_p(tokens))]
        beams = sorted(longer, key=lambda beam: beam[1], reverse=True)[:num_beams]
    return beams[0][0]


class _Table:
    """A toy decoder of four tokens: random probabilities for each beginning, always the same ones when asked again.

    A beam of one, two and three find three different targets, so that every search must be right.
    """

    def __init__(self, rng):
        self.rng, self.known = rng, {}
        while len({tuple(solution_5_8(self, num_beams, 4)) for num_beams in (1, 2, 3)}) < 3:
            self.known.clear()

    def __call__(self, tokens):
        key = tuple(int(token) for token in tokens)
        if key not in self.known:
            self.known[key] = np.log(self.rng.dirichlet(np.full(4, 0.8)) + 1e-9)
        return self.known[key].copy()


def _beams(next_log_p, num_beams, max_length, add=lambda log_p, more: log_p + more, best_first=True, **mistake):
    """Beam search with one thing wrong."""
    beams = [([], 0.0)]
    for _ in range(max_length):
        longer = []
        for tokens, log_p in beams:
            if tokens and tokens[-1] == 0 and not mistake.get("writes_on"):
                longer += [] if mistake.get("loses_finished") else [(tokens, log_p)]
            else:
                longer += [([*tokens, token], add(log_p, more)) for token, more in enumerate(next_log_p(tokens))]
        beams = sorted(longer, key=lambda beam: beam[1], reverse=best_first)[:num_beams] or beams
        finished = [tokens for tokens, _ in beams if tokens[-1] == 0]
        if mistake.get("stops_early") and finished:
            return finished[0]
    return beams[0][0]


BEAM_MISTAKES = [
    (lambda f, K, n: _beams(f, 1, n), "this is greedy search: it keeps one beginning, whatever num_beams says."),
    (
        lambda f, K, n: _beams(f, K, n, add=lambda log_p, more: more),
        "it compares the last token only. A target is as probable as all its tokens together: add the logarithms.",
    ),
    (
        lambda f, K, n: _beams(f, K, n, add=lambda log_p, more: log_p * more if log_p else more),
        "it multiplies logarithms. Probabilities are multiplied; their logarithms are added.",
    ),
    (
        lambda f, K, n: _beams(f, K, n, stops_early=True),
        "it stops as soon as one target is finished, though another may still become more probable.",
    ),
    (
        lambda f, K, n: _beams(f, K, n, loses_finished=True),
        "finished targets are lost. They must wait among the beams.",
    ),
    (lambda f, K, n: _beams(f, K, n, writes_on=True), "it writes on after the end token, 0."),
    (lambda f, K, n: _beams(f, K, n, best_first=False), "it keeps the worst beginnings: sort from high to low."),
    (
        lambda f, K, n: _beams(f, 4**n, n),
        "it keeps more than num_beams beginnings: the cut must be made over all of them together.",
    ),
]


# --- 5.9 Sampling with a temperature ------------------------------------------------------------


def check_5_9(answer):
    rng = np.random.default_rng()
    cases = [(2 * rng.normal(size=6), float(T), float(rng.uniform())) for T in (0.5, 1.0, 2.0) * 40]
    found = [answer(logits.copy(), temperature, u) for logits, temperature, u in cases]
    found = [as_array(token, "the token's id", shape=()) for token in found]
    if found == [solution_5_9(*case) for case in cases]:
        return
    for wrong, sentence in SAMPLING_MISTAKES:
        if found == [wrong(*case) for case in cases]:
            raise NotYet(sentence)
    right = sum(mine == solution_5_9(*case) for mine, case in zip(found, cases, strict=True))
    raise NotYet(f"{right} of {len(cases)} draws give the right token.")


def solution_5_9(logits, temperature, u):
    e = np.exp((logits - logits.max()) / temperature)
    return int((np.cumsum(e / e.sum()) <= u).sum())  # the first id whose part of the line reaches beyond u


def _drawn(p, u):
    return int((np.cumsum(p / p.sum()) <= u).sum())


def _p(logits):
    return np.exp(logits - logits.max()) / np.exp(logits - logits.max()).sum()


SAMPLING_MISTAKES = [
    (lambda z, T, u: int(z.argmax()), "this is greedy search: it takes the most probable token, whatever u is."),
    (lambda z, T, u: _drawn(_p(z), u), "the temperature has no effect. Divide the logits by it, before the softmax."),
    (lambda z, T, u: _drawn(_p(z * T), u), "the logits are multiplied by the temperature. Divide them."),
    (lambda z, T, u: _drawn(_p(_p(z) / T), u), "it divides probabilities by the temperature: divide the logits."),
    (lambda z, T, u: solution_5_9(z, T, u) + 1, "all ids are one too high: ids begin with 0."),
    (lambda z, T, u: solution_5_9(z, T, u) - 1, "all ids are one too low: take the first id that reaches beyond u."),
    (
        lambda z, T, u: int(np.argsort(-z)[_drawn(np.sort(_p(z / T))[::-1], u)]),
        "the line is sorted by probability. Lay the tokens on it in the order of their ids.",
    ),
]


# --- 5.10 Read three maps ----------------------------------------------------------------------


def check_5_10(answer):
    if isinstance(answer, str) or not isinstance(answer, (list, tuple)) or len(answer) != 3:
        raise NotYet("give a list of three words: the languages of A, B and C.")
    words = [str(word).strip().lower() for word in answer]
    if unknown := [word for word in words if word not in set(_LANGUAGES)]:
        raise NotYet(f"{unknown[0]!r:.30} is none of the words {', '.join(sorted(_LANGUAGES))}.")
    for letter, word, right in zip("ABC", words, _LANGUAGES, strict=True):
        if word != right:
            raise NotYet(f"{letter} is not {word}. {_SEEN[letter]}")


def solution_5_10():
    return ["english", "chinese", "german"]


_LANGUAGES = ("english", "chinese", "german")
_SEEN = {
    "A": "Its first row looks at the 3 of 03, so it writes the month first.",
    "B": "Its first four rows look at the four digits of the year.",
    "C": "Its first two rows look at the two digits of the day, its last four at the year.",
}


# --- 5.11 How many centuries? ------------------------------------------------------------------

NARROW, WIDE = 2299, 9999  # the ends that the answer must have


def check_5_11(answer):
    if not isinstance(answer, dict) or not answer or not all(_is_year(year) for year in answer):
        raise NotYet("give a dictionary: the last year of the span → the share of right years, as {2299: 0.2, …}.")
    shares = {int(year): float(as_array(share, f"the share for {year}", shape=())) for year, share in answer.items()}
    for year, share in shares.items():
        if not 0 <= share <= 1:
            raise NotYet(f"for {year} give a share, from 0 to 1. It is {share:g}.")
    if len(shares) < 3:
        raise NotYet("three ends at least: 2299, 9999, and one between.")
    for year in (NARROW, WIDE):
        if year not in shares:
            raise NotYet(f"the end {year} is missing.")
    if shares[WIDE] <= shares[NARROW]:
        raise NotYet(
            f"the wide span has {shares[WIDE]:g} right, no more than the narrow one with {shares[NARROW]:g}. Did you "
            "begin from weights[-1] each time, train two rounds on two spans, and judge the years 2100 to 2199?"
        )
    if not any(2299 < year < 9999 for year in shares):
        raise NotYet("try an end between 2299 and 9999 too.")


def _is_year(year):
    return isinstance(year, (int, np.integer)) and not isinstance(year, bool) and 2200 <= year <= 9999


def solution_5_11():
    # for last in (2299, 2999, 9999):
    #     model.set_weights(weights[-1])
    #     train(dates_and_numbers([(1950, 2049), (2200, last)], seed=3), rounds=2, peak=0.002, seed=None)
    #     print(last, judge((2100, 2199))[0])
    return {2299: 0.59, 2999: 0.73, 9999: 0.99}


# --- 5.12 In your own words --------------------------------------------------------------------


def check_5_12(answer):
    check_in_words(answer, _POINTS, "Give your colleague three or four sentences.")


_POINTS = [
    (r"teacher|right tokens|true tokens|correct tokens|its own", "what the model reads while the accuracy is measured"),
    (r"exact|whole|entire|complete|full", "what has to be right for a user: one token, or all of them"),
    (r"0?\.9\d?\s*(\*\*|\^)|power|multipl|product|0\.9[01]|9[01] ?%", "how often ten tokens in a row are right"),
    (r"alone|greedy|search|generat|without", "how you would measure it instead"),
]


def solution_5_12():
    return (
        "Both can be right. Token accuracy asks about one token, and while it is measured the decoder reads the right "
        "tokens so far, with the help of a teacher. A user wants the whole date: about ten tokens, all of them right, "
        "and 0.99 ** 10 is only about 0.90. Besides, when the model writes alone, it reads its own mistakes. So let it "
        "write alone with greedy search, on dates it has never seen, and report the exact match."
    )

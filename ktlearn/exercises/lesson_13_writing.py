"""The exercises of lesson 13 about probabilities: perplexity, bits, and the knobs of sampling."""

import numpy as np

from ktlearn.exercises.compare import as_array, compare, is_close, must_be_close
from ktlearn.exercises.exercise import NotYet

P = np.array([0.5, 0.1, 0.2, 0.25])


def check_13_1(answer):
    found = float(as_array(answer, shape=()))
    if is_close(found, -np.log(P).mean(), atol=0.02):
        raise NotYet("that is the mean loss in nats. Perplexity is e to it.")
    if is_close(found, -np.log2(P).mean(), atol=0.02):
        raise NotYet("these are bits. Perplexity is 2 to that number.")
    if any(is_close(found, mixed, atol=0.02) for mixed in (2 ** -np.log(P).mean(), np.exp(-np.log2(P).mean()))):
        raise NotYet("e belongs to nats and 2 to bits: here one stands with the other.")
    if is_close(found, 1 / P.mean(), atol=0.02):
        raise NotYet("that is 1 over the arithmetic mean of the probabilities. The logarithms are averaged first.")
    if is_close(found, (1 / P).mean(), atol=0.02):
        raise NotYet("that is the mean of 1/p. The logarithms are averaged, not the numbers.")
    if is_close(found, 1 / P.prod(), atol=0.5):
        raise NotYet("that is 1 over the probability of the whole text. Take its fourth root: it is for one token.")
    must_be_close(found, solution_13_1(), atol=0.005)


def solution_13_1():
    return float(np.exp(-np.log([0.5, 0.1, 0.2, 0.25]).mean()))


def check_13_2(answer):
    if not isinstance(answer, (list, tuple, set)) or not all(isinstance(word, str) for word in answer):
        raise NotYet('give the tokens that may be drawn, as a list of texts: ["…", "…"].')
    found = {word.strip().lower() for word in answer}
    if unknown := found - {"and", "sat", "ran", "fell", "flew"}:
        raise NotYet(f"{sorted(unknown)[0]!r} is none of the five tokens.")
    if found == {"and", "sat"}:
        raise NotYet("these two have 0.7 together, which is less than top_p: the token that crosses the line stays in.")
    if found == {"and", "sat", "ran", "fell"}:
        raise NotYet("three of these have more than 0.75 already. Nothing that comes after it is needed.")
    if found != set(solution_13_2()):
        raise NotYet("take the likeliest tokens, one by one, until they have the probability top_p together.")


def solution_13_2():
    return ["and", "sat", "ran"]


def check_13_3(answer):
    rng = np.random.default_rng()
    # Spread evenly: where one token had most of the probability, a wrong nucleus would be the right one.
    scores = rng.permutation(np.linspace(-2, 2, 12) + rng.uniform(0, 0.1, 12))
    for temperature, top_k, top_p in ((1.0, 12, 1.0), (0.5, 12, 1.0), (1.0, 4, 1.0), (1.0, 12, 0.7), (0.6, 3, 0.8)):
        setting = f"with temperature={temperature}, top_k={top_k}, top_p={top_p} "
        compare(
            answer,
            solution_13_3,
            scores,
            temperature,
            top_k,
            top_p,
            mistakes=[
                (_hot, setting + "the scores seem to be multiplied by the temperature. They are divided by it."),
                (_without_sum, setting + "the probabilities that are left must be divided by their sum."),
                (_small_nucleus, setting + "the token that crosses top_p is missing. It is kept."),
                (_without_k, setting + "top_k seems to have no effect."),
                (_without_p, setting + "top_p seems to have no effect."),
                (_p_of_all, setting + "top_p counts the probabilities of all tokens. Renormalise after top_k first."),
            ],
            names=("the probabilities",),
        )


def solution_13_3(scores, temperature, top_k, top_p):
    p = np.exp((scores - scores.max()) / temperature)
    order = np.argsort(-p)[:top_k]  # the likeliest first
    best = p[order] / p[order].sum()
    before = np.cumsum(best) - best  # what the likelier ones have together
    kept = np.zeros_like(p)
    kept[order] = np.where(before < top_p, best, 0)
    return kept / kept.sum()


def _hot(scores, temperature, top_k, top_p):
    return solution_13_3(scores * temperature, 1.0, top_k, top_p)


def _without_sum(scores, temperature, top_k, top_p):
    p = np.exp((scores - scores.max()) / temperature)
    return np.where(solution_13_3(scores, temperature, top_k, top_p) > 0, p / p.sum(), 0)


def _small_nucleus(scores, temperature, top_k, top_p):
    p = solution_13_3(scores, temperature, top_k, 1.0)
    order = np.argsort(-p)
    kept = np.where(np.cumsum(p[order]) <= top_p + 1e-9, p[order], 0)
    kept[0] = p[order[0]]
    p[order] = kept / kept.sum()
    return p


def _without_k(scores, temperature, top_k, top_p):
    return solution_13_3(scores, temperature, len(scores), top_p)


def _without_p(scores, temperature, top_k, top_p):
    return solution_13_3(scores, temperature, top_k, 1.0)


def _p_of_all(scores, temperature, top_k, top_p):
    p = solution_13_3(scores, temperature, len(scores), top_p)
    worst = np.sort(p)[-top_k:].min()
    p = np.where(p >= worst, p, 0)
    return p / p.sum()


def check_13_4(answer):
    rng = np.random.default_rng()
    nats = rng.uniform(1, 6, 20)
    text = "Ein Ärger: " + "".join(rng.choice(list("aeiouäöü –"), 30)) + "ß"
    compare(
        answer,
        solution_13_4,
        nats,
        text,
        mistakes=[
            (lambda nats, text: nats.sum() / np.log(2) / len(text), "len(text) counts characters; ä has two bytes."),
            (lambda nats, text: nats.mean() / np.log(2), "these are bits per token. Share the sum out over the bytes."),
            (lambda nats, text: nats.sum() / len(text.encode()), "these are nats per byte. Divide by ln 2."),
            (lambda nats, text: nats.sum() * np.log(2) / len(text.encode()), "divide by ln 2, do not multiply by it."),
            (lambda nats, text: nats.mean() / np.log(2) / len(text.encode()), "take the nats' sum, not their mean."),
        ],
        names=("the bits per byte",),
    )


def solution_13_4(nats, text):
    return nats.sum() / np.log(2) / len(text.encode())


def check_13_11(answer):
    if not isinstance(answer, (tuple, list)) or len(answer) != 2:
        raise NotYet("give two whole numbers, (n with the first tenth, n with the first fiftieth).")
    found = tuple(float(as_array(number, shape=())) for number in answer)
    right = solution_13_11()
    if found == right:
        return
    if found == right[::-1]:
        raise NotYet("the first number is for a tenth of the text, the second for a fiftieth.")
    if 4 in found:
        raise NotYet("4 is the best with the whole text. With less text long beginnings are seen too rarely.")
    raise NotYet("another n has fewer bits. Did you count the cut text, and measure on the whole validation text?")


def solution_13_11():
    from collections import Counter, defaultdict

    from ktlearn.data import load_reports

    train, validation = ("\n\n".join(load_reports(part)["report"]) for part in ("train", "validation"))
    kinds = len(set(train))
    best = []
    for share in (10, 50):
        text, seen = train[: len(train) // share], defaultdict(Counter)
        for n in range(7):
            for i in range(n, len(text)):
                seen[text[i - n : i]][text[i]] += 1
        totals = {before: (len(after), after.total()) for before, after in seen.items()}
        p, bits = np.full(len(validation), 1 / kinds), []
        for n in range(7):
            for i in range(n, len(validation)):
                before = validation[i - n : i]
                if before in totals:
                    different, total = totals[before]
                    p[i] = (seen[before][validation[i]] + different * p[i]) / (total + different)
            bits.append(-np.log2(p[1:]).mean())
        best.append(int(np.argmin(bits)))
    return tuple(best)

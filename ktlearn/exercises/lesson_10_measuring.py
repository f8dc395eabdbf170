"""Exercises of lesson 10 about BLEU, chrF, their error, and what is lost on the way."""

import re
from collections import Counter

import numpy as np

from ktlearn.exercises.compare import as_array, compare, must_be_close
from ktlearn.exercises.exercise import NotYet
from ktlearn.exercises.in_words import check_in_words

# --- 10.1 BLEU by hand: translation "a b d c a", reference "a b c d e f" --------------------------


def check_10_1(answer):
    found = float(as_array(answer, "BLEU", shape=()))
    if 0 < found < 1:
        raise NotYet("BLEU goes up to 100: multiply by 100.")
    brevity = np.exp(1 - 6 / 5)
    said = {
        100 * np.sqrt(0.8 * 0.25): "the brevity penalty is missing: 5 letters, where the reference has 6.",
        100 * brevity * np.sqrt(1.0 * 0.25): "the reference has only one a, so the second one counts for nothing.",
        100 * brevity * (0.8 + 0.25) / 2: "take the geometric mean, the square root of the product.",
        100 * brevity * np.sqrt(4 / 6 * 1 / 5): "these are recalls. Divide by the runs of the translation.",
        100 * brevity * 0.8 * 0.25: "the product of two shares: take its square root.",
        100 * np.exp(1 - 5 / 6) * np.sqrt(0.2): "1 − r/c, with r of the reference: 1 − 6/5.",
    }
    for wrong, sentence in said.items():
        if abs(found - wrong) < 0.11:
            raise NotYet(sentence)
    must_be_close(found, solution_10_1(), "BLEU", atol=0.11)


def solution_10_1():
    p1, p2 = 4 / 5, 1 / 4  # a b d c of a b d c a; ab of ab, bd, dc, ca
    return float(100 * np.exp(1 - 6 / 5) * np.sqrt(p1 * p2))


# --- 10.2 Several references ---------------------------------------------------------------------


REFERENCES = [
    ("abcabca", ["abcd", "bcabb"], 1),
    ("abcabca", ["abcd", "bcabb"], 2),
    ("aabb", ["ab", "ba", "aa"], 1),
    ("xyabab", ["abxz", "zyab"], 2),
    ("aabbcc", ["aabc", "abbc"], 1),
]


def check_10_2(answer):
    mistakes = [
        (lambda text, some, n: solution_10_2(text, some[:1], n), "only the first reference is used."),
        (_added, "a run may count as often as the *one* reference that has it most, not as all of them together."),
        (_unclipped, "a run counts at most as often as a reference has it."),
        (lambda text, some, n: max(solution_10_2(text, [each], n) for each in some), _BEST_OF_EACH),
        (lambda text, some, n: np.mean([solution_10_2(text, [each], n) for each in some]), _BEST_OF_EACH),
    ]
    found = [as_array(answer(*case), "the precision", shape=()) for case in REFERENCES]
    for wrong, sentence in mistakes:
        if np.allclose(found, [wrong(*case) for case in REFERENCES]):
            raise NotYet(sentence)
    must_be_close(np.array(found), np.array([solution_10_2(*case) for case in REFERENCES]), "the precision")


_BEST_OF_EACH = "do not compare with each reference by itself: for each run, look for the reference that has it most."


def solution_10_2(translation, references, n):
    def runs(text):
        return Counter(text[i : i + n] for i in range(len(text) - n + 1))

    most = Counter()
    for reference in references:
        most |= runs(reference)  # of each run the largest count
    return (runs(translation) & most).total() / runs(translation).total()


def _runs(text, n):
    return Counter(text[i : i + n] for i in range(len(text) - n + 1))


def _added(translation, references, n):
    every = sum((_runs(reference, n) for reference in references), Counter())
    return (_runs(translation, n) & every).total() / _runs(translation, n).total()


def _unclipped(translation, references, n):
    known = set().union(*(_runs(reference, n) for reference in references))
    ours = _runs(translation, n)
    return sum(count for run, count in ours.items() if run in known) / ours.total()


# --- 10.6 The other way round --------------------------------------------------------------------


def check_10_6(answer):
    said = {
        "a": "they are divided by the runs of the translation; after the exchange, by those of the reference.",
        "b": "recall counts more than precision, and the two change places.",
        "c": None,
        "d": "the precisions become recalls, and the brevity penalty turns too.",
    }
    if not isinstance(answer, str) or answer.strip().lower() not in said:
        raise NotYet('choose one of the four: "a", "b", "c" or "d".')
    if said[answer.strip().lower()]:
        raise NotYet(said[answer.strip().lower()])


def solution_10_6():
    return "c"


# --- 10.7 Which of two is better? ----------------------------------------------------------------


def check_10_7(answer):
    rng = np.random.default_rng()
    for _ in range(3):
        ours = rng.integers(4, 30, (25, 1))
        a, b = (np.hstack([rng.binomial(ours, p), ours]) for p in (0.5, 0.45))
        rows = rng.integers(0, 25, (200, 25))
        mistakes = [
            (_mean_of_shares, "add up the counts of a sample first, then divide. Long sentences count more."),
            (lambda a, b, rows: solution_10_7(b, a, rows), "that is how often b is better than a."),
            (lambda a, b, rows: float(_figure(a) > _figure(b)), "this looks at all sentences, not at the samples."),
            (_difference, "that is the mean difference. How often is it above 0?"),
        ]
        compare(answer, solution_10_7, a, b, rows, mistakes=mistakes, names=["the share of wins"])


def solution_10_7(a, b, rows):
    first, second = (counts[rows].sum(axis=1) for counts in (a, b))  # (samples, 2)
    return (first[:, 0] / first[:, 1] > second[:, 0] / second[:, 1]).mean()


def _figure(counts):
    return counts[:, 0].sum() / counts[:, 1].sum()


def _mean_of_shares(a, b, rows):
    first, second = ((counts[:, 0] / counts[:, 1])[rows].mean(axis=1) for counts in (a, b))
    return (first > second).mean()


def _difference(a, b, rows):
    first, second = (counts[rows].sum(axis=1) for counts in (a, b))
    return (first[:, 0] / first[:, 1] - second[:, 0] / second[:, 1]).mean()


# --- 10.8 Lost numbers ---------------------------------------------------------------------------

NUMBER_CASES = [
    ("There are 48 seats.", "有48个座位。"),
    ("There are 5 seats.", "有50个座位。"),
    ("From 9 to 9 o'clock, 3 times.", "从9点,3次。"),
    ("About 7,000 people, 12 of them old.", "大约7000人。"),
    ("The parcel weighs 2.5 kilograms.", "包裹重25公斤。"),
    ("No number at all.", "有3个。"),
]


def check_10_8(answer):
    found = [answer(*case) for case in NUMBER_CASES]
    for numbers in found:
        if numbers is None or numbers is ... or isinstance(numbers, str) or not hasattr(numbers, "__iter__"):
            raise NotYet("your function must return a list of numbers, as texts.")
    found = [sorted(map(str, numbers)) for numbers in found]
    right = [sorted(solution_10_8(*case)) for case in NUMBER_CASES]
    if found == right:
        return
    for wrong, sentence in NUMBER_MISTAKES:
        if found == [sorted(wrong(*case)) for case in NUMBER_CASES]:
            raise NotYet(sentence)
    (source, translation), mine, lost = next(
        row for row in zip(NUMBER_CASES, found, right, strict=True) if row[1] != row[2]
    )
    raise NotYet(f"for {source!r} and {translation!r} it returns {mine}. Lost is {lost or 'nothing'}.")


def solution_10_8(source, translation):
    def numbers(text):
        return Counter(re.findall(r"\d+(?:\.\d+)?", re.sub(r"(?<=\d),(?=\d{3})", "", text)))

    return list((numbers(source) - numbers(translation)).elements())


def _numbers(text):
    return re.findall(r"\d+(?:\.\d+)?", text.replace(",", ""))


NUMBER_MISTAKES = [
    (
        lambda source, translation: [n for n in _numbers(source) if n not in translation.replace(",", "")],
        "5 is not in the translation if 50 is: compare whole numbers.",
    ),
    (
        lambda source, translation: sorted(set(_numbers(source)) - set(_numbers(translation))),
        "a number that stands twice in the source must arrive twice.",
    ),
    (
        lambda source, translation: list(
            (Counter(re.findall(r"\d+", source)) - Counter(re.findall(r"\d+", translation))).elements()
        ),
        "7,000 and 7000 are one number, and so is 2.5.",
    ),
    (
        lambda source, translation: solution_10_8(translation, source),
        "these are the numbers that were added. Asked for are those that were lost.",
    ),
]


# --- 10.11 Pieces per word -----------------------------------------------------------------------


def check_10_11(answer):
    if not isinstance(answer, (tuple, list)) or len(answer) != 2 or not isinstance(answer[0], str):
        raise NotYet('give a kind and a number: ("number", 1.23).')
    kind, said = answer[0].strip().lower(), as_array(answer[1], "the number", shape=())
    ratios = pieces_per_word()
    if kind not in ratios:
        raise NotYet(f"the kind must be one of {', '.join(ratios)}.")
    if abs(said - ratios[kind]) > 0.006:
        if abs(said - pieces_per_word(end=1)[kind]) < 0.006:
            raise NotYet("leave out </s>, the end: it is a piece, and belongs to no word.")
        raise NotYet(f"for {kind} it is not {float(said):.2f}. Take both parts: all pieces over all words.")
    if ratios[kind] < max(ratios.values()):
        raise NotYet(f"{float(said):.2f} is right for {kind}, but another kind has more.")


def solution_10_11():
    import pandas as pd

    from ktlearn.data import load_sentences
    from ktlearn.text.tokenizer import tokenizer_of

    tokenizer = tokenizer_of("ktlearn/translator-en-zh")
    sentences = pd.concat([load_sentences("validation"), load_sentences("test")])
    ratios = {}
    for kind, rows in sentences.groupby("kind"):
        pieces = sum(len(ids) - 1 for ids in tokenizer(list(rows["english"]))["input_ids"])  # without </s>
        ratios[kind] = pieces / rows["english"].str.split().str.len().sum()
    kind = max(ratios, key=ratios.get)
    return kind, ratios[kind]


def pieces_per_word(end=0):
    """Pieces of the English sentences over their words, of each kind."""
    import pandas as pd

    from ktlearn.data import load_sentences
    from ktlearn.text.tokenizer import tokenizer_of

    tokenizer = tokenizer_of("ktlearn/translator-en-zh")
    sentences = pd.concat([load_sentences("validation"), load_sentences("test")])
    ratios = {}
    for kind, rows in sentences.groupby("kind", sort=False):
        ids = tokenizer(list(rows["english"]))["input_ids"]
        ratios[kind] = sum(len(row) - 1 + end for row in ids) / rows["english"].str.split().str.len().sum()
    return ratios


# --- 10.12 In your own words ---------------------------------------------------------------------

_POINTS = [
    (r"error|chance|bootstrap|uncertain|spread|noise|significan", "whether one point is more than chance"),
    (
        r"\bnot\b.*(?:lost|missing|opposite)|(?:lost|missing|loses?)\b.*\bnot\b|negation|number|digit|dose",
        "what BLEU hardly sees: a lost not, a number",
    ),
    (r"leaflet|medic|domain|other (?:text|sentence)|different (?:text|sentence)|news", "these are other texts"),
    (r"person|people|human|translator|expert|pharmacist|speaker|reader", "who looks at the translations"),
]


def check_10_12(answer):
    check_in_words(answer, _POINTS, "Give your colleague three or four sentences.")


def solution_10_12():
    return (
        "On 60 sentences BLEU has an error of about two points, so one point may be chance: draw the sentences again "
        "and again (a paired bootstrap), and see how often the new one wins. BLEU counts common characters; a lost "
        "'not' or a wrong dose costs it next to nothing, and the patient perhaps a life. The sentences were news, and "
        "leaflets are other texts: take 200 of ours, check numbers and negations by program, and let two people who "
        "know both languages judge them. Nothing is printed that no expert has read."
    )

"""The checks and solutions of lesson 04 about judging: predict, read a table, answer in words, an experiment."""

import numpy as np

from ktlearn.exercises.compare import as_array
from ktlearn.exercises.exercise import NotYet
from ktlearn.exercises.in_words import check_in_words

# --- 4.2 Predict -------------------------------------------------------------------------------

SAME, OTHER = "same", "other"
_CHANGES = [  # what is done; what the output is then; why
    ("a token times 3, through LayerNorm", SAME, "mean and deviation grow with it"),
    ("one entry of a token + 5, through LayerNorm", OTHER, "the token now points in another direction"),
    ("two words changed places, through feed-forward", SAME, "it looks at one token, not at its neighbours"),
    ("two words changed places, through an encoder layer", SAME, "attention adds up over all tokens, in any order"),
    ("the same, with positions added before", OTHER, "at another position the word is another vector"),
    ("padding at the end, with its mask", SAME, "no query may look at it, so nothing else changes"),
    ("dropout 0.5 for 0.1, training=False", SAME, "outside training nothing is dropped"),
    ("2 heads for 4, with the same weights", OTHER, "each head compares in a wider piece and has its own softmax"),
]


def check_4_2(answer):
    words = _words(answer, len(_CHANGES), {SAME, OTHER})
    for number, (word, (what, right, why)) in enumerate(zip(words, _CHANGES, strict=True), start=1):
        if word != right:
            raise NotYet(f"number {number}, {what}: not {word}. Think of this: {why}.")


def solution_4_2():
    return ["same", "other", "same", "same", "other", "same", "same", "other"]


# --- 4.9 Read the table ------------------------------------------------------------------------

YES, NO = "yes", "no"
_STATEMENTS = [  # what is claimed; is it shown; why
    ("no positions, no word order", YES, "0.51 ± 0.03 is a coin, and section 1 says why it must be"),
    ("sines are better for reviews", NO, "0.85 and 0.82 are about one standard error of 0.03 apart"),
    ("deep post-norm never learns", NO, "one rate was tried. Nobody measured the others"),
    ("equally good with two layers", YES, "both rows say 1.00 ± 0.00"),
    ("feed-forward is useless", NO, "these tasks do not need it. Another may"),
    ("the encoder beats no encoder on reviews", NO, "0.82 ± 0.02 against 0.83 ± 0.01"),
]


def check_4_9(answer):
    words = _words(answer, len(_STATEMENTS), {YES, NO})
    for number, (word, (what, right, why)) in enumerate(zip(words, _STATEMENTS, strict=True), start=1):
        if word != right:
            raise NotYet(f"number {number}, {what}: not {word}. Look again: {why}.")


def solution_4_9():
    return ["yes", "no", "no", "yes", "no", "no"]


def _words(answer, count, allowed):
    """A list of words as the reader gave it; the check's own sentence when it is none."""
    if isinstance(answer, str) or not isinstance(answer, (list, tuple)) or len(answer) != count:
        raise NotYet(f"the answer must be a list of {count} words.")
    words = [str(word).strip().lower() for word in answer]
    if unknown := [word for word in words if word not in allowed]:
        raise NotYet(f"{unknown[0]!r:.30} is none of the words {', '.join(sorted(allowed))}.")
    return words


# --- 4.10 In your own words --------------------------------------------------------------------

_POINTS = [  # found by; what is missing without it
    (r"gradient|slope", "what a healthy gradient shows"),
    (
        r"same vector|alike|inform|cosine|forg[eo]t|lost|lose|loss of|equal|rank|which to(ken|kens)|collaps",
        "what is lost",
    ),
    (
        r"cosine|similar|compar|accura|ablation|train(s|ed|ing)? (both|it|them|the)|different texts|with and without",
        "what your colleague should look at as well",
    ),
]


def check_4_10(answer):
    check_in_words(answer, _POINTS, "Give your colleague three or four sentences.")


def solution_4_10():
    return (
        "A healthy gradient says that the output reacts to every weight; the norms alone see to that. It does not say "
        "what the output still knows of the text. Without residuals the tokens of different texts become nearly the "
        "same vector, since each layer replaces what came before, so there is nothing left to tell the texts apart. "
        "Measure the cosine between tokens of different texts after 24 layers, with and without residuals, and train "
        "both."
    )


# --- 4.11 Start the deep post-norm stack -------------------------------------------------------

HELPS, HARMS, NOT_SHOWN = "helps", "harms", "not shown"


def check_4_11(answer):
    if not isinstance(answer, (list, tuple)) or len(answer) != 3 or not isinstance(answer[2], str):
        raise NotYet("give three things: the accuracies as before, those after your change, and a verdict in words.")
    both = {name: as_array(x, name) for name, x in zip(("as_before", "changed"), answer, strict=False)}
    for name, found in both.items():
        if found.ndim != 1 or len(found) < 3:
            raise NotYet(f"{name} must be a list of at least three accuracies, one for each seed.")
        if not ((found >= 0) & (found <= 1)).all():
            raise NotYet(f"{name} must hold accuracies: numbers from 0 to 1.")
    before, after = both.values()
    if len(before) != len(after):
        raise NotYet(
            f"the same seeds for both: you have {len(before)} runs as before and {len(after)} after the change."
        )
    verdict, right = answer[2].strip().lower(), verdict_of(before, after)
    if verdict not in (HELPS, HARMS, NOT_SHOWN):
        raise NotYet(f'the verdict is "{HELPS}", "{HARMS}" or "{NOT_SHOWN}".')
    if verdict != right:
        spans = " and ".join(f"{name} {np.min(x):.2f} to {np.max(x):.2f}" for name, x in both.items())
        raise NotYet(f'your numbers do not say "{verdict}": {spans}.')


def verdict_of(before, after):
    """Helps or harms only where no run of one kind lies among those of the other."""
    return HELPS if min(after) > max(before) else HARMS if max(after) < min(before) else NOT_SHOWN


def solution_4_11():
    return [0.5, 0.5, 0.5], [0.5, 0.5, 0.5], "not shown"


WARM_UP_WHY = (
    "We tried a warm-up, and no run learned anything, with it or without it: at this rate the usual remedy is not "
    "enough. Pre-norm is, as the table shows. That no run of one kind reaches the other happens by chance in one of "
    "ten cases, with three runs each: a fair beginning, and no proof."
)

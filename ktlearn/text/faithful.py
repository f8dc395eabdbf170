"""Does a summary say only what its source says? Measured on what can be looked up: names and numbers.

ROUGE does not see it: "3 people were hurt" and "30 people were hurt" share all words but one.
"""

import re
from typing import NamedTuple

NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
WORD = re.compile(r"[^\W\d_]+")
SPELLED = (
    *("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen"),
    *("fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"),
)
SPELLED = {word: str(number) for number, word in enumerate(SPELLED, start=2)}
CLITIC = {"s", "t", "d", "ll", "re", "ve", "m"}  # "Ferris's" is two words, and the second is no name


class Said(NamedTuple):
    """The names and the numbers of a summary, and which of them its source does not have.

    Attributes:
        names, numbers: lists, each once, in the order in which they come.
        foreign_names, foreign_numbers: those that do not stand in the source.
    """

    names: list
    numbers: list
    foreign_names: list
    foreign_numbers: list


def ordinary_words(texts):
    """All words that a collection of texts writes in lower case: the rest are names, or no words at all.

    Args:
        texts: the collection; the sources and the summaries of all parts, so that no ordinary word is missing.

    Returns:
        A set.

    >>> sorted(ordinary_words(["Ros Tregear sews.", "She sews shades."]))
    ['sews', 'shades']
    """
    return {word for text in texts for word in WORD.findall(text) if word[0].islower()}


def faithful(summary, source, ordinary):
    """Look up the names and the numbers of a summary in its source.

    A name is a word that is not ordinary; so a made-up word is a foreign name too. "three" and "3" are one number.
    What is said *about* a name is not looked at: all names and numbers may be right, and the sentence wrong.

    Args:
        summary: the text to be judged; upper and lower case do not matter.
        source: the text that it is a summary of.
        ordinary: the words that are no names, :func:`ordinary_words`.

    Returns:
        A :class:`Said`.

    >>> source = "Ros Tregear let 4 of her nine people go."
    >>> faithful("Tregear let five of nine go, says Rose.", source, {"let", "of", "go", "says", "people", "her"})
    Said(names=['tregear', 'rose'], numbers=['5', '9'], foreign_names=['rose'], foreign_numbers=['5'])
    """
    numbers, known = numbers_of(summary), set(numbers_of(source))
    names = [
        word
        for word in dict.fromkeys(WORD.findall(summary.lower()))
        if word not in ordinary and word not in SPELLED and word not in CLITIC
    ]
    there = set(WORD.findall(source.lower()))
    foreign = [name for name in names if name not in there], [number for number in numbers if number not in known]
    return Said(names, numbers, *foreign)


def numbers_of(text):
    """The numbers of a text, each once, in digits; "two" to "twenty" too. "One" is mostly none.

    Args:
        text: the text.

    >>> numbers_of("Three of the 1,450 chose 4.5 and three")
    ['3', '1450', '4.5']
    """
    found = []
    for match in re.finditer(rf"{NUMBER.pattern}|{WORD.pattern}", text.lower()):
        word = match[0]
        if word in SPELLED:
            found.append(SPELLED[word])
        elif word[0].isdigit():
            found.append(re.sub(r",(?=\d{3}\b)", "", word))
    return list(dict.fromkeys(found))

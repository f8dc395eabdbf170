"""A text that is longer than a model reads, in parts: whole paragraphs, else whole sentences, else words."""

import itertools
import math
import re

# Where a text may be cut, from the best place to the worst; what follows the place begins a new piece.
PLACES = (r"(?<=\n)(?=\S)", r"(?<=[.!?…])(?=\s+\S)|(?<=[。！？])(?=.)", r"(?<=\S)(?=\s+\S)")
UNSPACED = (
    "zh",
    "cmn",
    "yue",
    "ja",
    "jpn",
    "th",
    "tha",
    "lo",
    "km",
    "my",
)  # languages without spaces between sentences


def in_parts(text, room, count):
    """Cut a text into parts of about one length, none longer than ``room`` tokens; joined they are the text.

    Args:
        text: the text.
        room: tokens that the model reads.
        count: a function from a text to its number of tokens.

    >>> in_parts("One two. Three four. Five six.", room=4, count=lambda text: len(text.split()))
    ['One two. Three four.', ' Five six.']
    """
    total = count(text)
    if total <= room or len(text) < 2:
        return [text]
    fair = total / math.ceil(total / room)  # so that the last part is no rest of three words
    parts, before = [""], 0
    pieces = [in_parts(piece, room, count) for piece in _pieces(text)]
    for piece in itertools.chain.from_iterable(pieces):
        size = count(parts[-1])
        if parts[-1] and (before + size >= len(parts) * fair or count(parts[-1] + piece) > room):
            before += size
            parts.append(piece)
        else:
            parts[-1] += piece
    return parts


def joined(parts, texts, to=None):
    """The texts that a model made of the parts as one: a new line where the source has one, else a space.

    Args:
        parts: of the source.
        texts: what became of each.
        to: the language of the texts; between sentences of some there is no space.

    >>> joined(["One.\\n", "Two.", " Three."], ["Eins.", "Zwei.", "Drei."])
    'Eins.\\nZwei. Drei.'
    """
    space = "" if to is not None and to.lower().partition("_")[0] in UNSPACED else " "
    whole = texts[0]
    for before, after, text in zip(parts, parts[1:], texts[1:], strict=False):
        between = before[len(before.rstrip()) :] + after[: len(after) - len(after.lstrip())]
        whole += ("\n" if "\n" in between else space) + text
    return whole


def _pieces(text):
    for place in PLACES:
        if len(pieces := re.split(place, text)) > 1:
            return pieces
    return text[: len(text) // 2], text[len(text) // 2 :]

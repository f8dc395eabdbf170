"""A reader's own text on its way out: half characters, control characters, letters that a stream cannot write."""

import re
import sys

# Control characters but tab and line feed, and the marks that turn the direction of writing round: printed raw,
# they could clear a terminal, rename its window, or make a line read as another one.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_HALF = re.compile("[\ud800-\udfff]")


def whole(text):
    """The text with halves of characters joined, or replaced by the replacement sign where the other half is missing.

    A text cut in the middle of an emoji holds such a half (a lone surrogate); no tokenizer and no file takes it.

    >>> whole("battery \\ud83d and \\ud83d\\ude0d") == "battery \\ufffd and \\U0001f60d"
    True
    """
    if text.isascii() or not _HALF.search(text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def visible(text):
    """The text with its control characters written out; line feeds and tabs stay.

    >>> print(visible("red \\x1b[31m text"))
    red \\x1b[31m text
    """
    return text if text.isprintable() else _CONTROL.sub(lambda found: _escaped(found[0]), text)


def say(text="", end="\n", flush=False):
    """Print a line that may hold a reader's own text.

    Control characters are written out. So is a letter that the output cannot write: a console or a file of
    Windows' cp1252 has no emoji, and ``print`` would raise an error in the middle of a training.

    >>> say("caf\\u00e9 \\x07")
    caf\u00e9 \\x07
    """
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    print(writable(visible(str(text)), encoding), end=end, flush=flush)


def writable(text, encoding):
    """The text with every letter that an encoding lacks written out.

    >>> writable("fine \\u2192 caf\\u00e9", "cp1252")
    'fine \\\\u2192 caf\u00e9'
    """
    return text.encode(encoding, "backslashreplace").decode(encoding)


def _escaped(letter):
    return letter.encode("unicode_escape").decode()

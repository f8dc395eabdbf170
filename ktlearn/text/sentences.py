"""A text cut into its sentences."""

import re

# After a full stop, a question or an exclamation mark, with the quotation mark that may follow it: the space.
END = re.compile(r"""[.!?…]["”’)]*(\s+)(?=["“‘(]?[A-Z0-9])""")
TITLES = re.compile(r"\b(?:[A-Z]|Mr|Mrs|Ms|Dr|Prof|St|No|vs)\.$")


def sentences(text):
    """The sentences of an English text: a list, in order, without the spaces between them.

    A sentence ends behind ".", "!" or "?" where a capital letter or a digit follows after a space. What ends with a
    title or an initial ("Dr. Faber", "E. Aske") goes on.

    Args:
        text: the text.

    >>> sentences('Dr. Faber paid 1.50 euros. "Too much!" she said. Is it?')
    ['Dr. Faber paid 1.50 euros.', '"Too much!" she said.', 'Is it?']
    """
    found, start = [], 0
    for end in END.finditer(text):
        piece = text[start : end.start(1)]
        if not TITLES.search(piece):
            found.append(piece.strip())
            start = end.end()
    return [*found, text[start:].strip()] if text[start:].strip() else found

"""Look at the texts before any work is done on them."""

from ktlearn.support.characters import whole


def checked_texts(texts, name="texts"):
    """Return the texts as a list of strings, or as a list of pairs of strings.

    Half a character, as in a message cut in the middle of an emoji, is read as the replacement sign.

    Args:
        texts: a list, tuple, array ``(N,)`` or ``(N, 1)`` or pandas Series; each item one string, or one pair
            of strings.
        name: how errors call the argument.

    Raises:
        ValueError: empty, one bare string, or one bare pair.
        TypeError: an item is not a string, or texts and pairs are mixed (the index is named), or
            ``texts`` is something else.

    >>> checked_texts(("a text", "another text", "a third"))
    ['a text', 'another text', 'a third']
    """
    accepted = f"{name}: accepted are a list, tuple, array or Series of texts"
    if hasattr(texts, "columns"):
        raise TypeError(f'{accepted}; got a DataFrame. Give one of its columns, such as df["text"].')
    if hasattr(texts, "tolist"):
        texts = texts.tolist()
        if isinstance(texts, list) and all(isinstance(item, list) and len(item) == 1 for item in texts):
            texts = [item[0] for item in texts]  # an array (N, 1)
    if isinstance(texts, str):
        raise ValueError(f"{name}: got one string. Give a list of texts, such as [{texts[:30]!r}].")
    if not hasattr(texts, "__len__") or isinstance(texts, (bytes, dict, set, frozenset)):
        raise TypeError(f"{accepted}; got {type(texts).__name__}.")
    if isinstance(texts, tuple) and _is_pair(texts):
        raise ValueError(
            f"{name}: a tuple of two strings could be two texts or one pair. For two texts give a list, "
            "['…', '…']; for one pair give a list of one tuple, [('…', '…')]."
        )
    texts = list(texts)
    if not texts:
        raise ValueError(f"{name}: there are no texts.")
    pairs = _is_pair(texts[0])
    for index, text in enumerate(texts):
        if not (_is_pair(text) if pairs else isinstance(text, str)):
            wanted = "a pair of strings, as the first one" if pairs else "a string"
            raise TypeError(f"{name}: item {index} is {_shown(text)}; accepted is {wanted}. {_advice(text)}")
    return [tuple(map(whole, pair)) for pair in texts] if pairs else [whole(text) for text in texts]


def are_pairs(texts):
    """True when a list from :func:`checked_texts` holds pairs."""
    return isinstance(texts[0], tuple)


def check_not_blank(texts):
    """Refuse training texts in none of which there is anything to read.

    Raises:
        ValueError: all are empty, or spaces.
    """
    if not any(part.strip() for text in texts for part in (text if isinstance(text, tuple) else (text,))):
        raise ValueError(f"texts: all {len(texts):,} are empty, so there is nothing to learn from.")


def _is_pair(item):
    return isinstance(item, (tuple, list)) and len(item) == 2 and all(isinstance(part, str) for part in item)


def _shown(item):
    return "None" if item is None else f"{item!r:.40} ({type(item).__name__})"


def _advice(item):
    if isinstance(item, bytes):
        return 'Bytes become a string so: item.decode("utf-8").'
    return "Remove it, or replace it by an empty string."

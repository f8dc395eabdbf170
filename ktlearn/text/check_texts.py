"""Look at the texts before any work is done on them."""


def checked_texts(texts, name="texts"):
    """Return the texts as a list of strings, or as a list of pairs of strings.

    Args:
        texts: a list, tuple, array or pandas Series; each item one string, or one pair of strings.
        name: how errors call the argument.

    Raises:
        ValueError: empty, one bare string, or one bare pair.
        TypeError: an item is not a string, or texts and pairs are mixed (the index is named), or
            ``texts`` is something else.
    """
    accepted = f"{name}: accepted are a list, tuple, array or Series of texts"
    if hasattr(texts, "columns"):
        raise TypeError(f'{accepted}; got a DataFrame. Give one of its columns, such as df["text"].')
    if hasattr(texts, "tolist"):
        texts = texts.tolist()
    if isinstance(texts, str):
        raise ValueError(f"{name}: got one string. Give a list of texts, such as [{texts[:30]!r}].")
    if not hasattr(texts, "__len__") or isinstance(texts, (bytes, dict, set)):
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
            raise TypeError(
                f"{name}: item {index} is {_shown(text)}; accepted is {wanted}. "
                "Remove it, or replace it by an empty string."
            )
    return [tuple(pair) for pair in texts] if pairs else texts


def are_pairs(texts):
    """True when a list from :func:`checked_texts` holds pairs."""
    return isinstance(texts[0], tuple)


def _is_pair(item):
    return isinstance(item, (tuple, list)) and len(item) == 2 and all(isinstance(part, str) for part in item)


def _shown(item):
    return "None" if item is None else f"{item!r:.40} ({type(item).__name__})"

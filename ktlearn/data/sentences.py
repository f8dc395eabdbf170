"""SENTENCES: English sentences with a Chinese translation each, to see what a translator can do and where it fails.

Their data card, ``assets/data/README.md``, says how they were made and what they are not.
"""

import json

from ktlearn.support.bundled import resource

PARTS = ("validation", "test")
KINDS = ("everyday", "number", "name", "negation", "long")
COLUMNS = ("id", "kind", "english", "chinese")


def load_sentences(part):
    """The bundled pairs of sentences of one part, one a row, always in the same order.

    Args:
        part: ``"validation"``, to choose by, or ``"test"``. There are too few to learn from.

    Returns:
        A pandas ``DataFrame`` with the columns ``id``, ``kind`` (``"everyday"``, ``"number"``, ``"name"``,
        ``"negation"`` or ``"long"``), ``english`` and ``chinese``.

    Raises:
        ValueError: an unknown part.

    Example:
        >>> row = load_sentences("validation").iloc[0]
        >>> row["id"], row["english"]
        ('everyday-01', 'Yesterday my brother lost his umbrella on the train.')
    """
    if part not in PARTS:
        raise ValueError(f"part: there is no {part!r} in the sentences. Choose from {list(PARTS)}.")

    import pandas as pd  # here, so that importing ktlearn.data stays quick

    sentences = json.loads((resource("data") / "sentences_en_zh.json").read_text(encoding="utf-8"))
    rows = [[sentence[column] for column in COLUMNS] for sentence in sentences if sentence["part"] == part]
    return pd.DataFrame(rows, columns=list(COLUMNS))

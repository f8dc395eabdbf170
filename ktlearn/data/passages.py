"""PASSAGES: short English texts with questions, for reading comprehension; about a third have no answer in the text.

Its data card, ``assets/data/README.md``, says how they were made and what they are not.
"""

import json

from ktlearn.support.bundled import resource

PARTS = ("train", "validation", "test")
COLUMNS = ("id", "title", "context", "question", "answer", "answer_start")


def load_passages(part):
    """The bundled questions of one part, one a row, with the passage that each is about, always in the same order.

    A passage is in one part only. ``context[answer_start : answer_start + len(answer)]`` is the answer.

    Args:
        part: ``"train"``, ``"validation"`` or ``"test"``.

    Returns:
        A pandas ``DataFrame`` with the columns ``id``, ``title``, ``context`` (the passage), ``question``, ``answer``
        (the passage's own words; ``""`` where it does not say it) and ``answer_start`` (in characters; -1 for none).

    Raises:
        ValueError: an unknown part.

    Example:
        >>> passages = load_passages("train")
        >>> row = passages[passages["id"] == "lighthouse-2"].squeeze()
        >>> row["question"], row["answer"]
        ('Who met the cost of the fire in the iron basket?', 'the herring merchants of Dunmarrow')
        >>> row["context"][row["answer_start"] :][:12]
        'the herring '
    """
    if part not in PARTS:
        raise ValueError(f"part: there is no {part!r} in the passages. Choose from {list(PARTS)}.")

    import pandas as pd  # here, so that importing ktlearn.data stays quick

    document = json.loads((resource("data") / "passages_en.json").read_text(encoding="utf-8"))
    rows = [
        (asked["id"], titled["title"], paragraph["context"], asked["question"], *_answer(asked))
        for titled in document["data"]
        if titled["part"] == part
        for paragraph in titled["paragraphs"]
        for asked in paragraph["qas"]
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _answer(asked):
    """Its text and where it starts; none has no text, and starts nowhere."""
    if asked["is_impossible"]:
        return "", -1
    (answer,) = asked["answers"]
    return answer["text"], answer["answer_start"]

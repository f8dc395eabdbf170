"""REPORTS: short news-like reports, each with a headline and a summary of two sentences, for summarisation.

Its data card, ``assets/data/README.md``, says how they were made and what they are not.
"""

import json

from ktlearn.support.bundled import resource

PARTS = ("train", "validation", "test")
COLUMNS = ("id", "topic", "point", "headline", "report", "summary")


def load_reports(part):
    """The bundled reports of one part, one a row, always in the same order.

    Args:
        part: ``"train"``, ``"validation"`` or ``"test"``.

    Returns:
        A pandas ``DataFrame`` with the columns ``id``, ``topic``, ``point`` (where in the report its news stands:
        ``"first"``, ``"middle"``, ``"last"`` or ``"spread"``), ``headline``, ``report`` and ``summary``.

    Raises:
        ValueError: an unknown part.

    Example:
        >>> reports = load_reports("train")
        >>> row = reports[reports["id"] == "penguin-jumpers"].squeeze()
        >>> row["topic"], row["point"], row["headline"]
        ('charity', 'middle', 'Knitters asked to stop making penguin jumpers')
        >>> len(row["report"].split()), len(row["summary"].split())
        (133, 38)
    """
    if part not in PARTS:
        raise ValueError(f"part: there is no {part!r} in the reports. Choose from {list(PARTS)}.")

    import pandas as pd  # here, so that importing ktlearn.data stays quick

    reports = json.loads((resource("data") / "reports_en.json").read_text(encoding="utf-8"))
    rows = [[report[column] for column in COLUMNS] for report in reports if report["part"] == part]
    return pd.DataFrame(rows, columns=list(COLUMNS))

"""REVIEWS: 2,000 short English reviews that come with ktlearn.

Its data card, ``assets/data/README.md``, says how they were made and what they are not.
"""

from ktlearn.support.arguments import check_flag
from ktlearn.support.bundled import resource

SPLITS = ("train", "validation", "test")
SUBJECTS = ("film", "book", "food", "hotel", "gadget")


def load_reviews(split=None, subjects=None, neutral=False):
    """The bundled reviews, one a row, always in the same order.

    Args:
        split: ``"train"`` (60 %), ``"validation"`` (15 %) or ``"test"`` (25 %); None for all three.
        subjects: one of ``"film"``, ``"book"``, ``"food"``, ``"hotel"``, ``"gadget"``, or a list of them; None for all.
        neutral: keep the three-star reviews too, so that ``sentiment`` has three classes instead of two.

    Returns:
        A pandas ``DataFrame`` with the columns ``id``, ``subject``, ``style`` (plain or dry), ``stars`` (1 to 5),
        ``sentiment`` (negative, positive; neutral when asked), ``text`` and ``split``.

    Raises:
        ValueError: an unknown split or subject, or an empty list of subjects.

    Example:
        >>> reviews = load_reviews("test", subjects=["film", "book"])
        >>> reviews["sentiment"].unique().tolist()
        ['negative', 'positive']
    """
    if split is not None:
        _check("split", split, SPLITS)
    check_flag("neutral", neutral)
    is_one = isinstance(subjects, str) or not hasattr(subjects, "__iter__")
    wanted = SUBJECTS if subjects is None else [subjects] if is_one else list(subjects)
    for subject in wanted:
        _check("subjects", subject, SUBJECTS)
    if not wanted:
        raise ValueError(f"subjects is an empty list. Give one or more of {list(SUBJECTS)}, or None for all of them.")

    import pandas as pd  # here, so that importing ktlearn.data stays quick

    # keep_default_na: a text such as "None" or "NA" is a text, not a hole.
    reviews = pd.read_csv(resource("data") / "reviews_en.csv", encoding="utf-8", keep_default_na=False)
    keep = reviews["subject"].isin(wanted)
    if split is not None:
        keep &= reviews["split"] == split
    if not neutral:
        keep &= reviews["sentiment"] != "neutral"
    return reviews[keep].reset_index(drop=True)


def load_review_lists(subjects=None, neutral=False):
    """The same reviews as plain lists, ready for training.

    Args:
        subjects, neutral: as in :func:`load_reviews`.

    Returns:
        ``(x_train, y_train), (x_val, y_val), (x_test, y_test)``: texts and their sentiments, both lists of strings.

    Example:
        >>> (x_train, y_train), (x_val, y_val), (x_test, y_test) = load_review_lists()
        >>> len(x_train), len(x_val), len(x_test)
        (1055, 265, 440)
    """
    parts = [load_reviews(split, subjects, neutral) for split in SPLITS]
    return tuple((part["text"].tolist(), part["sentiment"].tolist()) for part in parts)


def _check(argument, value, accepted):
    if value not in accepted:
        raise ValueError(f"{argument}: there is no {value!r} in the reviews. Choose from {list(accepted)}.")

"""What the labels look like, in a few lines: a wrong order of the classes, or a rare one, is seen before training."""

import collections

from ktlearn.kinds import CLASSES, REGRESSION
from ktlearn.text.labels import folded, likeliest

STRONG = 5  # the largest class has this many times the texts of the smallest
MOST = 10  # classes in the table
EXAMPLE = 60  # characters
BRACKETS = ("[]", "()", "{}")


def label_lines(labels, y, texts):
    """The classes with their numbers, counts and a first text each; of a regression the range of the numbers.

    Args:
        labels: the fitted :class:`ktlearn.text.labels.Labels`.
        y: the encoded labels ``(N, outputs)``.
        texts: the N texts, or pairs of texts.
    """
    if labels.kind == REGRESSION:
        return [f"numbers from {y.min():g} to {y.max():g}, {y.mean():.4g} on average"]
    y = likeliest(y) if labels.kind == CLASSES else y
    counts = y.sum(0).astype(int).tolist()
    shown = [_short(name) for name in labels.class_names[:MOST]]
    name_width = max(map(len, shown))
    count_width = len(f"{max(counts):,}")
    lines = []
    for number, (name, count) in enumerate(zip(shown, counts, strict=False)):
        first = _quoted(texts[int(y[:, number].argmax())]) if count else "none"
        lines.append(f"  {number} {name:<{name_width}} {count:>{count_width},}  {first}")
    if len(counts) > MOST:
        lines.append(f"  … and {len(counts) - MOST} more classes")
    if labels.kind != CLASSES and (none := int((y.sum(1) == 0).sum())):
        lines.append(f"  texts without any of them: {none:,}")
    return [*lines, *_alike(labels.class_names), *_lists(labels.class_names), *_imbalance(labels, counts)]


def _alike(names):
    """A space too many makes another class."""
    groups = collections.defaultdict(list)
    for name in names:
        groups[folded(name)].append(name)
    alike = [group for group in groups.values() if len(group) > 1]
    if not alike:
        return []
    shown = "; ".join(", ".join(map(repr, group)) for group in alike[:3])
    return [f"  differ only by spaces or case: {shown}. If they are one class, write them alike: df[…].str.strip()"]


def _lists(names):
    """Several labels in one cell make a class of each combination."""
    found = [name for name in names if _is_list(name, names)]
    if not found:
        return []
    return [
        f"  {found[0]!r} looks like several labels in one cell; here each combination is a class of its own. For texts "
        "with several labels give rows of 0 and 1: sklearn.preprocessing.MultiLabelBinarizer makes them."
    ]


def _is_list(name, names):
    name = name.strip()
    if name[0] + name[-1] in BRACKETS:
        return name[0] == "[" or "," in name
    return "|" in name or any(part.strip() in names for sign in ",;" if sign in name for part in name.split(sign))


def _imbalance(labels, counts):
    few, many = min(counts), max(counts)
    if many < STRONG * few:
        return []
    rare, common = labels.class_names[counts.index(few)], labels.class_names[counts.index(many)]
    advice = "fit(…, class_weight={number: weight}) lets it count for more." if labels.kind == CLASSES else ""
    return [
        f"  imbalance: {common!r} has {many / max(few, 1):.0f} times the texts of {rare!r}. A good accuracy may hide "
        f"that {rare!r} is never found: look at its recall. {advice}".rstrip()
    ]


def _quoted(text):
    return f'"{_short(" | ".join(text) if isinstance(text, tuple) else text)}"'


def _short(text):
    text = " ".join(text.split())
    return text if len(text) <= EXAMPLE else f"{text[: EXAMPLE - 1].rstrip()}…"

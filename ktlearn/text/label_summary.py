"""What the labels look like, in a few lines: a wrong order of the classes, or a rare one, is seen before training."""

from ktlearn.kinds import CLASSES, REGRESSION

STRONG = 5  # the largest class has this many times the texts of the smallest
MOST = 10  # classes in the table
EXAMPLE = 60  # characters


def label_lines(labels, y, texts):
    """The classes with their numbers, counts and a first text each; of a regression the range of the numbers.

    Args:
        labels: the fitted :class:`ktlearn.text.labels.Labels`.
        y: the encoded labels ``(N, outputs)``.
        texts: the N texts, or pairs of texts.
    """
    if labels.kind == REGRESSION:
        return [f"numbers from {y.min():g} to {y.max():g}, {y.mean():.4g} on average"]
    counts = y.sum(0).astype(int).tolist()
    name_width = max(map(len, labels.class_names[:MOST]))
    count_width = len(f"{max(counts):,}")
    lines = []
    for number, (name, count) in enumerate(zip(labels.class_names[:MOST], counts, strict=False)):
        first = texts[int(y[:, number].argmax())]
        lines.append(f"  {number} {name:<{name_width}} {count:>{count_width},}  {_short(first)}")
    if len(counts) > MOST:
        lines.append(f"  … and {len(counts) - MOST} more classes")
    if labels.kind != CLASSES and (none := int((y.sum(1) == 0).sum())):
        lines.append(f"  texts without any of them: {none:,}")
    return lines + _imbalance(labels, counts)


def _imbalance(labels, counts):
    few, many = min(counts), max(counts)
    if many < STRONG * few:
        return []
    rare, common = labels.class_names[counts.index(few)], labels.class_names[counts.index(many)]
    advice = "fit(…, class_weight={number: weight}) lets it count for more." if labels.kind == CLASSES else ""
    return [
        f"  imbalance: {common!r} has {many / few:.0f} times the texts of {rare!r}. A good accuracy may hide that "
        f"{rare!r} is never found: look at its recall. {advice}".rstrip()
    ]


def _short(text):
    text = " | ".join(text) if isinstance(text, tuple) else text
    text = " ".join(text.split())
    return f'"{text}"' if len(text) <= EXAMPLE else f'"{text[: EXAMPLE - 1].rstrip()}…"'

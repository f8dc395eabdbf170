"""The rows of the benchmark's one table: how one is made, kept from run to run, and written. Standard library only.

A row with a peer compares costs (seconds, bytes): a ratio below 1 says that ktlearn takes less. A row without one is a
figure of ktlearn alone.
"""

import json
import math
import statistics

GROUPS = {  # in the table's order
    "training": "Fine-tuning",
    "accuracy": "Accuracy",
    "answers": "Prediction",
    "writing": "Generation",
    "imports": "Import",
    "widgets": "Widgets",
    "lessons": "Lessons",
}
BUSY = 0.5  # processor cores that others may keep busy before a row says so


def against(group, name, unit, peer, ours, theirs, aim=1.0, cut=0.0):
    """A row that compares ktlearn with a peer.

    Args:
        group: one of GROUPS.
        name, unit: what was measured.
        peer: the other program, with its version.
        ours, theirs: the costs of each round, in the same order.
        aim: the largest ratio that is wanted, or None.
        cut: the share of the ratios to leave out at each end before the smallest and the largest are told.
    """
    ratio, low, high = compared(ours, theirs, cut)
    return {
        "group": group,
        "name": name,
        "peer": peer,
        "unit": unit,
        "ours": statistics.median(ours),
        "theirs": statistics.median(theirs),
        "ratio": ratio,
        "low": low,
        "high": high,
        "aim": aim,
        "rounds": len(ours),
    }


def compared(ours, theirs, cut=0.0):
    """Median, smallest and largest of the rounds' ratios; ``cut`` as in `against`."""
    ratios = sorted(one / other for one, other in zip(ours, theirs, strict=True))
    left_out = int(cut * len(ratios))
    return statistics.median(ratios), ratios[left_out], ratios[-1 - left_out]


def differing(group, name, unit, peer, ours, theirs):
    """A row of two means over seeds: their difference with its standard error, instead of a ratio."""
    errors = [statistics.stdev(values) / math.sqrt(len(values)) for values in (ours, theirs)]
    return {
        "group": group,
        "name": name,
        "peer": peer,
        "unit": unit,
        "ours": statistics.mean(ours),
        "theirs": statistics.mean(theirs),
        "difference": statistics.mean(ours) - statistics.mean(theirs),
        "error": math.hypot(*errors),
        "rounds": len(ours),
    }


def alone(group, name, unit, values, aim=None, more=False):
    """A row of ktlearn alone: the median of ``values``; ``more`` says that the aim is the least, not the most."""
    ours = statistics.median(values)
    return {
        "group": group,
        "name": name,
        "peer": None,
        "unit": unit,
        "ours": ours,
        "aim": aim,
        "more": more,
        "rounds": len(values),
    }


def merged(old, new):
    """The rows to keep, in the table's order: of each group that ``new`` has the new ones, of the others the old."""
    measured = {row["group"] for row in new}
    rows = [row for row in old if row["group"] not in measured] + new
    return sorted(rows, key=lambda row: list(GROUPS).index(row["group"]))


def read(file):
    """The rows of an earlier run: none, if there was no such run."""
    return json.loads(file.read_text(encoding="utf-8"))["rows"] if file.exists() else []


def write(rows, file):
    """Write ``file`` (.json), and the same rows as Markdown beside it (.md)."""
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps({"rows": rows}, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    file.with_suffix(".md").write_text(markdown(rows), encoding="utf-8")


HEAD = """\
# Measured

`make bench` writes this page and `table.json`; [the benchmark's own page](../README.md) says what each row is. A ratio
is ktlearn's cost over the other's in the same run: **below 1, ktlearn takes less**. It is the median of the rounds'
ratios, with the smallest and the largest. *Others* is how many processor cores other programs kept busy meanwhile:
above 0.5 the seconds are too large, the ratios less sure, and the row says *shared machine*.
"""
COLUMNS = {
    True: ("what", "beside", "ktlearn", "the other", "ratio", "aim", "rounds", "day", "others"),
    False: ("what", "ktlearn", "aim", "rounds", "day", "others"),
}


def markdown(rows):
    """The table as a page: a part for each group, what has a peer before what has none."""
    parts = [HEAD]
    for group, title in GROUPS.items():
        for has_peer, columns in COLUMNS.items():
            chosen = [row for row in rows if row["group"] == group and bool(row["peer"]) == has_peer]
            if chosen:
                heading = f"## {title}" + ("" if has_peer else ", ktlearn alone")
                lines = [_line(columns), "|" + "---|" * len(columns), *(_line(_cells(row)) for row in chosen)]
                parts += [f"{heading}\n\n" + "\n".join(lines) + "\n"]
    return "\n".join(parts)


def is_reached(row):
    """Whether a row reaches its aim; None where it has none."""
    if row.get("aim") is None:
        return None
    value = row["ratio"] if row["peer"] else row["ours"]
    return value >= row["aim"] if row.get("more") else value <= row["aim"]


def _line(cells):
    return f"| {' | '.join(cells)} |"


def _cells(row):
    cells = [row["name"]]
    if row["peer"]:
        cells += [row["peer"], _figure(row["ours"], row["unit"]), _figure(row["theirs"], row["unit"]), _ratio(row)]
    else:
        cells += [_figure(row["ours"], row["unit"])]
    others = "–" if row["others"] is None else f"{row['others']:.1f}"
    return [*cells, _aim(row), str(row["rounds"]), row["date"], others]


def _ratio(row):
    if "difference" in row:
        return f"difference {row['difference']:+.3f} ± {row['error']:.3f}"
    spread = f" ({row['low']:.2f} to {row['high']:.2f})" if row["rounds"] > 1 else ""
    return f"**{row['ratio']:.2f}**{spread}"


def _aim(row):
    if row.get("aim") is None:
        return "–"
    aim = f"{row['aim']:.2f}" if row["peer"] else _figure(row["aim"], row["unit"])
    shared = ", shared machine" if row["others"] is not None and row["others"] > BUSY else ""
    return f"{'≥' if row.get('more') else '≤'} {aim}: {'reached' if is_reached(row) else '**missed**'}{shared}"


def _figure(value, unit):
    """Three significant digits with their unit; thousands whole, with commas; shares as per cent.

    >>> _figure(0.01234, "s"), _figure(2787.4, "MB"), _figure(0.634, "share"), _figure(0.86, "")
    ('0.0123 s', '2,787 MB', '63 %', '0.860')
    """
    if unit == "share":
        return f"{value:.0%}".replace("%", " %")
    digits = max(0, 2 - math.floor(math.log10(abs(value)))) if value else 0
    return f"{value:,.{digits}f} {unit}".strip()

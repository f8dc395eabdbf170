"""Write the measured figures of minilm-en into its card, from the lines that ``measure_bundled`` has left.

    python -m tests.real.card

What is not in the file stands as "not measured". A test says whether the card and the file agree.
"""

import json
from pathlib import Path

import numpy as np

LINES = Path(__file__).parent / "measured" / "minilm-en.jsonl"
CARD = Path(__file__).parents[2] / "assets" / "models" / "minilm-en" / "README.md"
BEGIN, END = "<!-- from tests/real/card.py -->\n", "<!-- to here -->\n"
ROWS = {
    "reviews-50": "reviews, 50 training examples",
    "reviews-100": "reviews, 100 training examples",
    "reviews-256": "reviews, 256 training examples",
    "reviews": "reviews, all 1,055 training examples",
    "sst2": "SST-2 dev",
    "imdb": "IMDb test (1,000 of its reviews)",
}
STARTS = ("pretrained", "pipeline", "vectors")
SETTINGS = ("rate", "epochs", "maxlen")


def figure(lines, test):
    """Mean and standard deviation over the seeds."""
    found = np.array([line["right"][test] for line in lines])
    return f"{found.mean():.3f} ± {found.std():.3f} ({len(found)} seeds)" if len(found) > 1 else f"{found[0]:.3f}"


def setting(line):
    return "{rate:g}, {epochs} epochs, {maxlen} tokens".format(**line)


def results(lines):
    """The table of the test sets: a list of Markdown lines."""
    yield "| task | fine-tuned | tuned pipeline | logistic regression on its vectors |"
    yield "|---|---|---|---|"
    for task, title in ROWS.items():
        of_task = [line for line in lines if line["task"] == task and not line["validation"]]
        settings = sorted({setting(line) for line in of_task if line["start"] == "pretrained"})
        assert len(settings) <= 1, f"{task}: one setting is tested, and validation chooses it; here are {settings}"
        for test in of_task[0]["right"] if of_task else [title]:
            of_start = [[line for line in of_task if line["start"] == start] for start in STARTS]
            cells = [figure(each, test) if each else "not measured" for each in of_start]
            named = f"– {test}" if test == "plain ones" else f"{title} ({settings[0]})" if settings else title
            yield f"| {named} | {' | '.join(cells)} |"


def choices(lines):
    """The table of what was tried on validation texts."""
    yield "| task, on validation texts | rate, epochs, tokens | right |"
    yield "|---|---|---|"
    tried = [line for line in lines if line["validation"] and line["start"] == "pretrained"]
    for task, title in ROWS.items():
        for each in sorted({setting(line) for line in tried if line["task"] == task}):
            same = [line for line in tried if line["task"] == task and setting(line) == each]
            yield f"| {title} | {each} | {figure(same, 'validation')} |"


def tables(path=LINES):
    """Both tables, as they stand in the card."""
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return "\n".join(["", *results(lines), "", *choices(lines), "", ""])


def put(card, begin, text):
    """Write the text into a card, between the comment ``begin`` and the next :data:`END`."""
    before, rest = card.read_text(encoding="utf-8").split(begin)
    _, after = rest.split(END)
    card.write_text(before + begin + text + END + after, encoding="utf-8", newline="\n")


def main():
    put(CARD, BEGIN, tables())


if __name__ == "__main__":
    main()

"""Write the measured figures of passage-reader-en into its card, from the lines that the recipe's evaluation has left.

    python -m recipes.passage_reader_en.evaluate FOLDER ktlearn/passage-reader-en \
        --results tests/real/measured/passage-reader-en.jsonl
    python -m tests.real.reader_card

A test says whether the card and the file agree.
"""

import json
from pathlib import Path

from tests.real.card import put

LINES = Path(__file__).parent / "measured" / "passage-reader-en.jsonl"
CARD = Path(__file__).parents[2] / "assets" / "models" / "passage-reader-en" / "README.md"
BEGIN = "<!-- from tests/real/reader_card.py -->\n"
METHODS = {
    "reader": "**passage-reader-en**",
    "nearest sentence by vectors": "the sentence nearest to the question, by the vectors of `ktlearn/minilm-en`",
    "nearest sentence by words": "the sentence that shares its rarest words, by TF-IDF",
    "the right sentence": "the whole sentence with the answer (a bound for any choice of sentences)",
    "always no answer": 'always "no answer"',
}


def table(lines):
    """The two tables as one text of Markdown."""
    found = {(line["method"], line["test"]): line for line in lines}
    rows = ["| XQuAD, 12 articles | exact match | F1 | right sentence |", "|---|---|---|---|"]
    for method, title in METHODS.items():
        if line := found.get((method, "xquad")):
            rows.append(f"| {title} | {line['exact']:.3f} | {_f1(line)} | {line['right_sentence']:.2f} |")
    columns = ("passages, test", "exact match", "F1", "F1 of the answered", "the unanswered right", "right sentence")
    rows += ["", f"| {' | '.join(columns)} |", "|---|---|---|---|---|---|"]
    for method, title in METHODS.items():
        if line := found.get((method, "passages")):
            each = [f"{line[name]:.2f}" for name in ("f1_answered", "unanswered_right", "right_sentence")]
            rows.append(f"| {title} | {line['exact']:.3f} | {_f1(line)} | {' | '.join(each)} |")
    return "\n".join(rows) + "\n"


def _f1(line):
    return f"{line['f1']:.3f} ± {line['f1_error']:.3f}"


def read():
    """The lines that were measured."""
    return [json.loads(line) for line in LINES.read_text(encoding="utf-8").splitlines()]


def main():
    put(CARD, BEGIN, f"\n{table(read())}\n")


if __name__ == "__main__":
    main()

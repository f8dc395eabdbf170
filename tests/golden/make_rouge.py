"""What Google's ``rouge-score`` finds: written to ``rouge.json``, and compared with in ``tests/text/test_rouge.py``.

pip install rouge-score==0.1.2
python -m tests.golden.make_rouge
"""

import json
from pathlib import Path

from rouge_score.rouge_scorer import RougeScorer

REPORTS = Path(__file__).parents[2] / "assets" / "data" / "reports_en.json"
MADE_UP = [
    ("the the the", "the cat"),
    ("", "a word"),
    ("...", "a word"),
    ("Don't go: 3,200 pounds!", "Do not go. 3200 pounds"),
    ("a b c d", "d c b a"),
    ("one two three four five", "one three five two four"),
]


def main():
    scorer = RougeScorer(["rouge1", "rouge2", "rougeL"], use_stemmer=False)
    reports = json.loads(REPORTS.read_text(encoding="utf-8"))[::15]
    pairs = MADE_UP + [(report["report"], report["summary"]) for report in reports]
    rows = []
    for summary, reference in pairs:
        found = scorer.score(reference, summary)
        figures = {name: [round(value, 6) for value in found[name]] for name in found}
        rows.append(dict(summary=summary, reference=reference) | figures)
    path = Path(__file__).with_name("rouge.json")
    path.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()

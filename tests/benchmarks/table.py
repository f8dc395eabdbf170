"""The benchmark of the whole: all groups measured, gathered in one table. See README.md here.

    python tests/benchmarks/table.py --make-environments .venv-bench
    python tests/benchmarks/table.py --make-environments .venv-bench --only answers imports     # these groups anew

It writes measured/table.json, and the same as a page, table.md. Rows of groups that are not measured stay as they are,
with their day.
"""

import argparse
import datetime
import platform
import re
import sys
from pathlib import Path

import rows
import run
from answers import REACH, TEXTS, measure_answers
from others import Others
from rows import against, alone, differing

HERE = Path(__file__).parent
TABLE = HERE / "measured" / "table.json"
SYLLABUS = HERE.parents[1] / "notebooks" / "README.md"
GROUPED = ", batches of similar length"


def main():
    options = read_options()
    wanted = [group for group in rows.GROUPS if group in (options.only or rows.GROUPS)]
    pythons, problems = run.interpreters(options, ("ktrain", "torch", "kerashub"))
    for group in wanted:
        print(f"— {group}", flush=True)
        others = Others()
        found = MEASURES[group](pythons, options)
        stamp = {"date": str(datetime.date.today()), "machine": machine(), "others": others.cores()}
        options.table.parent.mkdir(exist_ok=True)
        kept = rows.merged(rows.read(options.table), [stamp | row for row in found])
        rows.write(kept, options.table)  # after each group: a run that is stopped keeps what it has
    for name, problem in problems.items():
        print(f"{name}: not measured: {problem}")
    missed = [row for row in rows.read(options.table) if rows.is_reached(row) is False]
    print(f"{options.table.with_suffix('.md')}: {len(missed)} aims missed")
    for row in missed:
        print(f"  {row['group']}: {row['name']}" + (f" / {row['peer']}" if row["peer"] else ""))


def read_options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    run.add_interpreters(parser)
    parser.add_argument("--only", nargs="+", choices=list(rows.GROUPS), help="measure these groups anew")
    parser.add_argument("--rounds", type=int, default=3, help="how often each program trains or writes, in turns (3)")
    parser.add_argument("--texts", type=int, default=512, help="texts to train on (512)")
    parser.add_argument("--answers", type=int, default=TEXTS, help=f"texts to answer ({TEXTS})")
    parser.add_argument("--seeds", type=int, default=5, help="of the accuracy, at least 2 (5)")
    parser.add_argument("--table", type=Path, default=TABLE, help="the file to write (measured/table.json)")
    return parser.parse_args()


def machine():
    return f"{run.cores()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}"


def training(pythons, options):
    """One epoch in each library, its first step and its memory; and the share of the machine's arithmetic."""
    runs = run.measure(run.job(options.texts, run.model_folder()), pythons, options.rounds)
    ours, found = runs["ktlearn"], []
    for name, theirs in peers(runs):
        for title, key, unit, aim in (
            (f"one epoch of {options.texts} texts, wall", "wall", "s", run.REACH[name]),
            ("the same, CPU", "cpu", "s", 1.0),
            ("the first step, wall", "first_wall", "s", 1.0),
            ("all other steps, wall", "rest_wall", "s", 1.0),
            ("peak memory", "peak_memory", "MB", 1.0),
        ):
            sides = ([one[key] for one in side] for side in (ours, theirs))
            found.append(against("training", title, unit, shown(name, theirs), *sides, aim=aim))
    share = [one["computed_flops"] / one["peak_flops"] for one in ours]
    return [
        *found,
        alone("training", "the first step, with tracing", "s", [one["first_wall"] for one in ours], aim=4),
        alone("training", "arithmetic, of a matrix product's", "share", share, aim=0.75, more=True),
    ]


def accuracy(pythons, options):
    """Two epochs on some of the course's training reviews, tested on its test reviews: a seed in each round."""
    import random

    from ktlearn.data import load_review_lists

    (texts, labels), _, (test_texts, test_labels) = load_review_lists()
    chosen = random.Random(2026).sample(range(len(texts)), options.texts)
    classes = ["negative", "positive"]
    job = run.job(2, run.model_folder()) | {
        "texts": [texts[place] for place in chosen],
        "labels": [classes.index(labels[place]) for place in chosen],
        "held_out_texts": test_texts,
        "held_out_labels": [classes.index(label) for label in test_labels],
        "maxlen": 64,
        "learning_rate": 1e-4,
        "epochs": 2,
    }
    runs = run.measure(job, pythons, options.seeds)
    ours = [one["accuracy"] for one in runs["ktlearn"]]
    title = f"2 epochs of {options.texts} reviews, {len(test_texts)} test reviews"
    return [
        differing("accuracy", title, "", shown(name, theirs), ours, [one["accuracy"] for one in theirs])
        for name, theirs in peers(runs)
    ]


def answers(pythons, options):
    """One text after the other, and all in one call."""
    found = measure_answers(run.job(2, run.model_folder()), pythons, options.answers)
    ours, made = found["ktlearn"], []
    for name, theirs in found.items():
        if name != "ktlearn":
            one = against("answers", "one text", "s", theirs["program"], ours["seconds"], theirs["seconds"], REACH, 0.1)
            together = f"{len(ours['seconds'])} texts in one call"
            made += [one, against("answers", together, "s", theirs["program"], ours["all"], theirs["all"], REACH)]

    return [*made, alone("answers", "the first answer, with tracing", "s", [ours["first"]])]


def writing(pythons, options):
    """64 new tokens: GPT-2 small and T5 small, one text and 16."""
    from writing import CASES, measure

    if not pythons["torch"]:
        return []
    found, made = measure(CASES, {name: pythons[name] for name in ("ktlearn", "torch")}, options.rounds), []
    for title, each in found.items():
        for name, key in ((title, "all"), (f"{title}, the first token", "first")):
            made.append(against("writing", name, "s", "PyTorch", each["ktlearn"][key], each["torch"][key]))
    return made


def imports(pythons, options):
    """Until a model can be made; and `import ktlearn` alone."""
    from imports import measure_imports

    found = measure_imports(pythons, options.rounds)
    made = [alone("imports", "import ktlearn, wall", "s", [one["wall"] for one in found.pop("light")], aim=0.3)]
    ours = found.pop("ktlearn")
    for name, theirs in found.items():
        for key, title in (("wall", "until a model can be made, wall"), ("cpu", "the same, CPU")):
            sides = ([one[key] for one in side] for side in (ours, theirs))
            made.append(against("imports", title, "s", name, *sides))
    return made


def widgets(pythons, options):
    """A page of 12 × 12 heads and 128 tokens beside BertViz's two views."""
    import widgets
    from playwright.sync_api import sync_playwright

    browser = {"executable_path": widgets.find_chromium(), "args": widgets.FLAGS}
    python, scripts, problem = widgets.bertviz(options.make_environments)
    if problem:
        print(f"BertViz: not measured: {problem}")
    with sync_playwright() as playwright:
        found = widgets.measure(128, python, lambda *page: widgets.opened(playwright.chromium, browser, scripts, *page))
    return widget_rows(found)


def widget_rows(found):
    """The rows of the pages that show the same.

    A page that was ended at the limit counts as the limit, and its row says so; what would have come after that (an
    interaction after a first render, memory) has no row.
    """
    import widgets

    made = []
    for theirs, mine in widgets.PARTNERS.items():
        if ("BertViz", theirs) not in found:
            continue
        pair = found["ktlearn", mine], found["BertViz", theirs]
        drawn = all(page["first"] is not None for page in pair)
        for key, title, scale, _ in widgets.COLUMNS:
            may_end = key == "first" or (key == "act" and drawn)
            was_ended = may_end and any(page[key] is None for page in pair)
            values = [widgets.LIMIT if may_end and page[key] is None else page[key] for page in pair]
            if None not in values:
                name, _, unit = title.rpartition(", ")
                name = f"{mine}, 128 tokens: {name or 'page'}"
                name += f" (ended after {widgets.LIMIT} s)" if was_ended else ""
                made.append(against("widgets", name, unit, f"BertViz, {theirs} view", *([v / scale] for v in values)))
    return made


def lessons(pythons, options):
    """Running time and memory of each lesson, as `make notebooks` has measured them."""
    return read_lessons(SYLLABUS.read_text(encoding="utf-8"))


def read_lessons(syllabus):
    """The rows of the table in notebooks/README.md."""
    lines = re.findall(r"^\| (\w\d) \|.*\| ([\d.]+) (s|min) \| ([\d.]+) GB \|$", syllabus, re.MULTILINE)
    made = []
    for number, time, unit, memory in lines:
        seconds = float(time) * {"s": 1, "min": 60}[unit]
        made.append(alone("lessons", f"lesson {number}, running", "s", [seconds], aim=180))
        made.append(alone("lessons", f"lesson {number}, memory", "GB", [float(memory)]))
    return [row | {"date": "by make notebooks", "others": None} for row in made]  # not measured now


def peers(runs):
    return [(name, figures) for name, figures in runs.items() if name != "ktlearn" and figures]


def shown(name, figures):
    return figures[0]["program"] + (GROUPED if name == "torch-grouped" else "")


MEASURES = {
    "training": training,
    "accuracy": accuracy,
    "answers": answers,
    "writing": writing,
    "imports": imports,
    "widgets": widgets,
    "lessons": lessons,
}

if __name__ == "__main__":
    sys.exit(main())

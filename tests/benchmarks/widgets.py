"""The pages of AttentionView beside those of BertViz, opened in Chromium; and AttentionView live. See README.md here.

For example: python tests/benchmarks/widgets.py --make-environments .venv-bench --tokens 64 128
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2]))  # for what the tests in a browser have

import environments
import gpt2_page
import numpy as np
from live import updates_a_second
from others import Others
from pages import measured
from playwright.sync_api import sync_playwright
from run import cores

from ktlearn.widgets import AttentionView
from ktlearn.widgets.attention.controls import MOST_FOR_LINES
from tests.browser.chromium import FLAGS, find_chromium

HERE = Path(__file__).parent
LAYERS, HEADS = 12, 12
LIMIT = 60  # seconds for the first render, and for the interaction
QUICK, ROUNDS = 5, 3  # what shows within 5 seconds is opened three times
MOST_FOR_BERTVIZ = 256  # tokens; its page of 512 would have 1.7 GB
LIVE = 64  # tokens

# What BertViz's pages load from elsewhere, from npm. jQuery 2.0.0, which they ask for, is not there.
SCRIPTS = {
    "require.min.js": "requirejs/require.js",
    "d3.min.js": "d3/dist/d3.min.js",
    "jquery.min.js": "jquery/dist/jquery.min.js",
}
PACKAGES = ("requirejs@2.3.6", "d3@5.7.0", "jquery@2.1.0")

# Of each view: what is true when it is there, and an interaction: to another layer, or one of the small maps opened.
IS_THERE = "document.querySelector('.kt-notes')?.children.length > 0"
OTHER_LAYER = "document.querySelector('button[name=\"layer 5\"]').click()"
OPEN = """
const grid = document.querySelector(".kt-scroll"), { x, y } = grid.getBoundingClientRect();
for (const type of ["mousemove", "click"])
    grid.dispatchEvent(new MouseEvent(type, { bubbles: true, clientX: x + 300, clientY: y + 150 }))"""
OURS = {
    "grid": (IS_THERE, OPEN),
    "lines": (IS_THERE, OTHER_LAYER),
    "heatmap": (IS_THERE, OTHER_LAYER),
    "strip": (IS_THERE, OTHER_LAYER),
}
THEIRS = {
    "model": (
        "document.querySelector('svg line')",
        "[...document.querySelectorAll('svg g > rect')].filter((one) => one.style.opacity === '0')[17]"
        ".dispatchEvent(new MouseEvent('click', { bubbles: true }))",
    ),
    "head": (
        "document.querySelector('#attention line')",
        "const layer = document.querySelector('select#layer'); layer.value = '5'; "
        "layer.dispatchEvent(new Event('change', { bubbles: true }))",
    ),
}
PARTNERS = {"model": "grid", "head": "lines"}  # the view of ours that shows the same
COLUMNS = [("bytes", "MB", 1e6, "{:.2f}"), ("first", "first render, s", 1, "{:.2f}"),
           ("act", "interaction, s", 1, "{:.3f}"), ("memory", "memory, MB", 1, "{:.0f}")]  # fmt: skip
BYTES, ACT, UPDATES = 1.2, 0.1, 30  # aims: times the raw bytes, seconds, updates a second
FIRST = {128: 0.4, 256: 1.0}  # tokens: seconds, in the views beside BertViz's


def main():
    options = read_options()
    browser = {"executable_path": find_chromium(), "args": FLAGS}
    python, scripts, problem = bertviz(options.make_environments)
    print(f"{LAYERS} × {HEADS} heads of made-up attention, as a page. {cores()} cores.")
    others = Others()
    with sync_playwright() as playwright:
        for n in options.tokens:
            rows = measure(n, python, lambda *page: opened(playwright.chromium, browser, scripts, *page))
            print_table(n, rows)
        measure_model(lambda *page: opened(playwright.chromium, browser, {}, *page))
        if problem:
            print(f"\nBertViz: not measured: {problem}")
        for view in options.live:
            rate = updates_a_second(playwright.chromium, browser, n=LIVE, layers=LAYERS, heads=HEADS, view=view)
            verdict = "reached" if rate >= UPDATES else "MISSED"
            print(f"live in JupyterLab, {LIVE} tokens, {view}: {rate:.0f} updates a second (aim {UPDATES}: {verdict})")
    print(others.warning("These are wall seconds: trust the ratios more."), end="")


def read_options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--make-environments", metavar="FOLDER", help="make BertViz's there, and use it")
    parser.add_argument("--tokens", type=int, nargs="*", default=[64, 128, 256, 512], help="(64 128 256 512)")
    parser.add_argument("--live", nargs="*", default=["heatmap", "grid"], help="views in JupyterLab (heatmap grid)")
    return parser.parse_args()


def bertviz(folder):
    """BertViz's interpreter, the scripts of its pages, and why they are not here: two of these are empty."""
    if folder is None:
        return None, {}, "run this with --make-environments FOLDER"
    try:
        environments.make(folder, "bertviz")
        installed = environments.javascript(Path(folder) / "bertviz", *PACKAGES)
    except RuntimeError as error:
        return None, {}, str(error)
    return environments.python_of(folder, "bertviz"), {name: installed / file for name, file in SCRIPTS.items()}, None


def measure(n, python, open_page):
    """The figures of all pages of ``n`` tokens: a dict, (program, view) → figures."""
    weights, rows = made_up_weights(n), {}
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        for view, words in OURS.items():
            if view != "lines" or n <= MOST_FOR_LINES:
                file = folder / f"{view}.html"
                AttentionView(weights, [f"token{i}" for i in range(n)], view=view).export(file)
                rows["ktlearn", view] = open_page(file, *words)
        if python and n <= MOST_FOR_BERTVIZ:
            np.save(folder / "weights.npy", weights)
            subprocess.run([python, str(HERE / "write_bertviz.py"), folder / "weights.npy", folder], check=True)
            for view, words in THEIRS.items():
                rows["BertViz", view] = open_page(folder / f"{view}.html", *words)
    return rows


def measure_model(open_page):
    """Print the figures of ModelView with GPT-2's shapes and a text of ``LIVE`` tokens."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "model.html"
        view = gpt2_page.write(file, LIVE)
        figures = open_page(file, gpt2_page.IS_THERE, gpt2_page.OPEN)
    cells = ", ".join(f"{title} {written(figures, key, title, *rest)}" for key, title, *rest in COLUMNS)
    is_reached = (figures["first"] or LIMIT) <= gpt2_page.FIRST and (figures["act"] or LIMIT) <= gpt2_page.ACT
    sent = (len(view._data) + len(json.dumps(view._facts))) / 1e6
    print(f"\nModelView, GPT-2's shapes, {LIVE} tokens: {cells}; live it sends {sent:.2f} MB")
    work = [figures[key] or LIMIT for key in ("first_work", "act_work")]
    print("of these its main thread worked {:.2f} and {:.3f} s".format(*work))
    verdict = "reached" if is_reached else "MISSED"
    print(f"aims: first render {gpt2_page.FIRST} s, interaction {gpt2_page.ACT} s: {verdict}")


def made_up_weights(n):
    """The softmax of random scores, ``(L, H, n, n)``."""
    scores = 2 * np.random.default_rng(0).normal(size=(LAYERS, HEADS, n, n)).astype("float32")
    weights = np.exp(scores - scores.max(-1, keepdims=True))
    return weights / weights.sum(-1, keepdims=True)


def opened(chromium, browser, scripts, file, ready, act):
    """The figures of a page; medians of three times, if it is quick."""
    print(f"opening {file.name} …", flush=True)
    runs = [measured(chromium, browser, file, ready, act, scripts, LIMIT)]
    while len(runs) < ROUNDS and runs[0]["act"] and runs[0]["first"] < QUICK:
        runs.append(measured(chromium, browser, file, ready, act, scripts, LIMIT))
    return {key: value and statistics.median(run[key] or LIMIT for run in runs) for key, value in runs[0].items()}


def print_table(n, rows):
    raw = LAYERS * HEADS * n * n
    print(f"\n{n} tokens, {raw / 1e6:.2f} MB of weights with a byte each")
    print(" " * 18 + "".join(f"{title:>19}" for _, title, *_ in COLUMNS))
    for (program, view), figures in rows.items():
        print(f"{program + ' ' + view:18}" + "".join(f"{written(figures, *column):>19}" for column in COLUMNS))
    for (program, view), figures in rows.items():
        if program == "BertViz":
            print(ratio(view, figures, rows["ktlearn", PARTNERS[view]]))
    print("aims: " + (", ".join(f"MISSED: {each}" for each in missed(n, rows, raw)) or "all reached"))


def written(figures, key, title, unit, form):
    """A cell of the table."""
    if figures[key] is not None:
        return form.format(figures[key] / unit)
    return f"more than {LIMIT} s" if key == "first" or (key == "act" and figures["first"]) else "–"


def ratio(view, theirs, ours):
    """BertViz's figures, divided by ours, in words."""
    words = []
    for key, title, *_ in COLUMNS:
        value = theirs[key] or (LIMIT if key == "first" else None)
        if value and ours[key]:
            words.append(f"{title.split(',')[0]} {'' if theirs[key] else 'more than '}{value / ours[key]:.0f}")
    return f"BertViz {view} / ktlearn {PARTNERS[view]}: " + ", ".join(words)


def missed(n, rows, raw):
    """Our figures that miss an aim, in words."""
    for (program, view), figures in rows.items():
        if program == "ktlearn":
            aims = {"bytes": BYTES * raw, "act": ACT} | ({"first": FIRST[n]} if n in FIRST else {})
            yield from (f"{view}, {key}" for key, aim in aims.items() if (figures[key] or LIMIT) > aim)


if __name__ == "__main__":
    main()

"""How many updates a second reach the eye, when Python changes a view in a loop and JupyterLab draws it."""

import tempfile
from pathlib import Path

from tests.e2e.conftest import Book, write
from tests.e2e.server import Server

UPDATES = 150
CELLS = {
    "view": """
import numpy as np
from ktlearn.widgets import AttentionView

random = np.random.default_rng(0)
weights = random.dirichlet(np.full({n}, 0.1), (4, {layers}, {heads}, {n})).astype("float32")
view = AttentionView(weights[0], [f"token{{i}}" for i in range({n})], view="{view}")
view""",
    "loop": """
for number in range({updates}):
    view.update(weights[number % 4])""",
}
# Each drawing writes the notes again. Counted are those whose picture is not the one before.
COUNT = """() => {
    const canvas = document.querySelector(".kt-attention canvas"), times = (window.times = []);
    let before;
    new MutationObserver(() => {
        const line = canvas.getContext("2d").getImageData(0, canvas.height / 2, canvas.width, 1).data.join();
        if (line !== before) times.push(performance.now());
        before = line;
    }).observe(document.querySelector(".kt-notes"), { childList: true });
}"""
STILL = "() => window.times.length > 1 && performance.now() - window.times.at(-1) > 2000"


def updates_a_second(chromium, browser, **job):
    """Different pictures drawn in a second, from the first to the last.

    Args:
        chromium: of Playwright.
        browser: how it is started: a dict with ``executable_path`` and ``args``.
        **job: ``n`` tokens, ``layers``, ``heads`` and the ``view``.
    """
    with tempfile.TemporaryDirectory() as folder, Server(Path(folder)) as server:
        write(server.files / "live.ipynb", {name: cell.format(updates=UPDATES, **job) for name, cell in CELLS.items()})
        running = chromium.launch(**browser)
        try:
            page = running.new_page(viewport={"width": 1200, "height": 1600})
            book = Book(page, CELLS)
            page.goto(server.address("lab", "live.ipynb"))
            page.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status='idle']", state="attached")
            page.wait_for_selector(".jp-CodeCell .cm-content")
            book.run("view")
            book.cell("view").locator(".kt-notes p").first.wait_for()
            page.evaluate(COUNT)
            book.run("loop")
            page.wait_for_function(STILL)
            times = page.evaluate("window.times")
        finally:
            running.close()
            server.end_kernels()
    return 1000 * (len(times) - 1) / (times[-1] - times[0])

"""Notebooks in a real Jupyter, looked at through a browser."""

import re
import warnings
from importlib.metadata import version

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from tests.e2e.server import Server

LIVE = '[data-kt-live]:not([data-kt-live=""])'  # a widget with a kernel, or with its saved state
# What Notebook 7.6 throws in its own code also for a notebook that holds nothing but 1 + 1.
NOTEBOOKS_OWN = re.compile(
    r"(Cannot read properties of undefined \(reading 'schema'\)|Command 'filebrowser:open-path' not registered)"
    r".*/static/notebook/notebook_core",
    re.DOTALL,
)
# A kernel with ipywidgets 7, as on Colab, in a JupyterLab of today: the layout of the widget is of another version.
OLD_LAYOUT = "Module @jupyter-widgets/base, version ^1.2.0 is not registered"
HAS_OLD_LAYOUT = int(version("ipywidgets").partition(".")[0]) < 8
KERNEL = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
# At each change in JupyterLab, and once a week in Notebook 7, which is made of the same parts.
APPS = ["lab", pytest.param("notebook", marks=pytest.mark.weekly)]
HAS_SESSIONS = "() => [...jupyterapp.shell.widgets('main')].every((one) => one.sessionContext?.isReady ?? true)"
# Closes what stands before the cells and tells what it said, at one stroke: JupyterLab itself may take a dialog away
# at any time. "Keep Waiting", "Cancel", "Close" and "Ok" let the work go on; but without a kernel no cell runs.
CLOSE_DIALOG = """() => {
    const dialog = document.querySelector(".jp-Dialog"), said = dialog?.innerText;
    const [no, yes] = ["reject", "accept"].map(kind => dialog?.querySelector(`button.jp-mod-${kind}`));
    (said?.includes("Select Kernel") ? yes ?? no : no ?? yes)?.click();
    return said;
}"""


@pytest.fixture(scope="session")
def jupyter(tmp_path_factory):
    """A running server with JupyterLab and Notebook 7."""
    for package in ("jupyterlab", "notebook"):
        pytest.importorskip(package, reason=f"{package} is not installed: run `make test`")
    with Server(tmp_path_factory.mktemp("jupyter")) as server:
        yield server


def write(path, cells):
    """Write a notebook: a dict, cell id → source."""
    notebook = new_notebook(cells=[new_code_cell(source.strip(), id=name) for name, source in cells.items()])
    notebook.metadata.kernelspec = KERNEL
    nbformat.write(notebook, path)


class Book:
    """An open notebook. Any error of the page, and any request to elsewhere, is in ``errors``.

    Left out is only what Notebook 7 says of itself, see NOTEBOOKS_OWN, and OLD_LAYOUT with ipywidgets 7.
    """

    def __init__(self, page, names=()):
        self.page, self.names, self.errors = page, list(names), []
        page.set_default_timeout(120_000)  # a kernel that imports TensorFlow on a busy machine
        # On a slow machine JupyterLab asks whether to wait on, or says that the server does not answer or that a kernel
        # had to start anew. The next dialog may stand there when one is closed: do not wait until there is none.
        page.add_locator_handler(page.locator(".jp-Dialog").first, self.go_on, no_wait_after=True)
        page.on("pageerror", lambda error: self._note(f"{error}\n{error.stack}"))
        page.on("console", lambda message: message.type == "error" and self._note(f"{message.text} {message.location}"))
        page.on("request", lambda request: self._note(request.url) if _is_elsewhere(request.url) else None)

    def cell(self, name):
        return self.page.locator(".jp-CodeCell").nth(self.names.index(name))

    def wait_until_ready(self):
        self.page.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status='idle']", state="attached")
        self.page.wait_for_selector(".jp-CodeCell .cm-content")
        # The indicator says "idle" before there is a session, too; and a file closed while its session starts is an
        # error of the page's.
        self.page.wait_for_function(HAS_SESSIONS, polling=100)

    def turn_to(self, file):
        """Close what JupyterLab shows and open another file in the same page: quicker than a page for each."""
        self.close()
        self.page.evaluate("path => jupyterapp.commands.execute('docmanager:open', { path })", file)
        self.wait_until_ready()

    def close(self):
        """Close what JupyterLab shows, without a question; the kernels stay."""
        self.page.evaluate("for (const one of [...jupyterapp.shell.widgets('main')]) one.dispose()")
        self.page.wait_for_selector(".jp-Notebook", state="detached")
        self.errors.clear()

    def run(self, name):
        """Run a cell as a reader does, and wait until the kernel is done; the answer is what it printed."""
        cell, prompt = self.cell(name), self.cell(name).locator(".jp-InputArea-prompt").first
        before = prompt.inner_text()
        self._start(cell, prompt, before)
        code = "([one, before]) => /\\d/.test(one.textContent) && one.textContent.trim() !== before.trim()"
        # Not at each frame, as Playwright does if it is told nothing: the page would draw all that time.
        self.page.wait_for_function(code, arg=[prompt.element_handle(), before], polling=100)
        return "\n".join(cell.locator(".jp-OutputArea-child pre").all_inner_texts()).strip()

    def _start(self, cell, prompt, before):
        """Press until the cell is taken: JupyterLab drops a key that comes while it is still loading."""
        from playwright.sync_api import TimeoutError

        code = "([one, before]) => /[*\\d]/.test(one.textContent) && one.textContent.trim() !== before.trim()"
        for _ in range(6):
            cell.locator(".jp-InputArea-editor").click()
            self.page.keyboard.press("Control+Enter")
            try:
                arg = [prompt.element_handle(), before]
                return self.page.wait_for_function(code, arg=arg, timeout=15_000, polling=100)
            except TimeoutError:
                continue
        raise AssertionError(f"the cell was not taken: {cell.inner_text()}")

    def go_on(self, dialog=None):
        """Close a dialog that stands before the cells, as a reader would; pytest prints what it said."""
        said = self.page.evaluate(CLOSE_DIALOG)
        if said is not None:
            warnings.warn(f"Jupyter opened a dialog: {said}", stacklevel=2)

    def _note(self, error):
        if not NOTEBOOKS_OWN.match(error) and not (HAS_OLD_LAYOUT and OLD_LAYOUT in error):
            self.errors.append(error)


def _is_elsewhere(url):
    return not re.match(r"data:|blob:|file:|about:|(https?|ws)://127\.0\.0\.1\b", url)


@pytest.fixture(scope="module")
def open_book(jupyter, browser):
    """Open a file of the server's folder in "lab" or "notebook"."""
    pages = []

    def open_book(app, file, names=()):
        page = browser.new_context(viewport={"width": 1200, "height": 1600}).new_page()
        pages.append(page)
        book = Book(page, names)
        page.goto(jupyter.address(app, file))
        book.wait_until_ready()
        return book

    yield open_book
    for page in pages:
        page.context.close()
    jupyter.end_kernels()

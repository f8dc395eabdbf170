"""Run lessons and save their outputs: ``make notebooks`` calls this.

    python tests/notebooks/execute.py          all lessons
    python tests/notebooks/execute.py 01 07    two of them

The saved file depends on the lesson only: no clock, no names of this machine, the same metadata in
each, progress bars as they looked at the end. A file is written whole and only when it changes. The
minutes and the memory of each lesson go into the table of notebooks/README.md.
"""

import argparse
import os
import subprocess
import tempfile
import threading
import time
from pathlib import Path

import nbformat
import psutil
from jupyter_client import AsyncKernelManager
from lesson import Lesson, find_lessons, metadata_of_its_own
from lesson_environment import CELL_TIMEOUT, lesson_environment
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbval.kernel import CURRENT_ENV_KERNEL_NAME, NbvalKernelspecManager
from nbval.plugin import coalesce_streams
from syllabus import Measured, update_syllabus

METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("lessons", nargs="*", help="01, or a file; all when none is named")
    failed = []
    for path in find_lessons(parser.parse_args().lessons):
        print(f"{path.stem} … ", end="", flush=True)
        try:
            measured, changed = execute(path)
        except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
            failed.append(path.stem)
            print(f"FAILED, not saved\n{error}")
            continue
        seconds, size = measured.seconds, measured.gigabytes
        print(f"{seconds:.0f} s, {size:.2f} GB, {'saved' if changed else 'unchanged'}")
        if not update_syllabus(path.parent / "README.md", Lesson(path), measured):
            print(f"{path.stem} has no row in {path.parent.name}/README.md, so its minutes stand nowhere.")
    return f"Failed: {', '.join(failed)}" if failed else 0


def execute(path):
    """Run the notebook and save it; returns what it took, and whether the file changed."""
    notebook = nbformat.read(path, as_version=4)
    with tempfile.TemporaryDirectory(prefix="ktlearn-lesson-") as folder:
        measured = _run(notebook, Path(folder))
    _make_canonical(notebook)
    nbformat.validate(notebook)
    return measured, _write_if_changed(path, nbformat.writes(notebook) + "\n")


def _run(notebook, folder):
    (folder / "ipython").mkdir()
    (folder / "work").mkdir()
    client = NotebookClient(
        notebook,
        km=AsyncKernelManager(kernel_name=CURRENT_ENV_KERNEL_NAME, kernel_spec_manager=NbvalKernelspecManager()),
        timeout=CELL_TIMEOUT,
        iopub_timeout=60,  # seconds for a cell's last output; then fail, and never save half of the outputs
        raise_on_iopub_timeout=True,
        record_timing=False,
        resources={"metadata": {"path": str(folder / "work")}},
    )
    start = time.monotonic()
    with PeakMemory() as memory:
        # What the kernel itself says on stderr is about sockets; what a lesson says arrives as outputs.
        client.execute(cleanup_kc=True, env=lesson_environment(folder / "ipython"), stderr=subprocess.DEVNULL)
    return Measured(time.monotonic() - start, memory.peak / 1e9)


class PeakMemory:
    """The largest resident memory of the processes started here, sampled five times a second, in bytes."""

    def __enter__(self):
        self.peak = 0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *exception):
        self._done.set()
        self._thread.join()

    def _watch(self):
        while not self._done.wait(0.2):
            self.peak = max(self.peak, sum(map(_resident, psutil.Process().children(recursive=True))))


def _resident(process):
    try:
        return process.memory_info().rss
    except psutil.Error:  # it has just ended
        return 0


def _make_canonical(notebook):
    notebook.metadata = nbformat.from_dict(METADATA)
    notebook.nbformat_minor = 5
    for cell in notebook.cells:
        cell.metadata = nbformat.from_dict(metadata_of_its_own(cell))
        if cell.cell_type == "code":
            cell.outputs = coalesce_streams(cell.outputs)  # joins what was printed, and ends progress bars
            for output in cell.outputs:
                _drop_live_widget(output)


def _drop_live_widget(output):
    """A live view is dead in a saved file, and hides the picture saved beside it."""
    data = output.get("data", {})
    if len(data.keys() - {"text/plain"}) > 1:
        data.pop("application/vnd.jupyter.widget-view+json", None)


def _write_if_changed(path, text):
    if path.read_bytes() == text.encode():
        return False
    draft = path.with_name(f".{path.name}.draft")
    draft.write_bytes(text.encode())
    os.replace(draft, path)
    return True


if __name__ == "__main__":
    raise SystemExit(main())

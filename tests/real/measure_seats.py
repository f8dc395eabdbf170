"""Measure what a room needs: several kernels work through one lesson at once, on this machine.

    python -m tests.real.measure_seats --kernels 8 --lesson 07

Memory is PSS, not RSS: a page that several processes share (those of TensorFlow's libraries, for example) is
counted once, in parts. Added up, PSS is what the machine really needs; RSS added up is too much. It is read once a
second for each kernel with its children. A run is a line of ``measured/seats.jsonl``, with the arithmetic for a room of
40.
"""

import argparse
import json
import os
import subprocess
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import psutil
from jupyter_client import AsyncKernelManager
from nbclient import NotebookClient
from nbval.kernel import CURRENT_ENV_KERNEL_NAME, NbvalKernelspecManager

from tests.e2e.server import Server
from tests.notebooks.lesson import find_lessons
from tests.notebooks.lesson_environment import lesson_environment

LINES = Path(__file__).with_name("measured") / "seats.jsonl"
ROOM = 40
GB = 1e9


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kernels", type=int, default=8, help="how many at once (default: %(default)s)")
    parser.add_argument("--lesson", default="07", help="which lesson (default: %(default)s)")
    options = parser.parse_args()
    (path,) = find_lessons([options.lesson])
    measured = measure(path, options.kernels)
    measured |= {"a server": server_memory()}
    measured |= for_a_room(measured)
    with LINES.open("a", encoding="utf-8") as lines:
        lines.write(json.dumps(measured) + "\n")
    print(json.dumps(measured, indent=1))


def measure(path, count):
    """Run a notebook in ``count`` kernels at once: the minutes of each, and the largest memory, in GB."""
    busy_beside = psutil.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="ktlearn-seats-") as folder, Watch() as watch:
        places = [Path(folder) / str(seat) for seat in range(count)]
        with ThreadPoolExecutor(count) as pool:
            minutes = list(pool.map(_work, [path] * count, places, [watch] * count))
    return {
        "lesson": path.stem,
        "kernels": count,
        "cores": len(os.sched_getaffinity(0)),
        "busy before": round(busy_beside, 1),
        "minutes": [round(each, 1) for each in minutes],
        "largest PSS of a kernel": round(max(watch.largest.values()) / GB, 2),
        "largest RSS of a kernel": round(watch.largest_rss / GB, 2),
        "largest PSS of all together": round(watch.largest_sum / GB, 2),
    }


def _work(path, place, watch):
    """One learner's minutes; what the cells show is thrown away."""
    for name in ("ipython", "work"):
        (place / name).mkdir(parents=True)
    manager = AsyncKernelManager(kernel_name=CURRENT_ENV_KERNEL_NAME, kernel_spec_manager=NbvalKernelspecManager())
    client = NotebookClient(
        nbformat.read(path, as_version=4),
        km=manager,
        timeout=None,  # many at once are slow
        on_notebook_start=lambda **_: watch.add(manager.provisioner.pid),
        resources={"metadata": {"path": str(place / "work")}},
    )
    start = time.monotonic()
    client.execute(cleanup_kc=True, env=lesson_environment(place / "ipython"), stderr=subprocess.DEVNULL)
    return (time.monotonic() - start) / 60


class Watch:
    """The memory of some kernels, read once a second, in bytes."""

    def __init__(self):
        self.largest, self.largest_sum, self.largest_rss = {}, 0, 0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def add(self, pid):
        """Look at this process, and its children, from now on."""
        self.largest[pid] = 0

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *exception):
        self._done.set()
        self._thread.join()

    def _look(self):
        start, minute = time.monotonic(), 0
        while not self._done.wait(1):
            now = {pid: memory(pid) for pid in list(self.largest)}
            self.largest_sum = max(self.largest_sum, sum(pss for pss, _ in now.values()))
            for pid, (pss, rss) in now.items():
                self.largest[pid] = max(self.largest[pid], pss)
                self.largest_rss = max(self.largest_rss, rss)
            if time.monotonic() - start > 60 * (minute + 1):  # a run that is cut off has told as much
                minute += 1
                print(f"minute {minute}: at most {self.largest_sum / GB:.2f} GB together so far", flush=True)


def memory(pid):
    """PSS and RSS of a process and its children, in bytes."""
    pss = rss = 0
    try:
        family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    except psutil.Error:  # it has ended
        return 0, 0
    for process in family:
        try:
            full = process.memory_full_info()
            pss, rss = pss + full.pss, rss + full.rss
        except psutil.Error:
            continue
    return pss, rss


def server_memory():
    """PSS of a Jupyter server that has just started, in GB: each seat of a hub has one beside its kernel."""
    with tempfile.TemporaryDirectory(prefix="ktlearn-server-") as folder, Server(Path(folder)) as server:
        server.ask("GET", "api/contents")
        return round(memory(server.pid)[0] / GB, 2)


def for_a_room(measured, seats=ROOM):
    """The arithmetic: a part of what the measured kernels need together, and a server, times the seats."""
    seat = measured["largest PSS of all together"] / measured["kernels"] + measured["a server"]
    return {"GB for a seat": round(seat, 2), f"GB for {seats} seats": round(seat * seats)}


if __name__ == "__main__":
    main()

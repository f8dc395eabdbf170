"""What the benchmark measures of a page in Chromium: its first render, one interaction, its memory, its work."""

import contextlib
import os
import re
import signal
import threading
import time

from playwright.sync_api import Error

# In the first frame it is drawn at the latest, with the second one that is over. So two frames are the least.
DRAWN = "await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


def measured(chromium, browser, file, ready, act, scripts, limit):
    """The figures of one page, a dict: bytes, seconds, memory in MB (10⁶ bytes). None is what took too long.

    ``first`` and ``act`` pass on the clock; ``first_work`` and ``act_work`` is what the page's main thread computed in
    them, which other programs on the machine hardly change.

    Args:
        chromium: of Playwright.
        browser: how it is started: a dict with ``executable_path`` and ``args``.
        file: the page.
        ready: JavaScript, true as soon as the view is there.
        act: JavaScript of one interaction.
        scripts: files for what the page loads from elsewhere, by their names there; nothing else is loaded.
        limit: seconds, for the first render and for the interaction.
    """

    def answer(route):
        known = scripts.get(route.request.url.rsplit("/", 1)[-1])
        route.fulfill(path=known, content_type="text/javascript") if known else route.abort()

    figures = {"bytes": file.stat().st_size, "first": None, "act": None, "memory": None}
    figures |= {"first_work": None, "act_work": None}
    running = chromium.launch(**browser)  # one for each page: none is warmed by another
    with contextlib.suppress(TooSlow), contextlib.closing(running):
        page, number = running.new_page(viewport={"width": 1200, "height": 900}), _process(running)
        page.set_default_timeout(0)
        page.route(re.compile("^https?:"), answer)
        session = page.context.new_cdp_session(page)
        session.send("Performance.enable", {"timeDomain": "threadTicks"})
        with _within(limit, number):
            start = time.perf_counter()
            page.goto(file.as_uri(), wait_until="commit")
            page.wait_for_function(f"() => {ready}", polling=20)
            _seconds(page, "")
            figures["first"] = time.perf_counter() - start
            figures["first_work"] = _work(session)
        with _within(limit, number):
            figures["act"] = _seconds(page, act)
            figures["act_work"] = _work(session) - figures["first_work"]
        figures["memory"] = _memory(page)
    return figures


class TooSlow(Exception):
    """Something took longer than its limit."""


@contextlib.contextmanager
def _within(limit, process):
    """End the browser when this takes longer. A page of millions of lines keeps it from answering, even to a close."""
    is_over = threading.Event()

    def end():
        is_over.set()
        os.kill(process, signal.SIGKILL)

    timer = threading.Timer(limit, end)
    timer.start()
    try:
        yield
    except Error as error:
        if is_over.is_set():
            raise TooSlow from error
        raise
    finally:
        timer.cancel()


def _process(running):
    """The number of the browser's process."""
    processes = running.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
    return next(process["id"] for process in processes if process["type"] == "browser")


def _seconds(page, code):
    """How long the page takes for a piece of JavaScript, until it has been drawn."""
    timed = f"const start = performance.now(); {code}; {DRAWN}; window.took = performance.now() - start;"
    page.evaluate(f"() => {{ window.took = 0; setTimeout(async () => {{ {timed} }}); }}")
    return page.wait_for_function("() => window.took").json_value() / 1000


def _work(session):
    """Seconds that the page's main thread has worked so far."""
    metrics = session.send("Performance.getMetrics")["metrics"]
    return next(metric["value"] for metric in metrics if metric["name"] == "TaskDuration")


def _memory(page):
    """What scripts, their arrays and the nodes of the page hold, after a garbage collection."""
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    heap = session.send("Runtime.getHeapUsage")
    return sum(heap[name] for name in ("usedSize", "backingStorageSize", "embedderHeapUsedSize")) / 1e6

"""What the benchmark measures of a page in Chromium: its first render, one interaction, its memory."""

import re
import time

from playwright.sync_api import TimeoutError as TooSlow

# In the first frame it is drawn at the latest, with the second one that is over. So two frames are the least.
DRAWN = "await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


def measured(playwright, browser, file, ready, act, scripts, limit):
    """The figures of one page, a dict: bytes, seconds, memory in MB (10⁶ bytes). None is what took too long.

    Args:
        browser: how Playwright starts it: a dict with ``executable_path`` and ``args``.
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
    running = playwright.chromium.launch(**browser)  # one for each page: none is warmed by another
    try:
        page = running.new_page(viewport={"width": 1200, "height": 900})
        page.route(re.compile("^https?:"), answer)
        start = time.perf_counter()
        page.goto(file.as_uri(), wait_until="commit", timeout=limit * 1000)
        page.wait_for_function(f"() => {ready}", timeout=limit * 1000, polling=20)
        _seconds(page, "", limit - (time.perf_counter() - start))
        figures["first"] = time.perf_counter() - start
        figures["act"] = _seconds(page, act, limit)
        figures["memory"] = _memory(page)
    except TooSlow:
        pass  # the figures that are still None say so
    finally:
        running.close()
    return figures


def _seconds(page, code, limit):
    """How long the page takes for a piece of JavaScript, until it has been drawn."""
    timed = f"const start = performance.now(); {code}; {DRAWN}; window.took = performance.now() - start;"
    page.evaluate(f"() => {{ window.took = 0; setTimeout(async () => {{ {timed} }}); }}")
    return page.wait_for_function("() => window.took", timeout=max(limit, 0.1) * 1000).json_value() / 1000


def _memory(page):
    """What scripts, their arrays and the nodes of the page hold, after a garbage collection."""
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    heap = session.send("Runtime.getHeapUsage")
    return sum(heap[name] for name in ("usedSize", "backingStorageSize", "embedderHeapUsedSize")) / 1e6

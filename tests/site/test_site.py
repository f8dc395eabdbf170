"""The whole site, built once as `make site` builds it: its pages as files, and then in a browser."""

import ast
import http.server
import json
import os
import re
import subprocess
import sys
import threading
from functools import partial
from pathlib import Path

import pytest

import ktlearn
from docs.site import links, sources

ROOT = Path(__file__).resolve().parents[2]
LESSONS = sorted((ROOT / "notebooks").glob("[0-9A-Z][0-9]_*.ipynb"))
LARGEST = 3_000_000  # bytes of a page with all that it loads
# What the tests of colours and of a narrow page look at: each kind of page.
KINDS = ("index", "lessons/index", "lessons/00_start_here", "lessons/02_self_attention_and_masks", "glossary", "readme")
KINDS += ("api/attention", "benchmarks", "search")
# On the page of `ktlearn`: the name itself, or a link to the module that has it.
DESCRIBED = r'id="ktlearn\.{0}"|href="\w+\.html#ktlearn\.\w+\.{0}"'
# What has no page of the reference, and why.
NO_REFERENCE = {
    "backend": "Keras and its operations, which Keras describes",
    "course": "commands, which the README tells, and what the page of `ktlearn` has",
    "diagrams": "the lessons' own pictures",
    "doctor": "a command: python -m ktlearn doctor",
    "exercises": "found with ktlearn.exercise, which the page of `ktlearn` has",
    "kinds": "what a reader needs of it is imported from ktlearn.learner",
    "lessons": "the old name of a command",
    "support": "knows nothing of texts, models or lessons",
}

QUICK = {"resultTypes": ["violations"], "preload": False, "iframes": False}
# Takes the colours from code: its thousands of pieces are most of axe's work, and they have the same few colours.
PLAIN = "document.querySelectorAll('.highlight pre').forEach((one) => { one.textContent = one.textContent })"
PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The folder of the built site. KTLEARN_SITE may name one that is there already."""
    if "KTLEARN_SITE" in os.environ:
        return Path(os.environ["KTLEARN_SITE"]).resolve()
    folder, work = tmp_path_factory.mktemp("site") / "site", tmp_path_factory.mktemp("work")
    command = [sys.executable, "-m", "docs.site", str(folder), "--work", str(work)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-6000:]
    return folder


@pytest.fixture(scope="module")
def pages(site):
    """The names of all pages, without ``.html``; what is only to be downloaded is none."""
    found = sorted(path.relative_to(site).as_posix().removesuffix(".html") for path in site.rglob("*.html"))
    return [name for name in found if not name.startswith("_downloads/")]


# --- as files -----------------------------------------------------------------------------------


def test_every_lesson_has_a_page_with_its_outputs_and_its_notebook(site):
    for lesson in LESSONS:
        text = (site / f"lessons/{lesson.stem}.html").read_text(encoding="utf-8")
        notebook = json.loads(lesson.read_text(encoding="utf-8"))
        title = re.match("# (.+)", "".join(notebook["cells"][0]["source"]))[1]
        assert f"<h1>{title}<" in text
        with_output = [cell for cell in notebook["cells"] if cell.get("outputs") and cell["id"] != "bootstrap"]
        assert text.count('class="cell_output ') == len(with_output)
        assert f'href="../notebooks/{lesson.name}" download' in text
        assert (site / "notebooks" / lesson.name).read_bytes() == lesson.read_bytes()


def test_the_frozen_widgets_are_there_whole(site):
    found = 0
    for lesson in LESSONS:
        text = (site / f"lessons/{lesson.stem}.html").read_text(encoding="utf-8")
        for cell in json.loads(lesson.read_text(encoding="utf-8"))["cells"]:
            for output in cell.get("outputs", ()):
                widget = "".join(output.get("data", {}).get("text/html", ())).strip()
                if "kt-frozen" in widget:
                    found += 1
                    assert widget in text
    assert found >= 10


def test_the_style_of_the_site_touches_nothing_inside_a_widget():
    style = (ROOT / "docs/site/static/site.css").read_text(encoding="utf-8")
    assert set(re.findall(r"\.(kt-[\w-]+)", style)) <= {"kt-frozen", "kt-widget"}


def test_every_link_leads_somewhere_and_nothing_is_loaded_from_elsewhere(site):
    assert links.broken(site) == []
    assert len(list(links.links(site))) > 3000


def test_no_page_is_heavy(site):
    sizes = {}
    for path in site.rglob("*.html"):
        loaded = {path} | {
            path.parent / link.address.partition("?")[0]
            for link in links.page(path).links
            if link.is_loaded and not link.address.startswith(("data:", "#"))
        }
        files = {each.resolve() for each in loaded}
        sizes[path.relative_to(site).as_posix()] = sum(each.stat().st_size for each in files if each.is_file())
    heaviest = max(sizes, key=sizes.get)
    print(f"the heaviest page: {sizes[heaviest] / 1e6:.2f} MB with all that it loads, {heaviest}")
    assert {name: size for name, size in sizes.items() if size > LARGEST} == {}


def test_every_picture_says_what_it_shows(site):
    for path in (site / "lessons").glob("*.html"):
        for picture in re.findall(r"<img[^>]*>", re.sub(r"<script.*?</script>", "", path.read_text(), flags=re.DOTALL)):
            words = re.search(r'alt="([^"]*)"', picture)
            assert words and len(words[1]) > 20 and not words[1].startswith("../"), (path.name, picture[:200])


def test_the_terms_of_the_glossary_and_the_lessons_lead_to_each_other(site):
    text = (ROOT / "notebooks/README.md").read_text(encoding="utf-8").partition("\n## Glossary\n")[2]
    entries = sources.ENTRY.findall(text)
    page = links.page(site / "glossary.html")
    terms = {anchor for anchor in page.anchors if anchor.startswith("term-")}
    assert len(terms) == len(entries) > 50
    targets = {link.address for link in page.links}
    assert {f"lessons/{lesson}.html" for lesson in re.findall(r"\((\w+)\.ipynb\)", text)} <= targets
    linked = {}
    for lesson in LESSONS:
        addresses = [each.address for each in links.page(site / f"lessons/{lesson.stem}.html").links]
        linked[lesson.stem] = sum(address.startswith("../glossary.html#term-") for address in addresses)
    assert min(linked.values()) > 0, linked
    assert sum(linked.values()) > 5 * len(LESSONS), linked


def test_the_reference_has_every_public_module_and_name_and_its_examples(site):
    """Public is what lies in the package's folder without an underscore, and what ``ktlearn.__all__`` names."""
    modules = {*modules_in_the_source(), *ktlearn.__all__}
    top = {name for name in ktlearn.__all__ if re.search(DESCRIBED.format(name), reference(site, "ktlearn"))}
    have_a_page = {name for name in modules if reference(site, name)}
    assert modules - top - have_a_page == set(NO_REFERENCE)
    assert top | have_a_page >= {"attention", "exercise", "project"}
    for module in have_a_page:
        names = names_in_the_source(module)
        assert names
        for name in names:
            there = f'id="ktlearn.{module}.{name}"' in reference(site, module)
            assert there or name.isupper(), f"ktlearn.{module}.{name}"
    assert "&gt;&gt;&gt; " in reference(site, "attention")
    assert 'id="ktlearn.exercises.exercise.Exercise.hint"' in reference(site, "ktlearn")


def reference(site, name):
    """A page of the reference; nothing where there is none."""
    path = site / f"api/{name}.html"
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def modules_in_the_source():
    """The modules and packages right inside ``ktlearn/``; nothing is imported."""
    paths = [*ROOT.glob("ktlearn/*.py"), *(path.parent for path in ROOT.glob("ktlearn/*/__init__.py"))]
    return {path.stem for path in paths if not path.stem.startswith("_")}


def names_in_the_source(module):
    """What stands in ``__all__``, or else every function and class without an underscore; nothing is imported."""
    (path,) = [*ROOT.glob(f"ktlearn/{module}.py"), *ROOT.glob(f"ktlearn/{module}/__init__.py")]
    body = ast.parse(path.read_text(encoding="utf-8")).body
    for node in body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return [each.value for each in node.value.elts if isinstance(each, ast.Constant)]
    defined = [node.name for node in body if isinstance(node, (ast.FunctionDef, ast.ClassDef))]
    return [name for name in defined if not name.startswith("_")]


def test_the_formulas_are_drawn(site):
    text = (site / "lessons/01_attention_math.html").read_text(encoding="utf-8")
    assert text.count('<svg class="formula" role="img" aria-label=') > 20
    assert "MathJax" not in text


def test_no_address_is_invented(site):
    """While repository.toml names none, no page leads to a copy of the course elsewhere."""
    if not sources.read_repository(ROOT / "notebooks").url:
        for path in (site / "lessons").glob("*.html"):
            assert "colab.research.google.com/github" not in path.read_text(encoding="utf-8")


# --- in a browser -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def address(site):
    """The site, served by this machine to itself."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args):
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(site)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture
def open_page(browser, address):
    """Open a page of the site; at the end no error and no request to elsewhere may have been seen."""
    errors, contexts = [], []

    def open_page(name, start=None, **settings):
        start = start or address
        contexts.append(browser.new_context(**{"viewport": {"width": 1280, "height": 900}} | settings))
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: errors.append(f"{page.url}: {error}"))
        page.on("console", lambda said: errors.append(f"{page.url}: {said.text}") if said.type == "error" else None)
        page.on("request", lambda asked: errors.append(asked.url) if not asked.url.startswith((start, "data:")) else 0)
        page.on("requestfailed", lambda asked: errors.append(f"{asked.url}: {asked.failure}") if failed(asked) else 0)
        page.goto(f"{start}/{name}.html")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert errors == []


def failed(request):
    """Not what the browser gives up because the next page is opened."""
    return request.failure != "net::ERR_ABORTED"


@pytest.fixture(scope="module")
def axe():
    found = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed: run `make test`")
    return found.Axe()


def wrong(axe, page, **options):
    """What axe finds on a page, in words. The check boxes of the theme stand outside of every landmark, and must."""
    found = axe.run(page, {"exclude": [".sidebar-toggle"]}, QUICK | options).response["violations"]
    name = page.url.rpartition("/")[2]
    return [f"{name}: {one['id']}: {[node['target'] for node in one['nodes']][:4]}" for one in found]


def test_every_page_opens_without_an_error_and_passes_axe(open_page, address, pages, axe):
    page = open_page("index")
    paints, found = {}, []
    for name in pages:
        page.goto(f"{address}/{name}.html")
        paints[name] = first_paint(page)
        page.evaluate(PLAIN)
        # Colours are the slowest of axe's rules, and all pages have theirs from one style.
        found += wrong(axe, page, rules={"color-contrast": {"enabled": name in KINDS}})
    slowest = max(paints, key=paints.get)
    print(f"{len(pages)} pages; the slowest first paint: {paints[slowest]:.0f} ms, {slowest}")
    assert found == []
    assert len(pages) > 40


def first_paint(page):
    """Milliseconds until something was seen; a page of which nothing is ever seen fails, by name."""
    from playwright.sync_api import TimeoutError

    try:
        # It may come a moment after the page has loaded.
        return page.wait_for_function(PAINT, timeout=10_000).json_value()
    except TimeoutError:
        pytest.fail(f"{page.url}: nothing was painted")


def test_code_has_enough_contrast(open_page, axe):
    assert wrong(axe, open_page("api/layers"), runOnly=["color-contrast"]) == []
    assert wrong(axe, open_page("api/layers", color_scheme="dark"), runOnly=["color-contrast"]) == []


def test_the_dark_theme_has_enough_contrast(open_page, address, axe):
    page, found = open_page("index", color_scheme="dark"), []
    for name in KINDS:
        page.goto(f"{address}/{name}.html")
        paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert sum(map(int, re.findall(r"\d+", paper)[:3])) < 200
        page.evaluate(PLAIN)
        found += wrong(axe, page, runOnly=["color-contrast"])
    assert found == []


def test_the_theme_is_chosen_with_a_button_and_the_widgets_follow(open_page):
    page = open_page("lessons/00_start_here")
    page.wait_for_selector(".kt-frozen .kt-notes")
    button = page.locator(".theme-toggle-content button")
    for _ in range(2):
        button.focus()
        page.keyboard.press("Enter")
        if page.evaluate("document.body.dataset.theme") == "dark":
            break
    page.wait_for_function("document.querySelectorAll('.kt-frozen .kt-dark').length > 0")
    page.reload()
    assert page.evaluate("document.body.dataset.theme") == "dark"


def test_a_widget_is_alive_without_a_kernel(open_page):
    page = open_page("index")
    page.wait_for_selector(".kt-frozen .kt-notes")
    page.locator('.kt-frozen button[name="layer 2"]').first.click()
    page.wait_for_function("document.querySelector('button[name=\"layer 2\"]').ariaPressed === 'true'")


def test_the_keyboard_reaches_what_the_mouse_does_and_shows_where_it_is(open_page):
    page = open_page("lessons/01_attention_math")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className").startswith("skip-to-content")
    page.wait_for_function("document.activeElement.getBoundingClientRect().top >= 0")
    page.keyboard.press("Enter")
    assert page.url.endswith("#furo-main-content")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('article') !== null")
    page = open_page("index")
    where = "(one => [one.className, getComputedStyle(one).outlineStyle])(document.activeElement)"
    seen = []
    for _ in range(14):
        page.keyboard.press("Tab")
        seen.append(page.evaluate(where))
    assert any("sidebar-search" in name for name, _ in seen)
    assert [name for name, outline in seen if outline == "none"] == []


def test_the_drawers_of_a_narrow_page_open_with_the_keyboard(open_page):
    page = open_page("index", viewport={"width": 390, "height": 844})
    drawer = page.locator(".sidebar-drawer")
    assert drawer.bounding_box()["x"] < 0
    for _ in range(2):  # past the navigation, or into it
        page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.wait_for_function("document.querySelector('.sidebar-drawer').getBoundingClientRect().left >= 0")


@pytest.mark.parametrize("way", ["served", "from a folder"])
def test_the_search_finds_a_lesson(open_page, site, way):
    page = open_page("index", start=site.as_uri() if way == "from a folder" else None)
    page.locator(".sidebar-search").fill("label smoothing")
    page.keyboard.press("Enter")
    page.wait_for_selector("#search-results li a")
    found = page.locator("#search-results li a").all_inner_texts()
    assert any("Encoder and decoder" in each for each in found)
    page.locator("#search-results li a").first.click()
    page.wait_for_selector("article h1")


def test_a_narrow_page_does_not_scroll_sideways(open_page, address):
    page, wide = open_page("index", viewport={"width": 390, "height": 844}), {}
    for name in KINDS:
        page.goto(f"{address}/{name}.html")
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > 390:
            wide[name] = width
    assert wide == {}


def test_on_paper_there_is_the_lesson_and_nothing_around_it(open_page):
    page = open_page("lessons/01_attention_math", color_scheme="dark")
    page.emulate_media(media="print")
    for around in (".sidebar-drawer", ".toc-drawer", ".site-between", ".site-open", ".theme-toggle-content"):
        assert page.locator(around).first.is_hidden()
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert paper in ("rgb(255, 255, 255)", "rgba(0, 0, 0, 0)")


def test_without_scripts_a_lesson_can_be_read(open_page):
    page = open_page("lessons/00_start_here", java_script_enabled=False)
    assert page.locator("article h1").is_visible()
    assert page.locator(".kt-frozen img").first.is_visible()

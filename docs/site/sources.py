"""The pages of the site before Sphinx reads them: gathered from where they are written, with links that lead to pages.

Nothing is written twice. The lessons are the notebooks, the glossary and the syllabus stand in notebooks/README.md, the
reference in the docstrings. ``PAGES`` says which other files of the repository are pages too.
"""

import ast
import html
import importlib
import json
import posixpath
import re
import shutil
from pathlib import Path
from typing import NamedTuple

from ktlearn.course.stamp import colab_cell, read_repository

HERE = Path(__file__).parent
# A file of the repository, and the page that it becomes.
PAGES = {
    "README.md": "readme",
    "CHANGELOG.md": "changes",
    "docs/workshop/README.md": "teachers/index",
    "docs/workshop/schedules.md": "teachers/schedules",
    "docs/workshop/instructor-guide.md": "teachers/instructor-guide",
    "docs/workshop/week-before.md": "teachers/week-before",
    "docs/workshop/feedback-form.md": "teachers/feedback-form",
    "rooms/README.md": "teachers/rooms",
    "docs/scale/README.md": "scale",
    "tests/benchmarks/README.md": "benchmarks",
    "tests/benchmarks/measured/table.md": "benchmarks/table",
    "assets/data/README.md": "cards/data",
}
CARDS = "assets/models/*/README.md"
RECIPES = "recipes/*/README.md"
# The modules of the reference, in the order in which they are best read.
MODULES = (
    "ktlearn",
    *("ktlearn.attention", "ktlearn.rotary", "ktlearn.layers", "ktlearn.transformer", "ktlearn.seq2seq"),
    *("ktlearn.generate", "ktlearn.models", "ktlearn.text", "ktlearn.learner", "ktlearn.predictor", "ktlearn.project"),
    *("ktlearn.tasks", "ktlearn.widgets", "ktlearn.data", "ktlearn.plots", "ktlearn.schedules", "ktlearn.optimizers"),
    *("ktlearn.seeding", "ktlearn.model_state", "ktlearn.bundled"),
)
# Classes that a reader is given by a module's functions and does not import: their methods are what the page is for.
GIVEN = {
    "ktlearn": ("ktlearn.exercises.exercise.Exercise", "ktlearn.course.progress.Progress"),
    "ktlearn.project": ("ktlearn.project.rubric.Rubric", "ktlearn.project.rubric.Finding"),
}
FROM_JUPYTER = ("colab", "bootstrap")  # cells that have no sense on a page
LESSON = "[0-9A-Z][0-9]_*.ipynb"
PICTURES = (".png", ".svg", ".jpg")
ROW = re.compile(r"^\| *(\d\d|[A-Z]\d) *\|(.+)\|\s*$", re.MULTILINE)
GLOSSARY = re.compile(r"\n## ([^\n]+)\n\n([^\n]+)\n\n(?=- \*\*)")
ENTRY = re.compile(r"^- \*\*(.+?)\*\*: (.+)$", re.MULTILINE)
LINK = re.compile(r"(`[^`\n]*`)|(!?)\[((?:[^\]\[]|\[[^\]]*\])*)\]\(([^)\s]+)\)")
FENCE = re.compile(r"(^```.*?^```\s*?$)", re.MULTILINE | re.DOTALL)
TO_WRITE_ON = re.compile(r"^_{3,}$", re.MULTILINE)
LINE = '<hr class="site-to-write-on">'  # in HTML: of Markdown's rules Sphinx takes no two one after the other


class Edition(NamedTuple):
    """The course in one language: ``notebooks/`` is in English, ``notebooks/zh/`` would be in Chinese."""

    language: str
    folder: Path

    def lessons(self):
        """The notebooks, in the order of their names."""
        return sorted(self.folder.glob(LESSON))


def editions(root):
    """The editions that a checkout has, English first."""
    folders = [path for path in sorted((root / "notebooks").iterdir()) if any(path.glob(LESSON))]
    return [Edition("en", root / "notebooks"), *(Edition(path.name, path) for path in folders)]


class Sources:
    """The pages of one edition, written into a folder.

    Args:
        root: the checkout.
        edition: which lessons.
        target: the folder that Sphinx will read; what was in it goes.
        reference: False leaves the reference out. It is what takes long.
    """

    def __init__(self, root, edition, target, reference=True):
        self.root, self.edition, self.target = root, edition, target
        self.repository = read_repository(root / "notebooks")
        self.lessons = edition.lessons()
        self.pages = {path: page for path, page in PAGES.items() if (root / path).is_file()}
        for card in sorted(root.glob(CARDS)):
            self.pages[self._place(card)] = f"cards/{card.parent.name}"
        for recipe in sorted(root.glob(RECIPES)):
            self.pages[self._place(recipe)] = f"cards/{recipe.parent.name.replace('_', '-')}/recipe"
        self.reference, self.terms, self.dropped = reference, {}, set()

    def write(self):
        """Write all pages; what is the same as before keeps its time, so that Sphinx leaves it alone."""
        self.written = set()
        for page in sorted((HERE / "pages").rglob("*.md")):
            self._put(page.relative_to(HERE / "pages"), page.read_text(encoding="utf-8"))
        for path, page in self.pages.items():
            text = TO_WRITE_ON.sub(LINE, (self.root / path).read_text(encoding="utf-8"))
            self._put(f"{page}.md", self._relinked(text, path, f"{page}.md") + self._below(page))
        for lesson in self.lessons:
            self._put(f"lessons/{lesson.name}", self._lesson(lesson))
        self._syllabus()
        self._put("first_map.html", self._first_map())
        for module in MODULES:
            text = _reference(module) if self.reference else f"{module}\n{'=' * 30}\n"
            self._put(f"api/{module.removeprefix('ktlearn.')}.rst", text)
        for path in sorted(self.target.rglob("*"), reverse=True):
            if path.is_file() and path not in self.written:
                path.unlink()

    def context(self):
        """What the templates need to know of the lessons: page → its notebook and its address on Colab."""
        known = {}
        for lesson in self.lessons:
            link = re.search(r"\((https:.+)\)", colab_cell(self.repository, self._place(lesson)))
            known[f"lessons/{lesson.stem}"] = {"notebook": lesson.name, "colab": link[1] if link else ""}
        return {"lessons": known, "repository": self.repository.url}

    def _below(self, page):
        """What the navigation shows under a page: those whose place is below it, as benchmarks/table."""
        below = [f"/{name}" for name in self.pages.values() if name.startswith(f"{page}/")]
        return "\n".join(["", "```{toctree}", ":hidden:", "", *below, "```", ""]) if below else ""

    def _syllabus(self):
        """notebooks/README.md: its table becomes the list of lessons, its glossary a page that Sphinx understands."""
        readme = next(path / "README.md" for path in self._folders() if (path / "README.md").is_file())
        before, title, words, after = GLOSSARY.split(readme.read_text(encoding="utf-8"), maxsplit=1)
        place = self._place(readme)
        tree = "\n".join(["```{toctree}", ":hidden:", "", *(lesson.stem for lesson in self._in_order(before)), "```"])
        self._put("lessons/index.md", f"{self._relinked(before, place, 'lessons/index.md')}\n{tree}\n")
        entries = []
        for term, sentence in ENTRY.findall(after):
            self.terms[term.lower()] = term
            entries += [term, f"    {self._relinked(sentence, place, 'glossary.md')}", ""]
        self._put("glossary.md", "\n".join([f"# {title}", "", words, "", "```{glossary}", *entries, "```", ""]))
        self._put("cards.html", self._cards(before))

    def _folders(self):
        """Where the lessons lie; an edition without a README of its own has the English one."""
        return self.edition.folder, self.root / "notebooks"

    def _in_order(self, syllabus):
        names = [name for row in ROW.findall(syllabus) for name in re.findall(r"\]\((\S+?)\)", row[1])]
        here = {lesson.name: lesson for lesson in self.lessons}
        return [here[name] for name in names if name in here] + [here[name] for name in here if name not in names]

    def _cards(self, syllabus):
        """The lessons as the home page shows them."""
        cards = []
        for number, rest in ROW.findall(syllabus):
            title, about, minutes, *_ = (html.escape(cell.strip(), quote=False) for cell in rest.split("|"))
            link = re.fullmatch(r"\[(.+)\]\((.+)\.ipynb\)", title)
            if not link or not (self.edition.folder / f"{link[2]}.ipynb").is_file():
                continue
            about = re.sub(r"`(.+?)`", r"<code>\1</code>", about)
            cards.append(
                f'<li><a href="lessons/{link[2]}.html"><span class="site-number">{number}</span> {link[1]}</a>'
                f"<p>{about}</p><p class='site-minutes'>{minutes}</p></li>"
            )
        return "<ol class='site-lessons'>\n" + "\n".join(cards) + "\n</ol>\n"

    def _first_map(self):
        """The first widget of the first lesson, alive: what the home page shows."""
        for cell in json.loads(self.lessons[0].read_text(encoding="utf-8"))["cells"]:
            for output in cell.get("outputs", ()):
                shown = "".join(output.get("data", {}).get("text/html", ()))
                if "kt-frozen" in shown:
                    return shown
        return ""

    def _lesson(self, path):
        """A notebook for Sphinx: without what only Jupyter needs, its pictures with words for who cannot see them."""
        notebook = json.loads(path.read_text(encoding="utf-8"))
        cells = [cell for cell in notebook["cells"] if cell.get("id") not in FROM_JUPYTER]
        for cell, following in zip(cells, [*cells[1:], None], strict=True):
            if cell["cell_type"] == "markdown":
                source = self._relinked("".join(cell["source"]), self._place(path), f"lessons/{path.name}")
                cell["source"] = source.splitlines(keepends=True)
            for output in cell.get("outputs", ()):
                data = output.get("data", {})
                if "text/html" in data:
                    output["data"] = {"text/html": data["text/html"]}
                elif "image/png" in data:
                    cell["metadata"]["mystnb"] = {"image": _image_options(output, following)}
        notebook["cells"] = cells
        return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"

    def _relinked(self, markdown, source, page):
        """Markdown whose links lead to pages of the site; other files come along, and folders go to the repository.

        Of a link that leads nowhere the words stay, and ``dropped`` has the file or folder.
        """

        def relinked(found):
            code, picture, words, address = found.groups()
            if code or re.match(r"[a-z]+:", address):
                return found[0]
            path, _, anchor = address.partition("#")
            path = posixpath.normpath(posixpath.join(posixpath.dirname(source), path)) if path else source
            there = self._target(path, anchor, page)
            if there is None:
                self.dropped.add(path)
                return words
            return f"{picture}[{words}]({there})"

        parts = FENCE.split(markdown)
        parts[::2] = [LINK.sub(relinked, part) for part in parts[::2]]
        return "".join(parts)

    def _target(self, path, anchor, page):
        """Where a link to a file of the repository leads from a page; None: nowhere."""
        file, suffix = self.root / path, f"#{anchor}" if anchor else ""
        from_page = posixpath.dirname(page)
        if file.parent in self._folders() and (file.suffix == ".ipynb" or file.name == "README.md"):
            if file.suffix == ".ipynb" and not (self.edition.folder / file.name).is_file():
                return None  # not translated yet
            name = f"lessons/{'index.md' if file.name == 'README.md' else file.name}"
            name, suffix = ("glossary.md", "") if anchor == "glossary" else (name, suffix)
            return posixpath.relpath(name, from_page or ".") + suffix
        if path in self.pages:
            return posixpath.relpath(f"{self.pages[path]}.md", from_page or ".") + suffix
        if file.suffix in PICTURES and file.is_file():
            self._take(file, f"pictures/{file.name}")
            return posixpath.relpath(f"pictures/{file.name}", from_page or ".")
        if self.repository.url:
            kind = "tree" if file.is_dir() else "blob"
            return f"{self.repository.url}/{kind}/{self.repository.ref}/{path}{suffix}"
        if file.is_file() and file.suffix != ".md":
            self._take(file, f"files/{path}")
            return posixpath.relpath(f"files/{path}", from_page or ".")
        return None

    def _place(self, path):
        return path.relative_to(self.root).as_posix()

    def _put(self, name, text):
        path = self.target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8", newline="\n")
        self.written.add(path)

    def _take(self, file, name):
        path = self.target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.is_file() or path.read_bytes() != file.read_bytes():
            shutil.copyfile(file, path)
        self.written.add(path)


def _image_options(output, following):
    """Width and words of a picture: those it was saved with, its title, or else what the lesson says after it."""
    data, saved = output["data"], output.get("metadata", {}).get("image/png", {})
    title = re.search(r"<title>(.*?)</title>", "".join(data.get("image/svg+xml", ())), re.DOTALL)
    words = saved.get("alt") or (title and html.unescape(title[1])) or _plain("".join(following["source"]))
    return {"alt": " ".join(words.split())} | ({"width": f"{saved['width']}px"} if "width" in saved else {})


def _plain(markdown):
    """The first paragraph of Markdown without its marks."""
    first = markdown.strip().split("\n\n")[0]
    return re.sub(r"\*\*|\*|`|\$|\[([^\]]*)\]\([^)]*\)", r"\1", first)


def _reference(module):
    """The page of a module: its docstring, then each public name; a module among them has a page of its own."""
    title = f"``{module}``"
    lines = [title, "=" * len(title), "", f".. automodule:: {module}", ""]
    handed_on = _handed_on() if module == "ktlearn" else {}
    if handed_on:
        links = [f"* :py:obj:`{module}.{name} <{place}>`" for name, place in handed_on.items()]
        lines += ["Described with the modules where they are made:", "", *links, ""]
    for name in public_names(module):
        if name in handed_on:
            continue
        value = getattr(importlib.import_module(module), name)
        if isinstance(value, type):
            lines += _class(f"{module}.{name}")
        elif callable(value):
            lines += [f".. autofunction:: {module}.{name}", ""]
    for name in GIVEN.get(module, ()):
        lines += _class(name)
    return "\n".join(lines)


def _handed_on():
    """The names of ``ktlearn`` itself that a module has too: name → the full one under which its page describes it."""
    names = {name for name in public_names("ktlearn") if f"ktlearn.{name}" not in MODULES}
    return {name: f"{module}.{name}" for module in MODULES[1:] for name in public_names(module) if name in names}


def _class(name):
    return [f".. autoclass:: {name}", "   :members:", "   :inherited-members: STOP", ""]


def public_names(module):
    """What a reader imports from a module: its ``__all__``, or what it defines itself without an underscore."""
    loaded = importlib.import_module(module)
    if hasattr(loaded, "__all__"):
        return list(loaded.__all__)
    tree = ast.parse(Path(loaded.__file__).read_text(encoding="utf-8"))
    defined = [node.name for node in tree.body if isinstance(node, (ast.FunctionDef, ast.ClassDef))]
    return [name for name in defined if not name.startswith("_")]


def folder_in(folder, name):
    """A folder inside a folder, made if it is not there."""
    (folder / name).mkdir(parents=True, exist_ok=True)
    return folder / name

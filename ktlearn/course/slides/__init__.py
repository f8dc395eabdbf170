"""``python -m ktlearn slides``: slides made from the lessons' own cells, one HTML file for each, to be shown offline.

``choose.py`` says which parts of a lesson are shown, ``page.py`` makes the page, ``text.py`` and ``formulas.py`` turn
Markdown and LaTeX into HTML. The slides are shown by reveal.js, which lies in ``reveal/`` as its authors publish it.
"""

import json
from pathlib import Path

from ktlearn.course.slides.choose import slides_of
from ktlearn.course.slides.page import page_of
from ktlearn.support.atomic import atomic_file
from ktlearn.support.bundled import resource


def make_slides(lesson, folder, warn=print):
    """Write the slides of a lesson into ``folder``.

    Args:
        lesson: ``"02"``, ``"2"``, ``"A1"``, or the path of a notebook that was saved with its outputs.
        folder: where to; it is made if it is not there.
        warn: called with a sentence about each formula that cannot be drawn.

    Returns:
        The path of the HTML file, and the number of slides.

    Raises:
        FileNotFoundError: no such lesson. The message lists those there are.
        ValueError: the file is no notebook, has no title, or was saved without outputs.
        OSError: nothing can be written there.
    """
    path = _find(lesson)
    try:
        slides = slides_of(json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path} cannot be shown as slides. {error}") from None
    page = page_of(slides, lambda text: warn(f"{path.name}: {text}"))
    target = Path(folder).expanduser() / f"{path.stem}.html"
    target.parent.mkdir(parents=True, exist_ok=True)
    with atomic_file(target) as draft:
        draft.write_text(page, encoding="utf-8")
    return target, len(slides)


def run(lessons, folder):
    """Write the slides of the named lessons, of all when none is named; returns the exit code of the command."""
    try:
        for lesson in lessons or sorted(resource("notebooks").glob("*.ipynb")):
            path, count = make_slides(lesson, folder)
            print(f"{path}: {count} slides")
    except (OSError, ValueError) as error:
        print(error)
        return 1
    print(
        "Open a file in any browser. Arrow keys turn the pages, S opens your notes, F fills the screen, Esc shows all."
    )
    return 0


def _find(lesson):
    if Path(lesson).suffix == ".ipynb":
        path = Path(lesson).expanduser()
        if not path.is_file():
            raise FileNotFoundError(f"There is no file {lesson}.")
        return path
    folder = resource("notebooks")
    found = list(folder.glob(f"{str(lesson).zfill(2).upper()}_*.ipynb"))
    if not found:
        known = ", ".join(path.name.partition("_")[0] for path in sorted(folder.glob("*.ipynb")))
        raise FileNotFoundError(f"There is no lesson {lesson!r}. There are {known}; or give the path of a notebook.")
    return found[0]

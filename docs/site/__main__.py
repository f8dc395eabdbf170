"""``python -m docs.site``: build the course's web site, offline, and check its links.

The pages are gathered into ``build/site`` (docs/site/sources.py) and written by Sphinx into the folder ``site``.
"""

import argparse
import os
import shutil
import sys
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

from babel import Locale
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace, patch_docutils

from docs.site import links, sources

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent
WORDS = ("api", "cards", "index", "sphinx")  # the catalogues of the site's own pages, and of its templates
IN_SPHINX = {"zh": "zh_CN"}  # where Sphinx names a language in another way


def main(argv=None):
    """Build and check; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m docs.site", description="Build the course's web site.")
    parser.add_argument("folder", nargs="?", default=ROOT / "site", type=Path, help="where to (default: site)")
    parser.add_argument("--work", default=ROOT / "build" / "site", type=Path, help="what makes the next build quick")
    parser.add_argument("--messages", action="store_true", help="write the texts to translate instead")
    arguments = parser.parse_args(argv)
    start = time.monotonic()
    try:
        if arguments.messages:
            messages(ROOT, arguments.work)
            return 0
        written = build(ROOT, arguments.folder, arguments.work)
    except OSError as error:
        print(error)
        return 1
    if not written:
        return 1
    broken = links.broken(arguments.folder)
    print("\n".join(broken) or "Every link inside the site leads somewhere, and nothing is loaded from elsewhere.")
    print(f"{arguments.folder}/index.html: {time.monotonic() - start:.0f} s")
    return 1 if broken else 0


def build(root, folder, work, reference=True, quiet=False):
    """Build all editions of a checkout: English into ``folder``, any other into a folder in it.

    Returns:
        True, or False where Sphinx had something to complain about; it has said what.
    """
    folder, work = folder.resolve(), work.resolve()
    if folder.exists() and any(folder.iterdir()) and not (folder / "index.html").is_file():
        raise FileExistsError(f"{folder} holds something else than a site. Name another folder.")
    found = sources.editions(root)
    fine = True
    for edition in found:
        pages = sources.Sources(root, edition, work / edition.language / "pages", reference)
        pages.write()
        written = work / edition.language / "html"
        fine &= _sphinx(pages, edition, found, written, work, quiet)
        out = folder if edition.language == "en" else folder / edition.language
        if out == folder:
            shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(written, out, ignore=shutil.ignore_patterns(".*", "*.map", "objects.inv"))
        for lesson in pages.lessons:
            shutil.copy(lesson, sources.folder_in(out, "notebooks"))
    return fine


def messages(root, work):
    """Write the site's own words to be translated: ``build/site/messages/*.pot``. Lessons are translated as lessons."""
    edition = sources.editions(root)[0]
    pages = sources.Sources(root, edition, work / "messages" / "pages", reference=False)
    pages.write()
    _sphinx(pages, edition, [edition], work / "messages", work, True, "gettext")
    for path in (work / "messages").glob("*.pot"):
        if path.stem not in WORDS:
            path.unlink()


def _sphinx(pages, edition, found, out, work, quiet, builder="html"):
    language = edition.language
    languages = {
        each.language: {
            "name": Locale.parse(each.language).get_display_name(each.language),
            "lessons": [f"lessons/{lesson.stem}" for lesson in each.lessons()],
        }
        for each in found
    }
    settings = {
        "language": IN_SPHINX.get(language, language),
        "site_terms": pages.terms,
        "html_context": {**pages.context(), "languages": languages, "language_here": language},
    }
    with patch_docutils(str(HERE)), docutils_namespace():
        app = Sphinx(
            pages.target, HERE, out, work / language / f"kept-{builder}", builder, settings,
            status=None if quiet else sys.stdout, warning=sys.stderr if builder == "html" else None,
        )  # fmt: skip
        app.build()
    return app.statuscode == 0 and app._warncount == 0


if __name__ == "__main__":
    raise SystemExit(main())

"""Does every link inside the built site lead somewhere, and is everything that a page loads in the site?"""

import functools
import posixpath
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

# What a browser fetches by itself, as against what a reader may click.
LOADED = {("img", "src"), ("script", "src"), ("source", "src"), ("iframe", "src"), ("image", "href"), ("use", "href")}
LOADED_LINKS = ("stylesheet", "icon", "preload", "prefetch", "modulepreload", "preconnect", "dns-prefetch")
IN_CSS = re.compile(r"url\(\s*['\"]?([^'\")]+)|@import\s+['\"]([^'\"]+)")


class Link(NamedTuple):
    address: str
    is_loaded: bool


class Page(HTMLParser):
    """The links and the anchors of an HTML file; what stands in scripts is left alone."""

    def __init__(self, text):
        super().__init__()
        self.links, self.anchors, self._in_style = [], {"", "top"}, False
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        """Called by HTMLParser."""
        found = {name: value or "" for name, value in attributes}
        self._in_style = tag == "style"
        self.anchors |= {found[name] for name in ("id", "name") if name in found}
        kinds = found.get("rel", "").split()
        for name in ("href", "src"):
            if name in found:
                is_loaded = (tag, name) in LOADED or (tag == "link" and any(kind in LOADED_LINKS for kind in kinds))
                self.links.append(Link(found[name], is_loaded))
        for part in found.get("srcset", "").split(","):
            if part.strip():
                self.links.append(Link(part.split()[0], True))
        self.links += in_css(found.get("style", ""))

    def handle_endtag(self, tag):
        """Called by HTMLParser."""
        self._in_style = False

    def handle_data(self, data):
        """Called by HTMLParser."""
        if self._in_style:
            self.links += in_css(data)


def in_css(text):
    """What a style sheet loads."""
    return [Link(one or other, True) for one, other in IN_CSS.findall(text)]


def broken(folder):
    """All that is wrong, as lines ``page: address: why``; an empty list when nothing is."""
    folder = Path(folder).resolve()
    checked = ((place, link, _why(folder, place, link)) for place, link in links(folder))
    return [f"{place}: {link.address[:120]}: {why}" for place, link, why in checked if why]


def links(folder):
    """Each link of each page and style sheet: pairs of the file's place in the site and the `Link`."""
    for path in sorted(folder.rglob("*")):
        place = path.relative_to(folder).as_posix()
        if path.suffix == ".html":
            yield from ((place, link) for link in page(path).links)
        elif path.suffix in (".css", ".svg"):
            yield from ((place, link) for link in in_css(path.read_text(encoding="utf-8")))


@functools.cache
def page(path):
    """The `Page` of an HTML file."""
    return Page(path.read_text(encoding="utf-8"))


def _why(folder, place, link):
    parts = urlsplit(link.address)
    if parts.scheme in ("data", "blob"):
        return ""
    if parts.scheme or parts.netloc:
        return "is loaded from another host" if link.is_loaded else ""
    if parts.path:
        place = posixpath.normpath(posixpath.join(posixpath.dirname(place), unquote(parts.path)))
    path = folder / place
    if not path.is_file():
        return "there is no such file"
    if path.suffix == ".html" and unquote(parts.fragment) not in page(path).anchors:
        return "there is no such place on the page"
    return ""

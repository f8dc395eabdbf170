"""What the site adds to Sphinx: formulas that are drawn, and terms of the glossary that are links."""

import functools
import html
import re

from docutils import nodes
from sphinx import addnodes
from sphinx.transforms import SphinxTransform
from sphinx.util import logging

from ktlearn.course.slides.formulas import as_svg

logger = logging.getLogger(__name__)


def setup(app):
    """Called by Sphinx."""
    app.add_html_math_renderer("drawn", inline_renderers=(_inline, None), block_renderers=(_block, None))
    app.add_config_value("site_terms", {}, "env")
    app.add_transform(Terms)
    app.connect("autodoc-process-docstring", _in_sphinx_words, priority=100)  # before napoleon reads it
    app.connect("autodoc-skip-member", _only_ours)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


class Terms(SphinxTransform):
    """In a lesson, a term in bold becomes a link to the glossary, the first time it stands there."""

    default_priority = 600

    def apply(self):
        """Called by Sphinx for each page."""
        if not self.env.docname.startswith("lessons/"):
            return
        terms, seen = self.config.site_terms, set()
        for strong in list(self.document.findall(nodes.strong)):
            term = terms.get(strong.astext().lower())
            if term is None or term in seen or isinstance(strong.parent, (nodes.reference, nodes.title)):
                continue
            seen.add(term)
            link = addnodes.pending_xref(
                "", refdomain="std", reftype="term", reftarget=term, refdoc=self.env.docname, refwarn=True
            )
            strong.parent.replace(strong, link)
            link += strong


def _inline(translator, node):
    translator.body.append(_drawn(node))
    raise nodes.SkipNode


def _block(translator, node):
    translator.body.append(f'<div class="site-formula">{_drawn(node)}</div>')
    raise nodes.SkipNode


def _drawn(node):
    try:
        return _svg(node.astext())
    except ValueError as error:
        logger.warning(str(error), location=node)
        return f"<code>{html.escape(node.astext())}</code>"


@functools.cache
def _svg(latex):
    return as_svg(latex)


def _in_sphinx_words(app, what, name, obj, options, lines):
    """What is indented in a module's docstring is code, and a star in ``Args:`` is a star."""
    found = list(lines)
    lines.clear()
    is_code = False
    for before, line in zip(["x", *found], found, strict=False):
        if not is_code and what == "module" and not before.strip() and re.match(r" {4}\S", line):
            lines.extend(["::", ""])
        is_code = what == "module" and (line.startswith("    ") or (is_code and not line.strip()))
        is_argument = re.match(r" +[\w, ]*\*[\w, *]*:", line)
        lines.append(re.sub(r"\*(?=[*\w])", r"\\*", line) if is_argument else line)


def _only_ours(app, what, name, obj, skip, options):
    """Members that Keras, ipywidgets or Python describe are not described again."""
    module = getattr(getattr(obj, "fget", obj), "__module__", None) or ""
    return True if not skip and not module.startswith("ktlearn") else None

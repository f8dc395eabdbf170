"""Sphinx' settings for the site. ``python -m docs.site`` calls Sphinx with them; README.md tells how all is made."""

from pathlib import Path

import ktlearn

HERE = Path(__file__).parent

project = "ktlearn"
author = "The ktlearn authors"
copyright = author
version = release = ktlearn.__version__

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "docs.site.parts"]
templates_path = [str(HERE / "templates")]
html_static_path = ["static"]
locale_dirs = [str(HERE / "locale")]
default_role = "py:obj"

# The lessons are shown as they were saved; nothing is run.
nb_execution_mode = "off"
nb_merge_streams = True
myst_enable_extensions = ["dollarmath", "attrs_block", "deflist"]
myst_heading_anchors = 4
suppress_warnings = ["myst.header", "mystnb.unknown_mime_type", "config.cache"]
exclude_patterns = ["files/**.md"]

# Google's style of docstrings, with types in the words.
autodoc_member_order = "bysource"
autodoc_typehints = "none"
autodoc_preserve_defaults = True
autodoc_inherit_docstrings = False  # what Keras says of its own methods stands there
napoleon_numpy_docstring = False
napoleon_use_rtype = False
napoleon_use_ivar = True
add_module_names = False

FONTS = {  # those of the reader's machine; none is fetched
    "font-stack": "system-ui, 'Segoe UI', 'Helvetica Neue', 'DejaVu Sans', sans-serif",
    "font-stack--monospace": "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace",
}


def colours(blue, visited, ink, quiet, page, paper, line):
    """A palette, in the theme's words and in those of site.css (site-…)."""
    return {
        **dict.fromkeys(("site-blue", "color-brand-primary", "color-brand-content", "color-link"), blue),
        **dict.fromkeys(("color-api-name", "color-api-pre-name", "color-link-underline--hover"), blue),
        **dict.fromkeys(("color-brand-visited", "color-link--visited"), visited),
        **dict.fromkeys(
            ("color-foreground-primary", "color-code-foreground", "color-sidebar-link-text--top-level"), ink
        ),
        **dict.fromkeys(("color-sidebar-search-text", "color-sidebar-link-text"), ink),
        **dict.fromkeys(("site-quiet", "color-foreground-secondary", "color-foreground-muted"), quiet),
        **dict.fromkeys(("color-sidebar-caption-text", "color-api-overall", "color-toc-title-text"), quiet),
        "color-background-primary": page,
        **dict.fromkeys(("site-paper", "color-background-secondary", "color-code-background"), paper),
        **dict.fromkeys(("color-inline-code-background", "color-highlight-on-target"), paper),
        "color-api-background": "transparent",
        **dict.fromkeys(("site-line", "color-background-border", "color-sidebar-background-border"), line),
    }


html_theme = "furo"
html_title = "ktlearn"
html_favicon = "static/favicon.svg"
html_css_files = ["site.css"]
html_js_files = [("site.js", {"defer": "defer"})]
html_math_renderer = "drawn"  # docs/site/parts.py
html_copy_source = False
html_show_sourcelink = False
html_use_index = True
html_domain_indices = False
html_theme_options = {
    "top_of_page_buttons": [],
    "light_css_variables": {
        **FONTS,
        **colours("#0b559f", "#6b3fa0", "#1b2027", "#57606a", "#ffffff", "#f6f8fa", "#dfe3e9"),
    },
    "dark_css_variables": colours("#7db5f2", "#c3a3ee", "#e3e7ec", "#a4adb8", "#12161b", "#1a1f26", "#343b45"),
}
html_sidebars = {
    "**": [
        "sidebar/brand.html",
        "sidebar/search.html",
        "languages.html",
        "sidebar/scroll-start.html",
        "sidebar/navigation.html",
        "sidebar/scroll-end.html",
    ]
}

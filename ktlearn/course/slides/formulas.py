r"""LaTeX formulas as SVG, drawn by matplotlib: no script, no font and no network is needed to see them.

matplotlib knows the part of TeX that the lessons use, with a few words of its own, which are put in here.
"""

import html
import re

SHORTER = ((r"\\sqrt\s*(\d)", r"\\sqrt{\1}"), (r"\\[td]frac\s*(\d)\s*(\d)", r"\\frac{\1}{\2}"))
SYNONYMS = ((r"\\[td]frac\b", r"\\frac"), (r"\\le\b", r"\\leq"), (r"\\ge\b", r"\\geq"), (r"\\ne\b", r"\\neq"))
LARGER = ((r"\\[bB]igg?l?\s*([(\[])", r"\\left\1"), (r"\\[bB]igg?r?\s*([)\]])", r"\\right\1"))
SIZE = 20  # units of the drawing for one em


def as_svg(latex):
    r"""A formula as an SVG that stands in a line of text, as large as its letters.

    Raises:
        ValueError: it holds something that matplotlib cannot draw.

    >>> as_svg(r"\sqrt{d_k}").startswith('<svg class="formula" role="img" aria-label="\\sqrt{d_k}"')
    True
    """
    from matplotlib import rc_context
    from matplotlib.font_manager import FontProperties
    from matplotlib.mathtext import MathTextParser
    from matplotlib.textpath import TextPath

    drawn = f"${_in_matplotlibs_words(latex)}$"
    with rc_context({"mathtext.fontset": "cm"}):
        font = FontProperties(size=SIZE)
        try:
            width, height, depth, _, _ = MathTextParser("path").parse(drawn, 72, font)
        except ValueError as error:
            raise ValueError(f"The formula {latex!r} cannot be drawn: {str(error).splitlines()[-1]}") from None
        path = _svg_path(TextPath((0, 0), drawn, prop=font))
    box = f"{-1:g} {-height + depth - 1:.1f} {width + 2:.1f} {height + 2:.1f}"
    style = f"height: {(height + 2) / SIZE:.3f}em; vertical-align: {-(depth + 1) / SIZE:.3f}em"
    return (
        f'<svg class="formula" role="img" aria-label="{html.escape(latex.strip())}" viewBox="{box}" style="{style}">'
        f'<path d="{path}" fill="currentColor"/></svg>'
    )


def with_formulas(text, draw):
    """Markdown in which each formula is replaced by a placeholder, and what stands for each placeholder.

    Code is left alone, a ``$`` in it is no formula. ``draw`` makes HTML of a formula's LaTeX.

    >>> with_formulas("the root of $d_k$, and `a $ b`", str.upper)
    ('the root of KTFORMULA0X, and `a $ b`', {'KTFORMULA0X': 'D_K'})
    """
    drawn = {}

    def replaced(found):
        if found[0].startswith("`"):
            return found[0]
        name = f"KTFORMULA{len(drawn)}X"
        drawn[name] = draw(found[1] or found[2])
        return name

    pattern = r"```.*?```|`[^`]*`|\$\$(.+?)\$\$|(?<![\\$])\$([^$\n]+?)\$"
    return re.sub(pattern, replaced, text, flags=re.DOTALL), drawn


def _in_matplotlibs_words(latex):
    latex = _without_underbraces(" ".join(latex.split()))
    for pattern, replacement in (*SHORTER, *SYNONYMS, *LARGER):
        latex = re.sub(pattern, replacement, latex)
    return latex


def _without_underbraces(latex):
    r"""``\underbrace{what}_{why}`` becomes ``what``: the words below it are in the lesson.

    >>> _without_underbraces(r"a\underbrace{b_{\text{c}}}_{\text{d}}e")
    'ab_{\\text{c}}e'
    """
    while (at := latex.find(r"\underbrace{")) >= 0:
        what, rest = _braces(latex[at + len(r"\underbrace") :])
        if rest.startswith("_{"):
            rest = _braces(rest[1:])[1]
        latex = latex[:at] + what + rest
    return latex


def _braces(text):
    """What stands between the brace at the beginning and its partner, and the text after it."""
    depth = 0
    for at, character in enumerate(text):
        depth += {"{": 1, "}": -1}.get(character, 0)
        if not depth:
            return text[1:at], text[at + 1 :]
    raise ValueError(f"A brace is not closed in {text!r}.")


def _svg_path(path):
    letters = {path.MOVETO: "M", path.LINETO: "L", path.CURVE3: "Q", path.CURVE4: "C", path.CLOSEPOLY: "Z"}
    parts = []
    for points, code in path.iter_segments(simplify=False, curves=True):
        pairs = [] if code == path.CLOSEPOLY else points.reshape(-1, 2)
        parts.append(letters[code] + " ".join(f"{x:.2f} {-y:.2f}" for x, y in pairs))
    return "".join(parts)

"""A sheet of paper to draw on, which becomes an SVG or a PNG. One unit is a pixel; y goes down.

Text is only text: in the SVG it is escaped, in the PNG it is drawn letter by letter.
"""

import base64
import html
import io
import re
import unicodedata
import warnings
from functools import cache

import numpy as np

FAMILIES = "system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif"
# Fonts that hold what Matplotlib's own does not, where they are installed.
FALLBACKS = (
    "Noto Sans CJK SC", "Noto Sans SC", "PingFang SC", "Hiragino Sans GB", "Microsoft YaHei", "WenQuanYi Zen Hei",
    "SimHei", "Noto Sans Arabic", "Noto Sans Hebrew", "Noto Sans Devanagari", "Noto Emoji", "Segoe UI Emoji",
)  # fmt: skip
LETTERS = 24
MOST_RECTANGLES = 2500  # cells of one map; more are drawn as an image
_NOT_IN_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def visible(token):
    """A token for the eye: what is only space becomes visible, and what no page can hold becomes a sign."""
    text = re.sub("[\n\r]", "⏎", _NOT_IN_XML.sub("�", token))
    if not token.strip():
        return re.sub(r"\s", "␣", text) or "∅"
    return text


def short(token):
    """A token for the eye, with its end left out where it is long."""
    text = visible(token)
    return text if len(text) <= LETTERS else text[: LETTERS - 1] + "…"


def width_of(token, size):
    """About how wide a shortened token is."""
    wide = sum(1.0 if unicodedata.east_asian_width(letter) in "WF" else 0.6 for letter in short(token))
    return wide * size


class Sheet:
    """Shapes in the order in which they are drawn.

    >>> sheet = Sheet(40, 20, "#ffffff")
    >>> sheet.rectangle(5, 5, 30, 10, fill="#0b559f")
    >>> sheet.png(scale=1)[:4], "#0b559f" in sheet.svg()
    (b'\\x89PNG', True)
    """

    def __init__(self, width, height, paper):
        self.width, self.height, self.paper = round(width), round(height), paper
        self.shapes = []

    def rectangle(self, x, y, w, h, fill=None, stroke=None, line=1, radius=0):
        """A rectangle from its upper left corner; ``fill`` and ``stroke`` are colours, None: without."""
        self.shapes.append(("rectangle", x, y, w, h, fill, stroke, line, radius))

    def cells(self, x, y, w, h, colours):
        """A map: ``colours`` is uint8 ``(rows, columns, 3)``."""
        self.shapes.append(("cells", x, y, w, h, colours))

    def curve(self, x0, y0, x1, y1, colour, line, alpha):
        """An S from left to right."""
        self.shapes.append(("curve", x0, y0, x1, y1, colour, line, alpha))

    def path(self, points, colour, line=1.5, dash=0):
        """Straight lines through points ``(x, y)``; ``dash`` is the length of a dash, 0 for none."""
        self.shapes.append(("path", [(float(x), float(y)) for x, y in points], colour, line, dash))

    def area(self, points, fill):
        """What straight lines through points ``(x, y)`` enclose."""
        self.shapes.append(("area", [(float(x), float(y)) for x, y in points], fill))

    def disc(self, x, y, radius, fill=None, stroke=None, line=1):
        """A disc around its middle; with a stroke and no fill it is a ring."""
        self.shapes.append(("disc", x, y, radius, fill, stroke, line))

    def text(self, token, x, y, colour, size=13, anchor="start", angle=0, bold=False):
        """A token, shortened. ``anchor`` is start, middle or end; ``angle`` in degrees, counter-clockwise."""
        whole = visible(token)
        self.shapes.append(("text", short(token), whole, x, y, colour, size, anchor, angle, bold))

    def caption(self, words, x, y, colour, anchor="start", size=11):
        """A line of our own words, small and never shortened."""
        self.shapes.append(("text", visible(words), visible(words), x, y, colour, size, anchor, 0, False))

    def svg(self, title=""):
        """The sheet as an SVG file, with text that can be selected; ``title`` says in words what is to be seen."""
        named = f"<title>{html.escape(visible(title))}</title>\n" if title else ""
        role = ' role="img"' if title else ""
        parts = [getattr(self, f"_svg_{kind}")(*rest) for kind, *rest in self.shapes]
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{self.width}" height="{self.height}" '
            f'viewBox="0 0 {self.width} {self.height}" font-family="{FAMILIES}"{role}>\n{named}'
            f'<rect width="100%" height="100%" fill="{self.paper}"/>\n' + "\n".join(parts) + "\n</svg>\n"
        )

    def png(self, scale):
        """The bytes of a PNG with ``scale`` pixels for each unit, and 256 colours: it is small."""
        return _file(self._image(scale))

    def webp(self, scale):
        """The same picture, smaller, for browsers."""
        return _file(self._image(scale), "webp", lossless=True)

    def _image(self, scale):
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
        from PIL import Image

        figure = Figure((self.width / 72, self.height / 72), dpi=72 * scale, facecolor=self.paper)
        canvas = FigureCanvasAgg(figure)
        axes = figure.add_axes((0, 0, 1, 1))
        axes.axis("off")
        for order, (kind, *rest) in enumerate(self.shapes):
            getattr(self, f"_png_{kind}")(axes, order, *rest)
        axes.set(xlim=(0, self.width), ylim=(self.height, 0), aspect="auto")
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Glyph .* missing from")  # it becomes a box
            canvas.draw()
        image = Image.fromarray(np.array(canvas.buffer_rgba())[:, :, :3])
        return image.quantize(256, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)

    def _svg_rectangle(self, x, y, w, h, fill, stroke, line, radius):
        stroke = f' stroke="{stroke}" stroke-width="{line}"' if stroke else ""
        corners = f' rx="{radius:g}"' if radius else ""
        return f'<rect x="{x:g}" y="{y:g}" width="{w:g}" height="{h:g}"{corners} fill="{fill or "none"}"{stroke}/>'

    def _svg_cells(self, x, y, w, h, colours):
        rows, columns = colours.shape[:2]
        if rows * columns > MOST_RECTANGLES:
            from PIL import Image

            data = base64.b64encode(_file(Image.fromarray(colours))).decode()
            return (
                f'<image x="{x:g}" y="{y:g}" width="{w:g}" height="{h:g}" preserveAspectRatio="none" '
                f'style="image-rendering: pixelated" href="data:image/png;base64,{data}"/>'
            )
        wide, high = w / columns, h / rows
        return "\n".join(
            f'<rect x="{x + c * wide:g}" y="{y + r * high:g}" width="{wide:g}" height="{high:g}" '
            f'fill="#{bytes(colours[r, c]).hex()}"/>'
            for r, c in np.ndindex(rows, columns)
        )

    def _svg_curve(self, x0, y0, x1, y1, colour, line, alpha):
        bend = 0.4 * (x1 - x0)
        return (
            f'<path d="M{x0:g} {y0:g}C{x0 + bend:g} {y0:g} {x1 - bend:g} {y1:g} {x1:g} {y1:g}" fill="none" '
            f'stroke="{colour}" stroke-width="{line:.2f}" stroke-opacity="{alpha:.2f}"/>'
        )

    def _svg_path(self, points, colour, line, dash):
        steps = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
        dashes = f' stroke-dasharray="{dash:g}"' if dash else ""
        return f'<path d="M{steps}" fill="none" stroke="{colour}" stroke-width="{line:g}"{dashes}/>'

    def _svg_area(self, points, fill):
        corners = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        return f'<polygon points="{corners}" fill="{fill}"/>'

    def _svg_disc(self, x, y, radius, fill, stroke, line):
        stroke = f' stroke="{stroke}" stroke-width="{line}"' if stroke else ""
        return f'<circle cx="{x:g}" cy="{y:g}" r="{radius:g}" fill="{fill or "none"}"{stroke}/>'

    def _svg_text(self, text, whole, x, y, colour, size, anchor, angle, bold):
        turn = f' transform="rotate({-angle:g} {x:g} {y:g})"' if angle else ""
        weight = ' font-weight="600"' if bold else ""
        title = f"<title>{html.escape(whole)}</title>" if whole != text else ""
        return (
            f'<text x="{x:g}" y="{y:g}" font-size="{size:g}" text-anchor="{anchor}" dominant-baseline="central" '
            f'fill="{colour}" style="unicode-bidi: isolate; white-space: pre"{weight}{turn}>'
            f"{title}{html.escape(text)}</text>"
        )

    def _png_rectangle(self, axes, order, x, y, w, h, fill, stroke, line, radius):
        from matplotlib.patches import FancyBboxPatch, Rectangle

        style = {"facecolor": fill or "none", "edgecolor": stroke or "none", "linewidth": line if stroke else 0}
        if radius:
            box = f"round,pad=0,rounding_size={radius}"
            axes.add_patch(FancyBboxPatch((x, y), w, h, boxstyle=box, zorder=order, **style))
        else:
            axes.add_patch(Rectangle((x, y), w, h, zorder=order, **style))

    def _png_cells(self, axes, order, x, y, w, h, colours):
        shape = {"extent": (x, x + w, y + h, y), "aspect": "auto"}
        axes.imshow(colours, interpolation="nearest", zorder=order, **shape)

    def _png_curve(self, axes, order, x0, y0, x1, y1, colour, line, alpha):
        from matplotlib.patches import PathPatch
        from matplotlib.path import Path

        bend = 0.4 * (x1 - x0)
        path = Path([(x0, y0), (x0 + bend, y0), (x1 - bend, y1), (x1, y1)], [1, 4, 4, 4])
        axes.add_patch(PathPatch(path, fill=False, edgecolor=colour, linewidth=line, alpha=alpha, zorder=order))

    def _png_path(self, axes, order, points, colour, line, dash):
        style = {"linestyle": (0, (dash / line, dash / line))} if dash else {}
        axes.plot(*zip(*points, strict=True), color=colour, linewidth=line, zorder=order, **style)

    def _png_area(self, axes, order, points, fill):
        from matplotlib.patches import Polygon

        axes.add_patch(Polygon(points, facecolor=fill, edgecolor="none", zorder=order))

    def _png_disc(self, axes, order, x, y, radius, fill, stroke, line):
        from matplotlib.patches import Circle

        colours = {"facecolor": fill or "none", "edgecolor": stroke or "none"}
        axes.add_patch(Circle((x, y), radius, linewidth=line if stroke else 0, zorder=order, **colours))

    def _png_text(self, axes, order, text, whole, x, y, colour, size, anchor, angle, bold):
        axes.text(
            x,
            y,
            text,
            color=colour,
            fontsize=size,
            ha={"start": "left", "middle": "center", "end": "right"}[anchor],
            va="center_baseline" if not angle else "center",
            rotation=angle,
            rotation_mode="anchor",
            fontweight="bold" if bold else "normal",
            family=_families(),
            parse_math=False,
            zorder=order,
        )


def _file(image, kind="png", **options):
    file = io.BytesIO()
    image.save(file, kind, **(options or {"optimize": True}))
    return file.getvalue()


@cache
def _families():
    """Matplotlib's own font, then those that are installed for what it lacks."""
    from matplotlib import font_manager

    installed = {font.name for font in font_manager.fontManager.ttflist}
    return ["DejaVu Sans", *(name for name in FALLBACKS if name in installed)]

"""A finished drawing as the last line of a cell."""

import base64

from ktlearn.support.characters import whole

SCALE = 1.5  # pixels of the PNG for each unit of the drawing


class Still:
    """A drawing in two forms: SVG, and a PNG for pages that are not trusted.

    JupyterLab shows no SVG of a notebook before its reader has run it: of a picture that is SVG alone, a line of text
    would be all to be seen.

    Args:
        sheet: a :class:`ktlearn.widgets.base.sheet.Sheet`.
        title: says in words what is to be seen.

    Attributes:
        data: the SVG, a string.

    >>> from ktlearn.widgets.base.sheet import Sheet
    >>> Still(Sheet(40, 20, "#ffffff"), "nothing yet")
    <Still: nothing yet>
    """

    def __init__(self, sheet, title=""):
        self.data, self._sheet, self._title = whole(sheet.svg(title)), sheet, title

    def _repr_mimebundle_(self, **kwargs):
        picture = base64.b64encode(self._sheet.png(SCALE)).decode()
        data = {"text/plain": repr(self), "image/svg+xml": self.data, "image/png": picture}
        return data, {"image/png": {"width": round(self._sheet.width)}}

    def __repr__(self):
        return f"<Still: {whole(self._title) or 'a drawing'}>"

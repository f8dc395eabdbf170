"""Makes feedback-form.html, to print on one sheet, from feedback-form.md: ``python docs/workshop/printable.py``."""

from pathlib import Path

from nbconvert.filters import markdown2html

HERE = Path(__file__).resolve().parent
PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>How was it?</title>
<style>
@page {{ size: A4; margin: 16mm 18mm; }}
body {{ max-width: 174mm; margin: 0 auto; color: #000; font: 11.5pt/1.5 system-ui, "DejaVu Sans", sans-serif; }}
h1 {{ margin: 0 0 4mm; font-size: 20pt; }}
p {{ margin: 0 0 3.2mm; overflow: hidden; white-space: normal; }}
hr {{ margin: 8mm 0 0; border: 0; border-top: 0.3mm solid #555; }}
hr + p {{ margin-top: 5mm; }}
.anchor-link {{ display: none; }}
</style>
</head>
<body>
{body}
</body>
</html>
"""


def printable(markdown):
    """The page, a string."""
    return PAGE.format(body=markdown2html(markdown).strip())


if __name__ == "__main__":
    text = printable((HERE / "feedback-form.md").read_text(encoding="utf-8"))
    (HERE / "feedback-form.html").write_text(text, encoding="utf-8")

"""What every lesson keeps to. Each rule yields a complaint for each place that breaks it.

The form of a lesson, in short:

- The head, before the first code: ``# Title``; a list under a line that says what "you can" do after
  the lesson; and a table with its facts::

      | reading and doing                   | running, 2 CPU cores | memory | you need  |
      |-------------------------------------|----------------------|--------|-----------|
      | about 40 minutes, exercises 25 more | about 10 seconds     | 0.7 GB | lesson 01 |

- The end: the headings "What to remember", "Exercises" and "Further reading", in this order.
- Two stamped cells, ``colab`` (Markdown) and ``bootstrap`` (code); see ktlearn/course/stamp.py.
- Pictures. JupyterLab gives the picture in an output no alternative text, so the text beside it does
  that work: the cell after it is Markdown, and its first paragraph says what is seen, so that a reader
  who cannot see it loses nothing. A picture inside Markdown has alt text as usual.
- Code cells hold code, not explanations: a translated edition keeps them letter for letter.
"""

import ast
import io
import re
import statistics
import tokenize
from urllib.parse import unquote

from lesson import STAMPED, metadata_of_its_own

from ktlearn.course.stamp import FOLDED

WORDS = {"default": (2000, 4000), "00_start_here": (900, 4000)}
LARGEST_FILE = 3_000_000  # bytes
# Characters of one string or comment: a short example sentence fits, an explanation does not.
LONGEST_TEXT_IN_CODE = 80

_REMOTE = re.compile(
    r"""!\[[^\]]*\]\(\s*(?:https?:)?//                                          # a picture in Markdown
    | <(?:img|script|iframe|video|audio|source|embed|object)\b[^>]*\b(?:src|data)\s*=\s*["']?(?:https?:)?//
    | <link\b[^>]*\bhref\s*=\s*["']?(?:https?:)?//
    | \burl\(\s*["']?(?:https?:)?//                                             # fonts and pictures in a style
    | @import\s+["'](?:https?:)?//
    | \b(?:import|from)\b\s*\(?\s*["'](?:https?:)?//                            # a script's module
    """,
    re.VERBOSE | re.IGNORECASE,
)
_NO_ALT = re.compile(r"""!\[\s*\]\(|<img\b(?![^>]*\balt\s*=\s*(?:"[^"]*\w|'[^']*\w))""", re.IGNORECASE)
_MACHINE_PATH = re.compile(r"(?<![\w.])/(?:home|root|tmp|Users|content|work|usr|opt|var|mnt)/|\b[A-Z]:\\|site-packages")
_OPT_OUT = re.compile(r"nbval[-_](?!check)|pytest_validate_ignore", re.IGNORECASE)


# --- what was run and saved --------------------------------------------------------------------


def is_executed_in_order(lesson):
    counts = [cell.execution_count for cell in lesson.cells if cell.cell_type == "code"]
    if counts != list(range(1, len(counts) + 1)):
        yield f"the execution counts are {counts}, not 1, 2, 3, …; run `make notebooks`"


def has_no_errors(lesson):
    for cell, output in _outputs(lesson):
        if output.output_type == "error" or output.get("name") == "stderr":
            yield f"{cell.id}: an error or a line on stderr is saved in the outputs"


def compares_every_output(lesson):
    for cell in lesson.cells:
        comments = "\n".join(_comments(cell.source)) if cell.cell_type == "code" else ""
        if _OPT_OUT.search(comments + " ".join(cell.metadata.get("tags", []))):
            yield f"{cell.id}: its output is kept from nbval; print something that is always the same"


def has_canonical_metadata(lesson):
    extra = set(lesson.notebook.metadata) - {"kernelspec", "language_info"}
    if extra:
        yield f"the notebook's metadata holds {sorted(extra)}; run `make notebooks`"
    for cell in lesson.cells:
        if metadata_of_its_own(cell) != cell.metadata:
            yield f"{cell.id}: its metadata holds {sorted(cell.metadata)}; run `make notebooks`"
        if cell.id == "bootstrap" and not FOLDED.items() <= cell.metadata.items():
            yield f"{cell.id}: its code is not folded away; run `python -m ktlearn stamp`"
    for cell, output in _outputs(lesson):
        if any("widget-view" in mime for mime in output.get("data", {})):
            yield f"{cell.id}: a live widget is saved, which nobody can open later; show view.freeze()"


def is_small(lesson):
    size = lesson.path.stat().st_size
    if size > LARGEST_FILE:
        yield f"the file has {size / 1e6:.1f} MB, more than {LARGEST_FILE / 1e6:.0f} MB"


def names_no_machine(lesson):
    for cell, text in _all_texts(lesson):
        found = _MACHINE_PATH.search(re.sub(r"base64,[\w+/=]+", "", text))
        if found:
            yield f"{cell.id}: a path of this machine, {found.group()!r}"
    for cell, text in _output_texts(lesson):
        if re.search(r"\bat 0x[0-9a-f]{6,}", text):
            yield f"{cell.id}: the output shows a memory address, which is another each time"


def has_readable_ids(lesson):
    ids = [cell.id for cell in lesson.cells]
    for name in sorted({name for name in ids if ids.count(name) > 1}):
        yield f"{name}: two cells have this id"
    for name in ids:
        if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name) or re.fullmatch(r"[0-9a-f]{8}", name):
            yield f"{name}: give the cell an id in words, such as softmax-by-hand"
    yield from (f"{name}: this cell is missing; see ktlearn/course/stamp.py" for name in STAMPED if name not in ids)


# --- pace --------------------------------------------------------------------------------------


def alternates_prose_and_code(lesson):
    ratio = len(lesson.prose) / max(len(lesson.code), 1)
    if not 1.2 <= ratio <= 2.5:
        yield f"{len(lesson.prose)} Markdown cells to {len(lesson.code)} code cells: {ratio:.2f}, not 1.2 to 2.5"
    kinds = "".join(cell.cell_type[0] for cell in lesson.own_cells)
    row = max((len(run) for run in re.findall("c+", kinds)), default=0)
    if row > 3:
        yield f"{row} code cells in a row, more than 3"


def has_short_code_cells(lesson):
    sizes = {cell.id: sum(bool(line.strip()) for line in cell.source.splitlines()) for cell in lesson.code}
    yield from (f"{name}: {size} lines of code, more than 30" for name, size in sizes.items() if size > 30)
    if not sizes:
        return
    if statistics.median(sizes.values()) > 6:
        yield f"the median code cell has {statistics.median(sizes.values()):g} lines, more than 6"
    long = [name for name, size in sizes.items() if size > 18]
    if len(long) > 0.1 * len(sizes):
        yield f"more than a tenth of the code cells have over 18 lines: {', '.join(long)}"


def shows_what_code_does(lesson):
    silent = [cell.id for cell in lesson.code if not cell.outputs]
    if len(silent) > 0.2 * len(lesson.code):
        yield f"{len(silent)} of {len(lesson.code)} code cells show nothing: {', '.join(silent)}"


def has_the_right_length(lesson):
    low, high = WORDS.get(lesson.name, WORDS["default"])
    words = sum(_count_words(cell.source) for cell in _without_exercises(lesson.prose))
    if not low <= words <= high:
        yield f"{words} words, not {low} to {high}, without the exercises"


# --- form --------------------------------------------------------------------------------------


def has_a_head(lesson):
    if not lesson.title:
        yield "the first Markdown cell has no title (# …)"
    if not re.search(r"\byou can\b.*\n\s*(?:[-*]|\d+\.) ", lesson.head, re.IGNORECASE):
        yield "the head has no list of what 'you can' do after the lesson"
    yield from (f"the table in the head does not state: {name}" for name, value in lesson.facts.items() if not value)


def has_an_end(lesson):
    headings = [heading for cell in lesson.prose for heading in _headings(cell.source)]
    wanted = ["What to remember", "Exercises", "Further reading"]
    found = [heading for heading in headings if heading in wanted]
    if found != wanted:
        yield f"the last headings must be {wanted}; found {found}"


def says_what_pictures_show(lesson):
    for cell, after in zip(lesson.cells, [*lesson.cells[1:], None], strict=True):
        mimes = [mime for output in cell.get("outputs", []) for mime in output.get("data", {})]
        if not any(mime.startswith("image/") for mime in mimes):
            continue
        first_paragraph = after.source.split("\n\n")[0] if after and after.cell_type == "markdown" else ""
        if _count_words(first_paragraph) < 10:
            yield f"{cell.id}: say what its picture shows, at the start of a Markdown cell right after it"


def has_alt_texts(lesson):
    for cell, text in _markdown_and_html(lesson):
        if _NO_ALT.search(text):
            yield f"{cell.id}: a picture without alt text"


def loads_nothing_remote(lesson):
    for cell, text in _markdown_and_html(lesson):
        found = _REMOTE.search(text)
        if found:
            yield f"{cell.id}: loads something from elsewhere: {found.group()!r}"


def has_live_links(lesson):
    """Links stay among the lessons: `ktlearn lab` copies them without the rest of the repository."""
    for cell in lesson.prose:
        for target in re.findall(r"\]\(\s*<?([^)>\s]+)|\b(?:href|src)=[\"']([^\"']+)", cell.source):
            target = "".join(target)
            if re.match(r"[a-z][a-z0-9+.-]*:|//", target, re.IGNORECASE):
                continue
            file, _, anchor = unquote(target).partition("#")
            path = (lesson.path.parent / file).resolve() if file else lesson.path
            if not path.is_relative_to(lesson.path.parent.resolve()):
                yield f"{cell.id}: the link {target} leaves the folder of the lessons"
            elif not path.exists():
                yield f"{cell.id}: the link {target} leads nowhere"
            elif anchor and path.suffix == ".ipynb" and anchor not in _anchors(lesson, path):
                yield f"{cell.id}: {path.name} has no heading #{anchor}"


def keeps_prose_out_of_code(lesson):
    for cell in lesson.code:
        for text in _strings(cell.source):
            if len(text) > LONGEST_TEXT_IN_CODE:
                yield f"{cell.id}: the string {text[:20]!r}… is long; explain in Markdown, keep data in a file"
        for comment in _comments(cell.source):
            if len(comment) > LONGEST_TEXT_IN_CODE:
                yield f"{cell.id}: the comment {comment[:20]!r}… is long; explain in Markdown"
        if re.search(r"^[ \t]*#.*\n[ \t]*#", cell.source, re.MULTILINE):
            yield f"{cell.id}: a comment of several lines; explain in Markdown"


RULES = [
    is_executed_in_order,
    has_no_errors,
    compares_every_output,
    has_canonical_metadata,
    is_small,
    names_no_machine,
    has_readable_ids,
    alternates_prose_and_code,
    has_short_code_cells,
    shows_what_code_does,
    has_the_right_length,
    has_a_head,
    has_an_end,
    says_what_pictures_show,
    has_alt_texts,
    loads_nothing_remote,
    has_live_links,
    keeps_prose_out_of_code,
]


# --- reading a notebook ------------------------------------------------------------------------


def _outputs(lesson):
    return [(cell, output) for cell in lesson.cells for output in cell.get("outputs", [])]


def _output_texts(lesson):
    """Every output that is text, with its cell."""
    for cell, output in _outputs(lesson):
        data = {"text": output.get("text", ""), **output.get("data", {})}
        yield from ((cell, value) for mime, value in data.items() if isinstance(value, str) and mime[:6] != "image/")


def _all_texts(lesson):
    yield from ((cell, cell.source) for cell in lesson.cells)
    yield from _output_texts(lesson)


def _markdown_and_html(lesson):
    yield from ((cell, cell.source) for cell in lesson.cells if cell.cell_type == "markdown")
    for cell, output in _outputs(lesson):
        data = output.get("data", {})
        yield from ((cell, data[mime]) for mime in ("text/html", "text/markdown", "image/svg+xml") if mime in data)


def _count_words(markdown):
    """Words of prose: without formulas, code blocks, tags and addresses."""
    prose = re.sub(r"```.*?```|\$\$.*?\$\$|\$[^$\n]+\$|<[^>]+>|\]\([^)]*\)", " ", markdown, flags=re.DOTALL)
    return sum(bool(re.search(r"[^\W\d_]", word)) for word in prose.split())


def _without_exercises(cells):
    """The text itself: a lesson with more to do is not a longer read."""
    inside = False
    for cell in cells:
        headings = _headings(cell.source)
        inside = (inside or "Exercises" in headings) and "Further reading" not in headings
        if not inside:
            yield cell


def _headings(markdown):
    without_code = re.sub(r"```.*?```", "", markdown, flags=re.DOTALL)
    return [heading.strip() for heading in re.findall(r"^#{1,6} +(.+)$", without_code, re.MULTILINE)]


def _anchors(lesson, path):
    other = lesson if path == lesson.path else type(lesson)(path)
    return {heading.replace(" ", "-") for cell in other.prose for heading in _headings(cell.source)}


def _strings(code):
    """The text of each string in the code; the pieces of an f-string count as one."""
    tree = ast.parse(code)
    joined = [node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)]
    inside = {id(part) for node in joined for part in ast.walk(node) if part is not node}
    for node in joined:
        yield "".join(part.value for part in node.values if isinstance(part, ast.Constant))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside:
            yield node.value


def _comments(code):
    for token in tokenize.generate_tokens(io.StringIO(code).readline):
        if token.type == tokenize.COMMENT:
            yield token.string.lstrip("# ")

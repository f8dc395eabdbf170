"""Read text files whose encoding nobody wrote down.

Most files are UTF-8, and UTF-8 is hard to hit by chance: what decodes is taken for it. A mark at a file's
beginning says UTF-16 or UTF-32. For the rest charset-normalizer judges how plausible the text would be.
"""

import codecs

from ktlearn.support.characters import say

BAR_FROM_FILES = 2000
REPAIR = (
    "The rest can. Correct it; or write a copy with the replacement sign for every such byte: "
    "Path('copy').write_text(Path('file').read_text(encoding='utf-8', errors='replace'), encoding='utf-8')"
)
SAMPLE = 200_000  # bytes of lines that are not plain ASCII: enough to judge by
MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",  # after UTF-32, whose mark begins in the same way
    codecs.BOM_UTF16_BE: "utf-16",
}
# The encodings that files of today are found in. Of those that fit equally well, the first one is taken.
CANDIDATES = (
    *("cp1252", "cp1250", "cp1251", "koi8_r", "cp1253", "cp1254"),
    *("gb18030", "big5", "shift_jis", "euc_jp", "euc_kr"),
)


def detect_encoding(lines, name, place=None):
    """Name the encoding of a text.

    Args:
        lines: its bytes, in pieces that cut no character; an open binary file gives its lines.
        name: how errors call it.
        place: from the number of a piece, counted from 0, to how errors call that; left out, the line of ``name``.

    Raises:
        ValueError: it is no text, none of the encodings fits, or it is UTF-8 but for some wrong bytes.
    """
    place = place or (lambda number: f"line {number + 1} of {name}")
    sample, size, wrong, signs, errors = [], 0, None, 0, 0
    for number, line in enumerate(lines):
        mark = next((mark for mark in MARKS if line.startswith(mark)), None) if number == 0 else None
        if mark and MARKS[mark] != "utf-8-sig":
            return MARKS[mark]
        if b"\0" in line:
            raise ValueError(
                f"{place(number)} holds a zero byte. It is no text, or UTF-16 without a mark: for that give "
                "encoding='utf-16-le'."
            )
        if line.isascii():
            continue
        if wrong is None and not _decodes(line, "utf-8"):
            wrong = number, line
        if size < SAMPLE:
            sample.append(line)
            size += len(line)
            good, bad = _counted(line)
            signs, errors = signs + good, errors + bad
        elif wrong is not None:
            break
    if wrong is None:
        return "utf-8-sig"  # -sig also reads UTF-8 without a mark
    if signs > errors:
        # In another encoding hardly any sign would be a sign of UTF-8 by chance.
        raise ValueError(f"{_wrong_byte(wrong[1], place(wrong[0]))} {REPAIR}")
    return _most_plausible(b"".join(sample), name)


def read_texts(paths, encoding=None, verbose=1):
    """The texts of many small files, all of one encoding.

    Raises:
        ValueError: a file is not of the encoding; it is named.
    """
    from tqdm.auto import tqdm

    shown = tqdm(paths, desc="reading", unit=" files", disable=not verbose or len(paths) < BAR_FROM_FILES)
    contents = [path.read_bytes() for path in shown]
    folder = paths[0].parent.parent
    encoding = encoding or say_encoding(detect_encoding(contents, folder, paths.__getitem__), folder, verbose)
    check_encoding(encoding)
    texts = []
    for path, content in zip(paths, contents, strict=True):
        try:
            texts.append(content.decode(encoding))
        except UnicodeError as error:
            raise ValueError(not_of(encoding, path, content.splitlines(keepends=True))) from error
    return texts


def check_encoding(encoding):
    """Refuse what is no encoding; None has it detected.

    Raises:
        TypeError: it is no string.
        ValueError: Python knows no such encoding of text.
    """
    if encoding is not None and not isinstance(encoding, str):
        raise TypeError(f"encoding must be a name, such as 'utf-8', or None; got {encoding!r}.")
    try:
        encoding is None or "".encode(encoding)
    except (LookupError, ValueError):
        raise ValueError(f"encoding: Python knows no {encoding!r}. Give a name such as 'utf-8' or 'cp1252'.") from None


def say_encoding(encoding, name, verbose):
    """Say which encoding was detected, unless it is the usual one; the answer is the encoding."""
    if verbose and encoding != "utf-8-sig":
        say(f"{name}: the encoding seems to be {encoding}. If letters look wrong, name it: encoding='…'.")
    return encoding


def not_of(encoding, path, lines):
    """The sentence for a file that is not of its encoding; ``lines`` are its bytes again, line by line."""
    good, first = 0, None
    for number, line in enumerate(lines):
        if _decodes(line, encoding):
            good += not line.isascii()
        else:
            first = first or (number, line)
    if first is None:  # cut in lines, as UTF-16 must not be
        return f"{path} cannot be read as {encoding!r}. Give another encoding, or None to have it detected."
    where = _wrong_byte(first[1], f"line {first[0] + 1} of {path}", encoding)
    if good:
        return f"{where} {REPAIR}"
    return f"{where} Give another encoding, or None to have it detected."


def _wrong_byte(line, place, encoding="utf-8"):
    try:
        line.decode(encoding)
    except UnicodeDecodeError as error:
        around = line[max(0, error.start - 20) : error.end + 20].decode("ascii", "backslashreplace")
        around = " ".join(around.split())
        return (
            f"{place} cannot be read as {encoding!r}: its byte {error.start + 1} is 0x{line[error.start]:02x}, "
            f'in "{around}".'
        )


def _decodes(content, encoding):
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _counted(line):
    """In a line read as UTF-8, the characters beyond ASCII, and the bytes that cannot be read."""
    text = line.decode("utf-8", "replace")
    bad = text.count("\ufffd") - line.count("\ufffd".encode())
    return sum(not letter.isascii() for letter in text) - bad, bad


def _most_plausible(sample, name):
    from charset_normalizer import from_bytes

    matches = from_bytes(sample, cp_isolation=list(CANDIDATES))
    best = matches.best()
    if best is None:
        raise ValueError(f"{name} is in no encoding that ktlearn can detect. Name it: encoding='…'.")
    equal = {encoding for match in matches if match.chaos <= best.chaos for encoding in match.could_be_from_charset}
    return next(encoding for encoding in CANDIDATES if encoding in equal)

"""Read text files whose encoding nobody wrote down.

Most files are UTF-8, and UTF-8 is hard to hit by chance: what decodes is taken for it. A mark at a file's
beginning says UTF-16 or UTF-32. For the rest charset-normalizer judges how plausible the text would be.
"""

import codecs

from ktlearn.support.characters import say

BAR_FROM_FILES = 2000
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


def detect_encoding(lines, name):
    """Name the encoding of a text.

    Args:
        lines: its bytes, in pieces that cut no character; an open binary file gives its lines.
        name: how errors call it.

    Raises:
        ValueError: it is no text, or none of the encodings fits.
    """
    is_utf8, sample = True, bytearray()
    for number, line in enumerate(lines):
        mark = next((mark for mark in MARKS if line.startswith(mark)), None) if number == 0 else None
        if mark:
            return MARKS[mark]
        if b"\0" in line:
            raise ValueError(
                f"{name} holds zero bytes. It is no text file, or UTF-16 without a mark: for that give "
                "encoding='utf-16-le'."
            )
        if line.isascii():
            continue
        if len(sample) < SAMPLE:
            sample += line
        elif not is_utf8:
            break
        is_utf8 = is_utf8 and _decodes(line, "utf-8")
    return "utf-8-sig" if is_utf8 else _most_plausible(bytes(sample), name)  # -sig also reads UTF-8 without a mark


def read_texts(paths, encoding=None, verbose=1):
    """The texts of many small files, all of one encoding.

    Raises:
        ValueError: a file is not of the encoding; it is named.
    """
    from tqdm.auto import tqdm

    shown = tqdm(paths, desc="reading", unit=" files", disable=not verbose or len(paths) < BAR_FROM_FILES)
    contents = [path.read_bytes() for path in shown]
    folder = paths[0].parent.parent
    encoding = encoding or say_encoding(detect_encoding(contents, folder), folder, verbose)
    texts = []
    for path, content in zip(paths, contents, strict=True):
        try:
            texts.append(content.decode(encoding))
        except (UnicodeError, LookupError) as error:
            raise ValueError(not_of(encoding, path, error)) from error
    return texts


def say_encoding(encoding, name, verbose):
    """Say which encoding was detected, unless it is the usual one; the answer is the encoding."""
    if verbose and encoding != "utf-8-sig":
        say(f"{name}: the encoding seems to be {encoding}. If letters look wrong, name it: encoding='…'.")
    return encoding


def not_of(encoding, path, error):
    """The sentence for a file that cannot be decoded."""
    return f"{path} cannot be read as {encoding!r} ({error}). Give another encoding, or None to have it detected."


def _decodes(content, encoding):
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _most_plausible(sample, name):
    from charset_normalizer import from_bytes

    matches = from_bytes(sample, cp_isolation=list(CANDIDATES))
    best = matches.best()
    if best is None:
        raise ValueError(f"{name} is in no encoding that ktlearn can detect. Name it: encoding='…'.")
    equal = {encoding for match in matches if match.chaos <= best.chaos for encoding in match.could_be_from_charset}
    return next(encoding for encoding in CANDIDATES if encoding in equal)

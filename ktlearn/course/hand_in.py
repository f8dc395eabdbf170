"""The file that a learner hands to the teacher: a small JSON file that both can read.

It holds the name that the learner typed, and for each exercise that was begun the day it was solved, the tries, the
hints, and whether the solution was opened before. No answer is in it.

Its checksum finds a file that was damaged on its way, or edited by hand. It stops nobody who reads this module and
computes it again: a grade needs a look at the answers, and a talk. A random name that was drawn when the learner's
own file was begun tells when two hand in copies of one and the same record.
"""

import datetime
import json
import re
from pathlib import Path
from typing import NamedTuple

import ktlearn
from ktlearn.exercises.record import Standing, checksum
from ktlearn.support.arguments import check_path, is_whole
from ktlearn.support.atomic import atomic_file
from ktlearn.support.characters import visible, whole

KIND = "exercises solved in ktlearn"
FORMAT = 1
LONGEST_NAME = 80
LARGEST = 1_000_000  # bytes: a course of a thousand exercises has a tenth of it


class HandIn(NamedTuple):
    """A file that was handed in, read.

    Attributes:
        name: of the learner, as typed.
        day: when it was made.
        version: of the learner's ktlearn.
        record: the random name of the learner's own file, "" where it is unknown.
        damaged: lines of that file that could not be read.
        standings: exercise number → :class:`ktlearn.exercises.record.Standing`.
        is_changed: it is not as it was written: damaged, or edited.
    """

    name: str
    day: str
    version: str
    record: str
    damaged: int
    standings: dict
    is_changed: bool


def write_hand_in(record, name, folder="."):
    """Write a learner's record under the learner's name; returns the path of the file.

    Args:
        record: a :class:`ktlearn.exercises.record.Record`.
        name: of the learner.
        folder: where to; a file that was written there before for this name is replaced.

    Raises:
        TypeError, ValueError: the name is empty or too long, or ``folder`` is no path.
        FileExistsError: a file of somebody else has this name.
        OSError: nothing can be written there.

    >>> from ktlearn.exercises.record import Record
    >>> write_hand_in(Record("5f0c", {"0.1": Standing("2026-11-28", tries=2)}), "Ann Lee").name
    'progress-ann-lee.json'
    """
    name = _checked_name(name)
    content = {
        "kind": KIND,
        "format": FORMAT,
        "name": name,
        "day": datetime.date.today().isoformat(),
        "ktlearn": ktlearn.__version__,
        "record": record.name,
        "damaged": record.damaged,
        "exercises": {number: each.__dict__ for number, each in record.standings.items()},
    }
    content["checksum"] = checksum(content)
    path = check_path("folder", folder) / f"progress-{_for_a_file(name)}.json"
    if path.exists() and not _is_of(path, name):
        raise FileExistsError(f"{path} is there already, and is not yours. Name another folder, or your name in full.")
    with atomic_file(path) as draft:
        draft.write_text(_readable(content), encoding="utf-8")
    return path


def read_hand_in(path):
    """Read a file that was handed in.

    Raises:
        ValueError: it is none, or cannot be read; the message goes on after the name of the file: "is empty".
    """
    content = _content(Path(path))
    if not isinstance(content, dict) or content.get("kind") != KIND:
        raise ValueError("is no file of ktlearn")
    if content.get("format") != FORMAT:
        raise ValueError(f"is of another ktlearn (format {content.get('format')!r:.20}); this one reads {FORMAT}")
    is_changed = content.pop("checksum", None) != checksum(content)
    try:
        standings = {str(number): _standing(fields) for number, fields in content["exercises"].items()}
        name = _checked_name(content["name"])
        day, version, record = _day(content["day"]), _text(content["ktlearn"]), _text(content["record"])
        damaged = _count(content["damaged"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ValueError("is damaged: a part of it is missing, or not what it should be") from error
    return HandIn(name, day, version, record, damaged, standings, is_changed)


def _is_of(path, name):
    try:
        return read_hand_in(path).name == name
    except (OSError, ValueError):
        return False


def _content(path):
    """What JSON says, in the encodings in which mail programs and editors leave a file."""
    if path.stat().st_size > LARGEST:
        raise ValueError(f"has {path.stat().st_size / 1e6:.1f} MB, too much for a file of ktlearn")
    data = path.read_bytes()
    if not data.strip(b"\0 \r\n\t"):
        raise ValueError("is empty")
    if b'"record"' in data[:200] and b'"about"' in data[:200]:
        raise ValueError("is a learner's own file; ask for the one of `python -m ktlearn progress --hand-in NAME`")
    try:
        text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError("is no JSON: damaged, cut, or another kind of file") from error


def _standing(fields):
    if fields.keys() != Standing().__dict__.keys() or not isinstance(fields["solution_first"], bool):
        raise ValueError("no standing")
    solved = fields["solved"] and _day(fields["solved"])
    return Standing(_text(solved), _count(fields["tries"]), _count(fields["hints"]), fields["solution_first"])


def _count(number):
    if not is_whole(number) or number < 0:
        raise ValueError("no count")
    return number


def _text(value):
    if not isinstance(value, str) or len(value) > LONGEST_NAME:
        raise TypeError("no short text")
    return value


def _day(text):
    return datetime.date.fromisoformat(text).isoformat()


def _checked_name(name):
    if not isinstance(name, str):
        raise TypeError(f'name must be your name in quotes, such as "Ann Lee"; got {name!r:.80}.')
    name = visible(whole(" ".join(name.split())))
    if not any(map(str.isalnum, name)) or len(name) > LONGEST_NAME:
        raise ValueError(
            f'name must be your name, such as "Ann Lee", in {LONGEST_NAME} characters at most; got {name!r:.90}.'
        )
    return name


def _for_a_file(name):
    return re.sub(r"[\W_]+", "-", name.casefold()).strip("-")[:40]


def _readable(content):
    """JSON with a line for each exercise."""
    exercises = content["exercises"].items()
    lines = ",\n".join(f"  {json.dumps(number)}: {json.dumps(fields)}" for number, fields in exercises)
    text = json.dumps(content | {"exercises": "HERE"}, indent=1, ensure_ascii=False)
    return text.replace('"exercises": "HERE"', f'"exercises": {{\n{lines}\n }}') + "\n"

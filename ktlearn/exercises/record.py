"""What a learner has solved, kept in one small file of the learner's own. Nothing leaves the machine.

A check that says right or not yet, a hint and a solution each add a line to the file: the exercise, what happened,
and the day. Nothing of an answer is kept, no name and no hour. ``KTLEARN_PROGRESS`` names another file, or is "off".

Lines are only ever added, each in one step, so two kernels may write at once, and a check does not read the file.
(Two machines with one network drive may still spoil a line of each other; it is left out, and said.)
Each line has a checksum. It finds damage, and edits by hand; no secret on a learner's own machine could stop one who
is determined to invent a line, and none is pretended.
"""

import datetime
import errno
import hashlib
import json
import os
import re
import secrets
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from ktlearn.support.paths import check_regular

SETTING = "KTLEARN_PROGRESS"
OFF = ("off", "no", "false", "0")
FILE = "progress.jsonl"
LARGEST = 4_000_000  # bytes of the file: about forty thousand lines
LONGEST = 1000  # bytes of a line
ABOUT = (
    "ktlearn remembers here which exercises you solved. Nothing is sent anywhere. "
    f"To stop it, set {SETTING}=off. To forget everything, delete this file."
)
EVENT = re.compile(r"right|not yet|solution|hint [1-9]")

_told = set()  # the reasons for which nothing could be written: each is said once in a kernel


@dataclass(frozen=True)
class Standing:
    """How far a learner is with one exercise. After it was solved, nothing of it changes any more.

    Attributes:
        solved: the day of the first right answer, "2026-11-28", or "".
        tries: checks of an answer up to the first right one.
        hints: how many of its hints were shown before.
        solution_first: was its solution opened before?
    """

    solved: str = ""
    tries: int = 0
    hints: int = 0
    solution_first: bool = False

    def after(self, event, day):
        """The standing after one more line of the file.

        >>> Standing().after("hint 2", "2026-11-28").after("right", "2026-11-29")
        Standing(solved='2026-11-29', tries=1, hints=2, solution_first=False)
        """
        if self.solved:
            return self
        if event == "solution":
            return replace(self, solution_first=True)
        if event.startswith("hint"):
            return replace(self, hints=max(self.hints, int(event[-1])))
        return replace(self, tries=self.tries + 1, solved=day if event == "right" else "")


class Record(NamedTuple):
    """The file, read.

    Attributes:
        name: drawn at random when the file was begun: a copy of it can be told, its owner cannot.
        standings: exercise number → :class:`Standing`.
        last: the number of the exercise of the last line, or "".
        damaged: how many lines could not be read.
    """

    name: str = ""
    standings: dict = {}  # noqa: RUF012, nobody writes into it
    last: str = ""
    damaged: int = 0


def place():
    """The path of the learner's file, or None where KTLEARN_PROGRESS turns it off.

    Raises:
        RuntimeError: this account has no home folder.
    """
    setting = os.environ.get(SETTING, "").strip()
    if setting.lower() in OFF:
        return None
    if not setting:
        return data_folder() / FILE
    path = Path(os.path.expandvars(setting)).expanduser()  # such as ~/course/$JUPYTERHUB_USER.jsonl
    return path / FILE if path.is_dir() else path


def data_folder():
    """Where programs keep a user's data on this platform."""
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "ktlearn"
    if os.name == "nt":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "ktlearn"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "ktlearn"


def note(number, event):
    """Add a line to the learner's file. Never raises, whatever the disk does.

    Args:
        number: of the exercise.
        event: "right", "not yet", "hint 1" to "hint 3", or "solution".

    Returns:
        "" when it is written, or not wanted; else the reason in words, the first time, and "" from then on.
    """
    try:
        path = place()
        if path is not None:
            _append(path, {"exercise": number, "event": event, "day": datetime.date.today().isoformat()})
        return ""
    except (OSError, RuntimeError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or str(error)).rstrip(".")
    if reason in _told:
        return ""
    _told.add(reason)
    return reason


def read_record(path):
    """Read a learner's file; an empty record where there is none yet. Lines that are damaged are left out, and counted.

    Raises:
        OSError, ValueError: it is no file, may not be read, or is far too large.
    """
    path = Path(path)
    if not os.path.lexists(path):
        return Record()
    check_regular(path)
    if path.stat().st_size > LARGEST + LONGEST:
        raise ValueError(f"{path} has {path.stat().st_size / 1e6:.0f} MB, so it is no file of ktlearn. Move it away.")
    name, standings, last, damaged = "", {}, "", 0
    for line in path.read_bytes().removeprefix(b"\xef\xbb\xbf").splitlines():
        entry = _entry(line)
        if entry is None:
            damaged += bool(line.strip())
        elif "record" in entry:
            name = name or entry["record"]
        else:
            last = entry["exercise"]
            standings[last] = standings.get(last, Standing()).after(entry["event"], entry["day"])
    return Record(name, standings, last, damaged)


def checksum(entry):
    """A checksum of what JSON can hold, the same however it is written down.

    >>> checksum({"a": 1, "b": [True]}) == checksum({"b": [True], "a": 1})
    True
    """
    return hashlib.sha256(json.dumps(entry, sort_keys=True).encode()).hexdigest()[:16]


def _append(path, entry):
    if os.path.lexists(path):
        check_regular(path)  # a pipe would let the check wait for ever
    else:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0)
    file = os.open(path, flags, 0o600)  # for the learner's eyes only
    try:
        size = os.fstat(file).st_size
        if size > LARGEST:
            raise OSError(errno.EFBIG, f"{path} has grown past {LARGEST / 1e6:.0f} MB; move it away")
        begin = "" if size else _line({"record": secrets.token_hex(6), "about": ABOUT})
        # The line break comes first: what a full disk left half written harms no line but its own.
        data = f"{begin}\n{_line(entry)}".encode()
        if os.write(file, data) < len(data):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    finally:
        os.close(file)


def _line(entry):
    return json.dumps(entry | {"sum": checksum(entry)})


def _entry(line):
    """What a line says, or None when it is damaged, edited, or of something else."""
    try:
        entry = json.loads(line) if len(line) <= LONGEST else None
        if not isinstance(entry, dict) or entry.pop("sum", None) != checksum(entry):
            return None
        if "record" in entry:
            return entry if isinstance(entry["record"], str) else None
        datetime.date.fromisoformat(entry["day"])
        is_whole = isinstance(entry["exercise"], str) and EVENT.fullmatch(entry["event"])
        return entry if is_whole else None
    except (ValueError, TypeError, KeyError, RecursionError):
        return None

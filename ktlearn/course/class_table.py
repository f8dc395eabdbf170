"""``python -m ktlearn progress --class FOLDER``: the files of a class as one table, and as CSV.

A learner is a name, not a file: two files of one name are joined, a copy counts once, and what a file is called does
not matter. What cannot be read is listed with the reason, and stops nothing.
"""

import collections
import csv
import unicodedata
from pathlib import Path
from typing import NamedTuple

from ktlearn.course.hand_in import read_hand_in
from ktlearn.course.syllabus import lessons
from ktlearn.exercises.record import Standing
from ktlearn.support.atomic import atomic_file
from ktlearn.support.characters import say, visible

CSV = "progress.csv"
WIDEST_NAME = 28
STUCK = 3  # from this many learners on, an exercise is named


class Row(NamedTuple):
    """A learner of the class."""

    name: str
    standings: dict  # exercise number → Standing
    day: str  # of the newest file
    files: tuple  # their names, in the folder
    notes: tuple  # what a teacher should know


def read_class(folder, course):
    """Read what a class has handed in; folders in the folder too, as a learning platform packs them.

    Args:
        folder: with the files; those that end in ``.json``, or ``.json.txt`` as some mail programs leave them.
        course: the lessons, as :func:`ktlearn.course.syllabus.lessons` gives them.

    Returns:
        The rows, sorted by name, and pairs of a file that could not be read with the reason.

    Raises:
        NotADirectoryError: there is no such folder.
    """
    folder = Path(folder).expanduser()
    if not folder.is_dir():
        raise NotADirectoryError(f"There is no folder {folder}. Name the one with the files that were handed in.")
    found, refused = [], []
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if ".json" not in [ending.lower() for ending in path.suffixes] or _is_hidden(inside) or not path.is_file():
            continue
        try:
            found.append((inside.as_posix(), read_hand_in(path)))
        except (ValueError, OSError) as error:
            refused.append((inside.as_posix(), getattr(error, "strerror", None) or str(error)))
    by_name = collections.defaultdict(list)
    for file, hand_in in found:
        by_name[_same(hand_in.name)].append((file, hand_in))
    owners = collections.defaultdict(set)
    for _, hand_in in found:
        owners[hand_in.record].add(_same(hand_in.name))
    names = {key: files[0][1].name for key, files in by_name.items()}
    known = {exercise.number for lesson in course for exercise in lesson.exercises}
    rows = [_row(files, owners, names, known) for _, files in sorted(by_name.items())]
    return rows, refused


def table(rows, course):
    """The rows as text: for each learner what is solved, in all and in each lesson.

    Args:
        rows: as :func:`read_class` gives them.
        course: the lessons.
    """
    total = sum(len(lesson.exercises) for lesson in course)
    head = ["name", "solved", *(lesson.number for lesson in course), "handed in", "note"]
    below = ["", f"of {total}", *(str(len(lesson.exercises)) for lesson in course), "", ""]
    body = []
    for row in rows:
        counts = [sum(_is_solved(row, each) for each in lesson.exercises) for lesson in course]
        body.append([_short(row.name), str(sum(counts)), *map(str, counts), row.day, "; ".join(row.notes)])
    lines = [[visible(cell) for cell in line] for line in (head, below, *body)]
    widths = [max(map(_width, column)) for column in zip(*lines, strict=True)]
    is_text = {0, len(head) - 2, len(head) - 1}
    return "\n".join(
        "  ".join(_padded(cell, widths[i], i in is_text) for i, cell in enumerate(line)).rstrip() for line in lines
    )


def stuck(rows, course):
    """The exercises that several learners tried and have not solved: pairs of an exercise and their number."""
    exercises = [exercise for lesson in course for exercise in lesson.exercises]
    counts = [(each, sum(_is_open(row.standings.get(each.number)) for row in rows)) for each in exercises]
    return sorted(((each, count) for each, count in counts if count >= STUCK), key=lambda pair: -pair[1])


def write_csv(rows, course, path):
    """Write the rows with a column for each exercise; spreadsheet programs open it.

    A cell of them is "solved", "after solution" (solved after its solution was opened), "tried", or empty.

    Raises:
        OSError: nothing can be written there.
    """
    numbers = [exercise.number for lesson in course for exercise in lesson.exercises]
    names = [f"exercise {number}" for number in numbers]  # a spreadsheet would take 1.10 for the number 1.1
    with atomic_file(path) as draft, draft.open("w", encoding="utf-8-sig", newline="") as file:
        out = csv.writer(file)
        out.writerow(["name", "solved", "of", "tries", "hints", "handed in", "note", "files", *names])
        for row in rows:
            standings = [row.standings.get(number, Standing()) for number in numbers]
            out.writerow(
                [
                    _no_formula(row.name),
                    sum(bool(each.solved) for each in standings),
                    len(numbers),
                    sum(each.tries for each in standings),
                    sum(each.hints for each in standings),
                    _no_formula(row.day),
                    _no_formula("; ".join(row.notes)),
                    _no_formula("; ".join(row.files)),
                    *map(_in_words, standings),
                ]
            )


def run(folder, csv_path=None):
    """Print the table of a class and write its CSV; returns the exit code of the command.

    Args:
        folder: with the files that were handed in.
        csv_path: of the CSV; by default ``progress.csv`` in that folder.
    """
    course = lessons()
    try:
        rows, refused = read_class(folder, course)
    except NotADirectoryError as error:
        say(error)
        return 1
    if rows:
        say(table(rows, course))
        hard = stuck(rows, course)[:5]
        if hard:
            say("\nTried, and not solved by:")
            for exercise, count in hard:
                say(f"  {exercise.number:<5} {count:>3} learners   {exercise.title}")
    if refused:
        say(f"\nnot read, {len(refused)}:")
        for file, reason in refused:
            say(f"  {file} {reason}")
    if not rows:
        say(f"\nThere is nothing to show in {folder}. Learners write their file with")
        say('    python -m ktlearn progress --hand-in "their name"')
        return 1
    path = Path(csv_path or Path(folder) / CSV).expanduser()
    try:
        write_csv(rows, course, path)
    except OSError as error:
        say(f"\nThe CSV was not written: {error.strerror or error}. Name another file with --csv.")
        return 1
    say(f"\n{_counted(len(rows), 'learner')}. As CSV: {path}")
    return 0


def _row(files, owners, names, known):
    """One learner, of all files with this name. A file that was changed counts only where there is no other."""
    key = _same(files[0][1].name)
    everything = [hand_in for _, hand_in in files]
    hand_ins = [each for each in everything if not each.is_changed] or everything
    newest = max(hand_ins, key=lambda each: each.day)
    standings = {}
    for each in hand_ins:
        for number, standing in each.standings.items():
            standings[number] = _better(standings.get(number, Standing()), standing)
    notes = []
    if hand_ins[0].is_changed:
        notes.append("changed after it was made")
    elif len(hand_ins) < len(everything):
        notes.append("a changed file left out")
    if len({each.record for each in hand_ins}) > 1:
        notes.append(f"{len(hand_ins)} files, joined: one learner on two machines, or two of one name?")
    elif len(hand_ins) > 1:
        is_joined = any(each.standings != newest.standings for each in hand_ins)
        notes.append(f"{len(hand_ins)} files, {'joined' if is_joined else 'the same'}")
    others = {owner for each in everything if each.record for owner in owners[each.record]} - {key}
    if others:
        notes.append(f"same record as {', '.join(sorted(names[other] for other in others))}")
    if any(each.damaged for each in hand_ins):
        notes.append("damaged lines in the learner's file")
    if standings.keys() - known:
        unknown = _counted(len(standings.keys() - known), "exercise")
        notes.append(f"{unknown} unknown here (ktlearn {newest.version})")
    return Row(newest.name, standings, newest.day, tuple(file for file, _ in files), tuple(notes))


def _better(one, other):
    """The standing that says more: solved, and earlier; else the one with more tries."""
    if one.solved and other.solved:
        return min(one, other, key=lambda each: each.solved)
    return max(one, other, key=lambda each: (bool(each.solved), each.tries, each.hints, each.solution_first))


def _same(name):
    """Names that a teacher would call the same."""
    return unicodedata.normalize("NFKC", name).casefold()


def _is_hidden(path):
    return any(part.startswith((".", "__MACOSX")) for part in path.parts)


def _is_solved(row, exercise):
    return bool(row.standings.get(exercise.number, Standing()).solved)


def _is_open(standing):
    return standing is not None and standing.tries > 0 and not standing.solved


def _in_words(standing):
    if standing.solved:
        return "after solution" if standing.solution_first else "solved"
    return "tried" if standing != Standing() else ""


def _counted(number, what):
    return f"{number} {what}" + ("s" if number != 1 else "")


def _no_formula(text):
    """Text that a spreadsheet program takes as text: a name that begins with = would be computed."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def _short(name):
    return name if len(name) <= WIDEST_NAME else name[: WIDEST_NAME - 1] + "…"


def _width(text):
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def _padded(text, width, is_text):
    space = " " * (width - _width(text))
    return text + space if is_text else space + text

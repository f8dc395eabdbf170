"""``ktlearn.progress()`` and ``python -m ktlearn progress``: what is solved, and what comes next.

It is text, and in a notebook a small table: HTML without a script and without a picture, so that it is seen in
JupyterLab, Notebook, Colab and in a notebook that is not trusted yet. There the style falls away, and the words stay.
"""

import html
import itertools
from pathlib import Path

from ktlearn.course.hand_in import write_hand_in
from ktlearn.course.syllabus import lessons
from ktlearn.course.system import COLAB, system
from ktlearn.exercises.exercise import DIFFICULTY
from ktlearn.exercises.record import SETTING, Record, Standing, place, read_record
from ktlearn.support.characters import say, visible

SOLVED, WITH_SOLUTION, OPEN = "●◐○"
LEGEND = f"{SOLVED} solved   {WITH_SOLUTION} solved after its solution was opened   {OPEN} still open"
STYLE = """\
.kt-progress { overflow-x: auto; font: 13px/1.5 var(--jp-ui-font-family, system-ui, sans-serif); color: inherit; }
.kt-progress table { border-collapse: collapse; margin: 8px 0; font: inherit; }
.kt-progress th, .kt-progress td { padding: 2px 18px 2px 0; text-align: left; white-space: nowrap; }
.kt-progress tr { background: none !important; border-top: 1px solid var(--jp-border-color2, #8886); }
.kt-progress th[scope="row"] { font-weight: normal; }
.kt-progress thead th { font-weight: 600; }
.kt-progress .kt-marks { color: var(--jp-success-color1, #2e9e55); letter-spacing: .12em; }
.kt-progress .kt-count { display: inline-block; min-width: 5em; }
.kt-progress .kt-small { font-size: 12px; opacity: .8; }"""


def progress():
    """How far you are with the exercises, and what comes next: the last line of a cell shows it.

    It reads your own file on this machine (``ktlearn/exercises/record.py`` says what is in it), and changes nothing.

    Returns:
        A :class:`Progress`.

    >>> print(progress())
    Your progress is not remembered: KTLEARN_PROGRESS is off.
    Next: exercise 0.1 · A window (3 minutes, easy), in lesson 00 Start here.
    """
    try:
        path = place()
        return Progress(lessons(), read_record(path) if path else Record(), path)
    except (OSError, RuntimeError, ValueError) as error:
        return Progress(lessons(), Record(), None, f"Your progress could not be read: {error}")


class Progress:
    """A learner's record beside the lessons.

    Args:
        lessons: as :func:`ktlearn.course.syllabus.lessons` gives them.
        record: a :class:`ktlearn.exercises.record.Record`.
        path: of the learner's file; None when nothing is remembered.
        trouble: why it could not be read.

    Attributes:
        solved: how many exercises are solved.
        total: how many there are.
        next: the exercise to do next; None when all are solved.
    """

    def __init__(self, lessons, record, path, trouble=""):
        self.lessons, self.record, self.path, self.trouble = lessons, record, path, trouble
        self.total = sum(len(lesson.exercises) for lesson in lessons)
        self.solved = sum(self._is_solved(each) for lesson in lessons for each in lesson.exercises)
        self.next = next(self._still_open(), None)

    def hand_in(self, name, folder="."):
        """Write the file that you hand to your teacher; returns its path. See :mod:`ktlearn.course.hand_in`.

        Args:
            name: yours, as your teacher knows you.
            folder: where to.

        Raises:
            TypeError, ValueError: the name is empty, or there is nothing to hand in.
            OSError: nothing can be written there.
        """
        if self.path is None or not self._has_begun:
            raise ValueError(f"There is nothing to hand in yet. {self._headline()}")
        return write_hand_in(self.record, name, folder)

    def __str__(self):
        lines = [self._headline()]
        if self._has_begun:
            width = max(len(str(lesson)) for lesson in self.lessons)
            counts = max(len(self._count(lesson)) for lesson in self.lessons)
            rows = [f"{each!s:<{width}}   {self._count(each):>{counts}}   {self._marks(each)}" for each in self.lessons]
            lines += ["", *rows, "", LEGEND, ""]
        lines += [self._what_next(), *self._remarks()]
        return visible("\n".join(lines))

    def __repr__(self):
        return str(self)

    def _repr_html_(self):
        def p(text, kind=""):
            return f"<p{kind}>{html.escape(visible(text))}</p>"

        parts = [p(self._headline())]
        if self._has_begun:
            rows = "\n".join(self._row(lesson) for lesson in self.lessons)
            head = "".join(f'<th scope="col">{name}</th>' for name in ("lesson", "solved", "still open"))
            parts.append(f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody>\n</table>")
            parts.append(p(LEGEND.replace("   ", " · "), ' class="kt-small"'))
        parts.append(f"<p><strong>{html.escape(self._what_next())}</strong></p>")
        parts += [p(text, ' class="kt-small"') for text in self._remarks()]
        return f'<div class="kt-progress">\n<style>\n{STYLE}\n</style>\n' + "\n".join(parts) + "\n</div>"

    @property
    def _has_begun(self):
        return bool(self.record.standings)

    def _headline(self):
        if self.trouble:
            return self.trouble
        if self.path is None:
            return f"Your progress is not remembered: {SETTING} is off."
        if not self._has_begun:
            return "Welcome. As you solve exercises, this place shows how far you are."
        return f"{self.solved} of {self.total} exercises solved."

    def _what_next(self):
        if self.next is None:
            return "All exercises are solved. What comes next is a project of your own."
        lesson = next(lesson for lesson in self.lessons if self.next in lesson.exercises)
        size = f"{self.next.minutes} minutes, {DIFFICULTY[self.next.difficulty]}"
        return f"Next: exercise {self.next.number} · {self.next.title} ({size}), in lesson {lesson}."

    def _remarks(self):
        """What must be known about the file: damage, where it is, and how to be without it."""
        if self.path is None:
            return []
        if not self._has_begun:
            kept = "ktlearn will remember what you solve in a small file of your own"
            remarks = [f"{kept}; nothing leaves this machine. {SETTING}=off turns it off."]
        else:
            kept = f"Kept in {_at_home(self.path)}, and nowhere else."
            remarks = [f"{kept} To stop: set {SETTING}=off. To forget: delete the file."]
        if system() == COLAB:
            remarks.append("On Colab the file ends with the session: hand it in before, or keep it on your Drive.")
        if self.record.damaged:
            lines = "1 line" if self.record.damaged == 1 else f"{self.record.damaged} lines"
            remarks.append(f"{lines} of {_at_home(self.path)} cannot be read (damaged, or edited): not counted.")
        return remarks

    def _row(self, lesson):
        still_open = self._numbers_open(lesson)
        marks = f'<span class="kt-marks" aria-hidden="true">{self._marks(lesson)}</span>'  # the words say the same
        return (
            f'<tr><th scope="row">{html.escape(str(lesson))}</th>'
            f'<td><span class="kt-count">{self._count(lesson)}</span> {marks}</td>'
            f"<td>{html.escape(still_open)}</td></tr>"
        )

    def _marks(self, lesson):
        return "".join(mark(self._standing(each)) for each in lesson.exercises)

    def _count(self, lesson):
        return f"{sum(map(self._is_solved, lesson.exercises))} of {len(lesson.exercises)}"

    def _numbers_open(self, lesson):
        """As "1.2, 1.4–1.8"."""
        still_open = [place for place, each in enumerate(lesson.exercises) if not self._is_solved(each)]
        if len(still_open) == len(lesson.exercises):
            return "all"
        runs = [list(run) for _, run in itertools.groupby(enumerate(still_open), lambda pair: pair[1] - pair[0])]
        ends = [(lesson.exercises[run[0][1]].number, lesson.exercises[run[-1][1]].number) for run in runs]
        return ", ".join(first if first == last else f"{first}–{last}" for first, last in ends)

    def _still_open(self):
        """What is still open: first the rest of the lesson of the last exercise, then what follows, then the start."""
        here = [i for i, lesson in enumerate(self.lessons) if self.record.last in {e.number for e in lesson.exercises}]
        start = here[0] if here else 0
        for lesson in [*self.lessons[start:], *self.lessons[:start]]:
            yield from (each for each in lesson.exercises if not self._is_solved(each))

    def _is_solved(self, exercise):
        return bool(self._standing(exercise).solved)

    def _standing(self, exercise):
        return self.record.standings.get(exercise.number, Standing())


def mark(standing):
    """One character for a standing.

    >>> mark(Standing()), mark(Standing(solved="2026-11-28"))
    ('○', '●')
    """
    if not standing.solved:
        return OPEN
    return WITH_SOLUTION if standing.solution_first else SOLVED


def _at_home(path):
    """A path for the eye: the home folder is ~."""
    path = Path(path)
    try:
        return str("~" / path.relative_to(Path.home()))
    except (ValueError, RuntimeError):
        return str(path)


def run(name="", folder="."):
    """Print the progress, or write the file for the teacher where a name is given; returns the exit code."""
    shown = progress()
    if not name:
        say(shown)
        return 1 if shown.trouble else 0
    try:
        path = shown.hand_in(name, folder)
    except (OSError, TypeError, ValueError) as error:
        say(error)
        return 1
    say(f"{shown.solved} of {shown.total} exercises solved. Give this file to your teacher: {path}")
    say("It holds your name, and for each exercise the day, tries and hints. No answer is in it.")
    return 0

"""One exercise: a check that names the mistake, three hints, a solution with its reason.

A lesson module (``lesson_02.py``) is a list of exercises::

    from ktlearn.exercises.compare import compare
    from ktlearn.exercises.exercise import Exercise, NotYet

    def check_2_1(answer):  # right: returns. Wrong: raises NotYet with one sentence that names the mistake
        scores = np.random.default_rng().normal(size=(3, 5))
        compare(answer, solution_2_1, scores, mistakes=[(over_queries, "the softmax runs over the queries.")])

    def solution_2_1(scores):  # solution() shows its source
        return softmax(scores, axis=-1)

    EXERCISES = [
        Exercise("2.1", "The title", minutes=3, difficulty=1, check=check_2_1, solution=solution_2_1,
                 why="The reason.", hints=("a nudge", "more", "nearly the answer")),
    ]

The solution says what kind of answer is meant: a function with parameters, a class, or a value (then the solution
is a function without parameters that returns it). ``compare.py`` has the helpers for a check.

A check meets a reader's code, so what that code prints is held back, what it raises is told in one line, and the
random state of ``random`` and NumPy is put back. Nothing here imports Keras. What is solved is remembered
(``record.py``); whether that works or not, the check says the same.
"""

import copy
import functools
import inspect
import re
import sys
import textwrap

import numpy as np

from ktlearn.exercises.record import note
from ktlearn.exercises.shield import shield
from ktlearn.exercises.stub import has_dots, has_source, is_stub

DIFFICULTY = {1: "easy", 2: "medium", 3: "hard"}


class NotYet(Exception):
    """Raised by a check: the answer is not right yet. The message is one sentence that names the mistake."""


class NotAttempted(Exception):
    """The answer is still a stub."""


class Exercise:
    """An exercise, as ``ktlearn.exercise("2.3")`` gives it.

    Args:
        number: lesson and place, ``"2.3"``.
        title: as in the lesson.
        minutes: for a reader who follows the lesson.
        difficulty: 1 easy, 2 medium, 3 hard.
        check: a function of the answer. It returns when the answer is right, and raises ``NotYet`` if not.
        solution: the answer (a function or a class), or a function without parameters that returns it.
        why: the reason, shown with the solution. Markdown.
        hints: three texts, from a nudge to nearly the answer.
    """

    def __init__(self, number, title, minutes, difficulty, check, solution, why, hints):
        self.number, self.title, self.minutes, self.difficulty = number, title, minutes, difficulty
        self.why, self.hints = why, tuple(hints)
        self._check, self._solution = check, solution
        self._hints_given = 0

    @property
    def answer(self):
        """The right answer, in the form that ``check`` takes."""
        return self._solution() if self._kind == "value" else self._solution

    def check(self, answer):
        """Print one line: right, not yet and why, or not attempted. Never raises because of the answer."""
        self._say(*self._verdict(answer))

    def grade(self, answer):
        """For a teacher: return quietly when the answer is right. Nothing is printed or remembered.

        Raises:
            AssertionError: it is not right, or not attempted, with the line that ``check`` prints.
        """
        text, event = self._verdict(answer)
        if event != "right":
            raise AssertionError(f"{self.number} {_one_line(text)}")

    def hint(self):
        """Print the next of three hints. After the last one, say so, and begin again."""
        if self._hints_given == len(self.hints):
            self._hints_given = 0
            return self._say(
                f'No more hints. ktlearn.exercise("{self.number}").solution() shows the answer. '
                "Ask again for the first hint."
            )
        self._hints_given += 1
        given = self._hints_given
        self._say(f"Hint {given} of {len(self.hints)}: {self.hints[given - 1]}", f"hint {given}")

    def solution(self):
        """Show the code of a solution, and why it is right."""
        note(self.number, "solution")
        shown = self._shown_solution
        if "IPython" in sys.modules and sys.modules["IPython"].get_ipython():
            from IPython.display import display

            display(shown)
        else:
            print(shown)

    def solution_text(self):
        """The solution and its reason as Markdown, under the exercise's title. For a teacher's page of solutions."""
        return f"## Exercise {self.number} · {self.title}\n\n" + self._shown_solution._repr_markdown_()

    @property
    def _shown_solution(self):
        return Solution(self.number, textwrap.dedent(inspect.getsource(self._solution)).rstrip(), self.why)

    def __repr__(self):
        return (
            f"Exercise {self.number}: {self.title} ({self.minutes} minutes, {DIFFICULTY[self.difficulty]}). "
            ".check(answer), .hint(), .solution()"
        )

    def _repr_markdown_(self):
        stars = "★" * self.difficulty + "☆" * (3 - self.difficulty)
        return (
            f"**Exercise {self.number} · {self.title}**  \n"
            f"{self.minutes} minutes · {stars} {DIFFICULTY[self.difficulty]}  \n"
            "`.check(answer)` · `.hint()` · `.solution()`"
        )

    def _verdict(self, answer):
        """What ``check`` says of an answer, and what is remembered of it."""
        try:
            if is_stub(answer):
                raise NotAttempted
            with shield():
                self._right_kind(answer)
                self._check(_guarded(answer))
        except (Exception, SystemExit) as error:
            if isinstance(error, NotAttempted) or has_dots(answer):
                return "… Not attempted yet. Put your answer in place of the dots, and run the cell again.", ""
            return f"✗ Not yet: {error if isinstance(error, NotYet) else _told(error, answer)}", "not yet"
        return "✓ Right.", "right"

    @property
    def _kind(self):
        if inspect.isclass(self._solution):
            return "class"
        return "function" if inspect.signature(self._solution).parameters else "value"

    def _right_kind(self, answer):
        """Name the mistake when a number was given for a function, a function for a number, and so on."""
        kind = self._kind
        if kind == "value" and (inspect.isroutine(answer) or inspect.isclass(answer)):
            raise NotYet(f"the answer is a value, and you gave the {_name(answer)}. Give what it returns.")
        if kind == "class" and not inspect.isclass(answer):
            raise NotYet(f"the answer is a class, without brackets after its name. You gave {_name(answer)}.")
        if kind == "function" and not callable(answer):
            raise NotYet(
                f"the answer is a function: give its name, without brackets after it. You gave {_name(answer)}."
            )
        if kind == "function":
            self._takes_what_the_solution_takes(answer)

    def _takes_what_the_solution_takes(self, answer):
        try:
            taken = inspect.signature(answer)
        except (TypeError, ValueError):  # some built-in functions do not tell
            return
        meant = inspect.signature(self._solution)
        given = [p for p in meant.parameters.values() if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
        required = [p for p in given if p.default is p.empty]
        for parameters in (required, given):
            try:
                taken.bind(*parameters)
            except TypeError:
                expected = ", ".join(p.name for p in parameters)
                found = ", ".join(taken.parameters) or "nothing"
                raise NotYet(f"your function must take ({expected}). It takes ({found}).") from None

    def _say(self, text, event=""):
        """Print one line. An ``event`` is remembered, and where it cannot be, the line ends with the reason."""
        trouble = note(self.number, event) if event else ""
        print(f"{self.number} {_one_line(text)}" + (f" (Not remembered: {trouble}.)" if trouble else ""))


class Solution:
    """A solution, shown as highlighted code in a notebook and as plain text elsewhere."""

    def __init__(self, number, code, why):
        self.number, self.code, self.why = number, code, why

    def __repr__(self):
        return f"{self.number} A solution:\n\n{textwrap.indent(self.code, '    ')}\n\n{self.why}"

    def _repr_markdown_(self):
        return f"**{self.number} A solution**\n\n```python\n{self.code}\n```\n\n{self.why}"


def _guarded(answer):
    """The answer as the check gets it: a function that minds its results, or a copy of a value."""
    if inspect.isroutine(answer) or isinstance(answer, functools.partial):
        return _minding_its_results(answer)
    if isinstance(answer, (list, tuple, dict, set, np.ndarray)):
        return copy.deepcopy(answer)
    return answer


def _minding_its_results(function):
    @functools.wraps(function)
    def guarded(*args, **kwargs):
        result = function(*args, **kwargs)
        if has_dots(result) or (result is None and (has_dots(function, lone=True) or not has_source(function))):
            raise NotAttempted
        if result is None:
            raise NotYet("your function gives None back. Is the `return` missing?")
        return result

    return guarded


def _told(error, answer):
    """An exception in one sentence. Did the reader's code raise it, or the check while it read the answer?"""
    home = getattr(answer, "__module__", None) or type(answer).__module__
    trace, is_the_readers = error.__traceback__, False
    while trace is not None:
        is_the_readers = is_the_readers or trace.tb_frame.f_globals.get("__name__") == home
        trace = trace.tb_next
    text = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    if is_the_readers:
        return f"your code stopped with {text}"
    return f"the check could not work with this answer ({text})"


def _one_line(text, longest=400):
    text = re.sub(r" at 0x[0-9a-fA-F]+|\b0x[0-9a-fA-F]{6,}", "", " ".join(str(text).split()))
    return text if len(text) <= longest else text[:longest] + " …"


def _name(answer):
    if inspect.isclass(answer):
        return f"class {answer.__name__}"
    if inspect.isroutine(answer):
        return f"function {answer.__name__}"
    if hasattr(answer, "shape"):
        return f"an array of shape {tuple(answer.shape)}"
    kind = type(answer).__name__
    return f"{'an' if kind[0].lower() in 'aeiou' else 'a'} {kind}"

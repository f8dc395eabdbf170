"""What a check prints about an answer, for the tests of the exercises."""

import contextlib
import io

import ktlearn

NOT_ATTEMPTED = "… Not attempted yet. Put your answer in place of the dots, and run the cell again."


def line(number, answer):
    """The one line that the check prints, without the number in front."""
    return line_of(ktlearn.exercise(number), answer)


def line_of(exercise, answer):
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exercise.check(answer)
    text = printed.getvalue()
    assert text.count("\n") == 1, text
    assert text.startswith(exercise.number + " "), text
    return text.removeprefix(exercise.number + " ").rstrip("\n")


def diagnosis(number, answer):
    """The sentence that names the mistake. The check must refuse the answer."""
    return diagnosis_of(ktlearn.exercise(number), answer)


def diagnosis_of(exercise, answer):
    text = line_of(exercise, answer)
    assert text.startswith("✗ Not yet: "), text
    return text.removeprefix("✗ Not yet: ")

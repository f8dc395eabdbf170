"""Find an exercise by its number. Only the module of its lesson is imported."""

import importlib
import pkgutil
import re

import ktlearn.exercises


def exercise(number):
    """Give the exercise with this number.

    Args:
        number: text, lesson and place: ``"2.3"``, or ``"A1.3"`` for the lesson A1.

    Raises:
        ValueError: no such exercise. The message lists the numbers there are.

    >>> exercise("1.1").title
    'One row on paper'
    """
    if not isinstance(number, str):
        raise ValueError(f'exercise: number must be text, such as "2.3"; got {number!r}.')
    lesson = number.partition(".")[0].zfill(2)
    if lesson not in lessons_with_exercises():
        known = ", ".join(lesson.removeprefix("0") for lesson in lessons_with_exercises())
        raise ValueError(
            f'exercise: there is no exercise {number!r}. A number is the lesson and the place, such as "2.3". '
            f"Lessons with exercises: {known}."
        )
    exercises = exercises_of(lesson)
    for found in exercises:
        if found.number == number:
            return found
    known = ", ".join(found.number for found in exercises)
    raise ValueError(f"exercise: there is no exercise {number!r}. Lesson {lesson.removeprefix('0')} has {known}.")


def exercises_of(lesson):
    """The list of exercises of a lesson (``2``, ``"02"`` or ``"A1"``)."""
    return importlib.import_module(f"ktlearn.exercises.lesson_{str(lesson).zfill(2).lower()}").EXERCISES


def lessons_with_exercises():
    """The lessons that have exercises, as their files begin: ``["01", "02", …, "A1"]``."""
    names = (module.name for module in pkgutil.iter_modules(ktlearn.exercises.__path__))
    return sorted(name.removeprefix("lesson_").upper() for name in names if re.fullmatch(r"lesson_[\da-z]\d", name))

"""An exercise that the teacher checks: what stands in a student's edition in place of an `Exercise`.

``python -m ktlearn release`` writes such editions. Check, solution and all hints but the first are not hidden here:
they are not in the package.
"""

from ktlearn.exercises.exercise import DIFFICULTY
from ktlearn.exercises.stub import has_dots, is_stub


class Graded:
    """An exercise without its check and its solution.

    Args:
        number, title, minutes, difficulty: as of an `Exercise`.
        hint: its first hint.

    >>> Graded("2.1", "A mask on paper", 3, 1, "Begin with the triangle.").check([[1, 0], [1, 1]])
    2.1 Answered. Your teacher checks this exercise: save the notebook, and hand it in.
    """

    def __init__(self, number, title, minutes, difficulty, hint):
        self.number, self.title, self.minutes, self.difficulty, self.hints = number, title, minutes, difficulty, (hint,)

    def check(self, answer):
        """Print one line: answered, or not attempted yet. Whether it is right is not known here."""
        if is_stub(answer) or has_dots(answer):
            print(f"{self.number} … Not attempted yet. Put your answer in place of the dots, and run the cell again.")
        else:
            print(f"{self.number} Answered. Your teacher checks this exercise: save the notebook, and hand it in.")

    def hint(self):
        """Print the one hint there is."""
        print(f"{self.number} Hint: {self.hints[0]}")

    def solution(self):
        """Say who has it."""
        print(f"{self.number} This exercise is graded: your teacher has the solution.")

    def __repr__(self):
        minutes = f"{self.minutes} minutes, {DIFFICULTY[self.difficulty]}"
        return f"Exercise {self.number}: {self.title} ({minutes}), graded by your teacher. .check(answer), .hint()"

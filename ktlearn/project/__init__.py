"""A project of the reader's own, and what a program can check of its honesty.

``project.py`` is what a reader fills, piece by piece; ``checks.py`` has a check for each rule, ``rubric.py`` shows what
they saw; ``sealed.py`` keeps count of how often a test set is opened.
"""

from ktlearn.project.calibration import calibration_error, error_by_chance
from ktlearn.project.duplicates import earlier_copies, near_duplicates
from ktlearn.project.project import Project
from ktlearn.project.sealed import SealedTest

__all__ = ["Project", "SealedTest", "calibration_error", "earlier_copies", "error_by_chance", "near_duplicates"]

"""The oldest versions that requirements.txt allows, as a file of constraints for pip.

    python tests/oldest.py                 prints them
    python tests/oldest.py --write         writes tests/oldest-constraints.txt, which `make test-oldest` uses

Only what ktlearn itself needs is held back; what the tests need, and what those packages need, is as new as pip allows.
"""

import sys
from pathlib import Path

from packaging.requirements import Requirement

HERE = Path(__file__).parent
TARGET = HERE / "oldest-constraints.txt"
HEAD = """\
# The oldest versions that requirements.txt allows; `python tests/oldest.py --write` makes this file from it.
# They exist for Python 3.11 only: on 3.13 Colab's versions are the oldest that are tested.
"""


def constraints(requirements):
    """Each requirement at its lower bound.

    Args:
        requirements: the text of requirements.txt.

    Raises:
        ValueError: a package has no lower bound, or several.

    >>> print(constraints("# a comment\\nkeras>=3.13,<4\\nnumpy>=2.0"))
    keras==3.13
    numpy==2.0
    """
    lines = [line.strip() for line in requirements.splitlines()]
    return "\n".join(_oldest(Requirement(line)) for line in lines if line and not line.startswith("#"))


def _oldest(requirement):
    bounds = [each.version for each in requirement.specifier if each.operator in (">=", "==")]
    if len(bounds) != 1:
        raise ValueError(f"requirements.txt: {requirement} has no lower bound, or several: write one, as in numpy>=2.0")
    return f"{requirement.name}=={bounds[0]}"


def whole_file():
    """What ``tests/oldest-constraints.txt`` has to be."""
    return HEAD + constraints((HERE.parent / "requirements.txt").read_text(encoding="utf-8")) + "\n"


if __name__ == "__main__":
    if "--write" in sys.argv[1:]:
        TARGET.write_text(whole_file(), encoding="utf-8")
    else:
        print(whole_file(), end="")

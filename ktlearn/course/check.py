"""``python -m ktlearn check``: the doctor in few words, and a code for whoever helps.

It is for a learner's first five minutes: a line for each thing, what to do about it, and twelve letters and digits
that a teacher can ask for and decode: ``python -m ktlearn check --decode CODE``.
"""

import itertools
import re
import sys
from importlib import metadata

import ktlearn
from ktlearn.course import doctor
from ktlearn.course.code import CHECKS, MAJOR, Facts, decode, encode
from ktlearn.course.system import system
from ktlearn.support.characters import say

WORDS = {
    "versions": "Python and its packages",
    "memory": "memory",
    "disk": "space on the disk",
    "widgets": "pictures that you can touch",
    "backend": "Keras, which computes",
    "models": "the models of the course",
    "data": "the texts of the course",
    "hub": "the way to other models",
}
TO_INSTALL = re.compile(r'pip install "?(\w[\w-]*)')
GB = 1e9


def run():
    """Look at this machine and print what a beginner needs; returns 0 when a lesson can be opened, else 1."""
    say("Is this machine ready for the course? This can take a minute.\n", flush=True)
    todo, failed = [], []
    for name, findings in itertools.groupby(doctor.examination(), key=lambda pair: pair[0]):
        seen = [finding for _, finding in findings]
        steps = [finding for finding in seen if finding.todo]
        words = WORDS.get(name, name)
        if any(finding.is_away for finding in seen):
            say(f"  –    {words}: not from here, and the lessons do not need it", flush=True)
        else:
            say(f"  no   {words}: {steps[0].seen}" if steps else f"  ok   {words}", flush=True)
        if steps:
            failed.append(name)
            todo += [finding.todo for finding in steps]
    if "versions" in failed:
        say("       The rest is looked at when the packages are there.")
    if todo:
        say("\nNot ready yet. What to do:\n")
        for number, step in enumerate(dict.fromkeys(todo), start=1):
            say(f"  {number}. {step}")
        say("\nThen run this again.")
    else:
        say("\nReady. Open the first lesson: 00_start_here.ipynb")
    say(f"\nYour code, if somebody helps you:   {encode(facts(failed, todo))}")
    say("It tells versions, memory, and what was not ok; nothing about you.")
    return 1 if todo else 0


def explain(code):
    """Print what a code says; returns the exit code of the command: 0, or 1 when it is no code."""
    try:
        told = decode(code)
    except ValueError as error:
        say(error)
        return 1
    say(f"ktlearn {told.ktlearn}, Python 3.{told.python}, {told.system}")
    say(", ".join(f"{name} {version or 'missing'}" for name, version in told.versions.items()))
    say(f"memory {_gigabytes(told.memory, 62)}, {_gigabytes(told.free, 7)} of it free")
    say("not ok: " + (", ".join(WORDS[name] for name in told.failed) or "nothing"))
    if told.package:
        say(f"missing or too old, the first: {told.package}")
    return 0


def facts(failed, todo):
    """The :class:`ktlearn.course.code.Facts` of this machine.

    Args:
        failed: names of the doctor's checks that ask for something.
        todo: what they ask for; the first package to install is told.
    """
    memory, free = _memory()
    return Facts(
        ktlearn=ktlearn.__version__,
        python=sys.version_info.minor,
        system=system(),
        versions={name: _installed(name) for name in MAJOR},
        memory=memory,
        free=free,
        failed=tuple(name for name in failed if name in CHECKS),
        package=next((found[1] for found in map(TO_INSTALL.search, todo) if found), ""),
    )


def _memory():
    try:
        import psutil
    except ModuleNotFoundError:
        return None, None
    seen = psutil.virtual_memory()
    return seen.total / GB, seen.available / GB


def _installed(name):
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _gigabytes(amount, most):
    if amount is None:
        return "unknown"
    return f"{amount:g} GB" + (" or more" if amount >= most else "")

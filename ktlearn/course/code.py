"""A machine in twelve letters and digits, ``41RD-BG10-R33B``, to be read out over a telephone.

Eleven characters of five bits hold the numbers of :data:`FIELDS`; the twelfth is computed from them, so that a
character that was misheard, or two that changed places, are noticed. The alphabet is Crockford's: no I, L, O and U.
"""

import re
from typing import NamedTuple

from ktlearn.course.system import SYSTEMS

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
MISREAD = str.maketrans("OIL", "011")
FORMAT = 1
FIELDS = (
    # name, bits: 55 together
    ("format", 3),
    ("ktlearn major", 2),
    ("ktlearn minor", 5),
    ("python", 4),
    ("system", 3),
    ("tensorflow", 5),
    ("keras", 5),
    ("transformers", 5),
    ("memory", 6),
    ("free", 4),
    ("failed", 8),
    ("package", 5),
)
LENGTH = 11

# The meaning of numbers. Names are added at the end only: a code outlives a version of ktlearn.
CHECKS = ("versions", "memory", "disk", "widgets", "backend", "models", "data", "hub")  # of the doctor, a bit each
MAJOR = {"tensorflow": 2, "keras": 3, "transformers": 5}
PACKAGES = (
    *("tensorflow", "keras", "transformers", "huggingface-hub", "safetensors", "charset-normalizer", "tqdm", "numpy"),
    *("pandas", "matplotlib", "babel", "scikit-learn", "ipywidgets", "anywidget", "jupyterlab", "nbval", "nbconvert"),
)
MISSING, OTHER = 0, 31  # of a version; OTHER of a package too
UNKNOWN_MEMORY, UNKNOWN_FREE = 63, 15


class Facts(NamedTuple):
    """What a code tells.

    Attributes:
        ktlearn: its version, of which the first two numbers are kept.
        python: the second number of its version: 12 of 3.12.
        system: one of :data:`ktlearn.course.system.SYSTEMS`.
        versions: package → version, or None when it is missing; those of :data:`MAJOR`.
        memory: in GB, or None; whole numbers are kept, up to 62.
        free: the free part of it, in GB, or None; halves are kept, rounded down, up to 7.
        failed: names of the doctor's checks that ask for something.
        package: the first package that is missing or too old, or "".
    """

    ktlearn: str
    python: int
    system: str
    versions: dict
    memory: float | None
    free: float | None
    failed: tuple
    package: str


def encode(facts):
    """The code of some facts.

    >>> encode(Facts("0.1.0", 12, "Linux", {"tensorflow": "2.20.0", "keras": "3.13.2", "transformers": None},
    ...              8.2, 1.9, ("versions", "memory"), "transformers"))
    '41RD-BG10-R33B'
    """
    major, minor = _two_numbers(facts.ktlearn)
    numbers = {
        "format": FORMAT,
        "ktlearn major": min(major, 3),
        "ktlearn minor": min(minor, 31),
        "python": min(facts.python, 15),
        "system": SYSTEMS.index(facts.system) if facts.system in SYSTEMS else 0,
        **{name: _number_of(facts.versions.get(name), MAJOR[name]) for name in MAJOR},
        "memory": UNKNOWN_MEMORY if facts.memory is None else min(round(facts.memory), UNKNOWN_MEMORY - 1),
        "free": UNKNOWN_FREE if facts.free is None else min(int(2 * facts.free), UNKNOWN_FREE - 1),
        "failed": sum(1 << CHECKS.index(name) for name in set(facts.failed) & set(CHECKS)),
        "package": _place_of(facts.package),
    }
    bits = 0
    for name, width in FIELDS:
        bits = bits << width | numbers[name]
    symbols = [bits >> 5 * place & 31 for place in reversed(range(LENGTH))]
    text = "".join(ALPHABET[symbol] for symbol in [*symbols, _check(symbols)])
    return "-".join(text[i : i + 4] for i in range(0, len(text), 4))


def decode(code):
    """The facts of a code: spaces, hyphens and small letters do not matter, and O, I, L are read as 0, 1, 1.

    Raises:
        ValueError: it has another length, a letter that no code has, a letter is wrong, or it is of another ktlearn.
    """
    text = "".join(str(code).upper().split()).replace("-", "").translate(MISREAD)
    if len(text) != LENGTH + 1:
        raise ValueError(f"A code has {LENGTH + 1} letters and digits, and this one has {len(text)}: {code!r:.60}.")
    strange = [letter for letter in text if letter not in ALPHABET]
    if strange:
        raise ValueError(f"No code has the character {strange[0]!r}. Ask for it again.")
    *symbols, check = map(ALPHABET.index, text)
    if check != _check(symbols):
        raise ValueError("A character of this code is wrong, or two changed places. Ask for it again.")
    bits, numbers = 0, {}
    for symbol in symbols:
        bits = bits << 5 | symbol
    for name, width in reversed(FIELDS):
        numbers[name], bits = bits & (1 << width) - 1, bits >> width
    if numbers["format"] != FORMAT:
        raise ValueError(f"This code is of another ktlearn (format {numbers['format']}; this one reads {FORMAT}).")
    return Facts(
        ktlearn=f"{numbers['ktlearn major']}.{numbers['ktlearn minor']}",
        python=numbers["python"],
        system=SYSTEMS[numbers["system"]] if numbers["system"] < len(SYSTEMS) else SYSTEMS[0],
        versions={name: _version_of(numbers[name], major) for name, major in MAJOR.items()},
        memory=None if numbers["memory"] == UNKNOWN_MEMORY else float(numbers["memory"]),
        free=None if numbers["free"] == UNKNOWN_FREE else numbers["free"] / 2,
        failed=tuple(name for i, name in enumerate(CHECKS) if numbers["failed"] >> i & 1),
        package=_package_of(numbers["package"]),
    )


def _number_of(version, major):
    if version is None:
        return MISSING
    first, second = _two_numbers(version)
    return second + 1 if first == major and second + 1 < OTHER else OTHER


def _two_numbers(version):
    first, second, *_ = [*map(int, re.findall(r"\d+", version)), 0, 0]
    return first, second


def _version_of(number, major):
    if number == MISSING:
        return None
    return "another version" if number == OTHER else f"{major}.{number - 1}"


def _place_of(package):
    if not package:
        return 0
    package = package.lower().replace("_", "-")
    return PACKAGES.index(package) + 1 if package in PACKAGES else OTHER


def _package_of(number):
    if not number:
        return ""
    return PACKAGES[number - 1] if number <= len(PACKAGES) else "another package"


def _check(symbols):
    """A polynomial over the field of 32 elements (x⁵ + x² + 1): each place has a weight of its own, and none is 0."""
    check = 1  # so that a code of zeros does not check itself
    for symbol in symbols:
        check ^= symbol
        check = check << 1 ^ (0b100101 if check & 16 else 0)
    return check

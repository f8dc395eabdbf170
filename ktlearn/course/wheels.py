"""Wheels for machines that are not this one: what ktlearn needs there, downloaded by pip and then checked.

``pip download --platform`` chooses files for another machine, but asks this one whether a requirement applies at all:
on Linux it leaves out what only Windows needs. So after pip the requirements of every wheel are read once more, with
the markers of the machine that is meant (PEP 508), and what is missing is downloaded by name.
"""

import email
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import NamedTuple

from packaging import tags
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name, parse_wheel_filename

PYTHONS = ("3.11", "3.12", "3.13")
# Those that TensorFlow has wheels for. Name → sys_platform, os_name, platform_system, platform_machine of PEP 508.
PLATFORMS = {
    "linux": ("linux", "posix", "Linux", "x86_64"),
    "linux-arm": ("linux", "posix", "Linux", "aarch64"),
    "macos": ("darwin", "posix", "Darwin", "arm64"),
    "windows": ("win32", "nt", "Windows", "AMD64"),
}
NEWEST_GLIBC, NEWEST_MACOS = 28, (14, 0)  # what the machines must have: of glibc 2.28 and macOS 14, or newer


class Target(NamedTuple):
    """A kind of machine: one of :data:`PLATFORMS`, and one of :data:`PYTHONS`."""

    platform: str
    python: str

    def __str__(self):
        return f"{self.platform}, Python {self.python}"

    @property
    def platform_tags(self):
        """What the platform may be called in the names of wheels, the best first.

        >>> Target("linux", "3.12").platform_tags[:2]
        ['manylinux_2_28_x86_64', 'manylinux_2_27_x86_64']
        """
        _, _, system, machine = PLATFORMS[self.platform]
        if system == "Linux":
            old = [f"manylinux2014_{machine}", f"manylinux2010_{machine}", f"manylinux1_{machine}", f"linux_{machine}"]
            return [f"manylinux_2_{minor}_{machine}" for minor in range(NEWEST_GLIBC, 4, -1)] + old
        if system == "Darwin":
            return list(tags.mac_platforms(NEWEST_MACOS, machine))
        return ["win_amd64"]

    @property
    def wheel_tags(self):
        """All tags of wheels that pip would install there."""
        version, places = tuple(map(int, self.python.split("."))), self.platform_tags
        interpreter = f"cp{self.python.replace('.', '')}"
        return {*tags.cpython_tags(version, platforms=places), *tags.compatible_tags(version, interpreter, places)}

    @property
    def markers(self):
        """The environment of PEP 508 in which a requirement is asked whether it applies."""
        sys_platform, os_name, system, machine = PLATFORMS[self.platform]
        return {
            "implementation_name": "cpython",
            "implementation_version": f"{self.python}.0",
            "os_name": os_name,
            "platform_machine": machine,
            "platform_python_implementation": "CPython",
            "platform_release": "",
            "platform_system": system,
            "platform_version": "",
            "python_full_version": f"{self.python}.0",
            "python_version": self.python,
            "sys_platform": sys_platform,
        }


def download(targets, own_wheel, folder):
    """Download into ``folder`` what ``own_wheel`` needs on every target; it is copied there too.

    Raises:
        RuntimeError: pip fails, or what it brought is not enough.
    """
    for target in targets:
        print(f"\nFor {target}:", flush=True)
        _pip_download(target, [str(own_wheel)], folder)
        before = None
        while (more := missing(folder, target)) and more != before:
            _pip_download(target, [str(each) for each in more], folder)
            before = more
        if more:
            raise RuntimeError(f"For {target} there is no wheel of: {', '.join(map(str, more))}.")


def missing(folder, target, name="ktlearn"):
    """What the wheels of a folder still need on a machine: requirements, without their markers, sorted.

    Args:
        folder: of wheels.
        target: the machine.
        name: the package to begin with.
    """
    wheels, usable = {}, target.wheel_tags
    for path in Path(folder).glob("*.whl"):
        distribution, version, _, its_tags = parse_wheel_filename(path.name)
        if its_tags & usable:
            wheels.setdefault(distribution, []).append((version, path))
    seen, wanted, waiting = set(), set(), [Requirement(name)]
    while waiting:
        requirement = waiting.pop()
        key = (canonicalize_name(requirement.name), str(requirement.specifier), tuple(sorted(requirement.extras)))
        if key in seen:
            continue
        seen.add(key)
        fitting = [one for one in wheels.get(key[0], ()) if requirement.specifier.contains(one[0], prereleases=True)]
        if fitting:
            waiting += _requirements(max(fitting)[1], requirement.extras, target)
        else:
            requirement.marker = None
            wanted.add(str(requirement))
    return sorted(wanted)


def _requirements(wheel, extras, target):
    """What a wheel needs on a machine."""
    with zipfile.ZipFile(wheel) as archive:
        inside = next(each for each in archive.namelist() if each.endswith(".dist-info/METADATA"))
        metadata = email.message_from_bytes(archive.read(inside))
    for line in metadata.get_all("Requires-Dist", ()):
        requirement = Requirement(line)
        places = [target.markers | {"extra": extra} for extra in ("", *extras)]
        if not requirement.marker or any(requirement.marker.evaluate(place) for place in places):
            yield requirement


def _pip_download(target, what, folder):
    places = [argument for place in target.platform_tags for argument in ("--platform", place)]
    command = [
        *(sys.executable, "-m", "pip", "download", "--only-binary=:all:", "--disable-pip-version-check"),
        *("--implementation", "cp", "--python-version", target.python, *places),
        *("--dest", str(folder), "--find-links", str(folder), *what),
    ]
    if subprocess.run(command).returncode:
        raise RuntimeError(
            f"pip could not get every wheel for {target}; its last lines say why. This step needs a network. "
            "Nothing was written."
        )

"""What a folder of wheels still needs on a machine that is not this one."""

import pytest

from ktlearn.course.wheels import Target, missing
from tests.course.test_pack import write_wheel

LINUX, WINDOWS, MACOS = Target("linux", "3.12"), Target("windows", "3.12"), Target("macos", "3.12")


def test_a_requirement_is_asked_of_the_machine_that_is_meant(tmp_path):
    write_wheel(
        tmp_path, "ktlearn", requires=["pywinpty>=2; sys_platform == 'win32'", "appnope; platform_system == 'Darwin'"]
    )
    assert missing(tmp_path, WINDOWS) == ["pywinpty>=2"]
    assert missing(tmp_path, MACOS) == ["appnope"]
    assert missing(tmp_path, LINUX) == []


def test_a_requirement_is_asked_of_the_python_that_is_meant(tmp_path):
    write_wheel(tmp_path, "ktlearn", requires=["backport; python_version < '3.12'"])
    assert missing(tmp_path, Target("linux", "3.11")) == ["backport"]
    assert missing(tmp_path, LINUX) == []


def test_requirements_are_followed_from_wheel_to_wheel_and_in_circles(tmp_path):
    write_wheel(tmp_path, "ktlearn", requires=["one"])
    write_wheel(tmp_path, "one", requires=["two", "ktlearn"])
    write_wheel(tmp_path, "two", requires=["three"])
    assert missing(tmp_path, LINUX) == ["three"]


@pytest.mark.parametrize(
    "tag", ["cp312-cp312-win_amd64", "cp311-cp311-manylinux_2_17_x86_64", "cp312-cp312-manylinux_2_39_x86_64"]
)
def test_a_wheel_for_another_machine_is_none(tmp_path, tag):
    write_wheel(tmp_path, "ktlearn", requires=["fast"])
    write_wheel(tmp_path, "fast", tag=tag)
    assert missing(tmp_path, LINUX) == ["fast"]


@pytest.mark.parametrize("tag", ["cp312-cp312-manylinux_2_17_x86_64", "cp39-abi3-manylinux2014_x86_64", "py3-none-any"])
def test_a_wheel_that_pip_would_install_there_is_one(tmp_path, tag):
    write_wheel(tmp_path, "ktlearn", requires=["fast"])
    write_wheel(tmp_path, "fast", tag=tag)
    assert missing(tmp_path, LINUX) == []


def test_a_wheel_that_is_too_old_is_not_enough(tmp_path):
    write_wheel(tmp_path, "ktlearn", requires=["one>=2"])
    write_wheel(tmp_path, "one", "1.9")
    assert missing(tmp_path, LINUX) == ["one>=2"]
    write_wheel(tmp_path, "one", "2.0")
    assert missing(tmp_path, LINUX) == []


def test_an_extra_brings_its_own_requirements(tmp_path):
    write_wheel(tmp_path, "ktlearn", requires=["one[web]"])
    write_wheel(tmp_path, "one", requires=["two; extra == 'web'", "three; extra == 'other'"])
    assert missing(tmp_path, LINUX) == ["two"]

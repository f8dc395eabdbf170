"""What several tests of the commands need."""

import pytest

from ktlearn.course import doctor


@pytest.fixture
def checks(monkeypatch):
    """Put other checks in the place of the doctor's."""

    def put(machine=(), lessons=(), requirements=()):
        monkeypatch.setattr(doctor, "MACHINE", machine)
        monkeypatch.setattr(doctor, "LESSONS", lessons)
        monkeypatch.setattr(doctor, "requirements", lambda: requirements)

    return put

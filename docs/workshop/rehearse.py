"""A dress rehearsal: a day of schedules.md on a learner's machine, from a pack, without a network.

    python -m ktlearn pack PACK --site site
    python docs/workshop/rehearse.py PACK
    python docs/workshop/rehearse.py PACK --day "One day"

It does what a learner does, in a home that is empty: verifies the pack, installs from it, asks ``check``, opens
JupyterLab and its lessons, runs each lesson of the day from top to bottom, solves an exercise and hands in its file, of
which the class's table is made. Where the system can cut off the network (Linux, with ``unshare``) it is cut off for
all of that. Each step gives a line with its seconds and the seconds of all cores together; a step that fails is shown
with its last lines, and the exit code is 1. What was installed is deleted at the end; it needs 4 GB of disk until then.
"""

import argparse
import json
import os
import re
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

SCHEDULES = Path(__file__).resolve().parent / "schedules.md"
CUT_OFF = "KTLEARN_REHEARSAL_IS_CUT_OFF"
TOKEN = "rehearsal"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pack", type=Path, help="the folder that `python -m ktlearn pack` wrote")
    parser.add_argument(
        "--day", default="Half a day", help="how the title in schedules.md begins (default: %(default)s)"
    )
    options = parser.parse_args()
    names = lessons_of(options.day)
    if CUT_OFF not in os.environ and _can_cut_off():
        os.execvpe("unshare", ["unshare", "-rn", sys.executable, __file__, *sys.argv[1:]], os.environ | {CUT_OFF: "1"})
    if CUT_OFF in os.environ:
        _switch_loopback_on()
    print("network: " + ("reachable, this system cannot cut it off" if _reaches_out() else "none"), flush=True)
    with tempfile.TemporaryDirectory(prefix="rehearsal-") as home:
        return rehearse(options.pack.resolve(), Path(home), names)


def lessons_of(day, text=None):
    """The lessons that a timetable names, in their order: ["00", "01", "07"].

    Raises:
        SystemExit: there is no timetable whose title begins so.
    """
    text = SCHEDULES.read_text(encoding="utf-8") if text is None else text
    found = re.search(rf"^## {re.escape(day)}.*?(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    if not found:
        days = ", ".join(re.findall(r"^## ([^:\n]+)", text, re.MULTILINE))
        raise SystemExit(f"There is no timetable {day!r}; there are {days}.")
    return list(dict.fromkeys(re.findall(r"\b(\d\d|[A-Z]\d) §", found[0])))


def rehearse(pack, home, names):
    """All steps; returns 0 when each went well."""
    room, start = home / "ktlearn-room", ["sh", str(pack / "start.sh")]
    python, folder = room / "venv/bin/python", room / "lessons"
    good = _step("every file is whole", [*start, "--verify"], home)
    good = good and _step("installed and checked", [*start, "--prepare"], home)
    good = good and _opened([*start, "--no-browser"], home)
    for name in names if good else ():
        lesson = next(folder.glob(f"{name}_*.ipynb"))
        run = ["-m", "jupyter", "nbconvert", "--to", "notebook", "--execute", "--output-dir", str(home / "done")]
        run += ["--ExecutePreprocessor.timeout=1800", str(lesson)]
        good = _step(f"lesson {lesson.stem}", [str(python), *run], home) and good
    good = good and _handed_in(python, home)
    print("The day can begin." if good else "Not ready: see above.")
    return 0 if good else 1


def _handed_in(python, home):
    """A learner solves an exercise and hands in; the teacher reads the class's table."""
    solve = "import ktlearn; one = ktlearn.exercise('1.1'); one.check(one.answer)"
    progress = ["-m", "ktlearn", "progress"]
    (home / "class").mkdir()
    steps = {
        "an exercise is solved": ["-c", solve],
        "a file for the teacher": [*progress, "--hand-in", "Ann Lee", "--to", "class"],
        "the table of the class": [*progress, "--class", "class"],
    }
    return all(_step(name, [str(python), *command], home) for name, command in steps.items())


def _step(name, command, home):
    begin, before = time.monotonic(), os.times()
    done = subprocess.run(command, cwd=home, env=_surroundings(home), capture_output=True, text=True)
    _line(name, time.monotonic() - begin, before, done.returncode == 0)
    if done.returncode:
        print("    " + "\n    ".join((done.stdout + done.stderr).strip().splitlines()[-25:]))
    return done.returncode == 0


def _opened(command, home):
    """JupyterLab answers, shows its page, and has the lessons."""
    begin, before = time.monotonic(), os.times()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command += [f"--port={port}", f"--IdentityProvider.token={TOKEN}", "--allow-root"]
    with open(home / "lab.txt", "w") as said:
        lab = subprocess.Popen(command, cwd=home, env=_surroundings(home), stdout=said, stderr=said)
    good = False
    try:
        while lab.poll() is None and time.monotonic() - begin < 300 and not good:
            try:
                page = _asked(port, "/lab")
                names = [each["name"] for each in json.loads(_asked(port, "/api/contents"))["content"]]
                good = "JupyterLab" in page and "00_start_here.ipynb" in names
            except OSError:
                time.sleep(0.5)
        seconds = time.monotonic() - begin
        if good:
            urllib.request.urlopen(_request(port, "/api/shutdown", method="POST"), timeout=30)
            lab.wait(timeout=60)
        _line("JupyterLab is open, with the lessons", seconds, before, good)
        if not good:
            print((home / "lab.txt").read_text()[-2000:])
    finally:
        lab.kill()
    return good


def _asked(port, path):
    with urllib.request.urlopen(_request(port, path), timeout=30) as answer:
        return answer.read().decode()


def _request(port, path, **more):
    return urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Authorization": f"token {TOKEN}"}, **more)


def _line(name, seconds, before, good):
    now = os.times()
    cores = now.children_user + now.children_system - before.children_user - before.children_system
    print(f"{'ok' if good else 'FAILED':<7} {name:<40} {seconds:6.0f} s   {cores:6.0f} s of all cores", flush=True)


def _surroundings(home):
    """What a new user has: a home, and the programs of the system."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "TERM", "TMPDIR") if name in os.environ}
    return kept | {"HOME": str(home)}


def _can_cut_off():
    return (
        bool(shutil.which("unshare")) and not subprocess.run(["unshare", "-rn", "true"], capture_output=True).returncode
    )


def _switch_loopback_on():
    """Without a network there is no 127.0.0.1 either, and a notebook talks to its kernel there."""
    import fcntl

    get_flags, set_flags, up = 0x8913, 0x8914, 1  # SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP of <linux/sockios.h>
    with socket.socket() as any_socket:
        answer = fcntl.ioctl(any_socket, get_flags, struct.pack("16sH14x", b"lo", 0))
        flags = struct.unpack("16sH14x", answer)[1]
        fcntl.ioctl(any_socket, set_flags, struct.pack("16sH14x", b"lo", flags | up))


def _reaches_out():
    """Whether a packet could leave; none is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # an address for examples, RFC 5737
        except OSError:
            return False
    return True


if __name__ == "__main__":
    raise SystemExit(main())

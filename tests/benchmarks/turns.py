"""Two programs that run all the time and are asked in turns: how one is started, and how it answers."""

import json
import os
import subprocess
from pathlib import Path

HERE = Path(__file__).parent


def start(kind, name, python, file):
    """The program ``KIND_NAME.py`` of this folder on its way, the job's file as its argument; errors beside the file.

    Args:
        kind: what the programs do, "answer" or "write".
        name: which of them, "ktlearn" or "torch".
        python: its interpreter.
        file: the job, a path.
    """
    environment = dict(os.environ)
    if name != "ktlearn":
        environment.pop("PYTHONPATH", None)
    command, pipe = [python, str(HERE / f"{kind}_{name}.py"), str(file)], subprocess.PIPE
    with open(file.with_name(f"{name}.txt"), "w") as errors:
        return subprocess.Popen(command, env=environment, stdin=pipe, stdout=pipe, stderr=errors, text=True)


def read(what, name, program, file):
    """The program's next answer; lines that are no JSON are passed over.

    Raises:
        RuntimeError: it has ended; the message says of ``what``, and its last errors.
    """
    for line in program.stdout:
        if line[0] in "[{":
            return json.loads(line)
    raise RuntimeError(f"{what}: {name} failed:\n{file.with_name(f'{name}.txt').read_text()[-3000:]}")

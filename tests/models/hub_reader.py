"""ktlearn in a Python process of its own, which fetches models from the hub that a test gives it.

huggingface_hub reads its settings (``HF_ENDPOINT``, ``HF_HOME``, …) once, when it is imported. So each reader is a
process: it reads one question in JSON from its stdin, asks ktlearn, and writes the answer in JSON.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[2]

DRIVER = """
import faulthandler, json, os, sys, time, warnings
answers, sys.stdout = sys.stdout, sys.stderr  # a progress bar must not stand between two answers
outside, slept, sleep = [], [], time.sleep

def watch(event, args):
    if event == "socket.connect" and isinstance(args[1], tuple) and args[1][0] != "127.0.0.1":
        outside.append(args[1][0])
    if event == "socket.getaddrinfo" and args[0] not in ("127.0.0.1", None):
        outside.append(args[0])

def noted_sleep(seconds):
    slept.append(seconds)
    sleep(seconds)

sys.addaudithook(watch)
time.sleep = noted_sleep
import numpy as np
from ktlearn import models
from ktlearn.models import checkpoint, hub, patience

def find(name, revision=None):
    return str(hub.find(name, revision))

def find_with_little_patience(name):
    patience.PATIENCE = 2
    start = time.monotonic()
    try:
        return str(hub.find(name))
    except ConnectionError as error:
        return f"{time.monotonic() - start:.1f} seconds: {error}"
    finally:
        patience.PATIENCE = 20

def find_where_nothing_may_be_written(name):
    if os.geteuid() == 0:
        os.setegid(65534), os.seteuid(65534)
    try:
        with warnings.catch_warnings(record=True) as said:
            return [str(hub.find(name)), [str(warning.message) for warning in said]]
    finally:
        if os.getuid() == 0:
            os.seteuid(0), os.setegid(0)

def hidden(name, revision=None):
    model = models.from_pretrained(name, revision=revision, verbose=0)
    return np.array(model(np.arange(12).reshape(2, 6)).last_hidden_state).tolist()

def logits(name, task, text):
    from ktlearn.text.tokenizer import tokenizer_of
    model = models.from_pretrained(name, task=task, verbose=0)
    inputs = dict(tokenizer_of(name)([text], return_tensors="np"))
    if task == "seq2seq":
        inputs["decoder_input_ids"] = np.array([[5, 6]])
    return np.array(model(inputs).logits).tolist()

def read(folder):
    return sorted(checkpoint.read_tensors(folder))

def token_ids(folder, text):
    from transformers import AutoTokenizer
    return AutoTokenizer.from_pretrained(folder)(text)["input_ids"]

def fetch_without_ktlearn(name, *files):
    from huggingface_hub import hf_hub_download
    return [hf_hub_download(name, file) for file in files]

def find_in_a_child_that_dies(name):
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    time.sleep = lambda seconds: os._exit(9)  # huggingface_hub sleeps a little after a broken connection
    hub.find(name)
    os._exit(0)

for line in sys.stdin:
    function, arguments = json.loads(line)
    del slept[:]
    faulthandler.dump_traceback_later(120, exit=True)
    try:
        answer = {"value": globals()[function](*arguments)}
    except Exception as error:
        answer = {"error": type(error).__name__, "message": str(error)}
    faulthandler.cancel_dump_traceback_later()
    print(json.dumps(answer | {"outside": outside, "slept": sum(slept)}), file=answers, flush=True)
"""


class Refused(Exception):
    """The reader's error, as "KindOfError: message"."""


class Reader:
    """A Python process that reads from one hub, with a cache of its own."""

    def __init__(self, hub, home, **environment):
        environment = {
            "HF_ENDPOINT": hub.endpoint,
            "HF_HOME": str(home),
            "HF_HUB_DISABLE_XET": "1",
            "HF_HUB_DISABLE_TELEMETRY": "1",
            "HF_HUB_DISABLE_IMPLICIT_TOKEN": "1",
            "NO_PROXY": "127.0.0.1",
            "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
            **environment,
        }
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("HF_")}
        self.stderr = Path(home) / f"stderr-{len(list(Path(home).glob('stderr-*')))}"
        with self.stderr.open("w") as stderr:
            self.process = subprocess.Popen(
                [sys.executable, "-c", DRIVER],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                env=inherited | environment,
                text=True,
            )

    def ask(self, function, *arguments):
        """Let the reader call one of the driver's functions; return what it gives, raise what it raises."""
        self.process.stdin.write(json.dumps([function, arguments]) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise EOFError(f"the reader stopped with {self.process.wait()}:\n{self.stderr.read_text()[-3000:]}")
        answer = json.loads(line)
        assert answer["outside"] == [], "something outside 127.0.0.1 was asked"
        self.slept = answer["slept"]
        if "error" in answer:
            raise Refused(f"{answer['error']}: {answer['message']}")
        return answer["value"]

    def find(self, name, revision=None):
        return Path(self.ask("find", name, revision))

    def hidden(self, name, revision=None):
        return np.array(self.ask("hidden", name, revision))

    def close(self):
        self.process.kill()
        self.process.communicate()

"""What an import takes, each in a process of its own: until a model can be made, in each library."""

import json
import os
import resource
import subprocess
import sys
import time

LIGHT = "import ktlearn"  # as a reader's first line: it loads no TensorFlow
WHOLE = {  # program: its environment, and the lines after which a model can be made
    "ktlearn": (
        "ktlearn",
        "import ktlearn; from ktlearn import models, text; text.Transformer, models.from_pretrained",
    ),
    "ktrain": (
        "ktrain",
        "import os; os.environ['TF_USE_LEGACY_KERAS'] = '1'; import ktrain.text; ktrain.text.Transformer",
    ),
    "torch": ("torch", "import torch; from transformers import AutoTokenizer, BertForSequenceClassification"),
    "kerashub": ("kerashub", "import keras_hub; keras_hub.models.BertTextClassifier"),
}


def measure_imports(pythons, rounds):
    """Wall and CPU seconds of each round: ``{program: [{"wall", "cpu"}, …]}``; "light" is ``import ktlearn`` alone.

    Round 0 only reads the files into the system's cache, and is left out.
    """
    programs = {name: (pythons[library], code) for name, (library, code) in WHOLE.items() if pythons[library]}
    programs["light"] = pythons["ktlearn"], LIGHT
    found = {name: [] for name in programs}
    for number in range(rounds + 1):
        for name, (python, code) in programs.items():
            seconds = imported(python, code, name in ("ktlearn", "light"))
            if number:
                found[name].append(seconds)
    return found


def imported(python, code, is_ours):
    """The seconds of a process that runs ``code``.

    Raises:
        RuntimeError: it failed.
    """
    environment = dict(os.environ, TF_CPP_MIN_LOG_LEVEL="3")
    if not is_ours:
        environment.pop("PYTHONPATH", None)
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run([python, "-c", code], env=environment, capture_output=True, text=True)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise RuntimeError(f"import: {code} failed:\n{done.stderr[-3000:]}")
    return {"wall": wall, "cpu": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime}


if __name__ == "__main__":
    print(json.dumps(measure_imports({"ktrain": None, "torch": None, "kerashub": None, "ktlearn": sys.executable}, 3)))

"""The surroundings in which lessons are run: the same when they are saved and when they are tested."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CELL_TIMEOUT = 1800  # seconds: for a cell that hangs, and so far more than a training on a crowded machine needs


def lesson_environment(ipython_folder, packages=None):
    """The environment variables of a lesson's kernel, as a dict.

    Args:
        ipython_folder: an empty folder, so that the user's own start-up files of IPython stay out.
        packages: the one folder where ktlearn is installed; None for the code beside the lessons.
    """
    search_path = [str(packages)] if packages else [str(ROOT), os.environ.get("PYTHONPATH", "")]
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, search_path)),
        "PYTHONHASHSEED": "0",
        "TZ": "UTC",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "HF_HUB_OFFLINE": "1",
        "KERAS_BACKEND": "tensorflow",
        "CUDA_VISIBLE_DEVICES": "-1",  # the saved numbers are those of a CPU
        # Products as a reader's machine makes them, but with one set of instructions: left alone, oneDNN takes the
        # newest that a processor has, and the last digits are others on each kind of it.
        "TF_ENABLE_ONEDNN_OPTS": "1",
        "ONEDNN_MAX_CPU_ISA": "AVX2",
        "IPYTHONDIR": str(ipython_folder),
        "KTLEARN_PROGRESS": str(Path(ipython_folder) / "progress.jsonl"),  # a learner who has solved nothing yet
    }

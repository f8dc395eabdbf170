"""The surroundings in which lessons are run: the same when they are saved and when they are tested."""

import os
from pathlib import Path

from lesson import ROOT

CELL_TIMEOUT = 300  # seconds


def lesson_environment(ipython_folder):
    """The environment variables of a lesson's kernel, as a dict.

    Args:
        ipython_folder: an empty folder, so that the user's own start-up files of IPython stay out.
    """
    search_path = [str(ROOT), os.environ.get("PYTHONPATH", "")]  # the lessons test the code beside them
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, search_path)),
        "PYTHONHASHSEED": "0",
        "TZ": "UTC",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "HF_HUB_OFFLINE": "1",
        "KERAS_BACKEND": "tensorflow",
        "CUDA_VISIBLE_DEVICES": "-1",  # the saved numbers are those of a CPU
        "IPYTHONDIR": str(ipython_folder),
        "KTLEARN_PROGRESS": str(Path(ipython_folder) / "progress.jsonl"),  # a learner who has solved nothing yet
    }

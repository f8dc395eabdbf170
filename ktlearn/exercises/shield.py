"""Run a reader's code without a trace: what it prints is held back, and the random state is put back."""

import contextlib
import io
import random
import sys
import warnings

import numpy as np


@contextlib.contextmanager
def shield():
    """Hold back prints, displays and warnings; afterwards put back the state of ``random`` and ``numpy.random``."""
    state, numpy_state = random.getstate(), np.random.get_state()
    try:
        with _captured(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        random.setstate(state)
        np.random.set_state(numpy_state)


@contextlib.contextmanager
def _captured():
    if "IPython" in sys.modules:
        from IPython.utils.capture import capture_output

        with capture_output():  # also what display() shows
            yield
    else:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            yield

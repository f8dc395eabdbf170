"""Keras, imported once and quietly. Every module of ktlearn takes ``keras`` and ``ops`` from here.

TensorFlow writes log lines to the process's stderr (file descriptor 2) while it loads, below
Python's reach. A reader should not meet them in the first cell, so the descriptor points to
nowhere during the import, and only then. Errors still arrive: they are Python exceptions.
"""

import contextlib
import os
import warnings


@contextlib.contextmanager
def _silent_stderr():
    try:
        saved = os.dup(2)
    except OSError:  # no stderr at all (some Windows notebook servers): nothing to silence
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(nowhere)


os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# oneDNN's matrix products: TensorFlow takes them by itself only on processors with instructions for neural networks.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
with _silent_stderr():
    import keras
    from keras import ops

    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        tf.config.list_physical_devices()  # looks for a GPU, and logs that there is none
        tf.get_logger().setLevel("ERROR")  # texts of many lengths are no mistake: no retracing warnings

# A text of one token looks at one key, with weight 1: that is no mistake.
warnings.filterwarnings("ignore", "You are using a softmax over axis .* size 1", UserWarning)

__all__ = ["keras", "ops"]

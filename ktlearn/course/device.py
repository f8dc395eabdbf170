"""``ktlearn.device()``: what this notebook computes on, and on Colab how to have something faster."""

import sys

from ktlearn.backend import keras

SWITCH = "For a GPU: Runtime, Change runtime type, choose one, and run this notebook again from its first cell."


def device():
    """What this notebook computes on, in a sentence for its reader.

    A GPU or a TPU that is there is used without being asked for; the lessons do not need one.

    >>> print(device())
    This notebook computes on ...
    """
    kinds = {name.partition(":")[0].upper() for name in keras.distribution.list_devices()}
    if faster := sorted(kinds - {"CPU"}):
        return f"This notebook computes on a {faster[0]}: faster than its page says, and last digits may differ."
    here = "This notebook computes on the CPU, for which it was made."
    return f"{here} {SWITCH}" if "google.colab" in sys.modules else here

"""Where a learner works, as far as it matters for the course."""

import os
import platform
import sys

COLAB = "Google Colab"
SYSTEMS = ("another system", "Linux", "macOS", "Windows", COLAB, "JupyterHub")  # codes count them: add at the end only


def system():
    """One of :data:`SYSTEMS`.

    >>> system() in SYSTEMS
    True
    """
    if "google.colab" in sys.modules or "COLAB_RELEASE_TAG" in os.environ:  # in a notebook, and in a command of it
        return COLAB
    if "JUPYTERHUB_USER" in os.environ:
        return "JupyterHub"
    name = {"Darwin": "macOS"}.get(platform.system(), platform.system())
    return name if name in SYSTEMS else SYSTEMS[0]

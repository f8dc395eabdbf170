"""What importing the predictor brings along: a reader who only asks a saved model waits for no more."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
# Keras imports pyplot itself where it is installed. So it is hidden once Keras is there: whoever of ktlearn's own
# modules asks for it then stops with an ImportError.
CODE = """
import sys
import ktlearn.backend
sys.modules["matplotlib.pyplot"] = None
import ktlearn.predictor
print(*sorted(name for name in sys.modules if name.startswith("ktlearn.")))
"""


def test_importing_the_predictor_brings_neither_pyplot_nor_the_fitting_loop():
    run = subprocess.run([sys.executable, "-c", CODE], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    loaded = set(run.stdout.split())
    assert "ktlearn.predictor.predictor" in loaded
    assert [name for name in loaded if name.startswith(("ktlearn.learner", "ktlearn.plots", "ktlearn.widgets"))] == []

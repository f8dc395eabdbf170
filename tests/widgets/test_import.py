"""What the widgets bring with them."""

import subprocess
import sys


def test_widgets_are_imported_without_tensorflow():
    code = "import sys, ktlearn.widgets; print(sorted({'tensorflow', 'keras', 'jax'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "[]\n"

"""The sheet to print says what the form says."""

import importlib.util
from pathlib import Path

WORKSHOP = Path(__file__).resolve().parents[2] / "docs" / "workshop"
spec = importlib.util.spec_from_file_location("printable", WORKSHOP / "printable.py")
printable = importlib.util.module_from_spec(spec)
spec.loader.exec_module(printable)


def test_the_printed_form_is_made_from_the_form():
    made = printable.printable((WORKSHOP / "feedback-form.md").read_text(encoding="utf-8"))
    assert (WORKSHOP / "feedback-form.html").read_text(encoding="utf-8") == made, "python docs/workshop/printable.py"
    assert made.count("☐") == 13 and "http" not in made

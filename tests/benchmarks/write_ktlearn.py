"""Text written by ktlearn when it is asked. Called by writing.py, for which it also makes the weights."""

import os
import sys
from pathlib import Path

from asked_to_write import write_when_asked
from clock import read_job

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import transformers

import ktlearn
from ktlearn import models
from ktlearn.backend import keras
from ktlearn.generate import generate

T5 = dict(vocab_size=32128, d_model=512, d_kv=64, d_ff=2048, num_layers=6, num_heads=8)
SHAPES = {
    "gpt2": (transformers.GPT2Config(), "causal-lm"),
    "t5": (transformers.T5Config(**T5, decoder_start_token_id=0), "seq2seq"),
}


def main():
    job = read_job()
    made = {}
    for name in job["models"]:
        config, task = SHAPES[name]
        made[name] = models.from_config(config, task=task, seed=0)
        made[name].save_pretrained(Path(job["folder"]) / name)  # the same weights for the other program
    more = {"gpt2": {}, "t5": {"decoder_start_token_id": 0}}

    def write(name, prompts, count):
        end = {"eos_token_id": [], "pad_token_id": 0}
        return generate(made[name], prompts, max_new_tokens=count, **end, **more[name]).ids

    write_when_asked(f"ktlearn {ktlearn.__version__} (Keras {keras.__version__})", write)


if __name__ == "__main__":
    sys.exit(main())

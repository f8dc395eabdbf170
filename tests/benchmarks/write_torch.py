"""Text written by PyTorch transformers when it is asked. Called by writing.py."""

import sys
from pathlib import Path

import torch
import transformers
from asked_to_write import write_when_asked
from clock import read_job
from transformers import AutoModelForCausalLM, AutoModelForSeq2SeqLM

CLASSES = {"gpt2": AutoModelForCausalLM, "t5": AutoModelForSeq2SeqLM}


def main():
    job = read_job()
    transformers.utils.logging.set_verbosity_error()
    made = {name: CLASSES[name].from_pretrained(Path(job["folder"]) / name).eval() for name in job["models"]}
    for model in made.values():
        model.generation_config.eos_token_id = None  # every text gets all its tokens
        model.generation_config.pad_token_id = 0
    more = {"gpt2": {}, "t5": {"decoder_start_token_id": 0}}

    def write(name, prompts, count):
        ids = torch.tensor(prompts)
        with torch.no_grad():
            options = dict(max_new_tokens=count, do_sample=False) | more[name]
            return made[name].generate(ids, attention_mask=torch.ones_like(ids), **options)[:, -count:]

    write_when_asked(f"PyTorch {torch.__version__} (transformers {transformers.__version__})", write)


if __name__ == "__main__":
    sys.exit(main())

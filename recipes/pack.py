"""Make a bundled folder out of a trained encoder–decoder: weights in eight bits, the tokenizer, and how to write.

python -m recipes.pack MODEL_FOLDER assets/models/translator-en-zh --length-penalty 1.0 --max-new-tokens 64
"""

import argparse
import json
import shutil
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from ktlearn.models import checkpoint, quantized

LICENSE = Path(__file__).parents[1] / "LICENSE"  # Apache-2.0
TOKENIZER = ("tokenizer.json", "tokenizer_config.json")
SPECIAL = ("bos_token_id", "decoder_start_token_id", "eos_token_id", "forced_eos_token_id", "pad_token_id")


def pack(source, output, **writing):
    """Write the folder; what else it holds (the card) stays.

    Args:
        source: the folder that a recipe's ``train`` has written.
        output: the folder to write to.
        **writing: how ``generate`` writes with it when it is not told otherwise, as in ``generation_config.json``.
    """
    source, output = Path(source), Path(output)
    output.mkdir(parents=True, exist_ok=True)
    for name in TOKENIZER:
        shutil.copy(source / name, output / name)
    config = json.loads((source / "config.json").read_text(encoding="utf-8"))
    _write(output / "config.json", config)
    special = {name: config[name] for name in SPECIAL if config.get(name) is not None}
    _write(output / "generation_config.json", special | writing)
    tensors = {name: np.asarray(tensor) for name, tensor in checkpoint.read_tensors(source).items()}
    save_file(quantized.quantize(tensors), output / "model.safetensors", metadata=quantized.FORMAT)
    shutil.copy(LICENSE, output / "LICENSE")


def _write(path, values):
    path.write_text(json.dumps(values, ensure_ascii=False, indent=2) + "\n", encoding="utf-8", newline="\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("source", help="the folder of the trained model")
    parser.add_argument("output", help="the folder to write to")
    parser.add_argument("--num-beams", type=int, default=4)
    parser.add_argument("--length-penalty", type=float, default=1.0)
    parser.add_argument("--max-new-tokens", type=int, required=True)
    parser.add_argument("--min-new-tokens", type=int, help="left out: none")
    parser.add_argument("--no-repeat-ngram-size", type=int, help="left out: any run of tokens may come again")
    args = vars(parser.parse_args())
    pack(**{name: value for name, value in args.items() if value is not None})


if __name__ == "__main__":
    main()

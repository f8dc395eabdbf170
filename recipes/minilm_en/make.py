"""Make ``ktlearn/minilm-en`` out of the published all-MiniLM-L6-v2: weights in eight and six bits, fewer pieces.

    python -m recipes.minilm_en.make FOLDER_OF_ALL_MINILM_L6_V2 assets/models/minilm-en

Nothing is trained, and the same source gives the same bytes.
"""

import argparse
import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file
from transformers import AutoTokenizer

from ktlearn.models import checkpoint, quantized
from recipes.minilm_en import vocabulary

PUBLISHED = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"  # SHA-256 of its model.safetensors
WORDS = "embeddings.word_embeddings.weight"  # half of all weights, and the half that bears six bits
BUFFERS = ("embeddings.position_ids",)
LICENSE = Path(__file__).parents[2] / "LICENSE"  # Apache-2.0, the published model's too


def make(source, output):
    """Write ``config.json``, ``model.safetensors``, the tokenizer's two files and the licence into a folder.

    Args:
        source: the folder of the published checkpoint, with ``tokenizer.json``.
        output: a folder; what else it holds (the card) stays.
    """
    source, output = Path(source), Path(output)
    output.mkdir(parents=True, exist_ok=True)
    kept = vocabulary.needed(AutoTokenizer.from_pretrained(source))
    published = _json(source / "tokenizer.json")
    _write(output / "tokenizer.json", vocabulary.shorter(published, kept), indent=None)
    settings = _json(source / "tokenizer_config.json")
    _write(output / "tokenizer_config.json", {name: settings[name] for name in settings if name != "name_or_path"})
    config = _json(source / "config.json")
    config |= {"vocab_size": len(kept), "pad_token_id": int(kept.searchsorted(config["pad_token_id"]))}
    _write(output / "config.json", {name: config[name] for name in config if name != "_name_or_path"})
    tensors = {name: np.asarray(tensor) for name, tensor in checkpoint.read_tensors(source).items()}
    tensors = {name: array for name, array in tensors.items() if name not in BUFFERS}
    tensors[WORDS] = tensors[WORDS][kept]
    save_file(quantized.quantize(tensors, {WORDS: 6}), output / "model.safetensors", metadata=quantized.FORMAT)
    shutil.copy(LICENSE, output / "LICENSE")


def _json(path):
    return json.loads(path.read_text(encoding="utf-8"))


def _write(path, values, indent=2):
    separators = None if indent else (",", ":")
    text = json.dumps(values, ensure_ascii=False, indent=indent, separators=separators)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("source", type=Path, help="the folder of all-MiniLM-L6-v2")
    parser.add_argument("output", type=Path, help="the folder to write to")
    args = parser.parse_args()
    found = hashlib.sha256((args.source / "model.safetensors").read_bytes()).hexdigest()
    if found != PUBLISHED:
        parser.error(f"{args.source} holds another model.safetensors ({found}), not the published all-MiniLM-L6-v2")
    make(args.source, args.output)


if __name__ == "__main__":
    main()

"""Make ``ktlearn/passage-reader-en`` out of a trained reader: fewer bits, and the margin for "no answer".

    python -m recipes.passage_reader_en.bundle RUN_FOLDER/model assets/models/passage-reader-en

The same trained reader gives the same bytes.
"""

import argparse
import json
import shutil
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from ktlearn.data import load_passages
from ktlearn.models import checkpoint, hub, quantized
from ktlearn.predictor.answer_scores import f1
from recipes.passage_reader_en import evaluate, rounding
from recipes.passage_reader_en.train import FROZEN, MAXLEN, OVERLAP, START, start_bits

FILES = ("tokenizer.json", "tokenizer_config.json", "LICENSE")  # as they are beside the encoder


def bits(name):
    """How many bits a matrix gets in the file: eight where it was trained.

    What training adds is a twentieth of a weight. On the few steps of four or five bits it would round away to nothing.
    """
    is_trained = any(f".layer.{number}." in name for number in range(FROZEN - 1, 6))
    return 8 if is_trained else start_bits(name)


def bundle(trained, output):
    """Write ``config.json``, ``model.safetensors``, the tokenizer's two files and the licence into a folder.

    Args:
        trained: the folder of the trained reader, in float32.
        output: a folder; what else it holds (the card) stays.
    """
    trained, output = Path(trained), Path(output)
    output.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        shutil.copy(hub.find(START) / name, output / name)
    tensors = {name: np.asarray(tensor) for name, tensor in checkpoint.read_tensors(trained).items()}
    save_file(rounding.stored(tensors, bits), output / checkpoint.WEIGHTS, metadata=quantized.FORMAT)
    config = json.loads((trained / checkpoint.CONFIG).read_text(encoding="utf-8"))
    reading = {"max_seq_len": MAXLEN, "doc_stride": OVERLAP}
    _write(output, config, reading)
    validation = load_passages("validation")
    found, sure = evaluate.reader(output)(validation)
    scores = [f1(*pair) for pair in zip(found, validation["answer"], strict=True)]
    least = evaluate.threshold(sure, scores, validation["answer"] == "")
    _write(output, config, reading | {"no_answer_margin": round(least, 2)})


def _write(output, config, reading):
    config = config | {"task_specific_params": {"question-answering": reading}}
    text = json.dumps(config, indent=2, sort_keys=True) + "\n"
    (output / checkpoint.CONFIG).write_text(text, encoding="utf-8", newline="\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("trained", type=Path, help="the folder of the trained reader")
    parser.add_argument("output", type=Path, help="the folder to write to")
    args = parser.parse_args()
    bundle(args.trained, args.output)
    size = sum(path.stat().st_size for path in args.output.iterdir())
    print(f"{args.output}: {size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()

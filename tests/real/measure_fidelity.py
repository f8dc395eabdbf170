"""Measure what the eight bits and the smaller vocabulary of minilm-en cost: the figures of its card.

    KTLEARN_DATA=FOLDER python -m tests.real.measure_fidelity [pieces] [vectors] [logits]

The published float32 checkpoint stands on the other side.
"""

import argparse
import gzip
import json
import shutil
import tempfile
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file
from transformers import AutoTokenizer

import ktlearn as ktrain
from ktlearn import text
from ktlearn.backend import keras
from ktlearn.data import load_review_lists
from ktlearn.models import checkpoint, hub
from ktlearn.predictor.sentence_encoder import SentenceEncoder
from recipes.minilm_en import make, vocabulary
from tests.real.data import FOLDER, imdb, minilm, sst2

BUNDLED = "ktlearn/minilm-en"


def held_out():
    """Texts by the name of their source."""
    _, validation, test = load_review_lists()
    with gzip.open(FOLDER / "xquad_en.json.gz", "rt", encoding="utf-8") as file:
        paragraphs = [part["context"] for article in json.load(file)["data"] for part in article["paragraphs"]]
    return {
        "reviews, validation and test": validation[0] + test[0],
        "SST-2 dev": sst2("dev")[0],
        "IMDb test": imdb("test")[0],
        "XQuAD (Wikipedia)": paragraphs,
    }


def pieces():
    """Pieces and unknown pieces of the held-out texts, with the published vocabulary and with ours."""
    published, ours = AutoTokenizer.from_pretrained(minilm()), AutoTokenizer.from_pretrained(hub.find(BUNDLED))
    for name, texts in held_out().items():
        before, after = (cut(tokenizer, texts) for tokenizer in (published, ours))
        count, more = sum(map(len, before)), sum(map(len, after)) - sum(map(len, before))
        same = np.mean([a == b for a, b in zip(before, after, strict=True)])
        unknown = [sum(row.count("[UNK]") for row in rows) for rows in (before, after)]
        print(f"{name}: {len(texts)} texts, {count} pieces, {more} more ({more / count:.2%}), {same:.1%} of the texts")
        print(f"    cut the same; unknown pieces {unknown[0]} before, {unknown[1]} after", flush=True)


def cut(tokenizer, texts):
    """Each text's pieces, as words."""
    rows = tokenizer(texts, add_special_tokens=False, verbose=False)["input_ids"]
    return [tokenizer.convert_ids_to_tokens(row) for row in rows]


def vectors(count=1000):
    """The cosine of each text's sentence vector with the published model's."""
    texts = [each for source in held_out().values() for each in source]
    texts = [texts[i] for i in np.random.default_rng(0).permutation(len(texts))[:count]]
    published, ours = (SentenceEncoder(name).encode(texts, verbose=0) for name in (minilm(), BUNDLED))
    cosines = (published * ours).sum(1)
    smallest, low = cosines.min(), np.percentile(cosines, 5)
    print(
        f"cosine of {count} sentence vectors: mean {cosines.mean():.5f}, 5 % below {low:.5f}, smallest {smallest:.5f}"
    )
    print(f"    the smallest: {texts[cosines.argmin()][:100]!r}")
    moved = np.abs(published @ published.T - ours @ ours.T)
    print(f"    a cosine between two of the texts moves by {moved.mean():.4f} on average, at most {moved.max():.4f}")


def unrounded(folder):
    """Our model's folder with the published float32 weights of the same pieces: only the rounding is not there."""
    shutil.copytree(hub.find(BUNDLED), folder, dirs_exist_ok=True)
    tensors = {name: np.asarray(tensor) for name, tensor in checkpoint.read_tensors(minilm()).items()}
    tensors[make.WORDS] = tensors[make.WORDS][vocabulary.needed(AutoTokenizer.from_pretrained(minilm()))]
    save_file(tensors, Path(folder) / "model.safetensors")
    return folder


def logits(rate=1e-4, epochs=4, seeds=1):
    """Fine-tuned on the reviews with the same seed, from rounded and from published weights: the test answers."""
    train, _, test = load_review_lists()
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(seeds):
            found = []
            for name in (unrounded(folder), BUNDLED):
                keras.utils.set_random_seed(seed)
                t = text.Transformer(name, maxlen=128, class_names=["negative", "positive"])
                learner = ktrain.get_learner(t.get_classifier(), t.preprocess_train(*train, verbose=0), batch_size=16)
                learner.fit_onecycle(rate, epochs, verbose=0)
                data = t.preprocess_test(*test, verbose=0)
                chances = learner.predict(data)
                print(f"seed {seed}, {name}: {(chances.argmax(1) == data.y.argmax(1)).mean():.3f} of the test reviews")
                found.append(np.log(chances[:, 1] / chances[:, 0]))  # the difference of the two logits
            same = ((found[0] > 0) == (found[1] > 0)).mean()
            print(
                f"    difference of the two logits: correlation {np.corrcoef(found)[0, 1]:.4f}, "
                f"moved by {np.abs(found[0] - found[1]).mean():.2f} of {np.abs(found[0]).mean():.2f} on average; "
                f"{same:.1%} of the answers are the same",
                flush=True,
            )


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parts = {"pieces": pieces, "vectors": vectors, "logits": logits}
    parser.add_argument("parts", nargs="*", default=list(parts), help="some of " + ", ".join(parts))
    for name in parser.parse_args().parts:
        parts[name]()


if __name__ == "__main__":
    main()

"""Measure what the eight bits and the smaller vocabulary of minilm-en cost: the figures of its card.

    KTLEARN_DATA=FOLDER python -m tests.real.measure_fidelity [vocabulary] [vectors] [logits]

The published float32 checkpoint stands on the other side. No text here was counted when the pieces were chosen.
"""

import argparse
import gzip
import json

import numpy as np
from transformers import AutoTokenizer

import ktlearn as ktrain
from ktlearn import text
from ktlearn.backend import keras
from ktlearn.data import load_review_lists
from ktlearn.models import hub
from ktlearn.predictor.sentence_encoder import SentenceEncoder
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


def vocabulary():
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
    """The cosine of each text's sentence vector with the published model's; a quarter of the texts from each source."""
    rng = np.random.default_rng(0)
    sources = [[texts[i] for i in rng.permutation(len(texts))] for texts in held_out().values()]
    texts = [text for source in sources for text in source[: count // len(sources)]]
    while len(texts) < count:  # a source was too short
        texts.append(sources[2][len(texts)])
    published, ours = (SentenceEncoder(name).encode(texts, verbose=0) for name in (minilm(), BUNDLED))
    cosines = (published * ours).sum(1)
    print(
        f"cosine of {len(cosines)} sentence vectors: mean {cosines.mean():.5f}, smallest {cosines.min():.5f}, "
        f"5th percentile {np.percentile(cosines, 5):.5f}",
        flush=True,
    )
    worst = texts[cosines.argmin()]
    print(f"    farthest: {worst[:120]!r}")
    near = [(np.triu(v @ v.T, 1)) for v in (published, ours)]
    print(f"    largest change of a cosine between two of the texts: {np.abs(near[0] - near[1]).max():.4f}", flush=True)


def logits(rate=1e-4, epochs=4, seed=0):
    """Fine-tuned on the reviews with the same seed: how far the test logits differ, and how many answers."""
    train, _, test = load_review_lists()
    found = []
    for name in (minilm(), BUNDLED):
        keras.utils.set_random_seed(seed)
        t = text.Transformer(name, maxlen=128, class_names=["negative", "positive"])
        learner = ktrain.get_learner(t.get_classifier(), t.preprocess_train(*train, verbose=0), batch_size=16)
        learner.fit_onecycle(rate, epochs, verbose=0)
        data = t.preprocess_test(*test, verbose=0)
        found.append(learner.model.predict(data.batches(32) if False else data, verbose=0))
    raise NotImplementedError


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parts = {"vocabulary": vocabulary, "vectors": vectors, "logits": logits}
    parser.add_argument("parts", nargs="*", default=list(parts), help="some of " + ", ".join(parts))
    for name in parser.parse_args().parts:
        parts[name]()


if __name__ == "__main__":
    main()

"""Texts answered by the pipeline of PyTorch transformers, one at a time and all at once. Called by answers.py."""

import sys

import torch
import transformers
from asked import answer_when_asked, by_length
from clock import read_job
from transformers import pipeline

BATCH = 32


def main():
    job = read_job()
    transformers.utils.logging.set_verbosity_error()
    classify = pipeline("text-classification", model=job["folder"], dtype=torch.float32, device="cpu")

    options = dict(top_k=None, truncation=True, max_length=job["maxlen"])

    def second(scores):
        return next(each["score"] for each in scores if each["label"] == job["classes"][1])

    def answer(text):
        return second(classify(text, **options))

    def batches(texts):
        return [second(scores) for scores in classify(texts, batch_size=BATCH, **options)]

    def answer_all(texts):
        return by_length(texts, batches)

    program = f"PyTorch {torch.__version__} (transformers {transformers.__version__})"
    answer_when_asked(program, answer, answer_all, job["texts"])


if __name__ == "__main__":
    sys.exit(main())

"""One text answered at a time by the pipeline of PyTorch transformers. Called by answers.py."""

import sys

import torch
import transformers
from asked import answer_when_asked
from clock import read_job
from transformers import pipeline


def main():
    job = read_job()
    transformers.utils.logging.set_verbosity_error()
    classify = pipeline("text-classification", model=job["folder"], dtype=torch.float32, device="cpu")

    def answer(text):
        scores = classify(text, top_k=None, truncation=True, max_length=job["maxlen"])
        return next(each["score"] for each in scores if each["label"] == job["classes"][1])

    program = f"PyTorch {torch.__version__} (transformers {transformers.__version__})"
    answer_when_asked(program, answer, job["texts"])


if __name__ == "__main__":
    sys.exit(main())

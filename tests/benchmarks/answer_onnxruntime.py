"""Texts answered by onnxruntime, of the file that ktlearn exported. Called by answers.py.

In ktlearn's environment, but without ktlearn and Keras: the tokenizer, the session and a softmax.
"""

import sys
from pathlib import Path

import numpy as np
import onnxruntime
from asked import answer_when_asked, by_length
from clock import read_job
from transformers import AutoTokenizer

BATCH = 32


def main():
    job = read_job()
    tokenizer = AutoTokenizer.from_pretrained(job["folder"])
    session = onnxruntime.InferenceSession(str(Path(job["folder"]).with_suffix(".onnx")))
    names = [each.name for each in session.get_inputs()]

    def answers(texts):
        ids = tokenizer(texts, padding=True, truncation=True, max_length=job["maxlen"], return_tensors="np")
        logits = session.run(None, {name: ids[name].astype("int64") for name in names})[0]
        return (1 / (1 + np.exp(logits[:, 0] - logits[:, 1]))).tolist()

    def batches(texts):
        return [answer for start in range(0, len(texts), BATCH) for answer in answers(texts[start : start + BATCH])]

    program = f"onnxruntime {onnxruntime.__version__}"
    answer_when_asked(program, lambda text: answers([text])[0], lambda texts: by_length(texts, batches), job["texts"])


if __name__ == "__main__":
    sys.exit(main())

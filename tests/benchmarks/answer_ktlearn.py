"""Texts answered in ktlearn, one at a time and all at once. Called by answers.py."""

import os
import sys
from pathlib import Path

from asked import answer_when_asked
from clock import read_job

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import ktlearn
from ktlearn import text
from ktlearn.backend import keras


def main():
    job = read_job()
    keras.utils.set_random_seed(job["seed"])
    t = text.Transformer(job["model"], maxlen=job["maxlen"], class_names=job["classes"])
    t.preprocess_train(job["texts"], job["labels"], verbose=0)
    predictor = ktlearn.get_predictor(t.get_classifier(), preproc=t)
    predictor.save(job["folder"])  # the same weights for the other programs
    predictor.export_model_to_onnx(str(Path(job["folder"]).with_suffix(".onnx")))
    program = f"ktlearn {ktlearn.__version__} (Keras {keras.__version__})"

    def answer(text):
        return float(predictor.predict_proba(text)[1])

    def answer_all(texts):
        return predictor.predict_proba(texts, verbose=0)[:, 1].tolist()

    answer_when_asked(program, answer, answer_all, job["texts"])


if __name__ == "__main__":
    sys.exit(main())

"""One text answered at a time in ktlearn. Called by answers.py."""

import os
import sys

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
    predictor.save(job["folder"])  # the same weights for the other program
    program = f"ktlearn {ktlearn.__version__} (Keras {keras.__version__})"
    answer_when_asked(program, lambda one: float(predictor.predict_proba(one)[1]), job["texts"])


if __name__ == "__main__":
    sys.exit(main())

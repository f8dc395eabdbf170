"""The training job in ktlearn, and what share of the machine's arithmetic it reached. Called by run.py."""

import os
import sys

from clock import Clock, read_job, report
from flops import batches_flops, matmul_peak, texts_flops

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

import ktlearn
from ktlearn import text
from ktlearn.backend import keras


class Steps(keras.callbacks.Callback):
    def __init__(self, clock):
        super().__init__()
        self.clock = clock

    def on_train_batch_end(self, batch, logs=None):
        self.clock.step()


def recorded(dataset):
    """Keep the texts' lengths and the padded length of each batch that the data set gives."""
    seen, collate = [], dataset.collate

    def collate_and_keep(indices):
        batch = collate(indices)
        seen.append((dataset.lengths[indices].tolist(), batch[0]["input_ids"].shape[1]))
        return batch

    dataset.collate = collate_and_keep
    return seen


def main():
    job, clock = read_job(), Clock()
    keras.utils.set_random_seed(job["seed"])
    t = text.Transformer(job["model"], maxlen=job["maxlen"], class_names=job["classes"])
    train = t.preprocess_train(job["texts"], job["labels"], verbose=0)
    held_out = t.preprocess_test(job["held_out_texts"], job["held_out_labels"], verbose=0)
    learner = ktlearn.get_learner(t.get_classifier(), train_data=train, batch_size=job["batch_size"])
    seen = recorded(train)

    clock.start()
    history = learner.fit_onecycle(job["learning_rate"], job["epochs"], callbacks=[Steps(clock)], verbose=0)
    clock.stop()

    batches = seen[-clock.steps :]  # a batch more may have been made before, to learn its types
    figures = clock.figures(len(train) * job["epochs"], job["batch_size"])
    computed, useful = (count(t.config, len(job["classes"]), batches[1:]) for count in (batches_flops, texts_flops))
    right = learner.predict(held_out).argmax(1) == np.array(job["held_out_labels"])
    report(
        figures
        | {
            "program": f"ktlearn {ktlearn.__version__} (Keras {keras.__version__})",
            "loss": history.history["loss"][-1],
            "accuracy": float(right.mean()),
            "tokens": int(train.lengths.sum()) * job["epochs"],
            "computed_tokens": sum(len(lengths) * padded for lengths, padded in batches),
            "useful_flops": useful / figures["rest_wall"],
            "computed_flops": computed / figures["rest_wall"],
            "peak_flops": matmul_peak(),
        }
    )


if __name__ == "__main__":
    sys.exit(main())

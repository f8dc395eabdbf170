"""The training job in ktrain, in its own environment. Called by run.py."""

import os
import sys

from clock import Clock, read_job, report

os.environ["TF_USE_LEGACY_KERAS"] = "1"  # ktrain knows Keras 2 only
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("MPLBACKEND", "agg")

import ktrain
import numpy as np
import tensorflow as tf
from ktrain import text


class Steps(tf.keras.callbacks.Callback):
    def __init__(self, clock):
        super().__init__()
        self.clock = clock

    def on_train_batch_end(self, batch, logs=None):
        self.clock.step()


def main():
    job, clock = read_job(), Clock()
    tf.keras.utils.set_random_seed(job["seed"])
    t = text.Transformer(job["model"], maxlen=job["maxlen"], class_names=job["classes"])
    train = t.preprocess_train(job["texts"], job["labels"], verbose=0)
    held_out = t.preprocess_test(job["held_out_texts"], job["held_out_labels"], verbose=0)
    learner = ktrain.get_learner(t.get_classifier(), train_data=train, batch_size=job["batch_size"])

    clock.start()
    history = learner.fit_onecycle(job["learning_rate"], job["epochs"], callbacks=[Steps(clock)], verbose=0)
    clock.stop()

    ids, mask = train.x[:, 0], train.x[:, 1]  # ktrain's array is (texts, 3 inputs, maxlen)
    right = learner.predict(held_out).argmax(1) == np.array(job["held_out_labels"])
    report(
        clock.figures(len(ids) * job["epochs"], job["batch_size"])
        | {
            "program": f"ktrain {ktrain.__version__}",
            "loss": float(history.history["loss"][-1]),
            "accuracy": float(right.mean()),
            "tokens": int(mask.sum()) * job["epochs"],
            "computed_tokens": int(ids.size) * job["epochs"],
        }
    )


if __name__ == "__main__":
    sys.exit(main())

"""The training job in KerasHub, in ktlearn's environment with KerasHub added. Called by run.py.

KerasHub's preprocessor pads every text to ``sequence_length``, and so does this. It reads the same checkpoint; its BERT
computes GELU by the approximation with tanh. The optimizer is Keras' own, the rate follows the same one-cycle policy.
"""

import os
import sys

from clock import Clock, read_job, report

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import keras_hub
import numpy as np
from transformers import AutoTokenizer


class Steps(keras.callbacks.Callback):
    def __init__(self, clock):
        super().__init__()
        self.clock = clock

    def on_train_batch_end(self, batch, logs=None):
        self.clock.step()


class OneCycle(keras.optimizers.schedules.LearningRateSchedule):
    """Up from a tenth of the rate to the rate in the middle, and down to a hundredth of that tenth."""

    def __init__(self, rate, steps):
        self.rate, self.steps = rate, steps

    def __call__(self, step):
        share = keras.ops.cast(step, "float32") / self.steps
        up, down = 0.1 + 1.8 * share, 1 - (2 * share - 1) * 0.999
        return self.rate * keras.ops.where(share < 0.5, up, down)


def padded(tokenizer, texts, maxlen):
    ids = tokenizer(texts, truncation=True, max_length=maxlen, padding="max_length", return_tensors="np")
    names = {"token_ids": "input_ids", "padding_mask": "attention_mask", "segment_ids": "token_type_ids"}
    return {ours: ids[theirs] for ours, theirs in names.items()}


def main():
    job, clock = read_job(), Clock()
    keras.utils.set_random_seed(job["seed"])
    tokenizer = AutoTokenizer.from_pretrained(job["model"])
    train, held_out = (padded(tokenizer, job[name], job["maxlen"]) for name in ("texts", "held_out_texts"))
    model = keras_hub.models.BertTextClassifier.from_preset(
        job["model"], num_classes=len(job["classes"]), preprocessor=None
    )

    clock.start()
    steps = job["epochs"] * -(-len(job["texts"]) // job["batch_size"])
    model.compile(
        optimizer=keras.optimizers.AdamW(
            OneCycle(job["learning_rate"], steps), weight_decay=0.01, epsilon=1e-8, global_clipnorm=1.0
        ),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    options = dict(batch_size=job["batch_size"], epochs=job["epochs"], verbose=0, callbacks=[Steps(clock)])
    history = model.fit(train, np.array(job["labels"]), **options)
    clock.stop()

    right = model.predict(held_out, verbose=0).argmax(1) == np.array(job["held_out_labels"])
    report(
        clock.figures(len(job["texts"]) * job["epochs"], job["batch_size"])
        | {
            "program": f"KerasHub {keras_hub.__version__} (Keras {keras.__version__})",
            "loss": history.history["loss"][-1],
            "accuracy": float(right.mean()),
            "tokens": int(train["padding_mask"].sum()) * job["epochs"],
            "computed_tokens": int(train["token_ids"].size) * job["epochs"],
        }
    )


if __name__ == "__main__":
    sys.exit(main())

"""What each way of training with less memory, or in less time, costs and saves: the tables of lesson 15.

    python -m tests.real.measure_ways [reviews] [student] [base] [--seeds 3] [--minutes 10]

Each training runs in a process of its own, one after the other, and becomes a line of ``measured/ways.jsonl``;
:mod:`tests.real.portions` says how the file grows.

- reviews: minilm-en, fine-tuned on the course's reviews.
- student: mini-bert-en, which learns from the same labels, or from the probabilities of a minilm-en that was fine-tuned
  for one epoch, or for four.
- base: a model of BERT-base's shape with random weights, a few steps on random tokens. One seed says all.

A line has:

- "wall", "cpu": seconds of the training, and the CPU seconds of all its threads; "first" is the part of the CPU
  seconds up to the end of the first step, in which TensorFlow traces.
- "MB" (10⁶ bytes): the most of the process's resident set that was seen in the training, less what it was just before.
  The weights are not in it; what the optimizer keeps, gradients, activations, and TensorFlow's own graph are.
- "trained": numbers that change; "accuracy": after the last epoch, on validation; "teacher": that of its teacher.
- "busy": how many cores of the machine were busy just before, by all its programs.
"""

import ctypes
import gc
import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

LINES = Path(__file__).with_name("measured") / "ways.jsonl"
CLASSES, MAXLEN = ["negative", "positive"], 128
EPOCHS, BATCH, RATE = 1, 16, 1e-4  # of minilm-en
FEW_RATE = 1e-3  # where few numbers are trained: ten times as much is usual with LoRA and with a head alone
STUDENT, STUDENT_EPOCHS, STUDENT_RATE = "ktlearn/mini-bert-en", 6, 3e-4
BASE_STEPS, BASE_BATCH, BASE_LENGTH = 2, 4, 256  # of BERT-base, whose steps are all alike
PARTS = 4  # that a batch is cut into where gradients are accumulated


def plain(learner):
    """as it is"""


def bfloat16(learner):
    """products in half precision"""  # Keras has been told before, by `prepare`


def accumulated(learner):
    """four batches of a quarter make a step"""
    learner.accumulate_gradients(PARTS)


def recomputed(learner):
    """each layer is computed twice, its results are not kept"""
    learner.recompute_layers(verbose=0)


def lora(learner):
    """small changes to the attentions' matrices, and the head"""
    learner.add_lora(rank=8)


def upper_half(learner):
    """embeddings and lower half of the layers are frozen"""
    learner.freeze(1 + learner.model.settings.num_layers // 2)


def head(learner):
    """all but the last block is frozen"""
    learner.freeze()


WAYS = {way.__name__: way for way in (plain, lora, head, upper_half, recomputed, accumulated, bfloat16)}
TEACHER_EPOCHS = {"distilled": EPOCHS, "better_teacher": 4}  # a small model learns its probabilities; 4 as in lesson 07
STUDIES = {"reviews": list(WAYS), "student": ["plain", *TEACHER_EPOCHS], "base": list(WAYS)}


def prepare(way, batch, seed):
    """How many texts a batch has; what Keras must know before there is a model, it is told here."""
    from ktlearn.backend import keras

    keras.utils.set_random_seed(seed)
    if way == "bfloat16":
        keras.config.set_dtype_policy("mixed_bfloat16")
    return batch // PARTS if way == "accumulated" else batch


def on_reviews(way, seed, name="ktlearn/minilm-en", epochs=EPOCHS, rate=RATE, soft=None):
    """A published model, fine-tuned on the course's reviews: the learner, and its training."""
    import ktlearn
    from ktlearn import text
    from ktlearn.data import load_reviews

    batch, train, held = prepare(way, BATCH, seed), load_reviews("train"), load_reviews("validation")
    t = text.Transformer(name, maxlen=MAXLEN, class_names=CLASSES)
    texts, labels = (train["text"], train["sentiment"]) if soft is None else soft
    trn = t.preprocess_train(list(texts), list(labels) if soft is None else labels, verbose=0)
    val = t.preprocess_test(held["text"], held["sentiment"], verbose=0)
    learner = ktlearn.get_learner(t.get_classifier(), trn, val, batch)
    rate = FEW_RATE if way in ("lora", "head") else rate
    return learner, lambda *clock: learner.fit_onecycle(rate, epochs, callbacks=clock, verbose=0)


def of_a_student(way, seed):
    """The small model, and what its teacher has right; it is trained first, and also answers for unlabelled reviews."""
    if way == "plain":
        return on_reviews(way, seed, STUDENT, STUDENT_EPOCHS, STUDENT_RATE)
    import numpy as np

    import ktlearn
    from ktlearn import text
    from ktlearn.data import load_reviews

    teacher, train = on_reviews("plain", seed, epochs=TEACHER_EPOCHS[way])
    right = train().history["val_accuracy"][-1]
    texts = load_reviews("train", neutral=True)["text"].tolist()
    t = text.Transformer("ktlearn/minilm-en", maxlen=MAXLEN, class_names=CLASSES)
    t.preprocess_train(["bad", "good"], CLASSES, verbose=0)
    answers = np.asarray(ktlearn.get_predictor(teacher.model, t).predict_proba(texts, verbose=0), "float64")
    soft = texts, answers / answers.sum(1, keepdims=True)
    student = on_reviews(way, seed, STUDENT, STUDENT_EPOCHS, STUDENT_RATE, soft)
    return *student, {"teacher": round(float(right), 4)}


def of_base_shape(way, seed):
    """A model of BERT-base's shape on random tokens: the learner, and some steps."""
    import numpy as np
    from transformers import BertConfig

    import ktlearn
    from ktlearn import models
    from ktlearn.backend import keras
    from ktlearn.optimizers import adamw

    batch = prepare(way, BASE_BATCH, seed)
    model = models.from_config(BertConfig(), task="classification", num_labels=2, seed=seed)
    model.compile(adamw(), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    shape = (BASE_BATCH * BASE_STEPS, BASE_LENGTH)
    ids = np.random.default_rng(seed).integers(1000, 20000, shape).astype("int32")
    learner = ktlearn.get_learner(model, ({"input_ids": ids}, np.arange(len(ids)) % 2), batch_size=batch)
    return learner, lambda *clock: learner.fit(1e-5, 1, callbacks=clock, verbose=0)


class Resident(threading.Thread):
    """The most memory that this process is seen to hold, in MB of 10⁶ bytes, looked at a hundred times a second."""

    def __init__(self):
        import psutil

        super().__init__(daemon=True)
        self._look = psutil.Process().memory_info
        self._over = threading.Event()

    def __enter__(self):
        give_back()
        self.before = self.most = self._look().rss / 1e6
        self.start()
        return self

    def run(self):
        while not self._over.wait(0.01):
            self.most = max(self.most, self._look().rss / 1e6)

    def __exit__(self, *error):
        self._over.set()
        self.join()
        self.grown = max(self.most, self._look().rss / 1e6) - self.before


def give_back():
    """What is no longer used goes back to the system, so that it does not count as held before (on Linux)."""
    gc.collect()
    if sys.platform == "linux":
        ctypes.CDLL(None).malloc_trim(0)


def measure_one(study, way, seed):
    """The figures of one training, in this process."""
    import numpy as np

    from ktlearn.backend import keras

    class FirstStep(keras.callbacks.Callback):
        end = None

        def on_train_batch_end(self, batch, logs=None):
            self.end = self.end or time.process_time()

    learner, train, *known = {"reviews": on_reviews, "student": of_a_student, "base": of_base_shape}[study](way, seed)
    if way in WAYS:
        WAYS[way](learner)
    clock = FirstStep()
    with Resident() as memory:
        wall, cpu = time.perf_counter(), time.process_time()
        history = train(clock).history
        wall, whole, first = time.perf_counter() - wall, time.process_time() - cpu, clock.end - cpu
    figures = {"wall": round(wall, 1), "cpu": round(whole, 1), "first": round(first, 1), "MB": round(memory.grown)}
    figures["weights"] = int(learner.model.count_params())
    figures["trained"] = sum(int(np.prod(variable.shape)) for variable in learner.model.trainable_variables)
    if study != "base":
        figures["accuracy"] = round(float(history["val_accuracy"][-1]), 4)
    return figures | dict(*known)


def run(setting, seed):
    """One training in a process of its own."""
    busy = round(os.getloadavg()[0], 1)
    command = [sys.executable, "-m", "tests.real.measure_ways", "--here", *setting.values(), str(seed)]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"})
    if done.returncode:
        raise SystemExit(f"{setting}: {done.stderr[-2000:]}")
    print(setting, done.stdout.splitlines()[-1], flush=True)
    return json.loads(done.stdout.splitlines()[-1]) | {"busy": busy}


def main():
    if sys.argv[1:2] == ["--here"]:
        study, way, seed = sys.argv[2:]
        print(json.dumps(measure_one(study, way, int(seed))))
        return
    from tests.real.portions import measure

    measure(__doc__, LINES, STUDIES, lambda study: [{"study": study, "way": way} for way in STUDIES[study]], run)


if __name__ == "__main__":
    main()

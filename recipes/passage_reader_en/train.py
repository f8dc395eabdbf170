"""Train the reader of passages: ``ktlearn/minilm-en`` with a head that marks an answer's first and last token.

    python -m recipes.passage_reader_en.train FOLDER_WITH_XQUAD_AND_SQUAD RUN_FOLDER

The vectors of the pieces and the first two layers stay as they are, but in four bits from the beginning: the layers
above them learn to read what is rounded. An interrupted run goes on with the same command.
"""

import argparse
import functools
import json
from pathlib import Path

import numpy as np

from ktlearn import models
from ktlearn.backend import keras, ops
from ktlearn.data import load_passages
from ktlearn.learner import get_learner
from ktlearn.models import checkpoint, hub, keymap, quantized
from ktlearn.optimizers import adamw
from ktlearn.schedules import warm_up
from ktlearn.text.dataset import IndexedDataset
from ktlearn.text.tokenizer import tokenizer_of
from ktlearn.text.windows import positions, windows
from recipes.passage_reader_en import data, rounding

START = "ktlearn/minilm-en"
MAXLEN, OVERLAP = 192, 64  # tokens: two thirds of the paragraphs are whole in one window
FROZEN = 3  # groups from below: the embeddings and two layers
BATCH, RATE, EPOCHS = 16, 2e-4, 3
MONITOR = "val_span_accuracy"
DROPOUTS = ("hidden_dropout_prob", "attention_probs_dropout_prob")


class AnsweredWindows(IndexedDataset):
    """Windows with the positions of their answers, as a learner takes them.

    Args:
        cut: :class:`ktlearn.text.windows.Windows`.
        y: the first and the last token of each answer, int32 ``(W, 2)``.
    """

    def __init__(self, cut, y):
        self.tokens, self.y, self.lengths = cut.tokens, y, cut.tokens.lengths

    def __len__(self):
        return len(self.tokens)

    def _inputs(self):
        return self.tokens._inputs()

    def collate(self, indices):
        """One batch: the inputs ``(B, L)`` and the positions ``(B, 2)``."""
        return self._batch(self.tokens.collate(indices), indices)


def span_loss(y, logits):
    """The cross-entropy of the start and of the end, their mean: ``(B, 2)`` and ``(B, L, 2)`` to ``(B,)``."""
    by_position = ops.transpose(logits, (0, 2, 1))  # (B, 2, L)
    return ops.mean(keras.losses.sparse_categorical_crossentropy(y, by_position, from_logits=True), axis=-1)


def span_accuracy(y, logits):
    """Whether start and end are both where the model sees them most likely: ``(B,)`` of 0 and 1."""
    right = ops.argmax(logits, axis=1) == ops.cast(y, "int32")  # (B, 2)
    return ops.cast(ops.all(right, axis=-1), "float32")


def answered(tokenizer, frame):
    """The windows of a frame of questions, with their answers."""
    cut = windows(tokenizer, frame["question"].tolist(), frame["context"].tolist(), MAXLEN, OVERLAP)
    starts = frame["answer_start"].to_numpy()
    return AnsweredWindows(cut, positions(cut, starts, starts + frame["answer"].str.len().to_numpy()))


def start_bits(name):
    """To how many bits a matrix is rounded before the training."""
    if "word_embeddings" in name or "intermediate" in name or ("output.dense" in name and "attention" not in name):
        return 4
    if ".layer.0." in name or ".layer.1." in name:
        return 4
    return 5 if ".attention." in name else 8


def starting_model(seed=0):
    """The published encoder with a fresh head, its matrices rounded."""
    config = checkpoint.read_config(hub.find(START))
    usual = {name: getattr(config, name) for name in DROPOUTS}
    for name in DROPOUTS:
        setattr(config, name, 0.0)  # three epochs are too few to learn by heart, and dropout costs a third of a step
    model = models.from_config(config, task="question-answering", seed=seed)
    model.load_tensors(checkpoint.read_tensors(hub.find(START)), START)
    tensors = {name: np.asarray(tensor) for name, tensor in keymap.extract(model).items()}
    model.load_tensors(quantized.restore(rounding.stored(tensors, start_bits)), START)
    for name, share in usual.items():
        setattr(model.config, name, share)  # for whoever trains the reader further
    return model


def train(folder, run, passages=True, seed=0):
    """Train, keep the best epoch's model in ``run/model`` and the figures of all in ``run/history.json``."""
    keras.utils.set_random_seed(seed)
    tokenizer = tokenizer_of(START)
    trn = answered(tokenizer, data.training(folder, passages))
    chosen = [data.xquad(folder, "validation"), load_passages("validation")]
    val = answered(tokenizer, data.pd.concat(chosen, ignore_index=True))
    print(f"{len(trn)} windows to learn from, {(trn.y[:, 0] == 0).mean():.0%} without an answer", flush=True)
    model = starting_model(seed)
    model.compile(adamw(RATE), span_loss, metrics=[span_accuracy])
    learner = get_learner(model, trn, val, batch_size=BATCH, eval_batch_size=BATCH)
    learner.freeze(FROZEN)
    policy = functools.partial(warm_up, max_learning_rate=RATE)
    history = learner.fit(policy, EPOCHS, checkpoint_folder=Path(run) / "checkpoint", resume=True, monitor=MONITOR)
    best = int(np.argmax(history.history[MONITOR]))
    learner.load_model(Path(run) / "checkpoint" / "best")
    model.save_pretrained(Path(run) / "model")
    tokenizer.save_pretrained(Path(run) / "model")
    figures = {name: values for name, values in history.history.items() if name.endswith(("loss", "accuracy"))}
    (Path(run) / "history.json").write_text(json.dumps(figures | {"best": best + 1}) + "\n", encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", help="where xquad_en.json.gz and squad_article.json.gz lie")
    parser.add_argument("run", help="the folder of this run")
    parser.add_argument("--without-passages", action="store_true", help="learn from XQuAD and SQuAD alone")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    train(args.folder, args.run, not args.without_passages, args.seed)


if __name__ == "__main__":
    main()

"""Pretrain a small BERT on plain text: the recipe of the bundled ``mini-bert-en``.

    python -m ktlearn.pretrain FOLDER_WITH_TEXTS OUTPUT_FOLDER --teacher NAME_OR_FOLDER

1. The token vectors do not start at random. They start from which words stand near each other in the
   corpus (PPMI and a truncated SVD, Levy and Goldberg 2014), which gives a short training a head start.
2. Some words are hidden, and the model names them from the words around (Devlin et al. 2019, 3.1).
3. A larger published encoder turns pieces of the texts into vectors, and the small model learns to give
   the same ones from its first token, while it goes on with hidden words (distillation, Hinton et al.
   2015; of sentence vectors, Reimers and Gurevych 2020). No label of any data set is used.
"""

import argparse
import json
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ktlearn import corpus, models
from ktlearn.atomic import atomic_folder
from ktlearn.attention import padding_mask
from ktlearn.backend import keras, ops
from ktlearn.optimizers import UNDECAYED

SHAPE = dict(
    vocab_size=8000,
    hidden_size=160,
    num_hidden_layers=4,
    num_attention_heads=4,
    intermediate_size=640,
    max_position_embeddings=256,
    hidden_act="gelu",
    pad_token_id=0,
)
MASKED = 0.15  # share of the tokens that are hidden
PAD, UNK, CLS, SEP, MASK = range(5)  # ids of the special tokens


@dataclass(frozen=True)
class Phase:
    """A part of the training on hidden words, with one shape of batch."""

    steps: int
    length: int  # L
    batch_size: int  # B
    learning_rate: float = 1e-3


PHASES = (Phase(8500, 64, 64), Phase(1500, 256, 16, 3e-4))


class HiddenWords(keras.Model):
    """BERT that answers only at the hidden places: (ids, places) → (B, P, V)."""

    def __init__(self, bert):
        super().__init__(name="hidden_words")
        self.bert = bert

    def call(self, inputs, training=None):
        ids, places = inputs  # (B, L), (B, P)
        return self.words(self.states(ids, training), places)

    def states(self, ids, training=None):
        mask = padding_mask(ids != PAD)
        return self.bert.encoder(self.bert.embeddings(ids, training=training), mask=mask, training=training)

    def words(self, states, places):
        hidden = ops.take_along_axis(states, places[:, :, None], axis=1)  # (B, P, D)
        return self.bert.head(hidden, self.bert.embeddings.tokens.embeddings)


def hide(rng, ids, vocab_size):
    """Hide 15 % of the tokens: 80 % become [MASK], 10 % another word, 10 % stay as they are.

    Args:
        ids: ``(B, L)`` token ids.

    Returns:
        The changed ids, the hidden places ``(B, P)`` and the words that stood there ``(B, P)``.
    """
    B, L = ids.shape
    P = round(MASKED * L)
    order = rng.random((B, L)) + (ids <= MASK)  # special tokens come last, and are chosen only if all else is
    places = np.sort(np.argsort(order, axis=1)[:, :P], axis=1)
    words = np.take_along_axis(ids, places, axis=1)
    kind = rng.random((B, P))
    other = rng.integers(MASK + 1, vocab_size, (B, P))
    new = np.where(kind < 0.8, MASK, np.where(kind < 0.9, other, words))
    new = np.where(words <= MASK, words, new)
    ids = ids.copy()
    np.put_along_axis(ids, places, new.astype(ids.dtype), axis=1)
    return ids, places.astype("int32"), words


def rows_of_text(rng, texts, length):
    """For ever: one pass over all texts, laid end to end and cut into ``[CLS] … [SEP]`` rows (N, L)."""
    while True:
        ids = np.concatenate([texts[i] for i in rng.permutation(len(texts))])
        body = length - 2
        rows = ids[: len(ids) // body * body].reshape(-1, body)
        ends = np.ones((len(rows), 1), "int32")
        yield rng.permutation(np.concatenate([CLS * ends, rows, SEP * ends], axis=1))


def batches(phase, texts, rng, vocab_size):
    """Yield as many batches ``((ids, places), words)`` as the phase has steps."""
    made = 0
    for rows in rows_of_text(rng, texts, phase.length):
        for start in range(0, len(rows) - phase.batch_size + 1, phase.batch_size):
            ids, places, words = hide(rng, rows[start : start + phase.batch_size], vocab_size)
            yield (ids, places), words
            made += 1
            if made == phase.steps:
                return


def word_vectors(ids, vocab_size, width, window=5, seed=0):
    """Vectors ``(V, D)`` of tokens from the company they keep: PPMI, then a truncated SVD."""
    from scipy.sparse import coo_matrix
    from sklearn.utils.extmath import randomized_svd

    counts = coo_matrix((vocab_size, vocab_size), dtype="float32").tocsr()
    for distance in range(1, window + 1):
        pair = (np.ones(len(ids) - distance, "float32") / distance, (ids[:-distance], ids[distance:]))
        counts = counts + coo_matrix(pair, shape=counts.shape).tocsr()
    counts = (counts + counts.T).tocoo()
    row = np.asarray(counts.sum(1)).ravel()
    context = row**0.75
    pmi = np.log(counts.data * context.sum() / (row[counts.row] * context[counts.col]))
    keep = pmi > 0
    ppmi = coo_matrix((pmi[keep], (counts.row[keep], counts.col[keep])), shape=counts.shape).tocsr()
    u, s, _ = randomized_svd(ppmi, width, random_state=seed)
    vectors = u * np.sqrt(s)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return (vectors / np.where(lengths > 0, lengths, 1)).astype("float32")


class Saver(keras.callbacks.Callback):
    """Save every few minutes, and write a line of figures every hundred steps."""

    def __init__(self, save, minutes=5):
        super().__init__()
        self.save, self.every = save, 60 * minutes
        self.last = self.start = time.time()

    def on_train_batch_end(self, batch, logs=None):
        if batch % 100 == 99:
            figures = {name: round(float(value), 4) for name, value in logs.items()}
            print(json.dumps({"step": batch + 1, "seconds": round(time.time() - self.start), **figures}), flush=True)
        if time.time() - self.last > self.every:
            self.save()
            self.last = time.time()


@keras.saving.register_keras_serializable(package="ktlearn")
class WarmUpAndDown(keras.optimizers.schedules.LearningRateSchedule):
    """A line up over the first steps, then a line down to a hundredth."""

    def __init__(self, highest, steps):
        self.highest, self.steps, self.warm = highest, steps, min(500, steps // 10)

    def __call__(self, step):
        step = ops.cast(step, "float32")
        down = 1 - 0.99 * step / self.steps
        return self.highest * ops.minimum((step + 1) / self.warm, down)

    def get_config(self):
        return {"highest": self.highest, "steps": self.steps}


def train(texts, output, teacher=None, phases=PHASES, start_from=None, seed=0):
    """Train a tokenizer and a model on a folder of texts; see the text at the top of this module."""
    from transformers import AutoTokenizer, BertConfig

    keras.utils.set_random_seed(seed)
    rng = np.random.default_rng(seed)
    sources, sentences = zip(*corpus.read(texts), strict=True)
    if start_from:
        tokenizer = AutoTokenizer.from_pretrained(start_from, local_files_only=True)
        bert = models.from_pretrained(start_from, task="masked-lm")
    else:
        tokenizer = corpus.train_tokenizer(sentences, SHAPE["vocab_size"])
        quiet = dict(hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)  # each text is seen few times
        bert = models.from_config(BertConfig(**SHAPE, **quiet), task="masked-lm", seed=seed)
        bert.config.hidden_dropout_prob = bert.config.attention_probs_dropout_prob = 0.1  # for fine-tuning
    ids = corpus.encode(tokenizer, list(sentences))
    print(f"{len(ids):,} texts, {sum(map(len, ids)):,} tokens", flush=True)
    if not start_from:
        vocab_size, width = bert.settings.vocab_size, bert.settings.d_model
        vectors = word_vectors(np.concatenate(ids), vocab_size, width, seed=seed)
        bert.embeddings.tokens.embeddings.assign(vectors * 0.02 * width**0.5)
    learn_hidden_words(bert, tokenizer, output, ids, phases, rng)
    if teacher:
        from ktlearn.distill import learn_from_teacher

        save(bert, tokenizer, output)
        learn_from_teacher(bert, tokenizer, output, teacher, corpus.pieces(sources, sentences), rng)


def learn_hidden_words(bert, tokenizer, output, ids, phases, rng):
    """The second step of the recipe."""
    model = HiddenWords(bert)
    for phase in phases:
        model.compile(
            optimizer=optimizer_for(phase.learning_rate, phase.steps),
            loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            metrics=["accuracy"],
        )
        model.fit(
            batches(phase, ids, rng, bert.settings.vocab_size),
            steps_per_epoch=phase.steps,
            shuffle=False,
            verbose=0,
            callbacks=[Saver(lambda: save(bert, tokenizer, output))],
        )
        save(bert, tokenizer, output)


def optimizer_for(learning_rate, steps):
    rate = WarmUpAndDown(learning_rate, steps)
    optimizer = keras.optimizers.AdamW(rate, weight_decay=0.01, global_clipnorm=1.0)
    optimizer.exclude_from_weight_decay(var_names=UNDECAYED)
    return optimizer


def save(bert, tokenizer, folder, pooler=None):
    """Write the model with its word head, its pooler if there is one, and the tokenizer, in Hugging Face's layout."""
    from safetensors.numpy import save_file

    from ktlearn.models import keymap

    tensors = keymap.extract(bert)
    if pooler is not None:
        tensors["bert.pooler.dense.weight"] = np.ascontiguousarray(np.array(pooler.dense.kernel).T)
        tensors["bert.pooler.dense.bias"] = np.array(pooler.dense.bias)
    bert.config.architectures = ["BertForMaskedLM"]
    with atomic_folder(folder) as draft:
        bert.config.save_pretrained(draft)
        save_file(tensors, str(Path(draft) / models.hub.WEIGHTS), metadata={"format": "pt"})
        tokenizer.save_pretrained(draft)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("texts", help="folder with the corpus (see ktlearn/corpus.py)")
    parser.add_argument("output", help="folder for the checkpoint")
    parser.add_argument("--teacher", help="a published encoder of texts: the name or the folder of all-MiniLM-L6-v2")
    parser.add_argument("--start-from", help="a checkpoint to go on from, instead of a random start")
    parser.add_argument("--phases", default="0,1", help="which of the phases on hidden words to run; '' for none")
    parser.add_argument("--steps-scale", type=float, default=1.0, help="0.01 for a quick try")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    chosen = [PHASES[int(number)] for number in args.phases.split(",") if number]
    chosen = [Phase(**{**vars(p), "steps": max(10, round(p.steps * args.steps_scale))}) for p in chosen]
    train(args.texts, args.output, args.teacher, chosen, args.start_from, args.seed)


if __name__ == "__main__":
    main()

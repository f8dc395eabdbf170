"""Pretrain a small BERT by masked words: the recipe of the bundled ``mini-bert-en``.

    python -m ktlearn.pretrain FOLDER_WITH_TEXTS OUTPUT_FOLDER --steps 12000

Some words of a sentence are hidden, and the model learns to name them from the words around
(Devlin et al. 2019, section 3.1). The token vectors do not start at random: they start from how
often words stand near each other in the corpus (PPMI and a truncated SVD, Levy and Goldberg 2014),
which gives a short training a head start.
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np

from ktlearn import corpus, models
from ktlearn.atomic import atomic_folder
from ktlearn.backend import keras, ops

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
PHASES = ((0.85, 64, 64), (0.15, 256, 16))  # share of the steps, length L, batch size B
MASKED = 0.15  # share of the tokens that are hidden
PAD, UNK, CLS, SEP, MASK = range(5)  # ids of the special tokens


class MaskedWords(keras.Model):
    """The model under training, which answers only at the hidden places: (ids, places) → (B, P, V)."""

    def __init__(self, bert):
        super().__init__(name="masked_words")
        self.bert = bert

    def call(self, inputs, training=None):
        ids, places = inputs  # (B, L), (B, P)
        x = self.bert.embeddings(ids, training=training)
        x = self.bert.encoder(x, training=training)
        x = ops.take_along_axis(x, places[:, :, None], axis=1)  # (B, P, D)
        return self.bert.head(x, self.bert.embeddings.tokens.embeddings)


def hide(rng, ids, vocab_size):
    """Hide 15 % of the tokens: 80 % become [MASK], 10 % another word, 10 % stay as they are.

    Args:
        ids: ``(B, L)`` token ids.

    Returns:
        The changed ids, the hidden places ``(B, P)`` and the words that stood there ``(B, P)``.
    """
    B, L = ids.shape
    P = round(MASKED * L)
    order = rng.random((B, L)) + (ids <= MASK)  # special tokens come last, and are not chosen
    places = np.sort(np.argsort(order, axis=1)[:, :P], axis=1)
    words = np.take_along_axis(ids, places, axis=1)
    kind = rng.random((B, P))
    other = rng.integers(MASK + 1, vocab_size, (B, P))
    new = np.where(kind < 0.8, MASK, np.where(kind < 0.9, other, words))
    ids = ids.copy()
    np.put_along_axis(ids, places, new.astype(ids.dtype), axis=1)
    return ids, places.astype("int32"), words


def word_vectors(ids, vocab_size, width, window=5, seed=0):
    """Vectors ``(V, D)`` of tokens from the company they keep: shifted PPMI, then a truncated SVD."""
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
    seen = np.linalg.norm(vectors, axis=1) > 0
    vectors[seen] /= np.linalg.norm(vectors[seen], axis=1, keepdims=True)
    return vectors.astype("float32")


def rows_of(ids, length):
    """Cut the long row of ids into rows ``[CLS] … [SEP]`` of one length."""
    body = length - 2
    rows = ids[: len(ids) // body * body].reshape(-1, body)
    ends = np.ones((len(rows), 1), ids.dtype)
    return np.concatenate([CLS * ends, rows, SEP * ends], axis=1)


def batches(ids, steps, length, batch_size, vocab_size, seed):
    """Yield ``((ids, places), words)`` for ever; each pass over the text is cut at another place."""
    rng = np.random.default_rng(seed)
    made = 0
    while made < steps:
        rows = rng.permutation(rows_of(np.roll(ids, -rng.integers(length)), length))
        for start in range(0, len(rows) - batch_size + 1, batch_size):
            hidden, places, words = hide(rng, rows[start : start + batch_size], vocab_size)
            yield (hidden, places), words
            made += 1
            if made == steps:
                return


class Saver(keras.callbacks.Callback):
    """Save the checkpoint every few minutes, so that a long run can be looked at, or stopped."""

    def __init__(self, bert, tokenizer, folder, log, minutes=5):
        super().__init__()
        self.bert, self.tokenizer, self.folder, self.log = bert, tokenizer, folder, log
        self.every, self.last, self.start = 60 * minutes, time.time(), time.time()

    def on_train_batch_end(self, batch, logs=None):
        if batch % 100 == 99:
            self.log(step=batch + 1, seconds=round(time.time() - self.start), **logs)
        if time.time() - self.last > self.every:
            save(self.bert, self.tokenizer, self.folder)
            self.last = time.time()


def save(bert, tokenizer, folder):
    """The model and its tokenizer in one folder, in Hugging Face's layout."""
    with atomic_folder(folder) as draft:
        models.hub.write(bert, draft)
        tokenizer.save_pretrained(draft)


def train(texts, output, steps, learning_rate=1e-3, seed=0, start_from_words=True):
    """Train a tokenizer and a model on a folder of texts; see the module's text."""
    output = Path(output)
    output.mkdir(parents=True, exist_ok=True)
    sentences = corpus.read(texts)
    tokenizer = corpus.train_tokenizer(sentences, SHAPE["vocab_size"])
    ids = corpus.encode(tokenizer, sentences)
    print(f"{len(sentences):,} texts, {len(ids):,} tokens", flush=True)

    from transformers import BertConfig

    keras.utils.set_random_seed(seed)
    quiet = dict(hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)  # the text is seen few times
    bert = models.from_config(BertConfig(**SHAPE, **quiet), task="masked-lm", seed=seed)
    bert.config.hidden_dropout_prob = bert.config.attention_probs_dropout_prob = 0.1  # for fine-tuning
    if start_from_words:
        vectors = word_vectors(ids, SHAPE["vocab_size"], SHAPE["hidden_size"], seed=seed)
        bert.embeddings.tokens.embeddings.assign(vectors * 0.02 * SHAPE["hidden_size"] ** 0.5)

    total = sum(round(share * steps) for share, _, _ in PHASES)
    rate = keras.optimizers.schedules.PolynomialDecay(learning_rate, total, 1e-5)
    warm = min(500, total // 10)
    optimizer = keras.optimizers.AdamW(WarmUp(rate, warm), weight_decay=0.01, global_clipnorm=1.0)
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    trainer = MaskedWords(bert)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    trainer.compile(optimizer, loss, metrics=["accuracy"])

    def log(**values):
        values = {k: round(float(v), 4) if isinstance(v, float) else v for k, v in values.items()}
        print(json.dumps(values), flush=True)

    for number, (share, length, batch_size) in enumerate(PHASES):
        count = round(share * steps)
        stream = batches(ids, count, length, batch_size, SHAPE["vocab_size"], seed + number)
        saver = Saver(bert, tokenizer, output, log)
        trainer.fit(stream, steps_per_epoch=count, epochs=1, verbose=0, callbacks=[saver])
    save(bert, tokenizer, output)
    return bert, tokenizer


@keras.saving.register_keras_serializable(package="ktlearn")
class WarmUp(keras.optimizers.schedules.LearningRateSchedule):
    """Another schedule, multiplied by a line from 0 to 1 over the first steps."""

    def __init__(self, schedule, steps):
        self.schedule, self.steps = schedule, steps

    def __call__(self, step):
        return self.schedule(step) * ops.minimum(1.0, (ops.cast(step, "float32") + 1) / self.steps)

    def get_config(self):
        return {"schedule": self.schedule, "steps": self.steps}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("texts", help="folder with the corpus (see ktlearn/corpus.py)")
    parser.add_argument("output", help="folder for the checkpoint")
    parser.add_argument("--steps", type=int, default=12000)
    parser.add_argument("--learning-rate", type=float, default=1e-3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--random-vectors", action="store_true", help="start the token vectors at random")
    args = parser.parse_args()
    train(args.texts, args.output, args.steps, args.learning_rate, args.seed, not args.random_vectors)


if __name__ == "__main__":
    main()

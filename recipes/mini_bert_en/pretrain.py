"""Pretrain a small BERT on plain text: the recipe of the bundled ``mini-bert-en``.

    python -m recipes.mini_bert_en.pretrain FOLDER_WITH_TEXTS OUTPUT_FOLDER --teacher FOLDER_OF_ALL_MINILM_L6_V2

1. A larger published encoder, the teacher, lends its pieces of words, those that the texts need most, and
   their vectors, made narrower. So the small model does not start from nothing (`teacher.py`).
2. The teacher reads every text once, and says a vector of each token and one of the whole text.
3. Some words are hidden. From the words around them the small model names the hidden ones (Devlin et al.
   2019, 3.1), and with the same pass gives the teacher's vectors, though the teacher saw every word.

No label of any data set is used.
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np

from ktlearn import models, schedules
from ktlearn.attention import padding_mask
from ktlearn.backend import keras, ops
from ktlearn.models import checkpoint, keymap
from ktlearn.models.heads import Pooler
from ktlearn.optimizers import adamw
from ktlearn.support.atomic import atomic_folder
from recipes.mini_bert_en import corpus
from recipes.mini_bert_en.corpus import MASK, PAD
from recipes.mini_bert_en.teacher import narrower, teacher_vectors

SHAPE = dict(
    vocab_size=20_000,
    hidden_size=192,
    num_hidden_layers=4,
    num_attention_heads=6,
    intermediate_size=512,
    max_position_embeddings=512,
    hidden_act="gelu",
    pad_token_id=0,
)
MASKED = 0.15  # share of the tokens that are hidden
TOKENS = 4096  # in a batch, padding included
RATE = 1e-3
WEIGHTS = {"words": 1.0, "tokens": 10.0, "text": 5.0}  # of the three losses


class Student(keras.Model):
    """BERT, its word head at the hidden places, and the teacher's vectors: (ids, places) → three answers.

    ``words`` (B, P, V), ``tokens`` (B, L, W) and ``text`` (B, W), W being the teacher's width.
    """

    def __init__(self, bert, width):
        super().__init__(name="student")
        self.bert = bert
        self.pooler = Pooler(bert.settings, name="pooler")
        self.tokens = keras.layers.Dense(width, name="tokens")
        self.text = keras.layers.Dense(width, name="text")
        hidden = (None, None, bert.settings.d_model)
        self.pooler.build(hidden)
        self.tokens.build(hidden)
        self.text.build(hidden[1:])

    def call(self, inputs, training=None):
        ids, places = inputs  # (B, L), (B, P)
        x = self.bert.embeddings(ids, training=training)
        x = self.bert.encoder(x, mask=padding_mask(ids != PAD), training=training)
        hidden = ops.take_along_axis(x, places[:, :, None], axis=1)  # (B, P, D)
        words = self.bert.head(hidden, self.bert.embeddings.tokens.embeddings)
        return {"words": words, "tokens": self.tokens(x), "text": self.text(self.pooler(x))}


def hide(rng, ids, vocab_size):
    """Hide 15 % of the tokens: 80 % become [MASK], 10 % another word, 10 % stay as they are.

    Args:
        ids: ``(B, L)`` token ids. Where a row is so short that special tokens are chosen, these stay.

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


def batches(rng, lessons, vocab_size):
    """For ever: ``((ids, places), targets, weights)``, all the pieces once before any comes again.

    Args:
        lessons: for each length ``ids (N, L)`` and the teacher's vectors ``(N, L, W)`` and ``(N, W)``.
    """
    while True:
        epoch = []
        for length, (rows, _, _) in lessons.items():
            order = rng.permutation(len(rows))
            size = TOKENS // length
            epoch += [(length, order[start : start + size]) for start in range(0, len(order) - size + 1, size)]
        for number in rng.permutation(len(epoch)):
            length, chosen = epoch[number]
            rows, tokens, text = (part[chosen] for part in lessons[length])
            ids, places, words = hide(rng, rows, vocab_size)
            targets = {"words": words, "tokens": tokens, "text": text}
            weights = {
                "words": (words > MASK).astype("float32"),
                "tokens": (rows != PAD).astype("float32"),
                "text": np.ones(len(rows), "float32"),
            }
            yield (ids, places), targets, weights


def train(texts, output, teacher, steps, seed=0):
    """Train a model on a folder of texts; see the text at the top of this module."""
    from transformers import AutoTokenizer

    keras.utils.set_random_seed(seed)
    rng = np.random.default_rng(seed)
    texts = corpus.read(texts)
    tokenizer = AutoTokenizer.from_pretrained(teacher)
    teacher = models.from_pretrained(teacher, verbose=0)
    tokenizer, teacher_ids = corpus.shorter_tokenizer(tokenizer, texts, SHAPE["vocab_size"])
    rows = corpus.pieces(tokenizer, texts, rng)
    counts = np.bincount(np.concatenate([ids.ravel() for ids in rows.values()]), minlength=SHAPE["vocab_size"])
    print(f"{len(texts):,} texts, {counts[MASK + 1 :].sum():,} tokens", flush=True)

    start = time.time()
    lessons = {length: (ids, *teacher_vectors(teacher, teacher_ids, ids)) for length, ids in rows.items()}
    print(f"read by the teacher in {time.time() - start:.0f} s", flush=True)
    counts[PAD] = 0
    bert = new_bert(teacher, teacher_ids, counts, seed)
    student = Student(bert, teacher.settings.d_model)
    student.compile(
        optimizer=adamw(RATE),
        loss={
            "words": keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            "tokens": keras.losses.CosineSimilarity(),
            "text": keras.losses.CosineSimilarity(),
        },
        loss_weights=WEIGHTS,
        weighted_metrics={"words": ["accuracy"], "tokens": [], "text": []},
    )
    learn(student, batches(rng, lessons, SHAPE["vocab_size"]), steps, lambda: save(student, tokenizer, output))


def learn(student, stream, steps, save, minutes=5):
    """So many steps; a line of figures every hundred, and the model saved every few minutes and at the end."""
    start = saved = time.time()
    for step in range(1, steps + 1):
        student.optimizer.learning_rate = rate(step - 1, steps)
        figures = student.train_on_batch(*next(stream), return_dict=True)
        if step % 100 == 0:
            figures = {name: round(float(value), 4) for name, value in figures.items()}
            print(json.dumps({"step": step, "seconds": round(time.time() - start), **figures}), flush=True)
            student.reset_metrics()
        if step == steps or time.time() - saved > 60 * minutes:
            save()
            saved = time.time()


def rate(step, steps):
    """Up during the first 500 steps, or the first tenth of a short run; then down towards zero."""
    return schedules.warm_up(step, steps, RATE, share=min(0.1, 500 / steps))[0]


def new_bert(teacher, teacher_ids, counts, seed):
    """The small model: random, but for the vectors of tokens and positions: the teacher's, made narrower."""
    from transformers import BertConfig

    quiet = dict(hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)  # each text is seen few times
    bert = models.from_config(BertConfig(**SHAPE, **quiet), task="masked-lm", seed=seed)
    bert.config.hidden_dropout_prob = bert.config.attention_probs_dropout_prob = 0.1  # for fine-tuning
    table = ops.convert_to_numpy(teacher.embeddings.tokens.embeddings)[teacher_ids]
    basis = narrower(table, counts, SHAPE["hidden_size"])
    bert.embeddings.tokens.embeddings.assign(table @ basis)
    for ours, theirs in zip(bert.embeddings.positions.weights, teacher.embeddings.positions.weights, strict=True):
        ours.assign(ops.convert_to_numpy(theirs)[: SHAPE["max_position_embeddings"]] @ basis)
    return bert


def save(student, tokenizer, folder):
    """Write the model with its word head and its pooler, and the tokenizer, in Hugging Face's layout, as float16."""
    from safetensors.numpy import save_file

    bert, pooler = student.bert, student.pooler
    tensors = keymap.extract(bert)
    tensors["bert.pooler.dense.weight"] = ops.convert_to_numpy(pooler.dense.kernel).T
    tensors["bert.pooler.dense.bias"] = ops.convert_to_numpy(pooler.dense.bias)
    tensors = {name: np.ascontiguousarray(tensor, "float16") for name, tensor in tensors.items()}
    bert.config.architectures = ["BertForMaskedLM"]
    bert.config.dtype = "float32"  # to compute in; the file holds half of the digits
    with atomic_folder(folder) as draft:
        bert.config.save_pretrained(draft)
        save_file(tensors, str(Path(draft) / checkpoint.WEIGHTS), metadata={"format": "pt"})
        tokenizer.save_pretrained(draft)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("texts", help="folder with the corpus (see ktlearn/corpus.py)")
    parser.add_argument("output", help="folder for the checkpoint")
    parser.add_argument("--teacher", required=True, help="the name or the folder of all-MiniLM-L6-v2")
    parser.add_argument("--steps", type=int, default=4200)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    train(args.texts, args.output, args.teacher, args.steps, args.seed)


if __name__ == "__main__":
    main()

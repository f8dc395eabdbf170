"""Learn the vectors of texts from a larger published encoder: the third step of the recipe of `pretrain.py`.

Source: Hinton, Vinyals and Dean 2015; for sentence vectors Reimers and Gurevych 2020.
"""

import time

import numpy as np

from ktlearn import models, text
from ktlearn.backend import keras, ops
from ktlearn.models.heads import Pooler
from ktlearn.pretrain import MASK, PAD, HiddenWords, Saver, hide, optimizer_for, save
from ktlearn.text.dataset import TextDataset, by_length

LESSONS = dict(epochs=4, batch_size=32, learning_rate=5e-4, maxlen=256)  # of the teacher
VECTOR_WEIGHT = 5.0  # of the vector's loss beside that of the hidden words


class HiddenWordsAndVector(HiddenWords):
    """The same, and from the first token through the pooler a vector of the teacher's width (B, teacher's D)."""

    def __init__(self, bert, width):
        super().__init__(bert)
        self.pooler = Pooler(bert.settings, name="pooler")
        self.vector = keras.layers.Dense(width, name="vector")
        self.pooler.build((None, None, bert.settings.d_model))
        self.vector.build((None, bert.settings.d_model))

    def call(self, inputs, training=None):
        ids, places = inputs
        states = self.states(ids, training)
        return {"words": self.words(states, places), "vector": self.vector(self.pooler(states))}


def learn_from_teacher(bert, tokenizer, output, teacher, pieces, rng):
    """The third step of the recipe: the student's vectors of texts point where the teacher's do."""
    start = time.time()
    targets = teacher_vectors(teacher, pieces)
    print(f"{len(pieces):,} pieces read by the teacher in {time.time() - start:.0f} s", flush=True)
    rows = tokenizer(pieces, truncation=True, max_length=LESSONS["maxlen"], verbose=False)["input_ids"]
    dataset = TextDataset(rows, None, targets, pieces, None, PAD, LESSONS["maxlen"])
    stream = dataset.batches(LESSONS["batch_size"], shuffle=True)
    steps = LESSONS["epochs"] * len(stream)
    model = HiddenWordsAndVector(bert, targets.shape[1])
    model.compile(
        optimizer=optimizer_for(LESSONS["learning_rate"], steps),
        loss={
            "words": keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            "vector": keras.losses.CosineSimilarity(),
        },
        loss_weights={"words": 1.0, "vector": VECTOR_WEIGHT},
        weighted_metrics={"words": ["accuracy"], "vector": []},
    )
    finish = Saver(lambda: save(bert, tokenizer, output, model.pooler))
    lessons = _lessons(stream, rng, bert.settings.vocab_size)
    model.fit(lessons, steps_per_epoch=steps, shuffle=False, verbose=0, callbacks=[finish])
    save(bert, tokenizer, output, model.pooler)


def _lessons(stream, rng, vocab_size):
    """For ever: ``((ids, places), {words, vector}, weights)``; no weight where padding was chosen to be hidden."""
    while True:
        for number in range(len(stream)):
            inputs, vectors = stream[number]
            ids, places, words = hide(rng, inputs["input_ids"], vocab_size)
            weights = {"words": (words > MASK).astype("float32"), "vector": np.ones(len(ids), "float32")}
            yield (ids, places), {"words": words, "vector": vectors}, weights
        stream.on_epoch_end()


def teacher_vectors(teacher, pieces):
    """The teacher's vectors ``(N, D)``: the mean of the last hidden states of a text's tokens, length 1."""
    t = text.Transformer(teacher, maxlen=256)
    model = models.from_pretrained(teacher)
    batches, order = by_length(t.preprocess(pieces), 64)
    vectors = np.empty((len(pieces), model.settings.d_model), "float32")
    forward = TextMean(model)
    forward.compile()
    vectors[order] = forward.predict(batches.for_keras(), verbose=0)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


class TextMean(keras.Model):
    """The mean of a text's hidden states, padding left out: (B, L) → (B, D)."""

    def __init__(self, bert):
        super().__init__(name="text_mean")
        self.bert = bert

    def call(self, inputs):
        inside = ops.cast(inputs["attention_mask"], "float32")[:, :, None]
        return ops.sum(self.bert(inputs).last_hidden_state * inside, 1) / ops.sum(inside, 1)

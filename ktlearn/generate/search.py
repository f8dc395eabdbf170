"""The loop that writes: one token a step, with a key/value cache, in one graph.

The state of the search goes into the graph and comes out of it. It can therefore run to the end at once, or stop
after each token to show it, and nothing is traced again.

Letters in the shapes: B texts, N texts that are written at once (B, or B times the beams), T positions of the cache,
P length of the prompts, V vocabulary.
"""

from typing import Any, NamedTuple

import numpy as np

from ktlearn.backend import keras, ops
from ktlearn.generate.rules import Text
from ktlearn.generate.sampling import draw
from ktlearn.support.traced import traced


class Job(NamedTuple):
    """What one batch is made of: NumPy arrays."""

    inputs: dict  # input_ids (B, S) and attention_mask (B, S), for the model's ``prepare``
    ids: Any  # (B, T): the prompt, or the token that begins a target, from position 0 on; then the filling
    first: Any  # the position before the first new token
    last: Any  # the position of the last new token
    numbers: dict  # what the rules read


class Search:
    """A way to write with a model. What the next token is, a subclass says in :meth:`advance`.

    Args:
        model: see :mod:`ktlearn.generate`.
        rules: functions of :mod:`ktlearn.generate.rules`.
        ends: the token ids after which nothing follows.
        fill: the token id behind the end.
        sampled: True to draw tokens instead of taking the best one.
    """

    copies = 1  # how many texts grow from each prompt

    def __init__(self, model, rules=(), ends=(), fill=0, sampled=False):
        self.model, self.rules = model, tuple(rules)
        self.ends, self.fill, self.sampled = tuple(ends), fill, sampled
        self._begin, self._go_on = traced(model, self._first_state), traced(model, self._next_state)

    def begin(self, job):
        """Read the prompts: ``(context, state)``."""
        job = keras.tree.map_structure(ops.convert_to_tensor, job)
        return self._begin(job.inputs, job.ids, job.first)

    def go_on(self, context, state, job, until):
        """Write up to the position ``until``, or until all texts are finished: the new state."""
        job = keras.tree.map_structure(ops.convert_to_tensor, job)
        until = ops.convert_to_tensor(np.minimum(until, job.last).astype("int32"))
        return self._go_on(context, state, job.first, job.last, job.numbers, until)

    def run(self, job):
        """From the beginning to the end: :meth:`result` of the last state, as NumPy arrays."""
        context, state = self.begin(job)
        return self.result(self.go_on(context, state, job, job.last), job)

    def result(self, state, job):
        """``(ids, scores)``: the new tokens ``(N, last - first)``, and None where a search has no scores."""
        return ops.convert_to_numpy(state["ids"])[:, job.first + 1 : job.last + 1], None

    def advance(self, logits, text, state, numbers):
        """The next state.

        Args:
            logits: ``(N, V)``.
            text: what is written, a :class:`ktlearn.generate.rules.Text`.
            state: the state, with the cache that the step has filled.
            numbers: what the rules read.
        """
        scores = logits
        for rule in self.rules:
            scores = rule(scores, text, numbers)
        place = text.position - text.first
        token = draw(scores, ops.take(numbers["uniform"], place, axis=1)) if self.sampled else ops.argmax(scores, -1)
        token = ops.where(state["finished"], self.fill, ops.cast(token, "int32"))  # (N,)
        return state | {
            "ids": self.put(state["ids"], text.position + 1, token),
            "finished": state["finished"] | self.is_end(token),
            "position": text.position + 1,
        }

    def is_end(self, tokens):
        """Which tokens end their text: booleans of the same shape."""
        if not self.ends:
            return ops.zeros_like(tokens, dtype="bool")
        return ops.any(tokens[..., None] == ops.convert_to_tensor(self.ends, "int32"), axis=-1)

    def put(self, ids, position, token):
        """Write ``token`` (N,) into ``ids`` (N, T) at ``position``."""
        return ops.where(ops.arange(ids.shape[1]) == position, token[:, None], ids)

    def more_of_state(self, ids):
        """What a subclass keeps beside the ids: a dictionary; each has the texts as its first axis."""
        return {"finished": ops.zeros((ids.shape[0],), "bool")}

    def _first_state(self, inputs, ids, first):
        context, cache = self.model.prepare(inputs["input_ids"], ids.shape[1], inputs["attention_mask"])
        if self.copies > 1:
            context, cache, ids = keras.tree.map_structure(
                lambda x: ops.repeat(x, self.copies, axis=0), (context, cache, ids)
            )
        return context, {"position": first, "ids": ids, "cache": cache} | self.more_of_state(ids)

    def _next_state(self, context, state, first, last, numbers, until):
        def is_unfinished(state):
            return (state["position"] < until) & ops.logical_not(ops.all(state["finished"]))

        def step(state):
            position = state["position"]
            token = ops.take(state["ids"], position, axis=1)  # (N,)
            logits, cache = self.model.step(token, position, context, state["cache"])  # (N, V)
            text = Text(state["ids"], position, first, last)
            return (self.advance(logits, text, state | {"cache": cache}, numbers),)

        return ops.while_loop(is_unfinished, step, (state,))[0]


def search_of(model, kind, key, **settings):
    """The search with these settings, made once for each model: its graphs are kept.

    It lies in the model, since it holds the model: in a dictionary beside, neither would ever be freed.

    Args:
        model: see :mod:`ktlearn.generate`.
        kind: a subclass of :class:`Search`.
        key: what tells the settings apart.
        **settings: of the kind.
    """
    made = vars(model).setdefault("_searches", _Searches())
    if (kind, key) not in made.by_settings:
        made.by_settings[kind, key] = kind(model, **settings)
    return made.by_settings[kind, key]


class _Searches:
    """Keras would track, and save, the searches that it finds in a dictionary of the model."""

    def __init__(self):
        self.by_settings = {}


def in_batches(run, job, batch_size):
    """Run a job of many texts some at a time, and put the answers together.

    The last batch is filled up with texts that are done already: one size of batch, so one graph.

    Args:
        run: a function of a :class:`Job` that returns arrays, or None, in a tuple; texts along the first axis.
        job: the job.
        batch_size: the most texts at once.
    """
    count = len(job.ids)
    if count <= batch_size:
        return run(job)
    rows = np.arange(-(-count // batch_size) * batch_size) % count
    found = [run(part_of(job, some)) for some in np.split(rows, len(rows) // batch_size)]
    return tuple(None if parts[0] is None else _joined(parts, count, batch_size) for parts in zip(*found, strict=True))


def part_of(job, rows):
    """The job of some of the texts.

    Args:
        job: the job of all.
        rows: their numbers.
    """
    numbers = {name: value[rows] if value.ndim else value for name, value in job.numbers.items()}
    inputs = {name: value[rows] for name, value in job.inputs.items()}
    return job._replace(inputs=inputs, ids=job.ids[rows], numbers=numbers)


def _joined(parts, count, batch_size):
    each = len(parts[0]) // batch_size  # answers for each text
    return np.concatenate(parts)[: count * each]

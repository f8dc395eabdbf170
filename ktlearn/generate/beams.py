"""Beam search: keep several beginnings of each text, not only the best one.

Two ways, which differ in what a finished text does: in :class:`OpenBeams`, which lesson 05 shows, it keeps its place
among the beams; in :class:`Beams`, transformers' way, it is put aside, and its place goes to one that still grows.

Letters in the shapes: B texts, K beams, N = B · K, T positions, V vocabulary.
"""

from ktlearn.backend import keras, ops
from ktlearn.generate.search import Search

IMPOSSIBLE = -1e9  # a log-probability that no text has; finite, since -inf · 0 is not a number


class BeamSearch(Search):
    """What both ways share.

    Args:
        num_beams: K.
        length_penalty: what the length counts when texts are compared.
        The others are those of :class:`ktlearn.generate.search.Search`.
    """

    def __init__(self, model, num_beams, length_penalty, **settings):
        super().__init__(model, **settings)
        self.copies, self.length_penalty = num_beams, length_penalty

    def log_probabilities(self, logits, text, numbers):
        """Logits ``(N, V)`` to ``(B, K, V)``, with the rules applied, as transformers does, after the logarithm."""
        log_p = ops.log_softmax(logits, axis=-1)
        for rule in self.rules:
            log_p = rule(log_p, text, numbers)
        return ops.reshape(log_p, (-1, self.copies, logits.shape[-1]))

    def beginning(self, B):
        """The beams' log-probabilities ``(B, K)``: all begin alike, so only the first may grow in the first step."""
        return ops.tile(ops.where(ops.arange(self.copies) == 0, 0.0, IMPOSSIBLE)[None], (B, 1))

    def rows_of(self, beam):
        """Where beams ``(B, K)`` of each text stand among all N: ``(N,)``."""
        first = ops.arange(beam.shape[0])[:, None] * self.copies  # (B, 1)
        return ops.reshape(first + ops.cast(beam, first.dtype), (-1,))

    def moved(self, cache, beam):
        """The cache ``(N, …)`` of the beams that go on, each with that of the beam it comes from."""
        rows = self.rows_of(beam)
        return keras.tree.map_structure(lambda x: ops.take(x, rows, axis=0), cache)

    def result(self, state, job):
        ids, scores = (ops.convert_to_numpy(state[name]) for name in ("ids", "score"))
        return ids[..., job.first + 1 : job.last + 1].reshape(*scores.shape, -1), scores


class OpenBeams(BeamSearch):
    """A finished text keeps its score and its place among the beams until better ones take it.

    Texts are compared by ``log P(Y) / lp(Y)`` with ``lp(Y) = ((5 + |Y|) / 6) ** length_penalty``.

    Source: Wu et al. 2016, "Google's Neural Machine Translation System", equation 14.
    """

    def more_of_state(self, ids):
        B = ids.shape[0] // self.copies
        log_p = self.beginning(B)
        ended, length = ops.zeros((B, self.copies), "bool"), ops.zeros((B, self.copies), "int32")
        return {"finished": ended, "length": length, "log_p": log_p, "score": log_p}

    def advance(self, logits, text, state, numbers):
        V, K, finished = logits.shape[-1], self.copies, state["finished"]
        new = self.log_probabilities(logits, text, numbers)  # (B, K, V)
        # A finished beam has one continuation, the filling, and it costs nothing.
        only_filling = ops.where(ops.arange(V) == self.fill, 0.0, IMPOSSIBLE)  # (V,)
        total = state["log_p"][..., None] + ops.where(finished[..., None], only_filling, new)  # (B, K, V)
        longer = state["length"] + ops.cast(ops.logical_not(finished), "int32")  # (B, K)
        penalty = ((5 + ops.cast(longer, "float32")) / 6) ** self.length_penalty

        score, best = ops.top_k(ops.reshape(total / penalty[..., None], (-1, K * V)), K)  # (B, K) each
        beam, token = best // V, ops.cast(best % V, "int32")  # (B, K): where it comes from, what it adds
        ids = ops.take(state["ids"], self.rows_of(beam), axis=0)
        return {
            "position": text.position + 1,
            "ids": self.put(ids, text.position + 1, ops.reshape(token, (-1,))),
            "cache": self.moved(state["cache"], beam),
            "finished": ops.take_along_axis(finished, beam, axis=1) | self.is_end(token),
            "length": ops.take_along_axis(longer, beam, axis=1),
            "log_p": ops.take_along_axis(ops.reshape(total, (-1, K * V)), best, axis=1),
            "score": score,
        }


class Beams(BeamSearch):
    """A finished text is put aside, so that K beams go on growing. These are the tokens that transformers writes.

    Texts are compared by ``log P(Y) / |Y| ** length_penalty``.

    Args:
        early_stopping: when a text's search is over. True: as soon as K texts are put aside. False: when no beam,
            at its length of now, is better than the worst of them. "never": when none can become better.
        The others are those of :class:`BeamSearch`.

    Source: transformers, ``generation/utils.py``, ``_beam_search``.
    """

    def __init__(self, model, early_stopping=False, **settings):
        super().__init__(model, **settings)
        self.early_stopping = early_stopping

    def more_of_state(self, ids):
        B, K, T = ids.shape[0] // self.copies, self.copies, ids.shape[1]
        return {
            "log_p": self.beginning(B),
            "aside": ops.reshape(ids, (B, K, T)),
            "score": ops.full((B, K), IMPOSSIBLE, "float32"),
            "is_aside": ops.zeros((B, K), "bool"),  # is there a text in this place?
            "finished": ops.zeros((B,), "bool"),
        }

    def advance(self, logits, text, state, numbers):
        K, V, T = self.copies, logits.shape[-1], text.ids.shape[1]
        total = state["log_p"][..., None] + self.log_probabilities(logits, text, numbers)  # (B, K, V)
        # So many that K of them go on, even if all ends of all beams are among them.
        log_p, best = ops.top_k(ops.reshape(total, (-1, K * V)), max(2, 1 + len(self.ends)) * K)  # (B, M) each
        beam, token = best // V, ops.cast(best % V, "int32")
        ids = ops.take_along_axis(ops.reshape(text.ids, (-1, K, T)), beam[..., None], axis=1)  # (B, M, T)
        ids = ops.where(ops.arange(T) == text.position + 1, token[..., None], ids)
        is_last = text.position + 1 == text.last
        ended = self.is_end(token) | is_last  # (B, M)

        going, chosen = ops.top_k(ops.where(ended, IMPOSSIBLE, log_p), K)  # (B, K) each
        new = self.put_aside(state, ids, log_p, ended, text) | {"log_p": going, "position": text.position + 1}
        new["finished"] = self.is_over(new, state["finished"], text, is_last)
        new["ids"] = ops.reshape(ops.take_along_axis(ids, chosen[..., None], axis=1), (-1, T))
        new["cache"] = self.moved(state["cache"], ops.take_along_axis(beam, chosen, axis=1))
        return new

    def put_aside(self, state, ids, log_p, ended, text):
        """The best K of the texts put aside so far and those that ended now, if they are among the best K of all."""
        length = ops.cast(text.position + 1 - text.first, "float32")
        ended = ended & (ops.arange(ended.shape[1]) < self.copies) & ~state["finished"][:, None]
        score = ops.where(ended, log_p / length**self.length_penalty, IMPOSSIBLE)
        score, kept = ops.top_k(ops.concatenate([state["score"], score], axis=1), self.copies)  # (B, K) each
        return {
            "score": score,
            "aside": ops.take_along_axis(ops.concatenate([state["aside"], ids], axis=1), kept[..., None], axis=1),
            "is_aside": ops.take_along_axis(ops.concatenate([state["is_aside"], ended], axis=1), kept, axis=1),
        }

    def is_over(self, new, finished, text, is_last):
        """Which texts need no further step: ``(B,)``."""
        length = text.position + 1 - text.first
        if self.early_stopping == "never" and self.length_penalty > 0:
            length = text.last - text.first
        hope = new["log_p"][:, 0] / ops.cast(length, "float32") ** self.length_penalty
        full = ops.all(new["is_aside"], axis=1)
        worst = ops.where(full, new["score"][:, -1], IMPOSSIBLE)
        is_over = finished | is_last | (hope <= worst)
        return is_over | full if self.early_stopping is True else is_over

    def result(self, state, job):
        return super().result(state | {"ids": state["aside"]}, job)

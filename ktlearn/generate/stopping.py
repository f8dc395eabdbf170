"""Stop strings: a text ends where one of them is complete.

Tokens are no letters: a stop string may end in the middle of a token, or begin in one and end in the next. So the text
so far is looked at, and the search goes a few steps at a time.
"""

import numpy as np

from ktlearn.backend import ops

HOP = 8  # tokens that are written between two looks


class StopStrings:
    """Where texts end.

    Args:
        strings: what ends a text.
        tokenizer: turns ids into text.

    Raises:
        TypeError: there is no tokenizer.
    """

    def __init__(self, strings, tokenizer):
        if not hasattr(tokenizer, "decode"):
            raise TypeError(
                f"stop_strings need the model's tokenizer: generate(model, prompt, tokenizer); got {tokenizer!r}."
            )
        self.strings, self.tokenizer = strings, tokenizer

    def cut(self, text):
        """The text up to the end of the stop string that is complete first."""
        ends = [text.find(string) + len(string) for string in self.strings if string in text]
        return text[: min(ends)] if ends else text

    def length(self, row, known=0):
        """With how many of the ids the text has its first complete stop string; None without one.

        Args:
            row: token ids.
            known: in so many of them there is none.
        """
        for length in range(known + 1, len(row) + 1):
            text = self.tokenizer.decode(np.asarray(row[:length]).tolist(), skip_special_tokens=True)
            if any(string in text for string in self.strings):
                return length
        return None

    def run(self, search, job):
        """As :meth:`ktlearn.generate.search.Search.run`; behind a stop string stands the filling."""
        context, state = search.begin(job)
        count, reached = len(job.ids), int(job.first)
        lengths = [None] * count
        while reached < job.last and not ops.convert_to_numpy(state["finished"]).all():
            known, reached = reached - int(job.first), min(reached + HOP, int(job.last))
            state = search.go_on(context, state, job, np.int32(reached))
            ids, _ = search.result(state, job)
            for i in range(count):
                if lengths[i] is None:
                    lengths[i] = self.length(ids[i, : reached - int(job.first)], known)
            stopped = np.array([length is not None for length in lengths])
            state |= {"finished": ops.logical_or(state["finished"], ops.convert_to_tensor(stopped))}
        ids, scores = search.result(state, job)
        ids = ids.copy()
        for row, length in zip(ids, lengths, strict=True):
            if length is not None:
                row[length:] = search.fill
        return ids, scores

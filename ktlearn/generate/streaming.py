"""Show a text while it is written, piece by piece."""

import numpy as np

from ktlearn.generate.writing import Task

UNFINISHED = "\ufffd"  # what a tokenizer answers for the first bytes of a letter whose others are still to come


def stream(model, prompt, tokenizer, **options):
    """Write as :func:`ktlearn.generate.generate` does, and hand out the new text token by token.

    A piece is handed out when it is complete: a letter that is made of several tokens comes with the last of them. All
    pieces together are the text of ``generate`` with the same options. In a notebook:
    ``for piece in stream(model, text, tokenizer): print(piece, end="", flush=True)``.

    Args:
        model, tokenizer: as there.
        prompt: one text, or the token ids of one, ``(1, L)``.
        **options: as there, without beams and with one text.

    Returns:
        A generator of strings.

    Raises:
        TypeError, ValueError: at once, as ``generate``; or beams, or several texts, are asked for.

    >>> from transformers import AutoTokenizer, GPT2Config
    >>> from ktlearn import models
    >>> from ktlearn.models.hub import find
    >>> tokenizer = AutoTokenizer.from_pretrained(find("ktlearn/mini-bert-en"))
    >>> config = GPT2Config(vocab_size=len(tokenizer), n_positions=16, n_embd=8, n_layer=1, n_head=2, eos_token_id=0)
    >>> model = models.from_config(config, task="causal-lm", seed=0)
    >>> from ktlearn.generate import generate
    >>> pieces = stream(model, "a film", tokenizer, max_new_tokens=3)
    >>> "".join(pieces) == generate(model, "a film", tokenizer, max_new_tokens=3).text
    True
    """
    if not hasattr(tokenizer, "decode"):
        raise TypeError(f"tokenizer: pieces of text need the model's tokenizer; got {tokenizer!r}.")
    task = Task(model, prompt, tokenizer, options)
    if task.options.num_beams > 1:
        raise ValueError("stream: with beams the text is known only at the end. Give num_beams=1, or use generate.")
    job = task.job()
    if len(job.ids) > 1:
        raise ValueError(f"stream: one text can be shown at a time; got {len(job.ids)}. Use generate for several.")
    return _pieces(task, job)


def _pieces(task, job):
    search, shown = task.search(), ""
    context, state = search.begin(job)
    for position in range(int(job.first) + 1, int(job.last) + 1):
        state = search.go_on(context, state, job, np.int32(position))
        new = search.result(state, job)[0][0, : position - int(job.first)]
        is_stopped = task.stops is not None and task.stops.length(new, known=len(new) - 1) is not None
        is_over = position == job.last or new[-1] in search.ends or is_stopped
        text = task.text(new)
        if not is_over:
            text = text.rstrip(UNFINISHED)
        if len(text) > len(shown):
            yield text[len(shown) :]
            shown = text
        if is_over:
            return

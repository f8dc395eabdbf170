"""Write with a model: from texts, or token ids, to texts.

Letters in the shapes: B prompts, N texts (B, or B times ``num_return_sequences``), n new tokens.
"""

import dataclasses
from typing import Any, NamedTuple

import numpy as np

from ktlearn.generate.beams import Beams
from ktlearn.generate.options import options_of
from ktlearn.generate.prompts import rectangle, rounded_up, rows_of
from ktlearn.generate.rules import rules_of
from ktlearn.generate.sampling import uniform_numbers, warpers_of
from ktlearn.generate.search import Job, Search, in_batches, search_of
from ktlearn.generate.stopping import StopStrings
from ktlearn.support.arguments import check_flag, check_whole

USUAL = 20  # new tokens, where nothing says how many
CACHE_STEP = 32  # caches are a multiple of it, so that texts of about one length have one graph


class Generated(NamedTuple):
    """What was written. Without a tokenizer there are no texts, without beams no scores.

    >>> Generated(np.array([[8, 9, 2]]), ["so it is."]).text
    'so it is.'
    """

    ids: Any  # (N, n): the new tokens, the end included; then the filling
    texts: list | None = None  # the new text of each
    scores: Any = None  # (N,): of beams, log P / length ** length_penalty
    inputs: Any = None  # on request prompt and new tokens together, as the model reads them
    output: Any = None  # and its answer to them, with its attention maps

    @property
    def text(self):
        """The first text."""
        return None if self.texts is None else self.texts[0]


def generate(model, prompt, tokenizer=None, batch_size=16, return_attention=False, **options):
    """Go on with a prompt, or answer to a source: a decoder alone writes on, an encoder–decoder translates.

    Args:
        model: with a language head, such as ``models.from_pretrained(name, task="causal-lm")`` or ``"seq2seq"``.
        prompt: a text, or a list of texts; or token ids, ``(B, L)`` or rows of several lengths; or what a tokenizer
            answers.
        tokenizer: the model's own; needed for texts.
        batch_size: the most texts that are written at once.
        return_attention: True for the attention maps of prompt and new tokens together, for ``AttentionView``.
        **options: those of :class:`ktlearn.generate.options.Options`: ``max_new_tokens``, ``num_beams``,
            ``do_sample``, ``temperature``, ``seed``, … What is not given comes from the checkpoint's
            ``generation_config.json``.

    Returns:
        A :class:`Generated`: the new tokens, without the prompt.

    Raises:
        TypeError, ValueError: before anything is computed, an argument or an option that cannot be.

    >>> from transformers import GPT2Config
    >>> from ktlearn import models
    >>> config = GPT2Config(vocab_size=50, n_positions=40, n_embd=8, n_layer=1, n_head=2, eos_token_id=0)
    >>> model = models.from_config(config, task="causal-lm", seed=0)
    >>> generate(model, [[5, 6, 7], [8]], max_new_tokens=4).ids.shape
    (2, 4)
    """
    check_whole("batch_size", batch_size)
    check_flag("return_attention", return_attention)
    task = Task(model, prompt, tokenizer, options)
    ids, scores = in_batches(task.run, task.job(), batch_size)
    if scores is not None:
        ids, scores = task.best_beams(ids, scores)
    ids = ids[:, : max(task.length(row) for row in ids)]
    texts = None if tokenizer is None else [task.text(row) for row in ids]
    inputs = task.whole(ids) if return_attention else None
    output = model(inputs, return_attention=True) if return_attention else None
    return Generated(ids, texts, scores, inputs, output)


class Task:
    """One call of :func:`generate`: its prompts, its options, and the search that they ask for.

    Args:
        model, prompt, tokenizer, options: as there.

    Raises:
        TypeError, ValueError: as there.
    """

    def __init__(self, model, prompt, tokenizer, options):
        check_model(model)
        self.model, self.tokenizer = model, tokenizer
        options = options_of(model, options)
        options.check_vocabulary(model.vocab_size)
        self.rows = rows_of(model, prompt, tokenizer)
        self.options = _with_lengths(options, model, max(map(len, self.rows)))
        self.stops = StopStrings(options.stop_strings, tokenizer) if options.stop_strings else None
        ends, pad = options.eos_token_id, options.pad_token_id
        self.fill = pad if pad is not None else ends[0] if ends else 0
        if model.is_encoder_decoder and options.decoder_start_token_id is None:
            raise ValueError(
                "decoder_start_token_id: a target begins with a token, and neither the call nor the checkpoint says "
                "with which one. Give decoder_start_token_id=…; for T5 it is the padding token."
            )
        if not model.is_encoder_decoder and options.forced_bos_token_id is not None:
            raise ValueError("forced_bos_token_id is for an encoder–decoder; a decoder alone goes on with its prompt.")

    def job(self):
        """All texts as one :class:`ktlearn.generate.search.Job`."""
        options, rows = self.options, self.rows
        if options.do_sample:
            rows = [row for row in rows for _ in range(options.num_return_sequences)]
        on_the_left, most = not self.model.is_encoder_decoder, self.model.max_positions
        ids, mask = rectangle(rows, self.fill, on_the_left, most=most)
        first = 0 if self.model.is_encoder_decoder else ids.shape[1] - 1
        T = rounded_up(first + 1 + options.max_new_tokens, CACHE_STEP)
        written = np.full((len(rows), T), self.fill, "int32")
        if self.model.is_encoder_decoder:
            written[:, 0] = options.decoder_start_token_id
        else:
            written[:, : first + 1] = np.where(mask, ids, -1)
        numbers = {name: np.float32(getattr(options, name)) for name in ("temperature", "top_p", "repetition_penalty")}
        numbers["min_new_tokens"] = np.int32(options.min_new_tokens)
        if options.do_sample:
            numbers["uniform"] = uniform_numbers(_seed(options), range(len(rows)), T)
        last = np.int32(first + options.max_new_tokens)
        return Job({"input_ids": ids, "attention_mask": mask}, written, np.int32(first), last, numbers)

    def search(self):
        """The search for these options."""
        options, key = self.options, _graph_of(self.options)
        settings = {"rules": rules_of(options), "ends": options.eos_token_id, "fill": self.fill}
        if options.num_beams > 1:
            settings |= dict(num_beams=options.num_beams, length_penalty=float(options.length_penalty))
            return search_of(self.model, Beams, key, early_stopping=options.early_stopping, **settings)
        if options.do_sample:
            settings["rules"] += warpers_of(options)
        return search_of(self.model, Search, key, sampled=options.do_sample, **settings)

    def run(self, job):
        """Write one batch: ``(ids, scores)``."""
        search = self.search()
        return search.run(job) if self.stops is None else self.stops.run(search, job)

    def best_beams(self, ids, scores):
        """Of ``(B, K, n)`` and ``(B, K)`` the best beams of each prompt: ``(N, n)`` and ``(N,)``."""
        count = self.options.num_return_sequences
        return ids[:, :count].reshape(-1, ids.shape[-1]), scores[:, :count].reshape(-1)

    def length(self, row):
        """How many of these new ids ``(n,)`` are the text's, its end included."""
        ends = np.isin(row, self.options.eos_token_id)
        length = int(ends.argmax()) + 1 if ends.any() else len(row)
        stop = None if self.stops is None else self.stops.length(row[:length])
        return stop or length

    def text(self, row):
        """The new ids ``(n,)`` in words."""
        text = self.tokenizer.decode(row[: self.length(row)].tolist(), skip_special_tokens=True)
        return text if self.stops is None else self.stops.cut(text)

    def whole(self, ids):
        """Prompts and new tokens together, as the model reads them at once: its inputs, with padding on the right."""
        copies = len(ids) // len(self.rows)
        prompts = [row for row in self.rows for _ in range(copies)]
        new = [row[: self.length(row)] for row in ids]
        if not self.model.is_encoder_decoder:
            prompts = [np.concatenate(both) for both in zip(prompts, new, strict=True)]
        read, mask = rectangle(prompts, self.fill, on_the_left=False, multiple=1)
        inputs = {"input_ids": read, "attention_mask": mask}
        if self.model.is_encoder_decoder:  # the last new token was written, and not read
            begun = [np.concatenate([[self.options.decoder_start_token_id], row[:-1]]) for row in new]
            inputs["decoder_input_ids"], _ = rectangle(begun, self.fill, on_the_left=False, multiple=1)
        return inputs


def check_model(model):
    """Can it be written with?

    Args:
        model: anything.

    Raises:
        TypeError: it cannot decode step by step.
        ValueError: it has no language head.
    """
    if not (hasattr(model, "prepare") and hasattr(model, "step") and hasattr(model, "is_encoder_decoder")):
        raise TypeError(
            f"model: {type(model).__name__} cannot write. Give a decoder, such as models.from_pretrained(name, "
            'task="causal-lm"), or an encoder–decoder, task="seq2seq".'
        )
    if getattr(model, "task", "a task") is None:
        task = "seq2seq" if model.is_encoder_decoder else "causal-lm"
        raise ValueError(
            f"model has no language head, so it has no scores for the next token. Load it with task={task!r}."
        )


def _with_lengths(options, model, longest):
    """The options with what they say of lengths as numbers of new tokens."""
    before = 1 if model.is_encoder_decoder else longest
    if options.max_length is not None and options.max_length <= before:
        raise ValueError(
            f"max_length={options.max_length}, but the prompt has {before} tokens already, and they count. Give "
            "max_new_tokens=… instead."
        )
    room = None if model.max_positions is None else model.max_positions - before + model.is_encoder_decoder
    most = options.max_new_tokens or (options.max_length - before if options.max_length else None)
    if most is None:
        most = USUAL if room is None else min(USUAL, room)
    if room is not None and (room < 1 or most > room):
        prompt = "" if model.is_encoder_decoder else f" and the longest prompt has {longest}"
        raise ValueError(
            f"max_new_tokens={most}: the model has {model.max_positions} positions{prompt}, so at most "
            f"{max(room, 0)} new tokens have room. Ask for fewer, or shorten the prompt."
        )
    least = options.min_new_tokens or max(0, options.min_length - before)
    if least > most:
        raise ValueError(f"min_new_tokens={least} is more than max_new_tokens={most}.")
    return dataclasses.replace(options, max_new_tokens=most, min_new_tokens=least, max_length=None, min_length=0)


def _graph_of(options):
    """What of the options is in the graph; other values of the numbers need no new one."""
    return dataclasses.replace(
        options,
        max_new_tokens=None,
        min_new_tokens=int(options.min_new_tokens > 0),
        num_return_sequences=1,
        temperature=1.0 if options.temperature == 1 else 2.0,
        top_p=1.0 if options.top_p == 1 else 0.5,
        repetition_penalty=1.0 if options.repetition_penalty == 1 else 2.0,
        seed=None,
        stop_strings=(),
    )


def _seed(options):
    return int(np.random.randint(2**31)) if options.seed is None else options.seed

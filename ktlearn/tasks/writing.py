"""Writing on: a language model goes on with a text."""

import warnings
from dataclasses import dataclass

import numpy as np

from ktlearn.generate import generate, stream
from ktlearn.generate.options import options_of
from ktlearn.generate.writing import USUAL
from ktlearn.support.arguments import check_flag, check_whole
from ktlearn.support.bars import work_bar
from ktlearn.support.characters import say
from ktlearn.tasks.maps import maps_of_written
from ktlearn.tasks.opened import opened
from ktlearn.tasks.results import Result, Results
from ktlearn.tasks.texts import given_texts, say_too_long, tokens_in


@dataclass(frozen=True, repr=False)
class Written(Result):
    """A prompt, and what a model wrote behind it.

    Args:
        prompt: the text that was given.
        text: the new text alone.
        texts: all new texts, where several were asked for; the first one is ``text``.
        is_cut: True when a part of the prompt was not read.
        read: see :class:`ktlearn.tasks.results.Result`.

    >>> result = Written("Once upon a time", " there was a king.", [" there was a king."], False)
    >>> result.prompt + result.text
    'Once upon a time there was a king.'
    """

    prompt: str
    text: str
    texts: list
    is_cut: bool

    def __str__(self):
        return self.text


def write(model, prompts, show=False, batch_size=8, verbose=1, **options):
    """Go on with a text.

    Args:
        model: a decoder, such as GPT-2 or Llama; or an encoder–decoder, which writes an answer to the text as it is,
            without a prefix. A name on the hub, a folder, a bundled model, or what ``open_model`` answers.
        prompts: one text, or a list of texts.
        show: True to print the text while it is written; of one prompt, without beams.
        batch_size: prompts at once.
        verbose: 0 for no bar; there is one on work of some seconds.
        **options: those of :class:`ktlearn.generate.Options`: ``max_new_tokens``, ``do_sample``, ``temperature``,
            ``seed``, ``num_beams``, ``stop_strings``, … What is not given comes from the checkpoint. Of several batches
            each has the next seed.

    Returns:
        A :class:`Written`; for a list :class:`ktlearn.tasks.results.Results`, in its order. Of a prompt that leaves no
        room for the new tokens the end is read, with a warning; an encoder–decoder reads the beginning of one too long.

    Raises:
        ValueError, TypeError: no text, a model for other tasks, an unknown option, or several texts to be shown.

    >>> from transformers import GPT2Config
    >>> from ktlearn import models, tasks, text
    >>> tokenizer = text.Transformer("ktlearn/mini-bert-en").get_tokenizer()
    >>> config = GPT2Config(vocab_size=20000, n_positions=64, n_embd=8, n_layer=1, n_head=2, eos_token_id=0)
    >>> model = models.from_config(config, task="causal-lm", seed=0)  # to be trained first
    >>> mine = tasks.Opened(model, tokenizer)
    >>> result = tasks.write(mine, "Once upon a time", show=True, max_new_tokens=3)  # doctest: +ELLIPSIS
    ...
    >>> result == tasks.write(mine, "Once upon a time", max_new_tokens=3)
    True
    """
    prompts, alone = given_texts(prompts, "prompts")
    check_flag("show", show)
    check_whole("batch_size", batch_size)
    if show and len(prompts) > 1:
        raise ValueError(f"show: one text can be shown at a time; got {len(prompts)} prompts. Leave show out.")
    opened_model = opened(model, "write")
    options = {name: value for name, value in options.items() if value is not None}
    asked = options_of(opened_model.model, options)
    rows, is_cut = _rows(opened_model, prompts, asked)
    if show:
        return _shown(opened_model, prompts[0], rows, is_cut[0], options, asked)
    found, copies = Results(), asked.num_return_sequences
    with work_bar(len(rows), "writing", verbose) as bar:
        for start in range(0, len(rows), batch_size):
            some = slice(start, start + batch_size)
            later = {} if asked.seed is None else {"seed": asked.seed + start // batch_size}
            written = _generated(opened_model, rows[some], options | later)
            texts = [written.texts[first : first + copies] for first in range(0, len(written.texts), copies)]
            for prompt, cut, row, own, new in zip(
                prompts[some], is_cut[some], rows[some], texts, written.ids[::copies], strict=True
            ):
                read = maps_of_written(opened_model, [(row, new)], options)
                found.append(Written(prompt, own[0], own, cut, read=read))
            bar.update(len(texts))
    return found[0] if alone else found


def _shown(opened_model, prompt, rows, is_cut, options, asked):
    """Print the text while it is written, and answer with it."""
    if asked.do_sample and asked.seed is None:  # so that the same text can be written again, for its maps
        options = options | {"seed": int(np.random.randint(2**31))}
    pieces = []
    for piece in stream(opened_model.model, np.array(rows), opened_model.tokenizer, **options):
        say(piece, end="", flush=True)
        pieces.append(piece)
    say()

    def read():
        new = _generated(opened_model, rows, options).ids[0]
        return maps_of_written(opened_model, [(rows[0], new)], options)()

    text = "".join(pieces)
    return Written(prompt, text, [text], is_cut, read=read)


def _rows(opened_model, prompts, asked):
    """The ids of each prompt, and whether some were left out: a decoder's new tokens want room behind the prompt."""
    tokenizer, most = opened_model.tokenizer, opened_model.maxlen
    lengths = tokens_in(tokenizer, prompts)
    rows = tokenizer(prompts, verbose=False)["input_ids"]
    if opened_model.model.is_encoder_decoder:
        is_cut = say_too_long(lengths, most, "cut: the end is not read")
        return [row[: most - 1] + row[-1:] if cut else row for row, cut in zip(rows, is_cut, strict=True)], is_cut
    if most is not None:
        most = None if asked.max_length else most - (asked.max_new_tokens or USUAL)  # max_length counts the prompt too
    is_cut = [most is not None and 1 < most < length for length in lengths]
    if count := sum(is_cut):
        warnings.warn(
            f"{count:,} of {len(rows):,} prompts: there is room for {most:,} tokens before the new ones, and the "
            f"longest has {max(lengths):,}. The end of it is read, the beginning is not.",
            stacklevel=3,
        )
    return [_end_of(row, most, tokenizer) if cut else row for row, cut in zip(rows, is_cut, strict=True)], is_cut


def _end_of(row, most, tokenizer):
    """The last tokens of a row; a special token at its beginning stays there, as the model knows it."""
    first = row[:1] if row[0] in tokenizer.all_special_ids else []
    return first + row[len(row) - most + len(first) :]


def _generated(opened_model, rows, options):
    prompt = {"input_ids": rows, "attention_mask": [[1] * len(row) for row in rows]}
    return generate(opened_model.model, prompt, opened_model.tokenizer, batch_size=len(rows), **options)

"""Summaries."""

from dataclasses import dataclass

from ktlearn.tasks.maps import maps_of_written
from ktlearn.tasks.opened import opened, uses_for
from ktlearn.tasks.results import Result, Results
from ktlearn.tasks.rewriting import rewrite
from ktlearn.tasks.texts import given_texts

MOST = 128  # new tokens, where the checkpoint does not say it


@dataclass(frozen=True, repr=False)
class Summary(Result):
    """A text in short.

    Args:
        source: the text.
        text: its summary; of a text in several parts the summary of each, one after the other.
        parts: in how many parts the source was read: 1, unless it is longer than the model reads.
        is_cut: True when the writing stopped at the most tokens allowed, so the end may be missing.
        read: see :class:`ktlearn.tasks.results.Result`.

    >>> print(Summary("It rained all day, and the match was put off.", "Match put off.", 1, False))
    Match put off.
    """

    source: str
    text: str
    parts: int
    is_cut: bool

    def __str__(self):
        return self.text


def summarise(model, texts, batch_size=4, verbose=1, **options):
    """Say in short what a text says.

    Args:
        model: a summariser, such as BART or T5 (``"google-t5/t5-small"``): a name on the hub, a folder; or what
            ``open_model`` answers. T5's prefix, and the options of both, come from the checkpoint.
        texts: one text, or a list of texts.
        batch_size: texts at once.
        verbose: 0 for no bar; there is one on work of some seconds.
        **options: those of :class:`ktlearn.generate.Options`, such as ``num_beams=4`` or ``max_new_tokens=60``; what is
            not given comes from the checkpoint.

    Returns:
        A :class:`Summary`; for a list :class:`ktlearn.tasks.results.Results`, in its order. A text that is longer than
        the model reads is summarised in parts of about one length, with a warning; so is said when a summary has come
        to the most tokens allowed.

    Raises:
        ValueError, TypeError: no text, a model for other tasks, an unknown option.

    >>> from transformers import BartConfig
    >>> from ktlearn import models, tasks, text
    >>> shape = dict(d_model=8, encoder_layers=1, decoder_layers=1, encoder_ffn_dim=8, decoder_ffn_dim=8)
    >>> config = BartConfig(vocab_size=20000, encoder_attention_heads=2, decoder_attention_heads=2, **shape)
    >>> model = models.from_config(config, task="seq2seq", seed=0)  # to be trained first
    >>> tokenizer = text.Transformer("ktlearn/mini-bert-en").get_tokenizer()
    >>> tasks.summarise(tasks.Opened(model, tokenizer), "It rained all day.", max_new_tokens=4).parts
    1
    """
    texts, alone = given_texts(texts)
    opened_model = opened(model, "summarise")
    uses = uses_for("summarise", opened_model.model.config)
    prefix = next((str(use.get("prefix", "")) for use in uses.values()), "")
    pieces = rewrite(opened_model, texts, "summarising", prefix, lambda longest: MOST, batch_size, verbose, options)
    found = Results(
        Summary(
            text,
            " ".join(part.text for part in some),
            len(some),
            any(part.is_cut for part in some),
            read=maps_of_written(opened_model, [(part.ids, part.new) for part in some], options),
        )
        for text, some in zip(texts, pieces, strict=True)
    )
    return found[0] if alone else found

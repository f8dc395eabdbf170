"""Translations."""

from dataclasses import dataclass

from ktlearn.tasks.languages import language
from ktlearn.tasks.maps import maps_of_written
from ktlearn.tasks.opened import opened
from ktlearn.tasks.parts import joined
from ktlearn.tasks.results import Result, Results
from ktlearn.tasks.rewriting import rewrite
from ktlearn.tasks.texts import given_texts


@dataclass(frozen=True, repr=False)
class Translation(Result):
    """A text in another language.

    Args:
        source: the text.
        text: its translation.
        to: the language; None where the checkpoint does not say it.
        parts: in how many parts the source was read: 1, unless it is longer than the model reads.
        is_cut: True when the writing stopped at the most tokens allowed, so the end may be missing.
        read: see :class:`ktlearn.tasks.results.Result`.

    >>> print(Translation("Good morning.", "Guten Morgen.", "de", 1, False))
    Guten Morgen.
    """

    source: str
    text: str
    to: str | None
    parts: int
    is_cut: bool

    def __str__(self):
        return self.text


def translate(model, texts, to=None, batch_size=8, verbose=1, **options):
    """Translate texts.

    Args:
        model: a translator, such as T5 (``"google-t5/t5-small"``) or Marian (opus-mt, as safetensors): a name on the
            hub, a folder, a bundled model; or what ``open_model`` answers.
        texts: one text, or a list of texts.
        to: the language to translate into, as the checkpoint calls it: "de", and of T5 also "German". It may be left
            out where there is only one.
        batch_size: texts at once.
        verbose: 0 for no bar; there is one on work of some seconds.
        **options: those of :class:`ktlearn.generate.Options`, such as ``num_beams=4``; what is not given comes from the
            checkpoint.

    Returns:
        A :class:`Translation`; for a list :class:`ktlearn.tasks.results.Results`, in its order. A text that is longer
        than the model reads is translated in parts, with a warning; so is said when a translation has come to the most
        tokens allowed.

    Raises:
        ValueError, TypeError: no text, a model for other tasks, a language that it does not write, an unknown option.

    >>> from transformers import MarianConfig
    >>> from ktlearn import models, tasks, text
    >>> config = MarianConfig(vocab_size=20000, decoder_vocab_size=20000, d_model=8, encoder_layers=1, decoder_layers=1)
    >>> model = models.from_config(config, task="seq2seq", seed=0)  # to be trained first
    >>> tokenizer = text.Transformer("ktlearn/mini-bert-en").get_tokenizer()
    >>> mine = tasks.Opened(model, tokenizer, "translator-en-de")
    >>> tasks.translate(mine, "Good morning.", max_new_tokens=4).to
    'de'
    """
    texts, alone = given_texts(texts)
    opened_model = opened(model, "translate")
    code, prefix = language(opened_model, to)
    pieces = rewrite(opened_model, texts, "translating", prefix, _most, batch_size, verbose, options)
    found = Results(
        Translation(
            text,
            joined([part.source for part in some], [part.text for part in some], code),
            code,
            len(some),
            any(part.is_cut for part in some),
            read=maps_of_written(opened_model, [(part.ids, part.new) for part in some], options),
        )
        for text, some in zip(texts, pieces, strict=True)
    )
    return found[0] if alone else found


def _most(longest):
    """New tokens for a source of so many, where the checkpoint does not say it: no translation is twice as long."""
    return 2 * longest + 16

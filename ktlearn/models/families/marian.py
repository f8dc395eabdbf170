"""Marian (Junczys-Dowmunt et al. 2018): the paper's Transformer, as the opus-mt translators are published."""

import dataclasses

from ktlearn.models.families import bart
from ktlearn.models.family import Family, embedding


def settings(config):
    """Marian's config in our names.

    Raises:
        ValueError: the config asks for what our layers do not have.
    """
    if not config.share_encoder_decoder_embeddings or config.decoder_vocab_size != config.vocab_size:
        raise ValueError(
            f"share_encoder_decoder_embeddings={config.share_encoder_decoder_embeddings!r} with vocabularies of "
            f"{config.vocab_size} and {config.decoder_vocab_size} is not supported; accepted: one for both sides."
        )
    return dataclasses.replace(bart.settings(config), sinusoids=True, embedding_norm=False)


def tensors(settings, task):
    """Which published tensor fills which variable."""
    yield from embedding("model.shared", "embedding")
    for side in ("encoder", "decoder"):
        yield from bart.layers(side, settings)
    yield from bart.logits(task)


MARIAN = Family(
    name="marian",
    title="Marian",
    kind="seq2seq",
    settings=settings,
    tensors=tensors,
    architectures={None: "MarianModel", "seq2seq": "MarianMTModel"},
    prefix="model.",
    ties={None: bart.COPIES, "seq2seq": bart.COPIES},
    buffers=(r"(encoder|decoder)\.embed_positions\.weight",),  # sines, which are computed here
    vocabulary_files=("source.spm", "target.spm", "vocab.json"),
)
FAMILIES = [MARIAN]

"""RoBERTa (Liu et al. 2019) and XLM-R (Conneau et al. 2020): BERT's encoder, with positions counted in another way."""

import dataclasses

from ktlearn.models.families import bert
from ktlearn.models.family import Family, Tensor, dense, embedding, norm


def settings(config):
    """RoBERTa's config in our names."""
    return dataclasses.replace(
        bert.settings(config),
        counted_positions=True,
        pad_id=config.pad_token_id,
        max_positions=config.max_position_embeddings - config.pad_token_id - 1,
        pooler_dropout=bert.settings(config).head_dropout,
        lm_activation="gelu",  # fixed in the published code, whatever hidden_act is
    )


def tensors(settings, task):
    """Which published tensor fills which variable."""
    yield from embedding("roberta.embeddings.word_embeddings", "embeddings.tokens")
    yield from embedding("roberta.embeddings.token_type_embeddings", "embeddings.segments")
    # Rows before that of the padding are never read: a real token's position begins behind it.
    yield from embedding("roberta.embeddings.position_embeddings", "embeddings.positions", skipped=settings.pad_id)
    yield from norm("roberta.embeddings.LayerNorm", "embeddings.norm")
    for i in range(settings.num_layers):
        yield from bert.layer(f"roberta.encoder.layer.{i}", f"encoder.layers.{i}")
    if task is None:
        yield from dense("roberta.pooler.dense", "pooler.dense")
    if task == "classification":
        yield from dense("classifier.dense", "pooler.dense")
        yield from dense("classifier.out_proj", "head.classifier")
    if task == "masked-lm":
        yield from dense("lm_head.dense", "head.dense")
        yield from norm("lm_head.layer_norm", "head.norm")
        yield Tensor("lm_head.bias", "head.bias")
    if task == "question-answering":
        yield from dense("qa_outputs", "head.span")


ROBERTA = Family(
    name="roberta",
    title="RoBERTa",
    kind="encoder",
    settings=settings,
    tensors=tensors,
    architectures={
        None: "RobertaModel",
        "classification": "RobertaForSequenceClassification",
        "masked-lm": "RobertaForMaskedLM",
        "question-answering": "RobertaForQuestionAnswering",
    },
    prefix="roberta.",
    ties={
        "masked-lm": {
            "lm_head.decoder.weight": "roberta.embeddings.word_embeddings.weight",
            "lm_head.decoder.bias": "lm_head.bias",
        }
    },
    buffers=(r"embeddings\.position_ids", r"embeddings\.token_type_ids"),
    vocabulary_files=("vocab.json", "merges.txt"),
    short_names={"roberta": {"en": "roberta-base", None: "xlm-roberta-base"}},
)
XLM_ROBERTA = dataclasses.replace(
    ROBERTA,
    name="xlm-roberta",
    title="XLM-R",
    architectures={task: f"XLM{name}" for task, name in ROBERTA.architectures.items()},
    vocabulary_files=("sentencepiece.bpe.model",),
    short_names={},
)
FAMILIES = [ROBERTA, XLM_ROBERTA]

"""BERT (Devlin et al. 2019): an encoder with segments and learned positions."""

from ktlearn.models.family import Family, Tensor, dense, embedding, norm
from ktlearn.models.settings import Settings


def settings(config):
    """BERT's config in our names.

    Raises:
        ValueError: the config asks for what our layers do not have.
    """
    if getattr(config, "is_decoder", False):
        raise ValueError(f"This {config.model_type} checkpoint is a decoder (is_decoder=true), not an encoder.")
    kind = getattr(config, "position_embedding_type", "absolute") or "absolute"
    if kind != "absolute":
        raise ValueError(f"position_embedding_type={kind!r} is not supported; accepted: 'absolute'.")
    head_dropout = getattr(config, "classifier_dropout", None)
    return Settings(
        vocab_size=config.vocab_size,
        max_positions=config.max_position_embeddings,
        segments=config.type_vocab_size,
        d_model=config.hidden_size,
        num_layers=config.num_hidden_layers,
        num_heads=config.num_attention_heads,
        d_ff=config.intermediate_size,
        activation=config.hidden_act,
        eps=config.layer_norm_eps,
        dropout=config.hidden_dropout_prob,
        attention_dropout=config.attention_probs_dropout_prob,
        head_dropout=config.hidden_dropout_prob if head_dropout is None else head_dropout,
        has_pooler=True,
    )


def tensors(settings, task):
    """Which published tensor fills which variable."""
    yield from embedding("bert.embeddings.word_embeddings", "embeddings.tokens")
    yield from embedding("bert.embeddings.token_type_embeddings", "embeddings.segments")
    yield from embedding("bert.embeddings.position_embeddings", "embeddings.positions")
    yield from norm("bert.embeddings.LayerNorm", "embeddings.norm")
    for i in range(settings.num_layers):
        yield from layer(f"bert.encoder.layer.{i}", f"encoder.layers.{i}")
    if task in (None, "classification"):
        yield from dense("bert.pooler.dense", "pooler.dense")
    if task == "classification":
        yield from dense("classifier", "head.classifier")
    if task == "masked-lm":
        yield from dense("cls.predictions.transform.dense", "head.dense")
        yield from norm("cls.predictions.transform.LayerNorm", "head.norm")
        yield Tensor("cls.predictions.bias", "head.bias")
    if task == "question-answering":
        yield from dense("qa_outputs", "head.span")


def layer(theirs, ours):
    """One layer of the encoder; others of BERT's kin have these names too."""
    yield from dense(f"{theirs}.attention.self.query", f"{ours}.attention.query")
    yield from dense(f"{theirs}.attention.self.key", f"{ours}.attention.key")
    yield from dense(f"{theirs}.attention.self.value", f"{ours}.attention.value")
    yield from dense(f"{theirs}.attention.output.dense", f"{ours}.attention.output_projection")
    yield from norm(f"{theirs}.attention.output.LayerNorm", f"{ours}.attention_norm")
    yield from dense(f"{theirs}.intermediate.dense", f"{ours}.feed_forward.expand")
    yield from dense(f"{theirs}.output.dense", f"{ours}.feed_forward.contract")
    yield from norm(f"{theirs}.output.LayerNorm", f"{ours}.feed_forward_norm")


BERT = Family(
    name="bert",
    title="BERT",
    kind="encoder",
    settings=settings,
    tensors=tensors,
    architectures={
        None: "BertModel",
        "classification": "BertForSequenceClassification",
        "masked-lm": "BertForMaskedLM",
        "question-answering": "BertForQuestionAnswering",
    },
    prefix="bert.",
    # The files of 2018 have other suffixes, a buffer, and copies of tied tensors.
    legacy=((r"LayerNorm\.gamma$", "LayerNorm.weight"), (r"LayerNorm\.beta$", "LayerNorm.bias")),
    ties={
        "masked-lm": {
            "cls.predictions.decoder.weight": "bert.embeddings.word_embeddings.weight",
            "cls.predictions.decoder.bias": "cls.predictions.bias",
        }
    },
    buffers=(r"embeddings\.position_ids",),
    vocabulary_files=("vocab.txt",),
    short_names={
        "bert": {"en": "bert-base-uncased", "zh": "bert-base-chinese", None: "bert-base-multilingual-cased"},
    },
)
FAMILIES = [BERT]

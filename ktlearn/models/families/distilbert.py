"""DistilBERT (Sanh et al. 2019): BERT without segments, with half the layers, and other names."""

from ktlearn.models.family import Family, Tensor, dense, embedding, norm
from ktlearn.models.settings import Settings


def settings(config):
    """DistilBERT's config in our names."""
    return Settings(
        vocab_size=config.vocab_size,
        max_positions=config.max_position_embeddings,
        d_model=config.dim,
        num_layers=config.n_layers,
        num_heads=config.n_heads,
        d_ff=config.hidden_dim,
        activation=config.activation,
        eps=1e-12,  # fixed in the published code, not in the config
        dropout=config.dropout,
        attention_dropout=config.attention_dropout,
        head_dropout=config.seq_classif_dropout,
        pooler_activation="relu",
    )


def tensors(settings, task):
    """Which published tensor fills which variable."""
    yield from embedding("distilbert.embeddings.word_embeddings", "embeddings.tokens")
    yield from embedding("distilbert.embeddings.position_embeddings", "embeddings.positions")
    yield from norm("distilbert.embeddings.LayerNorm", "embeddings.norm")
    for i in range(settings.num_layers):
        theirs, ours = f"distilbert.transformer.layer.{i}", f"encoder.layers.{i}"
        yield from dense(f"{theirs}.attention.q_lin", f"{ours}.attention.query")
        yield from dense(f"{theirs}.attention.k_lin", f"{ours}.attention.key")
        yield from dense(f"{theirs}.attention.v_lin", f"{ours}.attention.value")
        yield from dense(f"{theirs}.attention.out_lin", f"{ours}.attention.output_projection")
        yield from norm(f"{theirs}.sa_layer_norm", f"{ours}.attention_norm")
        yield from dense(f"{theirs}.ffn.lin1", f"{ours}.feed_forward.expand")
        yield from dense(f"{theirs}.ffn.lin2", f"{ours}.feed_forward.contract")
        yield from norm(f"{theirs}.output_layer_norm", f"{ours}.feed_forward_norm")
    if task == "classification":
        yield from dense("pre_classifier", "pooler.dense")
        yield from dense("classifier", "head.classifier")
    if task == "masked-lm":
        yield from dense("vocab_transform", "head.dense")
        yield from norm("vocab_layer_norm", "head.norm")
        yield Tensor("vocab_projector.bias", "head.bias")
    if task == "question-answering":
        yield from dense("qa_outputs", "head.span")


DISTILBERT = Family(
    name="distilbert",
    title="DistilBERT",
    kind="encoder",
    settings=settings,
    tensors=tensors,
    architectures={
        None: "DistilBertModel",
        "classification": "DistilBertForSequenceClassification",
        "masked-lm": "DistilBertForMaskedLM",
        "question-answering": "DistilBertForQuestionAnswering",
    },
    prefix="distilbert.",
    ties={"masked-lm": {"vocab_projector.weight": "distilbert.embeddings.word_embeddings.weight"}},
    buffers=(r"embeddings\.position_ids",),
    vocabulary_files=("vocab.txt",),
    short_names={
        "distilbert": {"en": "distilbert-base-uncased", None: "distilbert-base-multilingual-cased"},
    },
)
FAMILIES = [DISTILBERT]

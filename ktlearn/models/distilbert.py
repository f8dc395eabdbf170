"""DistilBERT (Sanh et al. 2019): BERT without segments, with half the layers, and other names."""

from ktlearn.models.encoder import EncoderSettings

ARCHITECTURES = {
    None: "DistilBertModel",
    "classification": "DistilBertForSequenceClassification",
    "masked-lm": "DistilBertForMaskedLM",
    "question-answering": "DistilBertForQuestionAnswering",
}
PREFIX = "distilbert."


def settings(config):
    """Translate the checkpoint's config into :class:`EncoderSettings`."""
    return EncoderSettings(
        vocab_size=config.vocab_size,
        max_positions=config.max_position_embeddings,
        segments=0,
        d_model=config.dim,
        num_layers=config.n_layers,
        num_heads=config.n_heads,
        d_ff=config.hidden_dim,
        activation=config.activation,
        eps=1e-12,  # fixed in the published code, not in the config
        dropout=config.dropout,
        attention_dropout=config.attention_dropout,
        head_dropout=config.seq_classif_dropout,
        head_activation="relu",
        has_pooler=False,
    )


# Their module → our layer. Each has a weight and a bias; {i} is the layer's number.
EMBEDDINGS = {
    "distilbert.embeddings.word_embeddings": "embeddings.tokens",
    "distilbert.embeddings.position_embeddings": "embeddings.positions",
}
MODULES = {"distilbert.embeddings.LayerNorm": "embeddings.norm"}
LAYER = {
    "distilbert.transformer.layer.{i}.attention.q_lin": "encoder.layers.{i}.attention.query",
    "distilbert.transformer.layer.{i}.attention.k_lin": "encoder.layers.{i}.attention.key",
    "distilbert.transformer.layer.{i}.attention.v_lin": "encoder.layers.{i}.attention.value",
    "distilbert.transformer.layer.{i}.attention.out_lin": "encoder.layers.{i}.attention.output_projection",
    "distilbert.transformer.layer.{i}.sa_layer_norm": "encoder.layers.{i}.attention_norm",
    "distilbert.transformer.layer.{i}.ffn.lin1": "encoder.layers.{i}.feed_forward.expand",
    "distilbert.transformer.layer.{i}.ffn.lin2": "encoder.layers.{i}.feed_forward.contract",
    "distilbert.transformer.layer.{i}.output_layer_norm": "encoder.layers.{i}.feed_forward_norm",
}
HEADS = {
    None: {},
    "classification": {"pre_classifier": "pooler.dense", "classifier": "head.classifier"},
    "masked-lm": {"vocab_transform": "head.dense", "vocab_layer_norm": "head.norm"},
    "question-answering": {"qa_outputs": "head.span"},
}
VOCABULARY_BIAS = "vocab_projector.bias"
COPIES = {"vocab_projector.weight": "distilbert.embeddings.word_embeddings.weight"}
BUFFERS = ("distilbert.embeddings.position_ids",)

"""BERT (Devlin et al. 2019): its settings and the names of its published tensors."""

from ktlearn.models.encoder import EncoderSettings

ARCHITECTURES = {
    None: "BertModel",
    "classification": "BertForSequenceClassification",
    "masked-lm": "BertForMaskedLM",
    "question-answering": "BertForQuestionAnswering",
}
PREFIX = "bert."


def settings(config):
    """Translate the checkpoint's config into :class:`EncoderSettings`."""
    if getattr(config, "is_decoder", False):
        raise ValueError("This BERT checkpoint is a decoder (is_decoder=true); ktlearn reads encoders only.")
    kind = getattr(config, "position_embedding_type", "absolute") or "absolute"
    if kind != "absolute":
        raise ValueError(f"position_embedding_type={kind!r} is not supported; accepted: 'absolute'.")
    head_dropout = getattr(config, "classifier_dropout", None)
    return EncoderSettings(
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
        head_activation="tanh",
        has_pooler=True,
    )


# Their module → our layer. Each has a weight and a bias; {i} is the layer's number.
EMBEDDINGS = {
    "bert.embeddings.word_embeddings": "embeddings.tokens",
    "bert.embeddings.token_type_embeddings": "embeddings.segments",
    "bert.embeddings.position_embeddings": "embeddings.positions",
}
MODULES = {"bert.embeddings.LayerNorm": "embeddings.norm"}
LAYER = {
    "bert.encoder.layer.{i}.attention.self.query": "encoder.layers.{i}.attention.query",
    "bert.encoder.layer.{i}.attention.self.key": "encoder.layers.{i}.attention.key",
    "bert.encoder.layer.{i}.attention.self.value": "encoder.layers.{i}.attention.value",
    "bert.encoder.layer.{i}.attention.output.dense": "encoder.layers.{i}.attention.output_projection",
    "bert.encoder.layer.{i}.attention.output.LayerNorm": "encoder.layers.{i}.attention_norm",
    "bert.encoder.layer.{i}.intermediate.dense": "encoder.layers.{i}.feed_forward.expand",
    "bert.encoder.layer.{i}.output.dense": "encoder.layers.{i}.feed_forward.contract",
    "bert.encoder.layer.{i}.output.LayerNorm": "encoder.layers.{i}.feed_forward_norm",
}
HEADS = {
    None: {"bert.pooler.dense": "pooler.dense"},
    "classification": {"bert.pooler.dense": "pooler.dense", "classifier": "head.classifier"},
    "masked-lm": {
        "cls.predictions.transform.dense": "head.dense",
        "cls.predictions.transform.LayerNorm": "head.norm",
    },
    "question-answering": {"qa_outputs": "head.span"},
}
VOCABULARY_BIAS = "cls.predictions.bias"
# Older files store these copies of tied tensors too.
COPIES = {
    "cls.predictions.decoder.weight": "bert.embeddings.word_embeddings.weight",
    "cls.predictions.decoder.bias": "cls.predictions.bias",
}
BUFFERS = ("bert.embeddings.position_ids",)

"""An encoder-only model: embeddings, the encoder of `ktlearn.transformer`, and a head for the task.

BERT and DistilBERT are both this model; their files say which settings they use and how the
published tensors are called. Letters in the shapes: B batch, L length, D width, H heads, V vocabulary.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from ktlearn.attention import padding_mask
from ktlearn.backend import keras
from ktlearn.layers import LayerNorm, LearnedPositions
from ktlearn.models.heads import HEADS, Pooler
from ktlearn.support.one_tensor import OneTensorModel
from ktlearn.transformer import Encoder


@dataclass(frozen=True)
class EncoderSettings:
    """What an encoder-only model needs to know, in one set of names for all families."""

    vocab_size: int
    max_positions: int
    segments: int  # 0: the model has no segment embedding
    d_model: int
    num_layers: int
    num_heads: int
    d_ff: int
    activation: str
    eps: float
    dropout: float
    attention_dropout: float
    head_dropout: float
    head_activation: str  # of the layer between the first token's vector and the class scores
    has_pooler: bool  # that layer belongs to the bare model too, not only to the classification head


class ModelOutput(NamedTuple):
    """What a model answers when it is called. What was not asked for, or does not exist, is None."""

    last_hidden_state: Any  # (B, L, D)
    logits: Any = None  # classification (B, labels), masked-lm (B, L, V), question-answering (B, L, 2)
    attentions: Any = None  # one (B, H, L, L) for each layer
    pooler_output: Any = None  # (B, D): BERT's summary of the first token


class Embeddings(keras.layers.Layer):
    """Token ids ``(B, L)``, and segment ids where the family has them, to vectors ``(B, L, D)``."""

    def __init__(self, settings, **kwargs):
        super().__init__(**kwargs)
        self.tokens = keras.layers.Embedding(settings.vocab_size, settings.d_model, name="tokens")
        self.segments = (
            keras.layers.Embedding(settings.segments, settings.d_model, name="segments") if settings.segments else None
        )
        self.positions = LearnedPositions(settings.max_positions, name="positions")
        self.norm = LayerNorm(settings.eps, name="norm")
        self.dropout = keras.layers.Dropout(settings.dropout)
        self.d_model = settings.d_model

    def build(self, shape):
        self.tokens.build()
        if self.segments:
            self.segments.build()
        self.positions.build((None, None, self.d_model))
        self.norm.build((None, None, self.d_model))
        self.built = True

    def call(self, token_ids, segment_ids=None, vectors=None, training=None):
        x = self.positions(self.tokens(token_ids) if vectors is None else vectors)
        if self.segments:
            x = x + (self.segments.embeddings[0] if segment_ids is None else self.segments(segment_ids))
        return self.dropout(self.norm(x), training=training)


class EncoderModel(OneTensorModel):
    """An encoder-only model with a head for one task.

    Call: ``model({"input_ids": …, "attention_mask": …, "token_type_ids": …}, return_attention=False)``;
    the arrays are ``(B, L)``, the last two may be left out, and so may the dictionary; lists of one length
    will do. ``"inputs_embeds"`` ``(B, L, D)`` takes the place of the token vectors that ``input_ids``
    stand for; an explanation moves these. The answer is a :class:`ModelOutput`. In ``fit``, ``evaluate``
    and ``predict`` the model is a plain Keras model that answers with its logits (without a task: with
    the last hidden state).
    """

    def __init__(self, settings, task=None, num_labels=None, **kwargs):
        super().__init__(**kwargs)
        self.settings, self.task, self.num_labels = settings, task, num_labels
        self.embeddings = Embeddings(settings, name="embeddings")
        self.encoder = Encoder(
            settings.num_layers,
            settings.d_model,
            settings.num_heads,
            settings.d_ff,
            dropout=settings.dropout,
            attention_dropout=settings.attention_dropout,
            activation=settings.activation,
            eps=settings.eps,
            name="encoder",
        )
        self.pooler = self.head = None
        if task == "classification" or (task is None and settings.has_pooler):
            self.pooler = Pooler(settings, name="pooler")
        if task is not None:
            self.head = HEADS[task](settings, num_labels, name="head")
        self.build()

    def build(self, shape=None):
        hidden = (None, None, self.settings.d_model)
        self.embeddings.build((None, None))
        self.encoder.build(hidden)
        for part in (self.pooler, self.head):
            if part is not None:
                part.build(hidden)
        self.built = True

    def __call__(self, inputs, *args, **kwargs):
        if hasattr(inputs, "keys"):  # a tokenizer's BatchEncoding is not a dict
            inputs = {name: _array(inputs[name], name) for name in INPUTS if name in inputs}
            if "input_ids" not in inputs:
                raise ValueError(f"{self.name}: the inputs must hold 'input_ids'; accepted: {', '.join(INPUTS)}.")
        else:
            inputs = _array(inputs, "inputs")
        return super().__call__(inputs, *args, **kwargs)

    def call(self, inputs, training=None, return_attention=False):
        inputs = inputs if isinstance(inputs, dict) else {"input_ids": inputs}
        mask = inputs.get("attention_mask")
        mask = None if mask is None else padding_mask(mask)  # (B, 1, 1, L)

        segments, vectors = inputs.get("token_type_ids"), inputs.get("inputs_embeds")
        x = self.embeddings(inputs["input_ids"], segments, vectors, training=training)
        x, maps = self.encoder(x, mask=mask, return_weights=True, training=training)
        pooled = None if self.pooler is None else self.pooler(x)
        logits = None
        if self.task == "classification":
            logits = self.head(pooled, training=training)
        elif self.task == "masked-lm":
            logits = self.head(x, self.embeddings.tokens.embeddings)
        elif self.task == "question-answering":
            logits = self.head(x, training=training)

        if self.one_tensor:
            return x if logits is None else logits
        return ModelOutput(x, logits, maps if return_attention else None, pooled)

    def key_map(self):
        """The tensors of this model in a checkpoint: a list of (theirs, ours, shape, transposed)."""
        from ktlearn.models.keymap import entries

        return entries(self)

    def save_pretrained(self, folder):
        """Write ``config.json`` and ``model.safetensors`` in Hugging Face's layout, atomically.

        PyTorch transformers opens the folder and computes the same logits. The tokenizer is not
        part of the model: save it beside with ``tokenizer.save_pretrained(folder)``.
        """
        from ktlearn.models.hub import save

        save(self, folder)

    def load_pretrained(self, folder):
        """Take the weights of a folder that :meth:`save_pretrained` wrote, in place.

        Raises:
            ValueError: a tensor is missing or has another shape; this model is then unchanged.
        """
        from ktlearn.models import hub, keymap

        keymap.pour(self, hub.read_tensors(hub.find(folder)), source=str(folder), whole=True)


INPUTS = ("input_ids", "attention_mask", "token_type_ids", "inputs_embeds")


def _array(value, name):
    """A tokenizer's lists as an array; what is an array or a tensor already stays as it is."""
    if not isinstance(value, (list, tuple)):
        return value
    try:
        array = np.array(value, "int32")
    except (ValueError, TypeError) as error:
        raise ValueError(
            f"{name}: lists must hold whole numbers and have one length; tokenizer(texts, padding=True) pads the "
            f"shorter ones. ({error})"
        ) from error
    if array.ndim != 2:
        raise ValueError(
            f"{name} must be one list for each text, (B, L); got the shape {array.shape}. For one text: [text]."
        )
    return array

"""The whole Transformer of the paper: from a source sequence to a target sequence.

    source ids → embeddings + positions → encoder → memory
    target ids → embeddings + positions → decoder, which looks at the memory → logits

Letters in the shapes: B batch, S source length, T target length, D model width, H heads,
V vocabulary of the target.
"""

import math
from typing import Any, NamedTuple

from ktlearn.attention import causal_mask, padding_mask
from ktlearn.backend import keras, ops
from ktlearn.layers import SinusoidalPositions
from ktlearn.support.arguments import check_dropout, check_whole
from ktlearn.support.one_tensor import OneTensorModel
from ktlearn.transformer import Decoder, Encoder


class Seq2SeqOutput(NamedTuple):
    """What a Transformer answers when it is called. Maps that were not asked for are None."""

    logits: Any  # (B, T, V)
    last_hidden_state: Any  # (B, T, D), of the decoder
    attentions: Any = None  # of the encoder: one (B, H, S, S) for each layer
    decoder_attentions: Any = None  # one (B, H, T, T) for each layer
    cross_attentions: Any = None  # one (B, H, T, S) for each layer


class EncoderDecoder(OneTensorModel):
    """What every encoder–decoder does: its call, and the steps of a search.

    A subclass has ``encoder``, ``decoder``, ``pad_id`` and ``vocab_size``, and says in ``embed_source``,
    ``embed_target`` and ``logits`` how ids become vectors and vectors become scores.

    Call: ``model({"input_ids": (B, S), "decoder_input_ids": (B, T)}, return_attention=False)``. The
    masks are made inside: no position looks at padding, no target position at its future. With
    ``"attention_mask"`` ``(B, S)`` padding is what this says, else what is ``pad_id``. The answer is a
    :class:`Seq2SeqOutput`. In ``fit``, ``evaluate`` and ``predict`` the model is a plain Keras model that
    answers with its logits ``(B, T, V)``.
    """

    is_encoder_decoder = True
    max_positions = None  # the longest target; None for any length

    def call(self, inputs, training=None, return_attention=False):
        missing = [name for name in INPUTS if name not in inputs]
        if missing:
            raise ValueError(f"{self.name}: the inputs must hold {INPUTS}; {missing[0]!r} is missing.")
        real = inputs.get("attention_mask")
        memory, memory_mask, attentions = self.encode(inputs["input_ids"], training, real)
        hidden, decoder_attentions, cross_attentions = self.decode(
            inputs["decoder_input_ids"], memory, memory_mask, training
        )
        logits = self._wide_logits(hidden)  # (B, T, V)
        if self.one_tensor and not return_attention:
            return hidden if logits is None else logits
        maps = (attentions, decoder_attentions, cross_attentions) if return_attention else ()
        return Seq2SeqOutput(logits, hidden, *maps)

    def encode(self, input_ids, training=None, attention_mask=None):
        """Source ids ``(B, S)`` to ``(memory, memory_mask, maps)``: ``(B, S, D)``, ``(B, 1, 1, S)``, a tuple."""
        memory_mask = padding_mask(input_ids != self.pad_id if attention_mask is None else attention_mask)
        x, bias = self.embed_source(input_ids, training), self.source_bias(ops.shape(input_ids)[1])
        memory, maps = self.encoder(x, mask=memory_mask, bias=bias, return_weights=True, training=training)
        return memory, memory_mask, maps

    def decode(self, decoder_input_ids, memory, memory_mask, training=None):
        """Target ids ``(B, T)`` and the memory to ``(hidden, self_maps, cross_maps)``; hidden is ``(B, T, D)``."""
        T = ops.shape(decoder_input_ids)[1]
        x, bias = self.embed_target(decoder_input_ids, training=training), self.target_bias(ops.arange(T), T)
        return self.decoder(
            x,
            memory,
            mask=self.target_mask(decoder_input_ids),
            memory_mask=memory_mask,
            bias=bias,
            return_weights=True,
            training=training,
        )

    def target_mask(self, decoder_input_ids):
        """Where a target position may look: not at its future, not at padding; ``(B, 1, T, T)``."""
        return causal_mask(ops.shape(decoder_input_ids)[1]) & padding_mask(decoder_input_ids != self.pad_id)

    def source_bias(self, S):
        """What is added to the encoder's scores, ``(1, H, S, S)``, or None."""
        return None

    def target_bias(self, positions, T):
        """What is added to the decoder's scores for queries at these positions, ``(1, H, L_q, T)``, or None."""
        return None

    def prepare(self, input_ids, length, attention_mask=None):
        """What decoding needs before its first step; see :mod:`ktlearn.generate`.

        Args:
            input_ids: source ids ``(B, S)``.
            length: how many positions the cache has room for.
            attention_mask: ``(B, S)``, 0 for padding; without it padding is what is ``pad_id``.

        Returns:
            ``(context, cache)`` for :meth:`step`.
        """
        memory, memory_mask, _ = self.encode(input_ids, attention_mask=attention_mask)
        cache = self.decoder.empty_cache(ops.shape(memory)[0], length)
        return (self.decoder.memory_cache(memory), memory_mask), cache

    def step(self, token_ids, position, context, cache):
        """Decode one position: its token ids ``(B,)`` to ``(logits, cache)``, the logits ``(B, V)``."""
        x = self.embed_target(token_ids[:, None], offset=position)  # (B, 1, D)
        bias = self.target_bias(ops.reshape(position, (1,)), cache[0][0].shape[2])
        hidden, cache = self.decoder.step(x, position, cache, *context, bias=bias)
        return self._wide_logits(hidden[:, 0]), cache

    def _wide_logits(self, hidden):
        """The logits in float32: losses and probabilities want more than the three digits of half precision."""
        logits = self.logits(hidden)
        return None if logits is None else ops.cast(logits, "float32")


@keras.saving.register_keras_serializable(package="ktlearn")
class Transformer(EncoderDecoder):
    """The sequence-to-sequence Transformer of the paper, which lesson 05 builds.

    ``ktlearn.text.Transformer`` is another thing: ktrain's name for what prepares texts.

    Args:
        source_vocab_size, target_vocab_size: numbers of token ids.
        d_model, num_heads, num_layers, d_ff: width D, heads H, layers of the encoder and as many of
            the decoder, feed-forward width F. The defaults are the paper's base model, too large for
            a CPU.
        dropout: share dropped of each sub-layer's output, and of the embeddings with their positions.
        attention_dropout, activation, norm_first, eps: as in :class:`ktlearn.transformer.EncoderLayer`.
        pad_id: the token id that fills up short sequences. Nobody looks at it.
        tie_output: True uses the target's embedding matrix also for the logits.
        share_embeddings: True uses one embedding matrix for source and target.

    Call: see :class:`EncoderDecoder`.

    Raises:
        ValueError: a number that is none; shared embeddings with two sizes of vocabulary; an input is missing.

    Source: Vaswani et al. 2017; embeddings and tying: section 3.4, dropout: section 5.4.

    >>> import numpy as np
    >>> model = Transformer(20, 30, d_model=16, num_heads=2, num_layers=1, d_ff=32)
    >>> source, target = np.array([[5, 6, 7, 0]]), np.array([[1, 8, 9]])
    >>> out = model({"input_ids": source, "decoder_input_ids": target}, return_attention=True)
    >>> tuple(out.logits.shape), tuple(out.cross_attentions[0].shape)
    ((1, 3, 30), (1, 2, 3, 4))
    """

    def __init__(
        self,
        source_vocab_size,
        target_vocab_size,
        d_model=512,
        num_heads=8,
        num_layers=6,
        d_ff=2048,
        dropout=0.1,
        attention_dropout=0.0,
        activation="relu",
        norm_first=False,
        eps=1e-5,
        pad_id=0,
        tie_output=True,
        share_embeddings=False,
        **kwargs,
    ):
        sizes = dict(source_vocab_size=source_vocab_size, target_vocab_size=target_vocab_size, d_model=d_model)
        for name, size in sizes.items():
            check_whole(name, size)
        check_dropout("dropout", dropout)
        if share_embeddings and source_vocab_size != target_vocab_size:
            raise ValueError(
                "Transformer: share_embeddings=True needs one vocabulary for both sides; got source_vocab_size="
                f"{source_vocab_size} and target_vocab_size={target_vocab_size}."
            )
        super().__init__(**kwargs)
        stack = dict(
            num_layers=num_layers,
            d_model=d_model,
            num_heads=num_heads,
            d_ff=d_ff,
            dropout=dropout,
            attention_dropout=attention_dropout,
            activation=activation,
            norm_first=norm_first,
            eps=eps,
        )
        self._settings = stack | dict(
            source_vocab_size=source_vocab_size,
            target_vocab_size=target_vocab_size,
            pad_id=pad_id,
            tie_output=tie_output,
            share_embeddings=share_embeddings,
        )
        self.d_model, self.pad_id, self.vocab_size = d_model, pad_id, target_vocab_size

        dtype = self.dtype_policy

        def embedding(size, name):
            # Small, since it is scaled by √D on the way in, and gives logits of size 1 on the way out.
            start = keras.initializers.RandomNormal(stddev=d_model**-0.5)
            return keras.layers.Embedding(size, d_model, start, name=name, dtype=dtype)

        self.target_embedding = embedding(target_vocab_size, "target_embedding")
        self.source_embedding = (
            self.target_embedding if share_embeddings else embedding(source_vocab_size, "source_embedding")
        )
        self.positions = SinusoidalPositions(name="positions", dtype=dtype)
        self.dropout = keras.layers.Dropout(dropout, dtype=dtype)
        self.encoder = Encoder(**stack, name="encoder", dtype=dtype)
        self.decoder = Decoder(**stack, name="decoder", dtype=dtype)
        self.output_layer = (
            None if tie_output else keras.layers.Dense(target_vocab_size, use_bias=False, name="output", dtype=dtype)
        )
        self.build()

    def build(self, shape=None):
        if self.built:
            return
        hidden = (None, None, self.d_model)
        for embedding in {id(e): e for e in (self.target_embedding, self.source_embedding)}.values():
            embedding.build()
        for layer in (self.positions, self.encoder, self.decoder, self.output_layer):
            if layer is not None:
                layer.build(hidden)
        self.built = True

    def embed_source(self, input_ids, training=None):
        """Source ids ``(B, S)`` to vectors with their positions, ``(B, S, D)``."""
        return self._embed(self.source_embedding, input_ids, training=training)

    def embed_target(self, token_ids, offset=0, training=None):
        """Target ids ``(B, T)``, the first one at position ``offset``, to ``(B, T, D)``."""
        return self._embed(self.target_embedding, token_ids, offset, training)

    def _embed(self, embedding, token_ids, offset=0, training=None):
        x = embedding(token_ids) * math.sqrt(self.d_model)
        return self.dropout(self.positions(x, offset=offset), training=training)

    def logits(self, hidden):
        """``(B, T, D)`` to ``(B, T, V)``."""
        if self.output_layer is not None:
            return self.output_layer(hidden)
        matrix = ops.cast(self.target_embedding.embeddings, hidden.dtype)  # (V, D)
        return ops.matmul(hidden, ops.transpose(matrix))

    def get_config(self):
        return super().get_config() | self._settings


INPUTS = ("input_ids", "decoder_input_ids")


@keras.saving.register_keras_serializable(package="ktlearn")
class TokenCrossentropy(keras.losses.Loss):
    """The mean of ``-log p(right token)`` over all real target tokens; padding does not count.

    With ``label_smoothing`` ε the right answer is not "1 for the right token" but 1 - ε of it, and ε
    spread over the whole vocabulary.

    Args:
        label_smoothing: ε; the paper takes 0.1.
        pad_id: the label that is left out.

    Raises:
        ValueError: an ε that is no share.

    Call: ``loss(labels, logits)`` with ``(B, T)`` token ids and ``(B, T, V)`` numbers.

    Source: Vaswani et al. 2017, section 5.4; Szegedy et al. 2016.

    >>> import numpy as np
    >>> loss = TokenCrossentropy()(np.array([[1, 0]]), np.zeros((1, 2, 4), "float32"))
    >>> round(float(loss), 3)  # log 4: four tokens, all alike
    1.386
    """

    def __init__(self, label_smoothing=0.0, pad_id=0, name="token_crossentropy", **kwargs):
        check_dropout("label_smoothing", label_smoothing)
        super().__init__(name=name, **kwargs)
        self.label_smoothing, self.pad_id = label_smoothing, pad_id

    def call(self, labels, logits):
        labels = ops.cast(labels, "int32")
        log_p = ops.log_softmax(logits, axis=-1)  # (B, T, V)
        right = ops.take_along_axis(log_p, labels[..., None], axis=-1)[..., 0]  # (B, T)
        everything = ops.mean(log_p, axis=-1)  # (B, T)
        loss = -(1 - self.label_smoothing) * right - self.label_smoothing * everything
        real = ops.cast(labels != self.pad_id, loss.dtype)  # (B, T)
        # Keras takes the mean over all B·T places; weights of mean 1 make it the mean over the real ones.
        return loss * real / ops.maximum(ops.mean(real), 1e-9)

    def get_config(self):
        return super().get_config() | {"label_smoothing": self.label_smoothing, "pad_id": self.pad_id}


@keras.saving.register_keras_serializable(package="ktlearn")
class TokenAccuracy(keras.metrics.Mean):
    """The share of real target tokens whose logit is the highest; padding does not count.

    Args:
        pad_id: the label that is left out.

    >>> import numpy as np
    >>> accuracy = TokenAccuracy()
    >>> accuracy.update_state(np.array([[1, 2, 0]]), np.eye(3)[None, [1, 1, 1]])
    >>> float(accuracy.result())  # one of two: the padding at the end does not count
    0.5
    """

    def __init__(self, pad_id=0, name="token_accuracy", **kwargs):
        super().__init__(name=name, **kwargs)
        self.pad_id = pad_id

    def update_state(self, labels, logits, sample_weight=None):
        labels = ops.cast(labels, "int32")
        right = ops.cast(ops.argmax(logits, axis=-1), "int32") == labels  # (B, T)
        weight = ops.cast(labels != self.pad_id, "float32")  # (B, T)
        if sample_weight is not None:  # (B, T)
            weight = weight * ops.cast(sample_weight, "float32")
        super().update_state(ops.cast(right, "float32"), sample_weight=weight)

    def get_config(self):
        return super().get_config() | {"pad_id": self.pad_id}

"""An encoder–decoder of a published family: T5, Marian and BART are this model.

Letters in the shapes: B batch, S source length, T target length, D width, H heads, V vocabulary.
"""

from ktlearn.attention import causal_mask
from ktlearn.backend import keras, ops
from ktlearn.layers import LayerNorm, LearnedPositions, RelativePositions, SinusoidalPositions
from ktlearn.models.heads import VocabularyBias
from ktlearn.models.pretrained import PretrainedModel
from ktlearn.seeding import seed_weights
from ktlearn.seq2seq import EncoderDecoder
from ktlearn.transformer import Decoder, Encoder


class Seq2SeqModel(PretrainedModel, EncoderDecoder):
    """An encoder–decoder with one embedding for source and target.

    Where its tokens stand it knows from sines (Marian), from learned positions (BART), or from distances that are
    added to the scores (T5).

    Call: as :class:`ktlearn.seq2seq.EncoderDecoder`. A target may begin with the padding token, as T5's and Marian's
    do: no target position is padding here, so give the loss the labels to leave out.

    >>> from transformers import T5Config
    >>> from ktlearn import models
    >>> config = T5Config(vocab_size=50, d_model=8, d_kv=4, d_ff=16, num_layers=1, num_heads=2)
    >>> model = models.from_config(config, task="seq2seq")
    >>> tuple(model({"input_ids": [[5, 6, 7]], "decoder_input_ids": [[0, 8]]}).logits.shape)
    (1, 2, 50)
    """

    accepted = ("input_ids", "attention_mask", "decoder_input_ids")

    def __init__(self, family, config, task=None):
        super().__init__(family, config, task)
        s = self.settings
        self.pad_id, self.vocab_size, self.max_positions = s.pad_id, s.vocab_size, s.max_positions
        self.embedding = keras.layers.Embedding(s.vocab_size, s.d_model, name="embedding")
        self.source_positions, self.target_positions = map(self._positions, ("source", "target"))
        self.source_distances, self.target_distances = map(self._distances, ("source", "target"))
        self.source_norm, self.target_norm = map(self._norm, ("source", "target"))
        self.dropout, self.end_dropout = keras.layers.Dropout(s.dropout), keras.layers.Dropout(s.end_dropout)
        self.encoder = Encoder(**s.stack(), name="encoder")
        self.decoder = Decoder(**s.stack() | {"num_layers": s.decoder_layers}, name="decoder")
        self.output_layer = self.head = None
        if task == "seq2seq" and not s.tied_output:
            self.output_layer = keras.layers.Dense(s.vocab_size, use_bias=False, name="output_layer")
        if task == "seq2seq" and s.output_bias:
            self.head = VocabularyBias(name="head")
        self.build()

    def _positions(self, side):
        if self.settings.distance_buckets is not None:
            return None
        if self.settings.sinusoids:
            return SinusoidalPositions(halves=True, name=f"{side}_positions")
        return LearnedPositions(self.settings.max_positions, name=f"{side}_positions")

    def _distances(self, side):
        s = self.settings
        if s.distance_buckets is None:
            return None
        size = (s.num_heads, s.distance_buckets, s.max_distance)
        return RelativePositions(*size, bidirectional=side == "source", name=f"{side}_distances")

    def _norm(self, side):
        return LayerNorm(self.settings.eps, name=f"{side}_norm") if self.settings.embedding_norm else None

    def build(self, shape=None):
        s = self.settings
        self.embedding.build()
        for layer in (self.source_distances, self.target_distances):
            if layer is not None:
                layer.build()
        sides = (self.source_positions, self.target_positions, self.source_norm, self.target_norm)
        for layer in (*sides, self.encoder, self.decoder, self.output_layer):
            if layer is not None:
                layer.build((None, None, s.d_model))
        if self.head is not None:
            self.head.build((None, None, s.vocab_size))
        self.built = True

    def embed_source(self, input_ids, training=None):
        """Source ids ``(B, S)`` to vectors ``(B, S, D)``, with their positions where those are vectors too."""
        return self._embed(input_ids, 0, self.source_positions, self.source_norm, training)

    def embed_target(self, token_ids, offset=0, training=None):
        """Target ids ``(B, T)`` to vectors ``(B, T, D)``; the first stands at ``offset``."""
        return self._embed(token_ids, offset, self.target_positions, self.target_norm, training)

    def _embed(self, token_ids, offset, positions, norm, training):
        x = self.embedding(token_ids) * self.settings.embedding_scale
        if self.settings.sinusoids:
            x = positions(x, offset=offset)
        elif positions is not None:
            x = positions(x, places=offset + ops.arange(ops.shape(x)[1]))
        return self.dropout(x if norm is None else norm(x), training=training)

    def source_bias(self, S):
        places = ops.arange(S)
        return None if self.source_distances is None else self.source_distances(places, places)

    def target_bias(self, positions, T):
        return None if self.target_distances is None else self.target_distances(positions, ops.arange(T))

    def target_mask(self, decoder_input_ids):
        return causal_mask(ops.shape(decoder_input_ids)[1])

    def encode(self, input_ids, training=None, attention_mask=None):
        memory, mask, maps = super().encode(input_ids, training, attention_mask)
        return self.end_dropout(memory, training=training), mask, maps

    def decode(self, decoder_input_ids, memory, memory_mask, training=None):
        hidden, *maps = super().decode(decoder_input_ids, memory, memory_mask, training)
        return self.end_dropout(hidden, training=training), *maps

    def logits(self, hidden):
        """``(B, T, D)`` to ``(B, T, V)``; None for the bare model."""
        if self.task is None:
            return None
        if self.output_layer is not None:
            scores = self.output_layer(hidden)
        else:
            matrix = ops.cast(self.embedding.embeddings, hidden.dtype)  # (V, D)
            scores = ops.matmul(hidden * self.settings.output_scale, ops.transpose(matrix))
        return scores if self.head is None else self.head(scores)

    def seed(self, seed):
        """Random weights; those of the queries smaller where their scores are not divided by √d_k."""
        seed_weights(self, seed)
        if self.head is not None:
            self.head.bias.assign(ops.zeros(self.head.bias.shape))
        for layer in (*self.encoder.layers, *self.decoder.layers):
            for attention in (layer.attention, getattr(layer, "cross_attention", None)):
                if attention is not None and attention.scale == 1:
                    attention.query.kernel.assign(attention.query.kernel * attention.d_k**-0.5)

    def groups(self):
        sides = [self.source_positions, self.target_positions, self.source_norm, self.target_norm]
        bottom = [self.source_distances, self.target_distances, *sides, self.embedding]
        *below, last = self.encoder.layers
        layers = [*([layer] for layer in below), [self.encoder.final_norm, last], *([x] for x in self.decoder.layers)]
        top = [self.decoder.final_norm, self.output_layer, self.head]
        return [group for group in map(_there, (bottom, *layers, top)) if group]


def _there(layers):
    return [layer for layer in layers if layer is not None]

"""An encoder–decoder of a published family: T5 is this model.

Letters in the shapes: B batch, S source length, T target length, D width, H heads, V vocabulary.
"""

from ktlearn.attention import causal_mask
from ktlearn.backend import keras, ops
from ktlearn.layers import RelativePositions
from ktlearn.models.pretrained import PretrainedModel
from ktlearn.seeding import seed_weights
from ktlearn.seq2seq import EncoderDecoder
from ktlearn.transformer import Decoder, Encoder


class Seq2SeqModel(PretrainedModel, EncoderDecoder):
    """An encoder–decoder with one embedding for source and target, and distances in place of positions.

    Call: as :class:`ktlearn.seq2seq.EncoderDecoder`. A target may begin with the padding token, as T5's do: no
    target position is padding here, so give the loss the labels to leave out.

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
        self.pad_id, self.vocab_size = s.pad_id, s.vocab_size
        self.embedding = keras.layers.Embedding(s.vocab_size, s.d_model, name="embedding")
        self.dropout = keras.layers.Dropout(s.dropout)
        distances = dict(num_heads=s.num_heads, num_buckets=s.distance_buckets, max_distance=s.max_distance)
        self.source_distances = RelativePositions(**distances, name="source_distances")
        self.target_distances = RelativePositions(**distances, bidirectional=False, name="target_distances")
        self.encoder = Encoder(**s.stack(), name="encoder")
        self.decoder = Decoder(**s.stack() | {"num_layers": s.decoder_layers}, name="decoder")
        self.output_layer = None
        if task == "seq2seq" and not s.tied_output:
            self.output_layer = keras.layers.Dense(s.vocab_size, use_bias=False, name="output")
        self.build()

    def build(self, shape=None):
        hidden = (None, None, self.settings.d_model)
        for layer in (self.embedding, self.source_distances, self.target_distances):
            layer.build()
        for layer in (self.encoder, self.decoder, self.output_layer):
            if layer is not None:
                layer.build(hidden)
        self.built = True

    def embed_source(self, input_ids, training=None):
        """Source ids ``(B, S)`` to vectors ``(B, S, D)``, without positions."""
        return self.dropout(self.embedding(input_ids), training=training)

    def embed_target(self, token_ids, offset=0, training=None):
        """Target ids ``(B, T)`` to vectors ``(B, T, D)``, wherever they stand."""
        return self.dropout(self.embedding(token_ids), training=training)

    def source_bias(self, S):
        places = ops.arange(S)
        return self.source_distances(places, places)

    def target_bias(self, positions, T):
        return self.target_distances(positions, ops.arange(T))

    def target_mask(self, decoder_input_ids):
        return causal_mask(ops.shape(decoder_input_ids)[1])

    def encode(self, input_ids, training=None, attention_mask=None):
        memory, mask, maps = super().encode(input_ids, training, attention_mask)
        return self.dropout(memory, training=training), mask, maps

    def decode(self, decoder_input_ids, memory, memory_mask, training=None):
        hidden, *maps = super().decode(decoder_input_ids, memory, memory_mask, training)
        return self.dropout(hidden, training=training), *maps

    def logits(self, hidden):
        """``(B, T, D)`` to ``(B, T, V)``; None for the bare model."""
        if self.task is None:
            return None
        if self.output_layer is not None:
            return self.output_layer(hidden)
        matrix = ops.cast(self.embedding.embeddings, hidden.dtype)  # (V, D)
        return ops.matmul(hidden * self.settings.d_model**-0.5, ops.transpose(matrix))

    def seed(self, seed):
        """Random weights; those of the queries smaller, since their scores are not divided by √d_k."""
        seed_weights(self, seed)
        for layer in (*self.encoder.layers, *self.decoder.layers):
            for attention in (layer.attention, getattr(layer, "cross_attention", None)):
                if attention is not None and attention.scale == 1:
                    attention.query.kernel.assign(attention.query.kernel * attention.d_k**-0.5)

    def groups(self):
        bottom = [self.source_distances, self.target_distances, self.embedding]
        layers = [[layer] for layer in (*self.encoder.layers, *self.decoder.layers)]
        return [bottom, *layers, *([[self.output_layer]] if self.output_layer else [])]

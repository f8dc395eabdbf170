"""Token ids to vectors, as published models do it. Letters: B batch, L length, D width."""

from ktlearn.backend import keras, ops
from ktlearn.layers import LayerNorm, LearnedPositions


class Embeddings(keras.layers.Layer):
    """Token ids ``(B, L)``, and segment ids where the family has them, to vectors ``(B, L, D)``.

    Args:
        settings: a :class:`ktlearn.models.settings.Settings`.

    Call: ``embeddings(token_ids, segment_ids=None, vectors=None, places=None)``; ``vectors`` ``(B, L, D)`` take the
    place of the token vectors, ``places`` ``(1 or B, L)`` that of the positions 0..L-1.
    """

    def __init__(self, settings, **kwargs):
        super().__init__(**kwargs)
        self.tokens = keras.layers.Embedding(settings.vocab_size, settings.d_model, name="tokens")
        self.segments = (
            keras.layers.Embedding(settings.segments, settings.d_model, name="segments") if settings.segments else None
        )
        self.counted, self.pad_id = settings.counted_positions, settings.pad_id
        self.positions = None
        if settings.rotary is None:
            self.positions = LearnedPositions(settings.max_positions + self.counted, name="positions")
        self.norm = LayerNorm(settings.eps, name="norm") if settings.embedding_norm else None
        dropout = settings.dropout if settings.embedding_dropout is None else settings.embedding_dropout
        self.dropout = keras.layers.Dropout(dropout)
        self.d_model = settings.d_model

    def build(self, shape):
        self.tokens.build()
        if self.segments:
            self.segments.build()
        for layer in (self.positions, self.norm):
            if layer is not None:
                layer.build((None, None, self.d_model))
        self.built = True

    def call(self, token_ids, segment_ids=None, vectors=None, places=None, training=None):
        x = self.tokens(token_ids) if vectors is None else vectors
        if self.positions:
            x = self.positions(x, places=self.places(token_ids) if places is None else places)
        if self.segments:
            x = x + (self.segments.embeddings[0] if segment_ids is None else self.segments(segment_ids))
        return self.dropout(self.norm(x) if self.norm else x, training=training)

    def places(self, token_ids):
        """The row of each token in the table of positions, ``(B, L)``; None for 0..L-1.

        RoBERTa's own count: the real tokens are 1, 2, 3 …, and all padding stands at 0.
        """
        if not self.counted:
            return None
        real = ops.cast(ops.not_equal(token_ids, self.pad_id), "int32")
        return ops.cumsum(real, axis=1) * real

"""A decoder-only model: each position reads what stands before it, and says what comes next.

GPT-2 is this model, and Llama with its kin. Letters in the shapes: B batch, L length, D width, H heads, V vocabulary.
"""

from ktlearn.attention import causal_mask, padding_mask
from ktlearn.backend import keras, ops
from ktlearn.models.embeddings import Embeddings
from ktlearn.models.pretrained import ModelOutput, PretrainedModel
from ktlearn.rotary import RotaryPositions
from ktlearn.transformer import Decoder


class DecoderModel(PretrainedModel):
    """A decoder without cross-attention; for task "causal-lm" with scores for the next token at each position.

    The scores use the token embedding once more, turned round ("tied"): ``logits = x Eᵀ``, ``(B, L, V)``; or a
    matrix of their own.

    Call: as :class:`ktlearn.models.pretrained.PretrainedModel`. Padding may stand at either end of a text: with
    ``"attention_mask"`` positions are counted from the first token that is real.

    >>> from transformers import GPT2Config
    >>> from ktlearn import models
    >>> config = GPT2Config(vocab_size=50, n_positions=8, n_embd=8, n_layer=1, n_head=2, bos_token_id=0, eos_token_id=0)
    >>> tuple(models.from_config(config, task="causal-lm")([[5, 6, 7]]).logits.shape)
    (1, 3, 50)
    """

    is_encoder_decoder = False

    def __init__(self, family, config, task=None):
        super().__init__(family, config, task)
        s = self.settings
        self.vocab_size, self.max_positions = s.vocab_size, s.max_positions
        self.embeddings = Embeddings(s, name="embeddings")
        self.decoder = Decoder(**s.stack(), cross_attention=False, name="decoder")
        self.rotary = None
        if s.rotary is not None:
            self.rotary = RotaryPositions(self.decoder.layers[0].attention.d_k, **s.rotary, name="rotary")
        self.output_layer = None
        if task == "causal-lm" and not s.tied_output:
            self.output_layer = keras.layers.Dense(s.vocab_size, use_bias=False, name="output_layer")
        self.build()

    def build(self, shape=None):
        for layer in (self.embeddings, self.rotary):
            if layer is not None:
                layer.build((None, None))
        for layer in (self.decoder, self.output_layer):
            if layer is not None:
                layer.build((None, None, self.settings.d_model))
        self.built = True

    def call(self, inputs, training=None, return_attention=False):
        token_ids, real = inputs["input_ids"], inputs.get("attention_mask")
        mask, places = self.mask(token_ids, real), self.places(token_ids, real)
        x = self.embeddings(
            token_ids, inputs.get("token_type_ids"), inputs.get("inputs_embeds"), places, training=training
        )
        x, maps = self.decoder(x, mask=mask, rotation=self.rotation(places), return_weights=True, training=training)
        return self.answer(ModelOutput(x, self.logits(x), maps if return_attention else None), return_attention)

    def mask(self, token_ids, real=None):
        """Where a position may look, ``(1 or B, 1, L, L)``: in its window, not at its future, not at padding."""
        mask = causal_mask(ops.shape(token_ids)[1], self.settings.window)
        return mask if real is None else mask & padding_mask(real)

    def places(self, token_ids, real=None):
        """The position of each token, ``(1 or B, L)``: 0, 1, 2 … from the first real one."""
        places = ops.arange(ops.shape(token_ids)[1])[None]
        if real is None:
            return places
        first = ops.argmax(ops.cast(real, "int32"), axis=1)  # (B,): as many as are padding on the left
        return ops.maximum(places - ops.cast(first, places.dtype)[:, None], 0)

    def rotation(self, places):
        """What turns queries and keys at these positions; None where the embeddings hold the positions."""
        return None if self.rotary is None else self.rotary(places)

    def logits(self, hidden):
        """``(…, D)`` to ``(…, V)``; None for the bare model."""
        if self.task is None:
            return None
        if self.output_layer is not None:
            return self.output_layer(hidden)
        return ops.matmul(hidden, ops.transpose(ops.cast(self.embeddings.tokens.embeddings, hidden.dtype)))

    def prepare(self, input_ids, length, attention_mask=None):
        """Read a prompt but for its last token; see :mod:`ktlearn.generate`.

        Args:
            input_ids: ``(B, P)``, short prompts filled up on the left.
            length: T, how many positions the cache has room for.
            attention_mask: ``(B, P)``, 0 where a prompt is filled up; None where none is.

        Returns:
            ``(context, cache)`` for :meth:`step`. The context is where one may look, ``(B, 1, 1, T)``, and how many
            positions of each row are no text, ``(B,)``.
        """
        B, P = ops.shape(input_ids)
        real = ops.ones((B, P), "int32") if attention_mask is None else ops.cast(attention_mask, "int32")
        mask = padding_mask(ops.pad(real, ((0, 0), (0, length - P)), constant_values=1))
        context, cache = (mask, P - ops.sum(real, axis=1)), self.decoder.empty_cache(B, length)
        if P > 1:
            _, cache = self._read(input_ids[:, :-1], 0, context, cache)
        return context, cache

    def step(self, token_ids, position, context, cache):
        """Read one token more: its ids ``(B,)`` to ``(logits, cache)``, the logits ``(B, V)``."""
        hidden, cache = self._read(token_ids[:, None], position, context, cache)
        return ops.cast(self.logits(hidden[:, 0]), "float32"), cache

    def _read(self, token_ids, position, context, cache):
        """Token ids ``(B, n)``, from ``position`` on, to their vectors ``(B, n, D)`` and the cache with them in it."""
        mask, padding = context
        positions = position + ops.arange(token_ids.shape[1])  # (n,), of the cache
        if self.settings.window is not None:
            distance = positions[:, None] - ops.arange(mask.shape[-1])  # (n, T)
            mask = mask & (distance < self.settings.window)
        places = ops.maximum(positions - padding[:, None], 0)  # (B, n); what is below 0 is padding
        x = self.embeddings(token_ids, places=places)
        return self.decoder.step(x, position, cache, mask=mask, rotation=self.rotation(places))

    def groups(self):
        top = [layer for layer in (self.decoder.final_norm, self.output_layer) if layer is not None]
        return [[self.embeddings], *([layer] for layer in self.decoder.layers), top]

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

    def __init__(self, family, config, task=None):
        super().__init__(family, config, task)
        s = self.settings
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
        """``(B, L, D)`` to ``(B, L, V)``; None for the bare model."""
        if self.task is None:
            return None
        if self.output_layer is not None:
            return self.output_layer(hidden)
        return ops.matmul(hidden, ops.transpose(ops.cast(self.embeddings.tokens.embeddings, hidden.dtype)))

    def groups(self):
        top = [layer for layer in (self.decoder.final_norm, self.output_layer) if layer is not None]
        return [[self.embeddings], *([layer] for layer in self.decoder.layers), top]

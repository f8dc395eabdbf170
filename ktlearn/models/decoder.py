"""A decoder-only model: each position reads what stands before it, and says what comes next.

GPT-2 is this model. Letters in the shapes: B batch, L length, D width, H heads, V vocabulary.
"""

from ktlearn.attention import causal_mask, padding_mask
from ktlearn.backend import ops
from ktlearn.models.embeddings import Embeddings
from ktlearn.models.pretrained import ModelOutput, PretrainedModel
from ktlearn.transformer import Decoder


class DecoderModel(PretrainedModel):
    """A decoder without cross-attention; for task "causal-lm" with scores for the next token at each position.

    The scores use the token embedding once more, turned round ("tied"): ``logits = x Eᵀ``, ``(B, L, V)``.

    Call: as :class:`ktlearn.models.pretrained.PretrainedModel`. Padding belongs at the end of a text: positions
    are counted from the left.

    >>> from transformers import GPT2Config
    >>> from ktlearn import models
    >>> config = GPT2Config(vocab_size=50, n_positions=8, n_embd=8, n_layer=1, n_head=2, bos_token_id=0, eos_token_id=0)
    >>> tuple(models.from_config(config, task="causal-lm")([[5, 6, 7]]).logits.shape)
    (1, 3, 50)
    """

    def __init__(self, family, config, task=None):
        super().__init__(family, config, task)
        self.embeddings = Embeddings(self.settings, name="embeddings")
        self.decoder = Decoder(**self.settings.stack(), cross_attention=False, name="decoder")
        self.build()

    def build(self, shape=None):
        self.embeddings.build((None, None))
        self.decoder.build((None, None, self.settings.d_model))
        self.built = True

    def call(self, inputs, training=None, return_attention=False):
        token_ids, real = inputs["input_ids"], inputs.get("attention_mask")
        mask = causal_mask(ops.shape(token_ids)[1])  # (1, 1, L, L)
        mask = mask if real is None else mask & padding_mask(real)  # (B, 1, L, L)

        x = self.embeddings(token_ids, inputs.get("token_type_ids"), inputs.get("inputs_embeds"), training=training)
        x, maps = self.decoder(x, mask=mask, return_weights=True, training=training)
        logits = None
        if self.task == "causal-lm":
            logits = ops.matmul(x, ops.transpose(ops.cast(self.embeddings.tokens.embeddings, x.dtype)))
        return self.answer(ModelOutput(x, logits, maps if return_attention else None), return_attention)

    def groups(self):
        return [[self.embeddings], *([layer] for layer in self.decoder.layers), [self.decoder.final_norm]]

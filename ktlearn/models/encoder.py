"""An encoder-only model: embeddings, the encoder of `ktlearn.transformer`, and a head for the task.

BERT and its kin are all this model; their files say which settings they use and how the published tensors are
called. Letters in the shapes: B batch, L length, D width, H heads, V vocabulary.
"""

from ktlearn.attention import padding_mask
from ktlearn.models.embeddings import Embeddings
from ktlearn.models.heads import HEADS, Pooler
from ktlearn.models.pretrained import ModelOutput, PretrainedModel
from ktlearn.transformer import Encoder


class EncoderModel(PretrainedModel):
    """An encoder-only model with a head for one task.

    Call: as :class:`ktlearn.models.pretrained.PretrainedModel`, also with ``"token_type_ids"`` ``(B, L)``.
    ``"inputs_embeds"`` ``(B, L, D)`` takes the place of the token vectors that ``input_ids`` stand for; an
    explanation moves these.

    >>> from ktlearn import models
    >>> model = models.from_pretrained("ktlearn/mini-bert-en", task="classification", num_labels=2, verbose=0)
    >>> answer = model([[2, 100, 101, 3]], return_attention=True)
    >>> tuple(answer.logits.shape), tuple(answer.attentions[0].shape)
    ((1, 2), (1, 6, 4, 4))
    """

    def __init__(self, family, config, task=None):
        super().__init__(family, config, task)
        settings = self.settings
        self.embeddings = Embeddings(settings, name="embeddings")
        self.encoder = Encoder(**settings.stack(), name="encoder")
        self.pooler = self.head = None
        if task == "classification" or (task is None and settings.has_pooler):
            self.pooler = Pooler(settings, name="pooler")
        if task is not None:
            self.head = HEADS[task](settings, self.num_labels, name="head")
        self.build()

    def build(self, shape=None):
        hidden = (None, None, self.settings.d_model)
        self.embeddings.build((None, None))
        self.encoder.build(hidden)
        for part in (self.pooler, self.head):
            if part is not None:
                part.build(hidden)
        self.built = True

    def call(self, inputs, training=None, return_attention=False):
        mask = inputs.get("attention_mask")
        mask = None if mask is None else padding_mask(mask)  # (B, 1, 1, L)

        segments, vectors = inputs.get("token_type_ids"), inputs.get("inputs_embeds")
        x = self.embeddings(inputs["input_ids"], segments, vectors, training=training)
        x, maps = self.encoder(x, mask=mask, return_weights=True, training=training)
        pooled = None if self.pooler is None else self.pooler(x, training=training)
        logits = None
        if self.task == "classification":
            logits = self.head(pooled, training=training)
        elif self.task == "masked-lm":
            logits = self.head(x, self.embeddings.tokens.embeddings)
        elif self.task == "question-answering":
            logits = self.head(x, training=training)
        return self.answer(ModelOutput(x, logits, maps if return_attention else None, pooled), return_attention)

    def groups(self):
        top = [part for part in (self.pooler, self.head) if part is not None]
        return [[self.embeddings], *([layer] for layer in self.encoder.layers), *([top] if top else [])]

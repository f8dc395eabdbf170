"""What a model needs to know to be built, in one set of names for all families."""

from dataclasses import dataclass

from ktlearn.support.arguments import check_dropout, check_whole, is_number

STACK = (
    *("num_layers", "d_model", "num_heads", "d_ff", "activation", "eps", "dropout", "attention_dropout"),
    *("norm_first", "norm", "gated", "use_bias", "d_k", "scale", "num_kv_heads", "qkv_bias"),
)
SIZES = ("vocab_size", "d_model", "num_layers", "num_heads", "d_ff", "max_distance")
SIZES_OR_NONE = ("max_positions", "d_k", "num_kv_heads", "window", "decoder_layers", "distance_buckets")
COUNTS = ("segments", "pad_id")
SHARES = ("dropout", "attention_dropout", "embedding_dropout", "end_dropout", "pooler_dropout", "head_dropout")


@dataclass(frozen=True)
class Settings:
    """The shape of a model and the choices that families make differently.

    A family names only what is its own; the defaults are BERT's. Letters: D width, F feed-forward width.

    >>> Settings(vocab_size=100, max_positions=16, d_model=8, num_layers=2, num_heads=2, d_ff=32).stack()["eps"]
    1e-12

    Raises:
        ValueError: a value that no model can have. Whether it is the right one is not known here.
    """

    vocab_size: int
    max_positions: int | None  # the longest text in tokens; None for any length
    d_model: int  # D
    num_layers: int
    num_heads: int
    d_ff: int  # F
    activation: str = "gelu"
    eps: float = 1e-12
    dropout: float = 0.1
    attention_dropout: float = 0.1
    norm_first: bool = False
    norm: str = "layer"
    gated: bool = False
    use_bias: bool = True
    d_k: int | None = None  # None: D / H
    scale: float | None = None  # None: 1 / √d_k
    num_kv_heads: int | None = None  # None: as many as heads
    qkv_bias: bool | None = None  # None: as use_bias

    # a decoder
    rotary: dict | None = None  # arguments of RotaryPositions, beside d_k; None: positions are in the embeddings
    window: int | None = None  # how many positions each may look at; None: all before it
    tied_output: bool = True

    # an encoder–decoder
    decoder_layers: int | None = None
    sinusoids: bool = False  # sines in place of learned positions
    distance_buckets: int | None = None  # T5 has distances in the scores, and no positions in the embeddings
    max_distance: int = 128
    embedding_scale: float = 1.0  # what the token vectors are multiplied by
    end_dropout: float = 0.0  # of what the stacks answer
    output_scale: float = 1.0  # what a vector is multiplied by before it meets the embedding again
    output_bias: bool = False  # one number more for each word's score

    # the embeddings
    segments: int = 0  # 0: there is no segment embedding
    embedding_norm: bool = True
    embedding_dropout: float | None = None  # None: the dropout of the layers
    counted_positions: bool = False  # RoBERTa counts real tokens only; padding has a row of its own, the first
    pad_id: int = 0

    # the heads
    has_pooler: bool = False  # the bare model has the layer between the first token's vector and the class scores
    pooler_activation: str = "tanh"
    pooler_dropout: float = 0.0  # before that layer
    head_dropout: float = 0.1  # before the class scores
    lm_activation: str | None = None  # of the masked-lm head; None: the activation of the layers

    def __post_init__(self):
        for name in SIZES:
            check_whole(name, getattr(self, name))
        for name in SIZES_OR_NONE:
            if getattr(self, name) is not None:
                check_whole(name, getattr(self, name))
        for name in COUNTS:
            check_whole(name, getattr(self, name), least=0)
        for name in SHARES:
            if getattr(self, name) is not None:
                check_dropout(name, getattr(self, name))
        if not (is_number(self.eps) and 0 < self.eps < 1):
            raise ValueError(f"eps, of the normalisations, must be a small number above 0; got {self.eps!r}.")

    def stack(self):
        """The arguments of :class:`ktlearn.transformer.Encoder` or ``Decoder``: a dictionary."""
        return {name: getattr(self, name) for name in STACK}

"""A guard against Keras' hidden masks: in ktlearn a mask is an argument that a reader sees."""

from ktlearn.backend import keras


class MaskedLayer(keras.layers.Layer):
    """A layer whose mask is an argument of its call, and never travels hidden on its output.

    Keras would hang the mask of the input on the output, and a loss further down would use it.

    Raises:
        ValueError: an input carries a hidden mask, and no mask is given.

    >>> class Scale(MaskedLayer):
    ...     def call(self, x, mask=None):
    ...         return 2 * x
    >>> Scale()(keras.layers.Embedding(3, 4, mask_zero=True)(keras.ops.array([[1, 0]])))  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ValueError: Scale: the input carries a hidden mask of Keras, from mask_zero=True or a Masking layer. Give ...
    """

    mask_arguments = ("mask",)

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True

    def __call__(self, *args, **kwargs):
        # Keras would pass a hidden mask on, (B, L), where one of (..., L_q, L_k) belongs.
        hidden = [x for x in (*args, *kwargs.values()) if getattr(x, "_keras_mask", None) is not None]
        missing = [name for name in self.mask_arguments if kwargs.get(name) is None]
        if hidden and missing:
            raise ValueError(
                f"{type(self).__name__}: the input carries a hidden mask of Keras, from mask_zero=True or a Masking "
                f"layer. Give the mask as an argument instead: {missing[0]}=padding_mask(token_ids != 0)."
            )
        return super().__call__(*args, **kwargs)

    def compute_mask(self, *args, **kwargs):
        return None

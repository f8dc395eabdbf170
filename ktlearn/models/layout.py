"""A model that is larger than one device: how our layers' matrices are split over several of them.

Every matrix of an attention and of a feed-forward layer is split where its heads or hidden units are, so that a device
holds some heads and some hidden units whole, and only the sums at the end of a layer are exchanged (Shoeybi et al.
2019, "Megatron-LM", section 3). Of the matrices as large as the vocabulary, the model's width is split. The splitting
and the exchange are Keras' and JAX's.
"""

from ktlearn.backend import keras

COLUMNS = r".*/(query|key|value|expand|gate)/{}"  # the columns are heads, or hidden units
ROWS = r".*(attention/output|feed_forward/contract|output_layer)/kernel"  # the rows are
WORDS = r".*/(tokens|embedding|\w+_embedding)/embeddings"  # (V, D): the width is split, as V is often odd


def layout_map(mesh, axis="model"):
    """How the variables of ktlearn's models are split, for ``keras.distribution.ModelParallel`` (on JAX).

    Make ``keras.distribution.ModelParallel(layout_map=…)`` of it, and set that before the model is made (Keras 3.13 has
    it on JAX only). Whatever is not split here, each device holds whole: normalisations, positions, heads of tasks.

    Args:
        mesh: a ``keras.distribution.DeviceMesh``.
        axis: the name of the mesh's axis over which the matrices are split.

    Raises:
        ValueError: the mesh has no such axis.

    Source: Shoeybi et al. 2019, arXiv:1909.08053, section 3.

    >>> mesh = keras.distribution.DeviceMesh((1, 2), ("batch", "model"), devices=["cpu:0", "cpu:1"])
    >>> layouts = layout_map(mesh)
    >>> layouts["bert/encoder/layer_0/feed_forward/expand/kernel"].axes
    (None, 'model')
    """
    if axis not in mesh.axis_names:
        raise ValueError(f"axis: the mesh has the axes {list(mesh.axis_names)}; got {axis!r}.")
    layouts = keras.distribution.LayoutMap(mesh)
    layouts[COLUMNS.format("kernel")] = (None, axis)
    layouts[COLUMNS.format("bias")] = (axis,)
    layouts[ROWS] = (axis, None)
    layouts[WORDS] = (None, axis)
    return layouts

"""A key/value cache has a fixed shape, and is filled from the left."""

from ktlearn.backend import ops


def written(cache, new, position):
    """Put new keys or values into a cache, from ``position`` on.

    Args:
        cache: ``(B, H, T, d_k)``.
        new: ``(B, H, n, d_k)``.
        position: a whole number, or a scalar tensor.

    Returns:
        The cache with them, ``(B, H, T, d_k)``.

    >>> room = ops.zeros((1, 1, 3, 2))
    >>> ops.convert_to_numpy(written(room, ops.ones((1, 1, 1, 2)), 1)[0, 0]).tolist()
    [[0.0, 0.0], [1.0, 1.0], [0.0, 0.0]]
    """
    B, H, n, d_k = ops.shape(new)
    T = cache.shape[2]
    # Rows of one long table: TensorFlow copies the table and writes them, where a mask would choose number by number.
    first = ops.arange(B * H)[:, None] * T + position  # (B · H, 1)
    rows = ops.reshape(first + ops.arange(n), (-1, 1))  # (B · H · n, 1)
    table = ops.reshape(cache, (B * H * T, d_k))
    table = ops.scatter_update(table, rows, ops.reshape(new, (B * H * n, d_k)))
    return ops.reshape(table, (B, H, T, d_k))

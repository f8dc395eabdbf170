"""What a text becomes in each block, as bytes to draw, and as numbers to read.

Of each block's answer, (L, D), the first ``COLUMNS`` numbers of each vector are kept, one byte each. The numbers of an
attention's arithmetic are sent when somebody looks at a head.
"""

import numpy as np

COLUMNS = 32
MIDDLE = 126
STRONG = 0.95  # this share of the numbers is below the strongest colour: a few are often far larger than all others
MOST_TOKENS_NAMED = 20  # of a vocabulary
TEMPERATURES = np.arange(1, 21) / 10


def pack(answers):
    """All answers as one: ``(table, bytes)``; the table says of each path its offset, rows, columns and scale.

    >>> table, data = pack({"a": np.array([[1.0, -2.0]])})
    >>> table, list(data)
    ({'a': [0, 1, 2, 2.0]}, [189, 0])
    """
    table, parts, offset = {}, [], 0
    for path, answer in answers.items():
        part = np.atleast_2d(answer)[:, :COLUMNS].astype("float64")
        known = np.where(np.isfinite(part), part, 0)
        strong = np.quantile(np.abs(known), STRONG, method="higher") or np.abs(known).max()
        scale = float(f"{strong or 1.0:.4g}")
        codes = np.rint((known / scale).clip(-1, 1) * MIDDLE + MIDDLE).astype("uint8")
        table[path] = [offset, *part.shape, scale]
        parts.append(codes.tobytes())
        offset += codes.size
    return table, b"".join(parts)


def head_numbers(step, head):
    """Queries ``(L_q, d_k)``, keys ``(L_k, d_k)``, what is added to the scores ``(L_q, L_k)`` of a head: float32 bytes.

    The last is left out where nothing is added.
    """
    parts = [np.asarray(each)[0, head] for each in (step.q, step.k)]
    if step.bias is not None:
        shape = np.shape(step.weights)
        parts.append(np.broadcast_to(np.asarray(step.bias), shape)[0, head])
    return b"".join(np.ascontiguousarray(part, "float32").tobytes() for part in parts)


def mask_rows(step):
    """Where each query may look: a list with a text of 0 and 1 for each query."""
    L_q, L_k = np.shape(step.weights)[-2:]
    given = np.ones(1, bool) if step.mask is None else np.asarray(step.mask)
    mask = np.broadcast_to(given, (1, 1, L_q, L_k))[0, 0]
    return ["".join("01"[int(cell)] for cell in row) for row in mask]


def likely(logits, names):
    """The most probable tokens at each position, and what the others weigh together.

    Args:
        logits: ``(L, V)``.
        names: a list of the V tokens.

    Returns:
        A dict: ``names`` and ``logits`` of the best at each position, and ``rest``: for each temperature of
        ``TEMPERATURES`` the logarithm of the sum of e^(logit / temperature) over all others, None where there are none.

    >>> likely(np.array([[0.0, 2.0]]), ["no", "yes"])["names"]
    [['yes', 'no']]
    """
    logits = np.asarray(logits, "float64")
    best = np.argsort(-logits, axis=-1, kind="stable")[:, :MOST_TOKENS_NAMED]  # (L, best)
    rest = []
    for row, chosen in zip(logits, best, strict=True):
        others = np.delete(row, chosen)
        scaled = others[None] / TEMPERATURES[:, None] if len(others) else None  # (temperatures, others)
        rest.append(None if scaled is None else _log_sum(scaled).round(4).tolist())
    found = np.take_along_axis(logits, best, -1).round(4).tolist()
    return {"names": [[names[i] for i in row] for row in best], "logits": found, "rest": rest}


def _log_sum(x):
    top = x.max(-1)
    return top + np.log(np.exp(x - top[:, None]).sum(-1))

"""Maps as bytes to draw, and as decimal numbers to keep in a notebook.

A drawn weight is one byte: 0 to 253 for weights from 0 to the block's scale (for differences 0 to 252, 126
being zero), 254 for a pair that may not attend, 255 for NaN. The exact numbers stay in Python until somebody asks.
A frozen view of few numbers holds decimals, four digits each: exact enough to show, and a test can compare
them with tolerance. A view of many numbers holds the bytes, deflated.
"""

import base64
import zlib

import numpy as np

LEVELS, MIDDLE = 253, 126
MASKED, NOT_A_NUMBER = 254, 255
MOST_DECIMALS = 40_000  # numbers; above, bytes are smaller and digits are not read


def to_bytes(maps):
    """The weights as uint8 ``(T, L, H, Q, K)``."""
    broken = ~np.isfinite(maps.weights)
    weights = np.where(broken, 0, maps.weights) if broken.any() else maps.weights
    codes = weights * ((MIDDLE if maps.signed else LEVELS) / maps.scale)
    if maps.signed:
        codes += MIDDLE
    codes += 0.5
    codes = codes.astype("uint8")
    if maps.mask is not None:
        codes[~maps.mask] = MASKED
    codes[broken] = NOT_A_NUMBER
    return codes


def describe(blocks):
    """What the browser must know of blocks of maps besides their numbers, ready for JSON."""
    described, offset = [], 0
    for name, maps in blocks.items():
        described.append({"number": len(described), "offset": offset} | _describe(name, maps))
        offset += maps.weights.size
    return described


def _describe(name, maps):
    return {
        "name": name,
        "steps": maps.steps,
        "layers": maps.layers,
        "heads": maps.heads,
        "tokens": [maps.tokens, maps.key_tokens],
        "square": maps.tokens == maps.key_tokens,
        "signed": maps.signed,
        "scale": maps.scale,
        "vectors": 0 if maps.queries is None else maps.queries.shape[-1],
    }


def bytes_of(blocks):
    """The bytes of all blocks, one after the other, as ``describe`` says."""
    return b"".join(to_bytes(maps).tobytes() for maps in blocks.values())


def numbers_for_page(blocks):
    """The weights of all blocks for a page: ``{"decimals": …}`` or ``{"deflated": …}``, ready for JSON."""
    if sum(maps.weights.size for maps in blocks.values()) > MOST_DECIMALS:
        return {"deflated": base64.b64encode(zlib.compress(bytes_of(blocks), 6)).decode()}
    weights = (
        maps.weights if maps.mask is None else np.where(maps.mask, maps.weights, -np.inf) for maps in blocks.values()
    )
    return {"decimals": " ".join(map(decimals, weights))}


def decimals(numbers):
    """Numbers as text, four digits: ``0`` is exactly zero, ``-`` is -inf (may not attend), ``?`` is not a number."""

    def written(number):
        if number == 0:
            return "0"
        return f"{number:.4f}" if np.isfinite(number) else "-" if number == -np.inf else "?"

    return " ".join(written(number) for number in np.ravel(numbers).tolist())


def answer(blocks, question):
    """What the browser asks for, as float32 bytes; None when there is no such thing.

    Args:
        question: ``["row", block, step, layer, heads, query]`` for the K weights of a query, mean over the
            heads, -inf where it may not look; ``["vectors", block, step, layer, head]`` for the queries and
            then the keys of a head, ``(Q + K, d_k)``.
    """
    kind, number, step, layer, *rest = question
    maps = list(blocks.values())[number]
    if kind == "row":
        heads, query = rest
        row = maps.weights[step, layer, heads, query].mean(0)  # (K,)
        if maps.mask is not None:
            row = np.where(maps.mask[step, layer, heads, query].all(0), row, -np.inf)
        return np.ascontiguousarray(row, "float32").tobytes()
    if maps.queries is None:
        return None
    head = rest[0]
    both = np.concatenate([maps.queries[step, layer, head], maps.keys[step, layer, head]])  # (Q + K, d_k)
    return np.ascontiguousarray(both, "float32").tobytes()

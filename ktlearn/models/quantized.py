"""Weights in eight bits or fewer: a checkpoint that takes a quarter of the disk, read back as ordinary float32.

Each row of a matrix (what makes one output of a dense layer, or the vector of one token) becomes whole numbers and
one float32, the scale: ``row ≈ scale * numbers``. No weight moves by more than half a scale. With b bits the numbers
go from ``1 - 2**(b-1)`` to ``2**(b-1) - 1``: for eight bits from -127 to 127, for six from -31 to 31.

The file holds ``NAME.int8``, or ``NAME.int6`` (R, C·b/8), and ``NAME.scale`` (R,) in the place of ``NAME`` (R, C); what
is no matrix is stored as it is. These names are no published ones on purpose: a program that does not know the form
finds no weights, instead of taking the whole numbers for them.

Source: symmetric quantization by rows, as in Wu et al. 2020, "Integer quantization for deep learning inference".
"""

import re

import numpy as np

FORMAT = {"format": "int-rows"}  # the metadata of the file. One entry: the order of several would change its bytes


def quantize(tensors, bits=None):
    """Matrices as whole numbers, all else as it is: a dictionary to be saved with the metadata :data:`FORMAT`.

    Args:
        tensors: float arrays by their published names.
        bits: a dictionary with the names of matrices that get another number of bits than eight. In bits, a row of
            theirs must fill whole bytes.

    >>> stored = quantize({"w": np.array([[0.5, -1.27], [0.0, 0.0]], "float32")})
    >>> stored["w.int8"].tolist(), stored["w.scale"].tolist()[1]
    ([[50, -127], [0, 0]], 1.0)
    """
    stored = {}
    for name, array in tensors.items():
        if array.ndim != 2:
            stored[name] = array.astype("float32")
            continue
        b = (bits or {}).get(name, 8)
        most = 2 ** (b - 1) - 1
        largest = np.abs(array).max(axis=1).astype("float32")
        scale = np.where(largest > 0, largest / most, 1).astype("float32")  # (R,)
        stored[f"{name}.int{b}"] = pack(np.clip(np.rint(array / scale[:, None]), -most, most).astype("int8"), b)
        stored[f"{name}.scale"] = scale
    return stored


def restore(stored):
    """What :func:`quantize` made, as float32 again under the published names.

    Raises:
        ValueError: rows without a scale or the reverse; a scale that is not finite or not above 0; another type than
            these two, or another length than that of the rows.

    >>> stored = {"w.int8": np.array([[50, -127]], "int8"), "w.scale": np.array([0.01], "float32")}
    >>> restore(stored)["w"].round(2).tolist()
    [[0.5, -1.27]]
    """
    rows = {match[1]: int(match[2]) for name in stored if (match := re.fullmatch(r"(.+)\.int([2-8])", name))}
    scales = {name.removesuffix(".scale") for name in stored if name.endswith(".scale")}
    if alone := sorted(scales ^ set(rows)):
        raise ValueError(f"of rows and scales one is missing: {', '.join(alone)}")
    parts = {part for name, b in rows.items() for part in (f"{name}.int{b}", f"{name}.scale")}
    tensors = {name: array for name, array in stored.items() if name not in parts}
    for name, b in rows.items():
        numbers, scale = (np.asarray(stored[f"{name}.{part}"]) for part in (f"int{b}", "scale"))
        if numbers.dtype != "int8" or scale.dtype != "float32" or scale.shape != numbers.shape[:1]:
            raise ValueError(f"{name}: {numbers.dtype} rows {numbers.shape} with {scale.dtype} scales {scale.shape}")
        if not (np.isfinite(scale) & (scale > 0)).all():
            raise ValueError(f"{name}: a scale is not a finite number above 0")
        tensors[name] = unpack(numbers, b).astype("float32") * scale[:, None]
    return tensors


def pack(numbers, b):
    """The last b bits of each of the int8 numbers ``(R, C)``, one behind the other: ``(R, C·b/8)``, int8 as well.

    Raises:
        ValueError: a row does not fill whole bytes.
    """
    if numbers.shape[1] * b % 8:
        raise ValueError(f"rows of {numbers.shape[1]} numbers with {b} bits each do not fill whole bytes")
    bits = np.unpackbits(numbers.view("uint8")[:, :, None], axis=2)[:, :, 8 - b :]  # (R, C, b)
    return np.packbits(bits.reshape(len(numbers), -1), axis=1).view("int8")


def unpack(packed, b):
    """The int8 numbers ``(R, C)`` again.

    >>> unpack(pack(np.array([[31, -31, 0, -1]], "int8"), 6), 6).tolist()
    [[31, -31, 0, -1]]
    """
    bits = np.unpackbits(packed.view("uint8"), axis=1).reshape(len(packed), -1, b)  # (R, C, b)
    # packbits fills up with zeros on the right; the shift takes them away again and spreads the sign.
    return np.packbits(bits, axis=2)[:, :, 0].view("int8") >> (8 - b)

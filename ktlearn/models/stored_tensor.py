"""A tensor in a file: its shape and type at once, from the file's header; its numbers when they are asked for."""

import json

import numpy as np

from ktlearn.models import quantized

FLOATS = ("float64", "float32", "float16", "bfloat16")
NAMES = {"F64": "float64", "F32": "float32", "F16": "float16", "BF16": "bfloat16"}  # safetensors' own → NumPy's
LONGEST_HEADER = 10_000_000  # bytes; those of the largest published models have a tenth of it


class StoredTensor:
    """One tensor of a safetensors file. ``np.asarray(tensor)`` reads it.

    Args:
        file: an open file, as ``safetensors.safe_open`` gives it.
        name: the tensor's.
        path: of the file, for errors.

    Attributes:
        shape: a tuple.
        dtype: the name of the type, NumPy's where it has one.
    """

    def __init__(self, file, name, path):
        self.name, self.path, self._file = name, path, file
        header = file.get_slice(name)
        self.shape = tuple(header.get_shape())
        self.dtype = NAMES.get(header.get_dtype(), header.get_dtype())

    def __array__(self, dtype=None, copy=None):
        array = self._file.get_tensor(self.name)
        return array if dtype is None else array.astype(dtype, copy=False)


def as_floats(tensor, source):
    """The numbers of a tensor, or of an array, as float32.

    Raises:
        ValueError: one of them is not finite.

    >>> as_floats(np.array([1, 2], "float16"), "here").dtype
    dtype('float32')
    """
    with np.errstate(over="ignore"):  # a float64 beyond float32 becomes infinite, and is then refused
        array = np.asarray(tensor).astype("float32", copy=False)
    # The smallest and the largest tell of all: NaN is both of any that holds it.
    if array.size and not (np.isfinite(array.min()) and np.isfinite(array.max())):
        wrong = array.size - int(np.isfinite(array).sum())
        raise ValueError(
            f"{source}: {wrong} of {array.size} numbers are NaN or infinite, so every answer would be. "
            "The training that wrote it has failed, or the file is damaged. Use another checkpoint."
        )
    return array


def stored_tensors(path):
    """The tensors of one safetensors file, a dictionary from names to :class:`StoredTensor`. Only its header is read.

    Raises:
        ValueError: the file is truncated or damaged.
    """
    from safetensors import SafetensorError, safe_open

    try:
        _check_length(path)
        file = safe_open(str(path), framework="np")
        tensors = {name: StoredTensor(file, name, path) for name in file.keys()}  # noqa: SIM118
        return quantized.restore(tensors) if file.metadata() == quantized.FORMAT else tensors
    except (SafetensorError, ValueError, OSError, RecursionError) as error:
        # In the cache the file is a link: what has to go is the file behind it.
        raise ValueError(
            f"{path} is damaged or was cut short ({error}). Delete {path.resolve()} and get it again."
        ) from error


def _check_length(path):
    """The file ends where its header says: so a hole of gigabytes is not even mapped into memory."""
    with open(path, "rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if length > LONGEST_HEADER:
            raise ValueError(f"its header would have {length:,} bytes")
        header = json.loads(file.read(length))
    try:
        ends = [entry["data_offsets"][1] for name, entry in header.items() if name != "__metadata__"]
        whole = 8 + length + max(ends, default=0)
    except (AttributeError, TypeError, KeyError, IndexError) as error:
        raise ValueError(f"its header is none: {error!r}") from error
    if path.stat().st_size != whole:
        raise ValueError(f"it has {path.stat().st_size:,} bytes, by its header {whole:,}")

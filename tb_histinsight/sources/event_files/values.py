"""The numbers of TensorProto messages, decoded without trust in what the messages claim."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

MOST_BUCKETS = 1 << 20
"""A histogram with more is no histogram: writers make 30 to 1548, and one repeated number may claim any shape."""

_FIELDS = {
    1: ("<f4", "float_val"),
    2: ("<f8", "double_val"),
    3: ("<i4", "int_val"),
    4: ("<u1", "int_val"),
    5: ("<i2", "int_val"),
    6: ("<i1", "int_val"),
    9: ("<i8", "int64_val"),
    17: ("<u2", "int_val"),
    19: ("<f2", "half_val"),
    22: ("<u4", "uint32_val"),
    23: ("<u8", "uint64_val"),
}
"""By TensorFlow's number of a type: how its bytes are laid out, and where else its numbers may stand."""


def rows_of(tensor: Any) -> npt.NDArray[np.float64] | None:
    """Rows (left, right, count) of a TensorProto; None where it holds no histogram.

    An empty tensor of any shape is a histogram of nothing.
    """
    shape = [dim.size for dim in tensor.tensor_shape.dim]
    array = _array_of(tensor, shape, 3 * MOST_BUCKETS)
    if array is None or (array.size and (len(shape) != 2 or shape[1] != 3)):
        return None
    with np.errstate(invalid="ignore"):
        return array.reshape(-1, 3).astype(np.float64)


def number_of(tensor: Any) -> float | None:
    """The number of a TensorProto that holds one; None where it holds none or several."""
    array = _array_of(tensor, [dim.size for dim in tensor.tensor_shape.dim], 1)
    return float(array[0]) if array is not None and array.size == 1 else None


def _array_of(tensor: Any, shape: list[int], most: int) -> npt.NDArray[Any] | None:
    """The numbers of a tensor, flat; None where the message contradicts itself or claims more than `most`."""
    if tensor.dtype not in _FIELDS or tensor.tensor_shape.unknown_rank or any(size < 0 for size in shape):
        return None
    size = math.prod(shape)
    if size > most:
        return None
    layout, field = _FIELDS[tensor.dtype]
    if tensor.tensor_content:
        if len(tensor.tensor_content) != size * np.dtype(layout).itemsize:
            return None
        return np.frombuffer(tensor.tensor_content, layout)
    # TensorFlow leaves out trailing numbers that repeat the last one, and zeros altogether.
    listed = np.array(getattr(tensor, field)[: size or None], np.float64)
    if len(getattr(tensor, field)) > max(size, 1):
        return None
    if field == "half_val":
        listed = listed.astype(np.uint64).astype(np.uint16).view(np.float16).astype(np.float64)
    last = listed[-1] if len(listed) else 0.0
    return np.concatenate([listed, np.full(max(size - len(listed), 0), last)])[:size]

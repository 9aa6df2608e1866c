"""The few protocol buffer messages of an event file, encoded by hand: Event, Summary, TensorProto, HistogramProto.

Field numbers are those of TensorBoard's event.proto, summary.proto, tensor.proto and tensor_shape.proto.
Encoding them here keeps the writer free of any dependency but NumPy (and of protobuf's versions).
"""

from __future__ import annotations

import struct
from collections.abc import Iterable

from tb_histinsight.core.histogram import FloatArray
from tb_histinsight.logging.buckets import OldStyleHistogram

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
"""Wire types of protocol buffers."""
_DT_FLOAT, _DT_DOUBLE = 1, 2
"""Element types of TensorProto."""


def varint(number: int) -> bytes:
    """An integer in base 128, least significant group first; negative numbers as 64-bit two's complement."""
    number &= (1 << 64) - 1
    out = bytearray()
    while number > 0x7F:
        out.append((number & 0x7F) | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def _tag(field: int, wire_type: int) -> bytes:
    return varint(field << 3 | wire_type)


def _bytes(field: int, payload: bytes) -> bytes:
    return _tag(field, _BYTES) + varint(len(payload)) + payload


def _double(field: int, value: float) -> bytes:
    return _tag(field, _FIXED64) + struct.pack("<d", value)


def _int(field: int, value: int) -> bytes:
    return _tag(field, _VARINT) + varint(value)


def event(wall_time: float, step: int, *, file_version: str = "", values: Iterable[bytes] = ()) -> bytes:
    """An Event: the opening one with a file version, or one with summary values."""
    head = _double(1, wall_time) + _int(2, step)
    if file_version:
        return head + _bytes(3, file_version.encode())
    return head + _bytes(5, b"".join(_bytes(1, value) for value in values))


def tensor_value(tag: str, plugin: str, shape: tuple[int, ...], content: bytes, *, double: bool) -> bytes:
    """A Summary.Value with a tensor, as TF 2 writes histograms (float64) and scalars (float32)."""
    dims = b"".join(_bytes(2, _int(1, size)) for size in shape)
    tensor = _int(1, _DT_DOUBLE if double else _DT_FLOAT) + _bytes(2, dims) + _bytes(4, content)
    metadata = _bytes(1, _bytes(1, plugin.encode()))
    return _bytes(1, tag.encode()) + _bytes(8, tensor) + _bytes(9, metadata)


def old_style_scalar(tag: str, value: float) -> bytes:
    """A Summary.Value with a plain float, as TF 1 and PyTorch write scalars."""
    return _bytes(1, tag.encode()) + _tag(2, _FIXED32) + struct.pack("<f", value)


def old_style_histogram(tag: str, histogram: OldStyleHistogram) -> bytes:
    """A Summary.Value with a HistogramProto, as TF 1 and PyTorch write histograms."""
    proto = b"".join(
        (
            _double(1, histogram.minimum),
            _double(2, histogram.maximum),
            _double(3, histogram.num),
            _double(4, histogram.sum),
            _double(5, histogram.sum_squares),
            _doubles(6, histogram.limits),
            _doubles(7, histogram.counts),
        )
    )
    return _bytes(1, tag.encode()) + _bytes(5, proto)


def _doubles(field: int, values: FloatArray) -> bytes:
    return _bytes(field, values.astype("<f8").tobytes())

"""Takes one event record apart by hand: where its values lie, without copying or decoding them.

Field numbers are those of TensorBoard's event.proto, summary.proto and tensor.proto. Whatever is not as writers
write it raises `Unusual`, and the record goes to protobuf itself.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

FLOAT64 = struct.Struct("<d")
FLOAT32 = struct.Struct("<f")

HISTO, TENSOR, SCALAR, IGNORED = "histo", "tensor", "scalar", "ignored"

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5

DT_FLOAT, DT_DOUBLE = 1, 2

_CONTENTS = frozenset((0x15, 0x1A, 0x22, 0x2A, 0x32, 0x42))
"""Keys of simple_value, obsolete_old_style_histogram, image, histo, audio and tensor: a value has one of them."""

HISTOGRAMS, SCALARS = b"histograms", b"scalars"
"""Names of the plugins whose records are read"""


class Unusual(Exception):
    """The record is not laid out as the usual writers do."""


@dataclass(frozen=True)
class Value:
    """One summary value of a record; positions count from the record's first byte."""

    tag: bytes
    kind: str
    start: int
    """First byte of the histogram or tensor message, or of the float32 of a plain scalar."""
    end: int
    plugin: bytes | None
    """Plugin name, where the value carries metadata"""


@dataclass(frozen=True)
class Event:
    """One record; `wall_at` and `step_at` are 0 where the field is left out, which means 0."""

    wall_time: float
    step: int
    wall_at: int = 0
    step_at: int = 0
    step_end: int = 0
    values: list[Value] = field(default_factory=list)


def walk_event(record: bytes) -> Event:
    """Takes an event apart.

    Raises:
      Unusual: it is not laid out as usual, or is no event.
    """
    try:
        return _event(record)
    except (IndexError, struct.error) as error:
        raise Unusual from error


def _event(record: bytes) -> Event:
    at, end = 0, len(record)
    wall_time, step, wall_at, step_at, step_end = 0.0, 0, 0, 0, 0
    values: list[Value] = []
    if end > 9 and record[0] == 0x09:  # wall_time, as every writer begins
        wall_time, wall_at, at = FLOAT64.unpack_from(record, 1)[0], 1, 9
    while at < end:
        key = record[at]
        at += 1
        if key == 0x2A:  # summary
            length, at = varint(record, at)
            stop = at + length
            if stop > end or values:
                raise Unusual
            while at < stop:
                if record[at] != 0x0A:
                    raise Unusual
                length, at = varint(record, at + 1)
                if at + length > stop:
                    raise Unusual
                values.append(_value(record, at, at + length))
                at += length
        elif key == 0x10:  # step
            step_at = at
            step, at = varint(record, at)
            step_end = at
            if step >= 1 << 63:
                step -= 1 << 64
        elif key == 0x09:
            raise Unusual  # a second wall_time
        else:
            at = _skip(record, key, at, end)
    return Event(wall_time, step, wall_at, step_at, step_end, values)


def _value(record: bytes, at: int, end: int) -> Value:
    tag = b""
    kind, start, stop = IGNORED, 0, 0
    filled = False
    plugin: bytes | None = None
    while at < end:
        key = record[at]
        at += 1
        if key in _CONTENTS:
            if filled:  # of several contents the last one holds
                raise Unusual
            filled = True
        if key == 0x15:  # simple_value
            if at + 4 > end:
                raise Unusual
            kind, start, stop = SCALAR, at, at + 4
            at += 4
            continue
        if key & 7 != _BYTES:
            raise Unusual
        length, at = varint(record, at)
        if at + length > end:
            raise Unusual
        if key == 0x0A:  # tag
            tag = record[at : at + length]
        elif key in (0x2A, 0x42):  # histo, tensor
            kind, start, stop = HISTO if key == 0x2A else TENSOR, at, at + length
        elif key == 0x4A:  # metadata
            plugin = _plugin_name(record, at, at + length)
        at += length
    if at != end:
        raise Unusual
    return Value(tag, kind, start, stop, plugin)


def plugin_name(metadata: bytes) -> bytes | None:
    """The plugin that a SummaryMetadata message names.

    Raises:
      Unusual: the bytes are no such message.
    """
    try:
        return _plugin_name(metadata, 0, len(metadata))
    except IndexError as error:
        raise Unusual from error


def _plugin_name(record: bytes, at: int, end: int) -> bytes | None:
    while at < end:
        key = record[at]
        at += 1
        if key == 0x0A:  # plugin_data
            length, at = varint(record, at)
            inner, at = at, at + length
            while inner < at:
                key = record[inner]
                inner += 1
                if key == 0x0A:
                    length, inner = varint(record, inner)
                    return record[inner : inner + length]
                inner = _skip(record, key, inner, at)
        else:
            at = _skip(record, key, at, end)
    return None


@dataclass(frozen=True)
class Content:
    """Where the numbers of a tensor lie in its record."""

    dtype: int
    shape: tuple[int, ...]
    start: int
    end: int


def walk_tensor(record: bytes, at: int, end: int) -> Content:
    """Takes a tensor message with `tensor_content` apart.

    Raises:
      Unusual: it keeps its numbers in another way.
    """
    dtype, start, stop = 0, 0, 0
    shape: tuple[int, ...] = ()
    try:
        while at < end:
            key = record[at]
            at += 1
            if key == 0x08:
                dtype, at = varint(record, at)
                continue
            if key & 7 != _BYTES:
                at = _skip(record, key, at, end)
                if key >> 3 != 3:  # version_number says nothing; anything else holds numbers
                    raise Unusual
                continue
            length, at = varint(record, at)
            if at + length > end:
                raise Unusual
            if key == 0x12:
                if shape:  # protobuf adds a second message to the first
                    raise Unusual
                shape = _shape(record, at, at + length)
            elif key == 0x22 or (key == 0x2A and length == 4 and not start):
                start, stop = at, at + length
            else:
                raise Unusual
            at += length
    except (IndexError, struct.error) as error:
        raise Unusual from error
    return Content(dtype, shape, start, stop)


def _shape(record: bytes, at: int, end: int) -> tuple[int, ...]:
    sizes = []
    while at < end:
        if record[at] != 0x12:
            raise Unusual
        length, at = varint(record, at + 1)
        stop = at + length
        size = 0
        while at < stop:
            if record[at] != 0x08:
                raise Unusual
            size, at = varint(record, at + 1)
        if at != stop:
            raise Unusual
        sizes.append(size)
    return tuple(sizes)


@dataclass(frozen=True)
class Histo:
    """An old-style histogram: its exact numbers, its limits and counts (float64 [k] each)."""

    minimum: float
    maximum: float
    num: float
    sum: float
    sum_squares: float
    limits: npt.NDArray[np.float64]
    counts: npt.NDArray[np.float64]


_USUAL_KEYS = b"\x09\x11\x19\x21\x29"
_FIVE = struct.Struct("<xdxdxdxdxd")
_NOTHING = np.empty(0)


def walk_histo(record: bytes) -> Histo:
    """Decodes an old-style histogram message with packed limits and counts.

    Raises:
      Unusual: it is not laid out as usual.
    """
    numbers = [0.0] * 5
    limits = counts = _NOTHING
    at, end = 0, len(record)
    try:
        if record[0:45:9] == _USUAL_KEYS:
            numbers = list(_FIVE.unpack_from(record))
            at = 45
        while at < end:
            key = record[at]
            at += 1
            if key in (0x32, 0x3A):
                length, at = varint(record, at)
                if at + length > end or length % 8:
                    raise Unusual
                block = np.frombuffer(record, "<f8", length // 8, at)
                if key == 0x32:
                    if len(limits):
                        raise Unusual
                    limits = block
                elif len(counts):
                    raise Unusual
                else:
                    counts = block
                at += length
            elif key in _USUAL_KEYS:
                numbers[(key >> 3) - 1] = FLOAT64.unpack_from(record, at)[0]
                at += 8
            else:
                raise Unusual
    except (IndexError, struct.error) as error:
        raise Unusual from error
    if len(limits) != len(counts) or at != end:
        raise Unusual
    minimum, maximum, num, total, squares = numbers
    return Histo(minimum, maximum, num, total, squares, limits, counts)


def varint(record: bytes, at: int) -> tuple[int, int]:
    """A base-128 number and the place after it."""
    byte = record[at]
    at += 1
    if byte < 0x80:
        return byte, at
    number = byte & 0x7F
    shift = 7
    while True:
        byte = record[at]
        at += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return number & 0xFFFFFFFFFFFFFFFF, at
        shift += 7
        if shift > 63:
            raise Unusual


def _skip(record: bytes, key: int, at: int, end: int) -> int:
    """The place after a field that says nothing here."""
    if key >= 0x80:  # a field number above 15: none of ours
        high, at = varint(record, at)
        if not high:
            raise Unusual
    wire = key & 7
    if not key >> 3:
        raise Unusual
    if wire == _VARINT:
        _, at = varint(record, at)
    elif wire == _FIXED64:
        at += 8
    elif wire == _FIXED32:
        at += 4
    elif wire == _BYTES:
        length, at = varint(record, at)
        at += length
    else:
        raise Unusual
    if at > end:
        raise Unusual
    return at

"""Event files as no writer should leave them: made up from a stream of choices, so that any fuzzer can drive it."""

import struct

import numpy as np
from event_logs import frame

from tb_histinsight.sources.event_files import EventFileSource

FLOATS = [0.0, -0.0, 1.0, -1.5, 1e-12, 1.1e-12, 1e20, 1.7976931348623157e308, 5e-324, np.inf, -np.inf, np.nan, 0.5, 3.0]
COUNTS = [0.0, 1.0, 2.0, 1000.0, 1e300, -1.0, np.nan, np.inf]
SIZES = [0, 1, 2, 3, 30, -1, 2**31, 2**62]
TAGS = ["w", "layer/kernel:0", "", "../x", "<script>", "名前", "w"]
PLUGINS = ["histograms", "scalars", "", "text", "histograms"]
DTYPES = [2, 1, 3, 9, 19, 23, 7, 0, 14, 101, 2, 2]
STEPS = [0, 1, 2, 3, 1, 10, -1, 2**63 - 1, -(2**63), 5]
TIMES = [1.7e9, 1.7e9 + 1, 1.7e9 + 2, 0.0, np.nan, np.inf, -1e300]


def varint(number):
    number &= 2**64 - 1
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number])


def field(number, wire, payload):
    return varint(number << 3 | wire) + payload


def message(number, payload):
    return field(number, 2, varint(len(payload)) + payload)


def doubles(number, values, packed):
    if packed:
        return message(number, struct.pack(f"<{len(values)}d", *values))
    return b"".join(field(number, 1, struct.pack("<d", value)) for value in values)


class Maker:
    """Makes files; `choose(n)` is asked for every choice and gives a number below n."""

    def __init__(self, choose):
        self.choose = choose

    def of(self, options):
        return options[self.choose(len(options))]

    def rarely(self):
        return self.choose(12) == 11

    def file(self):
        records = [self.record() for _ in range(self.choose(8))]
        if self.choose(2):
            records = records[:3] * (1 + self.choose(6))  # a rhythm
        data = bytearray(b"".join(records))
        for _ in range(self.of([0, 0, 0, 1, 2, 5])):
            self.damage(data)
        return bytes(data)

    def damage(self, data):
        if not data:
            return
        place = self.choose(len(data))
        kind = self.choose(5)
        if kind == 0:
            data[place] ^= 1 << self.choose(8)
        elif kind == 1:
            del data[place:]
        elif kind == 2:
            del data[place : place + 1 + self.choose(40)]
        elif kind == 3:
            data[place:place] = bytes([self.choose(256) for _ in range(self.choose(20))])
        else:
            data[place : place + 8] = bytes(8)

    def record(self):
        if self.rarely():
            return frame(bytes([self.choose(256) for _ in range(self.choose(40))]))
        if self.rarely():  # a length that nobody has, with its right checksum
            head = frame(b"")[:0] + struct.pack("<Q", self.of([2**60, 2**31, 2**63 - 4, 2**32]))
            return head + struct.pack("<I", _crc(head))
        event = self.shuffled([
            field(1, 1, struct.pack("<d", self.of(TIMES))),
            field(2, 0, varint(self.of(STEPS))),
            message(5, b"".join(message(1, self.value()) for _ in range(self.of([1, 1, 1, 2, 0])))),
        ])  # fmt: skip
        return frame(event)

    def shuffled(self, parts):
        if self.rarely():
            parts = sorted(parts, key=lambda _: self.choose(1000))
        if self.rarely():
            parts.insert(self.choose(len(parts) + 1), self.unknown())
        if self.rarely() and parts:
            parts.append(self.of(parts))
        if self.rarely() and parts:
            parts.pop(self.choose(len(parts)))
        return b"".join(parts)

    def unknown(self):
        number = self.of([20, 99, 2**28, 7, 15, 0])
        return self.of(
            [
                field(number, 0, varint(self.of([0, 2**64 - 1]))),
                message(number, b"anything"),
                field(number, 5, bytes(4)),
                field(number, 3, b"") + field(number, 4, b""),
                field(number, 2, varint(2**40)),
            ]
        )

    def value(self):
        tag = self.of(TAGS).encode()
        if self.rarely():
            tag = b"\xff\xfe"
        metadata = message(9, message(1, message(1, self.of(PLUGINS).encode())))
        kind = self.choose(4)
        if kind == 0:
            return self.shuffled([message(1, tag), message(5, self.histo())])
        if kind == 1:
            return self.shuffled([message(1, tag), field(2, 5, struct.pack("<f", self.of([0.5, np.nan])))])
        return self.shuffled([message(1, tag), message(8, self.tensor()), metadata])

    def histo(self):
        count = self.of([0, 1, 2, 3, 5])
        limits = sorted(self.of(FLOATS[:8]) for _ in range(count)) if self.choose(3) else self.numbers(count)
        parts = [field(i, 1, struct.pack("<d", self.of(FLOATS))) for i in range(1, 6)]
        parts.append(doubles(6, limits, packed=not self.rarely()))
        counts = [self.of(COUNTS[: self.of([3, 8])]) for _ in range(self.of([count, count, count, count + 1]))]
        parts.append(doubles(7, counts, packed=not self.rarely()))
        return self.shuffled(parts)

    def numbers(self, count):
        return [self.of(FLOATS) for _ in range(count)]

    def tensor(self):
        rows = self.of([0, 1, 2, 3, 30])
        edges = self.numbers(rows + 1)
        edges = np.sort(edges).tolist() if self.choose(3) else edges
        table = [(edges[i], edges[i + 1], self.of(COUNTS[: self.of([3, 8])])) for i in range(rows)]
        flat = [number for row in table for number in row]
        shape = [rows, 3] if not self.rarely() else [self.of(SIZES) for _ in range(self.choose(4))]
        sizes = b"".join(message(2, field(1, 0, varint(size))) for size in shape)
        dtype = 2 if not self.rarely() else self.of(DTYPES)
        content = message(4, struct.pack(f"<{len(flat)}d", *flat))
        if self.rarely():
            content = doubles(6, flat[: self.of([1, len(flat)])], packed=bool(self.choose(2)))
        elif self.rarely():
            content = message(5, struct.pack("<f", 0.25))
        return self.shuffled([field(1, 0, varint(dtype)), message(2, sizes), content])


def _crc(data):
    from plain_reader import masked_crc32c

    return masked_crc32c(data)


def assert_read_alike(path):
    """The reader gives what a plain one gives, and never an exception."""
    from plain_reader import PlainRun

    from tb_histinsight.sources.event_files.discovery import EventFile

    source = EventFileSource(path)
    reader, plain = source.open_run("."), PlainRun(".", [EventFile(path, path.name)])
    ours, theirs = list(reader.read()), list(plain.read())
    # Protobuf refuses a whole record where the reader does not look at the broken part, or leaves out that part alone.
    bad, more_bad = (sum(e.count for e in r.skipped() if e.reason == "bad_record") for r in (reader, plain))
    assert bad <= more_bad
    if bad < more_bad:
        return
    assert list(reader.tags()) == list(plain.tags())
    for one, other in zip(ours, theirs, strict=True):
        assert_same_series(one, other)
    for one, other in zip(reader.scalars(), plain.scalars(), strict=True):
        assert one.tag == other.tag
        assert one.steps.tolist() == other.steps.tolist()
        np.testing.assert_array_equal(one.values, other.values)
    assert sorted(map(repr, reader.skipped())) == sorted(map(repr, plain.skipped()))


def assert_same_series(one, other):
    assert one.tag == other.tag
    for name in ("steps", "wall_times", "buckets", "offsets", "non_finite", "uncounted", "collisions", "restarts"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)
    assert (one.moments is None) == (other.moments is None)
    if one.moments is not None:
        for name in ("num", "sum", "sum_squares"):
            np.testing.assert_array_equal(getattr(one.moments, name), getattr(other.moments, name), err_msg=name)


def assert_normal(series):
    """The laws of the normal form."""
    assert (series.steps[1:] > series.steps[:-1]).all()
    for i in range(len(series)):
        left, right, count = (getattr(series.at(i), name) for name in ("left", "right", "count"))
        assert np.isfinite(left).all()
        assert np.isfinite(right).all()
        assert np.isfinite(count).all()
        assert (count >= 0).all()
        assert (left[1:] >= right[:-1]).all()
        if len(count) == 1 and left[0] == right[0]:
            continue
        assert (left < right).all()
        if len(count):
            assert count[0] > 0
            assert count[-1] > 0

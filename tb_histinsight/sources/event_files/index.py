"""Where every record of every tag lies: what a scan of event files leaves behind, a few bytes a record."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field

SCALAR = -1
TENSOR64 = 0
"""The bytes are float64 triples (left, right, count)."""
HISTO = 1
"""The bytes are an old-style histogram message."""
VIA_PROTOBUF = 2
"""The bytes are a whole record, for protobuf to read; this plus the number of the value in it."""


@dataclass
class HistogramColumns:
    """The records of one histogram tag, in the order in which they lie in the files; all columns equally long."""

    steps: array[int] = field(default_factory=lambda: array("q"))
    wall_times: array[float] = field(default_factory=lambda: array("d"))
    files: array[int] = field(default_factory=lambda: array("i"))
    """Number of the file among the run's files"""
    kinds: array[int] = field(default_factory=lambda: array("i"))
    offsets: array[int] = field(default_factory=lambda: array("q"))
    """First byte in the file"""
    sizes: array[int] = field(default_factory=lambda: array("q"))

    def __len__(self) -> int:
        return len(self.steps)


@dataclass
class ScalarColumns:
    """The records of one scalar tag."""

    steps: array[int] = field(default_factory=lambda: array("q"))
    wall_times: array[float] = field(default_factory=lambda: array("d"))
    files: array[int] = field(default_factory=lambda: array("i"))
    values: array[float] = field(default_factory=lambda: array("d"))


@dataclass
class RunIndex:
    """What is known of a run's records; tags in order of first appearance."""

    histograms: dict[str, HistogramColumns] = field(default_factory=dict)
    scalars: dict[str, ScalarColumns] = field(default_factory=dict)
    plugins: dict[bytes, bytes] = field(default_factory=dict)
    """Plugin name by tag: writers give it with a tag's first record only"""

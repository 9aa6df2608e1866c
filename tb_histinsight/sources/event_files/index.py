"""Where every record of every tag lies: what a scan of event files leaves behind, a few bytes a record."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from tb_histinsight.core.histogram import FloatArray, IntArray

SCALAR = -1
TENSOR64 = 0
"""The bytes are float64 triples (left, right, count)."""
HISTO = 1
"""The bytes are an old-style histogram message."""
VIA_PROTOBUF = 2
"""The bytes are a whole record, for protobuf to read; this plus the number of the value in it."""


@dataclass
class _Listed:
    """Records one by one; all columns equally long."""

    steps: array[int] = field(default_factory=lambda: array("q"))
    wall_times: array[float] = field(default_factory=lambda: array("d"))
    files: array[int] = field(default_factory=lambda: array("q"))
    kinds: array[int] = field(default_factory=lambda: array("q"))
    offsets: array[int] = field(default_factory=lambda: array("q"))
    sizes: array[int] = field(default_factory=lambda: array("q"))

    def __len__(self) -> int:
        return len(self.steps)

    def column(self, name: str) -> npt.NDArray[Any]:
        return np.array(getattr(self, name))


@dataclass(frozen=True)
class _Even:
    """float64 histograms of one size, equally far apart in one file: a column of a matrix of periods."""

    steps: IntArray
    wall_times: FloatArray
    file: int
    first: int
    apart: int
    size: int

    def __len__(self) -> int:
        return len(self.steps)

    def column(self, name: str) -> npt.NDArray[Any]:
        n = len(self.steps)
        if name == "offsets":
            return self.first + self.apart * np.arange(n, dtype=np.int64)
        if name in ("files", "kinds", "sizes"):
            return np.full(n, {"files": self.file, "kinds": TENSOR64, "sizes": self.size}[name], np.int64)
        return self.steps if name == "steps" else self.wall_times


class HistogramColumns:
    """The records of one histogram tag, in the order in which they lie in the files."""

    def __init__(self) -> None:
        self._parts: list[_Listed | _Even] = []

    def __len__(self) -> int:
        return sum(map(len, self._parts))

    @property
    def steps(self) -> IntArray:
        """int64 [n]"""
        return self._column("steps").astype(np.int64, copy=False)

    @property
    def wall_times(self) -> FloatArray:
        """float64 [n]"""
        return self._column("wall_times").astype(np.float64, copy=False)

    @property
    def files(self) -> IntArray:
        """int64 [n]: number of the file among the run's files"""
        return self._column("files").astype(np.int64, copy=False)

    @property
    def kinds(self) -> IntArray:
        """int64 [n]: TENSOR64, HISTO or VIA_PROTOBUF"""
        return self._column("kinds").astype(np.int64, copy=False)

    @property
    def offsets(self) -> IntArray:
        """int64 [n]: first byte in the file"""
        return self._column("offsets").astype(np.int64, copy=False)

    @property
    def sizes(self) -> IntArray:
        """int64 [n]: bytes"""
        return self._column("sizes").astype(np.int64, copy=False)

    @property
    def nbytes(self) -> int:
        """Bytes of all records."""
        return sum(sum(part.sizes) if isinstance(part, _Listed) else part.size * len(part) for part in self._parts)

    def _column(self, name: str) -> npt.NDArray[Any]:
        if len(self._parts) == 1:
            return self._parts[0].column(name)
        return np.concatenate([np.empty(0, np.int64), *(part.column(name) for part in self._parts)])

    def add(self, step: int, wall_time: float, *, file: int, kind: int, offset: int, size: int) -> None:
        """Adds a record."""
        into = self._listed()
        into.steps.append(step)
        into.wall_times.append(wall_time)
        into.files.append(file)
        into.kinds.append(kind)
        into.offsets.append(offset)
        into.sizes.append(size)

    def add_listed(
        self, steps: IntArray, wall_times: FloatArray, *, file: int, kinds: IntArray, offsets: IntArray, sizes: IntArray
    ) -> None:
        """Adds records of one file."""
        into = self._listed()
        into.steps.frombytes(steps.tobytes())
        into.wall_times.frombytes(wall_times.tobytes())
        into.files.frombytes(np.full(steps.size, file, np.int64).tobytes())
        into.kinds.frombytes(kinds.tobytes())
        into.offsets.frombytes(offsets.tobytes())
        into.sizes.frombytes(sizes.tobytes())

    def add_even(
        self, steps: IntArray, wall_times: FloatArray, *, file: int, first: int, apart: int, size: int
    ) -> None:
        """Adds float64 histograms that lie equally far apart; the arrays are kept, not copied."""
        self._parts.append(_Even(steps, wall_times, file, first, apart, size))

    def _listed(self) -> _Listed:
        last = self._parts[-1] if self._parts else None
        if isinstance(last, _Listed):
            return last
        new = _Listed()
        self._parts.append(new)
        return new


@dataclass
class ScalarColumns:
    """The records of one scalar tag."""

    steps: array[int] = field(default_factory=lambda: array("q"))
    wall_times: array[float] = field(default_factory=lambda: array("d"))
    files: array[int] = field(default_factory=lambda: array("q"))
    values: array[float] = field(default_factory=lambda: array("d"))

    def add(self, steps: IntArray, wall_times: FloatArray, *, file: int, values: FloatArray) -> None:
        """Adds records of one file."""
        self.steps.frombytes(steps.tobytes())
        self.wall_times.frombytes(wall_times.tobytes())
        self.files.frombytes(np.full(steps.size, file, np.int64).tobytes())
        self.values.frombytes(values.tobytes())


@dataclass
class RunIndex:
    """What is known of a run's records; tags in order of first appearance."""

    histograms: dict[str, HistogramColumns] = field(default_factory=dict)
    scalars: dict[str, ScalarColumns] = field(default_factory=dict)
    plugins: dict[bytes, bytes] = field(default_factory=dict)
    """Plugin name by tag: writers give it with a tag's first record only"""

    def written(self) -> Iterator[tuple[FloatArray, IntArray]]:
        """For each tag, when its records were written, and in which file each is."""
        everything: list[HistogramColumns | ScalarColumns] = [*self.histograms.values(), *self.scalars.values()]
        for columns in everything:
            yield np.asarray(columns.wall_times), np.asarray(columns.files)

"""What batches of records add to the index, collected until it is worth entering it tag by tag."""

from __future__ import annotations

import numpy as np

from tb_histinsight.sources.event_files import index as kinds
from tb_histinsight.sources.event_files.batch import Batch, together
from tb_histinsight.sources.event_files.records import RecordReader

MOST_VALUES = 1 << 16
"""Values that are collected: 4 MB. To enter some of a tag takes 10 µs, however few they are."""


class Pending:
    """Values of one file that are still to be entered into the index, in the order of the file."""

    def __init__(self, file: int, records: RecordReader) -> None:
        """Nothing is collected yet.

        Args:
          file: number of the file among the run's files.
        """
        self._file = file
        self._records = records
        self._batches: list[Batch] = []
        self._numbers: dict[bytes, int] = {}
        self._values = 0

    def add(self, batch: Batch, begin: int) -> None:
        """Adds a batch.

        Args:
          begin: where it begins in the file.
        """
        numbers = [self._numbers.setdefault(name, len(self._numbers)) for name in batch.names]
        batch.tags = np.array(numbers, np.int64)[batch.tags]
        batch.offsets = batch.offsets + begin
        self._batches.append(batch)
        self._values += len(batch.tags)
        if self._values >= MOST_VALUES:
            self.enter()

    def enter(self) -> None:
        """Enters everything into the index: has to come before anything else is entered."""
        if not self._batches:
            return
        every = together(self._batches, list(self._numbers))
        self._batches, self._numbers, self._values = [], {}, 0
        scalar = every.kinds == kinds.SCALAR
        for tag, index in every.by_tag(scalar):
            scalars = self._records.scalars(self._records.name(tag))
            times, values = every.wall_times[index], every.numbers[index]
            scalars.add(every.steps[index], times, file=self._file, values=values)
        for tag, index in every.by_tag(~scalar):
            columns = self._records.histograms(self._records.name(tag))
            if columns is not None:
                columns.add_listed(
                    every.steps[index],
                    every.wall_times[index],
                    file=self._file,
                    kinds=every.kinds[index],
                    offsets=every.offsets[index],
                    sizes=every.sizes[index],
                )

"""What TensorBoard holds, but for those runs of which every step was read: these as they are in their files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tb_histinsight.core.histogram import HistogramSeries
from tb_histinsight.core.run import RunAnalysis, ScalarSeries, Skipped, TagAnalysis
from tb_histinsight.core.told import NOTHING_TOLD, Names
from tb_histinsight.routes.reading.readings import FullReadings, FullRun
from tb_histinsight.routes.store import AnalysisStore
from tb_histinsight.routes.versioned import VersionedReader, VersionedSource
from tb_histinsight.settings import DEFAULTS, Settings


class FullReader:
    """A run of which every step was read (a `VersionedReader`)."""

    def __init__(self, run: str, found: FullRun, readings: FullReadings) -> None:
        self.run = run
        self.found = found
        self._readings = readings

    @property
    def version(self) -> str:
        """Changes when the run is read anew."""
        return self.found.version

    def tags(self) -> list[str]:
        """All histogram tags, in depth order."""
        return [tag.tag for tag in self.found.analysis.tags]

    def tag_version(self, tag: str) -> object:
        """Changes when the run is read anew."""
        return self.found.version

    def last_step(self) -> int | None:
        """The last step of any tag."""
        return max((int(tag.steps[-1]) for tag in self.found.analysis.tags if len(tag.steps)), default=None)

    def read(self, tags: Sequence[str] | None = None) -> Iterator[HistogramSeries]:
        """The series of the given tags from the event files."""
        yield from self._readings.series(self.run, tags)

    def scalars(self) -> Sequence[ScalarSeries]:
        """All scalar tags."""
        return list(self.found.analysis.scalars.values())

    def skipped(self) -> Sequence[Skipped]:
        """What was left out when the run was read."""
        return self.found.analysis.skipped


class FullSource:
    """TensorBoard's runs, in full where they have been read so (a `VersionedSource`)."""

    def __init__(self, sampled: VersionedSource, readings: FullReadings) -> None:
        self._sampled = sampled
        self._readings = readings

    def runs(self) -> Sequence[str]:
        """Names of TensorBoard's runs."""
        return self._sampled.runs()

    def open_run(self, run: str) -> VersionedReader:
        """Opens one run; KeyError: TensorBoard has none of this name."""
        sampled = self._sampled.open_run(run)
        found = self._readings.found(run)
        return sampled if found is None else FullReader(run, found, self._readings)

    def skipped(self) -> Sequence[Skipped]:
        """What was left out before any run was opened."""
        return self._sampled.skipped()


class FullStore(AnalysisStore):
    """Analyses: those that came with a full reading, and those that another store makes."""

    def __init__(self, sampled: AnalysisStore) -> None:
        super().__init__(budget=0)
        self._sampled = sampled

    def run(self, experiment: str, reader: VersionedReader, settings: Settings = DEFAULTS) -> RunAnalysis:
        """The analysis of a run."""
        if isinstance(reader, FullReader):
            return reader.found.analysis
        return self._sampled.run(experiment, reader, settings)

    def tag(
        self, experiment: str, reader: VersionedReader, tag: str, names: Names = NOTHING_TOLD
    ) -> TagAnalysis | None:
        """The analysis of a tag if it is there and up to date; None otherwise."""
        if isinstance(reader, FullReader):
            return next((one for one in reader.found.analysis.tags if one.tag == tag), None)
        return self._sampled.tag(experiment, reader, tag, names)

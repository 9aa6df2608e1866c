"""A report's findings, worst first; and runs that are too many to be in memory together."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias, overload

import msgspec

from tb_histinsight.core.labels import Confidence, Severity
from tb_histinsight.report import FindingEntry, Report, RunEntry

Ranked: TypeAlias = Sequence[tuple[RunEntry, FindingEntry]]


class ManyRuns(Sequence[RunEntry]):
    """Runs that are not all in memory: each is made when it is asked for, and belongs to who asked."""

    @abstractmethod
    def head(self, place: int) -> RunEntry:
        """A run without its tags, which are most of it."""

    @abstractmethod
    def whole(self, place: int) -> RunEntry:
        """A run with its tags."""

    def __iter__(self) -> Iterator[RunEntry]:
        return (self.whole(place) for place in range(len(self)))

    @overload
    def __getitem__(self, index: int) -> RunEntry: ...

    @overload
    def __getitem__(self, index: slice) -> list[RunEntry]: ...

    def __getitem__(self, index: int | slice) -> RunEntry | list[RunEntry]:
        places = range(len(self))[index]
        return self.whole(places) if isinstance(places, int) else [self.whole(place) for place in places]


class _Changed(ManyRuns):
    """The same runs, each with something changed."""

    def __init__(self, runs: ManyRuns, change: Callable[[RunEntry], RunEntry]) -> None:
        self._runs, self._change = runs, change

    def __len__(self) -> int:
        return len(self._runs)

    def head(self, place: int) -> RunEntry:
        return self._change(self._runs.head(place))

    def whole(self, place: int) -> RunEntry:
        return self._change(self._runs.whole(place))


def heads(report: Report) -> Iterator[RunEntry]:
    """The runs of a report one after the other, for who does not look at their tags: of many these are left out."""
    runs = report.runs
    return (runs.head(place) for place in range(len(runs))) if isinstance(runs, ManyRuns) else iter(runs)


def ranked_of(run: RunEntry) -> list[FindingEntry]:
    """The findings of one run that count, worst first."""
    return sorted(filter(leads, run.findings), key=place_of)


_SEVERITIES = {severity.value: -severity.rank for severity in Severity}
_CONFIDENCES = {confidence.value: -confidence.rank for confidence in Confidence}


def place_of(finding: FindingEntry) -> tuple[int, int]:
    """What findings are ranked by: severity, then confidence; the worst is the smallest."""
    return _SEVERITIES[finding.severity], _CONFIDENCES[finding.confidence]


def leads(finding: FindingEntry) -> bool:
    """Whether a finding counts: it follows from no other one, and nobody marked it as intended or dismissed."""
    return finding.cause is None and finding.mark is None


def ranked(report: Report) -> Ranked:
    """The findings of all runs that count, with their runs (of many: without their tags), worst first."""
    places = sorted(
        (*place_of(finding), place, number)
        for place, run in enumerate(heads(report))
        for number, finding in enumerate(run.findings)
        if leads(finding)
    )
    runs = report.runs
    if isinstance(runs, ManyRuns):
        return _RankedOfMany(runs, [place[2:] for place in places])
    return [(runs[place], runs[place].findings[number]) for _, _, place, number in places]


class _RankedOfMany(Sequence[tuple[RunEntry, FindingEntry]]):
    """Findings of which only the places are in memory."""

    def __init__(self, runs: ManyRuns, places: Sequence[tuple[int, int]]) -> None:
        self._runs, self._places = runs, places

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, index: int) -> tuple[RunEntry, FindingEntry]: ...

    @overload
    def __getitem__(self, index: slice) -> Ranked: ...

    def __getitem__(self, index: int | slice) -> tuple[RunEntry, FindingEntry] | Ranked:
        if isinstance(index, slice):
            return _RankedOfMany(self._runs, self._places[index])
        place, number = self._places[index]
        run = self._runs.head(place)
        return run, run.findings[number]


def worst_findings(report: Report, count: int) -> Report:
    """The report with only the `count` worst findings of all runs, what follows from these, and what is marked."""
    kept = {finding.id for _, finding in ranked(report)[:count]}
    kept |= {finding.id for run in heads(report) for finding in run.findings if finding.mark is not None}

    def fewer(run: RunEntry) -> RunEntry:
        findings = [f for f in run.findings if (f.cause or f.id) in kept or f.id in kept]
        left_out = len(run.findings) - len(findings)
        return msgspec.structs.replace(run, findings=findings, findings_left_out=left_out)

    return msgspec.structs.replace(report, runs=changed(report.runs, fewer))


def runs_of_worst(report: Report, count: int) -> Iterator[RunEntry]:
    """The runs of the worst findings of all, each with these and what follows from them."""
    runs: dict[str, RunEntry] = {}
    kept = set()
    for run, finding in ranked(report)[:count]:
        runs.setdefault(run.run, run)
        kept.add(finding.id)
    for run in runs.values():
        findings = [f for f in run.findings if f.id in kept or f.cause in kept]
        yield msgspec.structs.replace(run, findings=findings)


def changed(runs: Sequence[RunEntry], change: Callable[[RunEntry], RunEntry]) -> Sequence[RunEntry]:
    """The runs, each with something changed; of many only when it is asked for."""
    return _Changed(runs, change) if isinstance(runs, ManyRuns) else [change(run) for run in runs]

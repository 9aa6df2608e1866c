"""A rule at work on its own example: what it says, and the histograms that it says it of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from tb_histinsight.analysis import analyse_several, conclude
from tb_histinsight.core.histogram import FloatArray, HistogramSeries, RawHistograms, normalise
from tb_histinsight.core.names import read_tags
from tb_histinsight.core.run import RunAnalysis
from tb_histinsight.explain import explain
from tb_histinsight.logging.buckets import equal_buckets
from tb_histinsight.rules import Rule
from tb_histinsight.rules.comparing import compare_runs
from tb_histinsight.rules.made_up import STEP, Example

MOST_TAGS = 2
"""Tags that are drawn"""
RUNS = ("run a", "run b")
"""What the runs of an example are called"""


@dataclass(frozen=True)
class Demonstration:
    """What a rule says of its example."""

    sentence: str
    drawn: Sequence[tuple[str, HistogramSeries]]
    """What each is called, and its histograms"""


def demonstrate(rule: Rule, language: str = "en") -> Demonstration | None:
    """The rule on its example; None where it has none, or stays quiet on it (a test sees to it that none does)."""
    example = rule.example()
    if example is None:
        return None
    if example.other:
        return _compared(example, language)
    series = _series(RUNS[0], example.tensors, example.collided)
    (run,) = explain([_judged(series, [rule.id])], language).runs
    if not run.findings:
        return None
    finding = run.findings[0]
    shown = example.shown or finding.tags[:MOST_TAGS]
    return Demonstration(finding.message, [(one.tag, one) for tag in shown for one in series if one.tag == tag])


def _compared(example: Example, language: str) -> Demonstration | None:
    of_runs = [_series(name, tensors) for name, tensors in zip(RUNS, (example.tensors, example.other), strict=True)]
    runs, comparisons = compare_runs([_judged(series, ["run-difference"]) for series in of_runs], None)
    found = explain(runs, language, comparisons=comparisons).comparisons
    if not found:
        return None
    drawn = [(f"{one.tag} ({one.run})", one) for series in of_runs for one in series if one.tag in example.shown]
    return Demonstration(found[0].message, drawn)


def _series(
    run: str, tensors: Mapping[str, Sequence[FloatArray]], collided: Sequence[str] = ()
) -> list[HistogramSeries]:
    """The tensors as `tf.summary.histogram` logs them: 30 buckets of equal width."""
    found = []
    for tag, at_steps in tensors.items():
        rows = [equal_buckets(tensor) for tensor in at_steps]
        series = normalise(
            RawHistograms(
                run=run,
                tag=tag,
                steps=np.arange(len(rows), dtype=np.int64) * STEP,
                wall_times=np.arange(len(rows), dtype=np.float64),
                rows=np.concatenate(rows),
                offsets=np.cumsum([0, *map(len, rows)]),
            )
        )
        found.append(replace(series, collisions=series.steps) if tag in collided else series)
    return found


def _judged(series: Sequence[HistogramSeries], select: Sequence[str]) -> RunAnalysis:
    names = read_tags([one.tag for one in series])
    return conclude(series[0].run, analyse_several(list(series), names), select=select)

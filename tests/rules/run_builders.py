"""Runs for tests, from raw tensors: bucketised as the writers do it, then analysed as any log is."""

from collections.abc import Mapping, Sequence

import numpy as np

from tb_histinsight.analysis import analyse_series, conclude
from tb_histinsight.core.findings import Finding
from tb_histinsight.core.histogram import HistogramSeries, Moments, RawHistograms, normalise
from tb_histinsight.core.labels import Status
from tb_histinsight.core.names import read_tags
from tb_histinsight.core.run import RunAnalysis, ScalarSeries
from tb_histinsight.locales import catalogue
from tb_histinsight.rules import rule, run_rules

_RUNGS = 1e-12 * 1.1 ** np.arange(774)
LADDER = np.concatenate([-_RUNGS[::-1], [0.0], _RUNGS])
"""Bucket limits of old-style writers; what lies beyond them is not counted."""


def series_of(
    tag: str, tensors: Sequence[np.ndarray], *, layout: str = "equal", steps: Sequence[int] | None = None
) -> HistogramSeries:
    """One tensor per step. layout: "equal" (TF 2), "exponential" with exact sums (PyTorch), "lossy" (without)."""
    rows, offsets, low, high, sums, squares, nums = [], [0], [], [], [], [], []
    for tensor in tensors:
        values = np.asarray(tensor, np.float64).ravel()
        finite = values[np.isfinite(values)]
        if layout == "equal":
            rows.append(_equal(values))
        else:
            counts, _ = np.histogram(finite, LADDER)
            filled = np.flatnonzero(counts)
            start, stop = (filled[0], filled[-1] + 1) if len(filled) else (0, 0)
            rows.append(np.stack([LADDER[start:stop], LADDER[start + 1 : stop + 1], counts[start:stop]], axis=1))
            low.append(values.min() if len(values) else 0.0)
            high.append(values.max() if len(values) else 0.0)
            sums.append(values.sum())
            squares.append((values**2).sum())
            nums.append(float(len(values)))
        offsets.append(offsets[-1] + len(rows[-1]))
    n = len(tensors)
    exact = layout != "equal"
    return normalise(
        RawHistograms(
            run="run",
            tag=tag,
            steps=np.arange(n) * 10 if steps is None else np.asarray(steps, np.int64),
            wall_times=np.arange(n, dtype=np.float64),
            rows=np.concatenate(rows) if rows else np.empty((0, 3)),
            offsets=np.array(offsets, np.int64),
            minimum=np.array(low) if exact else None,
            maximum=np.array(high) if exact else None,
            moments=Moments(np.array(nums), np.array(sums), np.array(squares)) if layout == "exponential" else None,
        )
    )


def _equal(values: np.ndarray, buckets: int = 30) -> np.ndarray:
    """What `tf.summary.histogram` writes."""
    if not len(values):
        return np.zeros((buckets, 3))
    if not np.isfinite(values).all():
        return np.concatenate([np.full((buckets, 2), np.nan), np.zeros((buckets, 1))], axis=1)
    low, high = values.min(), values.max()
    if low == high:
        return np.array([[low, low, 0.0]] * (buckets - 1) + [[low, low, float(len(values))]])
    counts, edges = np.histogram(values, np.linspace(low, high, buckets + 1))
    return np.stack([edges[:-1], edges[1:], counts.astype(float)], axis=1)


def run_of(
    tensors: Mapping[str, Sequence[np.ndarray]],
    *,
    layout: str = "equal",
    scalars: Mapping[str, Sequence[float]] | None = None,
    scalar_step: int = 10,
    steps: Sequence[int] | None = None,
) -> RunAnalysis:
    """A run from raw tensors per tag and step; steps are 0, 10, 20, ... unless given. No rule has run yet."""
    names = {name.tag: name for name in read_tags(list(tensors))}
    tags = [
        analyse_series(series_of(tag, values, layout=layout, steps=steps), names[tag])
        for tag, values in tensors.items()
    ]
    witnesses = [
        ScalarSeries(tag, np.arange(len(v)) * scalar_step, np.arange(len(v), dtype=float), np.asarray(v, float))
        for tag, v in (scalars or {}).items()
    ]
    return conclude("run", tags, witnesses, select=["non-finite"])


def findings_of(rule_id: str, run: RunAnalysis) -> list[Finding]:
    """What one rule finds; its words must be able to say it, and it must not have broken."""
    (outcome,) = run_rules(run, select=[rule_id])
    assert outcome.status is not Status.FAILED, outcome.reason
    words = rule(rule_id).words
    if outcome.status is Status.SKIPPED:
        assert outcome.reason is not None
        assert catalogue().text(f"rule.{rule_id}.skips.{outcome.reason.key}", outcome.reason.values)
    for finding in outcome.findings:
        assert catalogue().text(f"rule.{rule_id}.messages.{finding.message}", finding.values)
        for key in finding.advice or words.advice:
            assert catalogue().text(f"rule.{rule_id}.advice.{key}", finding.values)
        for evidence in finding.evidence:
            assert words.evidence[evidence.name]
        assert len(set(finding.tags)) == len(finding.tags) > 0
    return list(outcome.findings)


def status_of(rule_id: str, run: RunAnalysis) -> Status:
    (outcome,) = run_rules(run, select=[rule_id])
    return outcome.status


def still(tensor: np.ndarray, steps: int = 6) -> list[np.ndarray]:
    """The same tensor at every step."""
    return [tensor] * steps


def drifting(tensor: np.ndarray, by: float = 0.2, steps: int = 6, seed: int = 0) -> list[np.ndarray]:
    """A tensor that moves like a trained one: each value along a line of its own, `by` of the spread in all."""
    direction = np.random.default_rng(seed).normal(size=tensor.shape)
    return [tensor + by * tensor.std() * direction * i / (steps - 1) for i in range(steps)]


def glorot(fan_in: int, fan_out: int, seed: int = 0) -> np.ndarray:
    limit = np.sqrt(6 / (fan_in + fan_out))
    return np.random.default_rng(seed).uniform(-limit, limit, (fan_in, fan_out)).astype(np.float32)


def healthy(**extra: Sequence[np.ndarray]) -> dict[str, Sequence[np.ndarray]]:
    """Three dense layers that move, with biases that do; the base of every *stays quiet* list."""
    tensors: dict[str, Sequence[np.ndarray]] = {}
    for i, (fan_in, fan_out) in enumerate([(60, 100), (100, 100), (100, 10)], start=1):
        tensors[f"fc{i}.weight"] = drifting(glorot(fan_in, fan_out, seed=i), 0.4, seed=10 + i)
        rng = np.random.default_rng(20 + i)
        target = rng.normal(0, 0.02, fan_out)
        tensors[f"fc{i}.bias"] = [target * step / 5 for step in range(6)]
    return tensors | extra

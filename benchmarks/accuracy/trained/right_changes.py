"""Which changes the raw numbers of a series of tensors allow."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import stats

MIN_STEPS = 3
FEW = 6
"""Steps below which no course proves a trend"""
SAME = 1e-6
"""mean|x - first| / mean|x| below which no edge differs as float32 and hardly a value changes its bucket"""
LEVEL = 1.2
"""A lasting change of level: every later spread is so many times that of the first step, or less than its inverse"""
NET = 3.0
"""A net rise is a course where it is so many times the largest fall on the way (and the other way round)"""
SAMPLE = 32
"""Values below which a rise of the spread may be chance, for those who do not know that the values are the same ones"""


def right_changes(rows: list[dict[str, Any]], cell: float) -> tuple[set[str], set[str]]:
    """The changes that are right, and those that are sharply proved (any of these is then demanded).

    Args:
      rows: facts of each step.
      cell: mean width of the buckets that hold the values, the largest of all steps, in the tensor's unit.
    """
    rows = [row for row in rows if not row["non_finite"] and row["n"]]
    if len(rows) < MIN_STEPS:
        return {"unknown"}, {"unknown"}
    moved = [row["moved"] for row in rows[1:]]
    if any(one is None for one in moved):
        return {"growing", "shrinking", "drifting", "changing", "steady", "still"}, set()  # the size changes
    same = [one == 0 for one in moved]
    if all(same):
        return {"frozen"}, {"frozen"}
    if max(row["from_first"] for row in rows) < SAME * rows[0]["abs"]:
        return {"frozen", "still", "steady", "changing", "drifting", "growing", "shrinking", "stalled"}, set()
    tail = 0
    while same[-1 - tail]:
        tail += 1
    if tail >= 2 and not any(same[:-tail]):
        return {"stalled"}, {"stalled"}
    fits = {"stalled"} if tail else set()
    return _moving(rows, np.array(moved), cell, fits)


def _moving(rows: list[dict[str, Any]], moved: np.ndarray, cell: float, fits: set[str]) -> tuple[set[str], set[str]]:
    column = {key: np.array([row[key] for row in rows]) for key in ("std", "mean", "min", "max", "from_first")}
    spread, mean, far = column["std"], column["mean"], column["from_first"]
    low, high = _course(column["min"]), _course(column["max"])
    scale, place, away = _course(spread), _course(mean), _course(far[1:])
    sharp: set[str] = set()
    few = len(rows) < FEW
    rise = spread[-1] - spread[0]
    for label, way in (("growing", 1), ("shrinking", -1)):
        lasting = _level(spread, way) or way * rise > NET * _fallback(way * spread)
        if way * scale > 0.4 or (way * high > 0.4 and way * low < -0.4) or lasting:
            fits.add(label)
        if (
            not few
            and rows[0]["n"] >= SAMPLE
            and way * scale > 0.97
            and way * rise > 0.1 * spread[0]
            and abs(rise) > 0.5 * cell
        ):
            sharp.add(label)
    jump = np.abs(mean[1:] - mean[0]).min() > 2 * np.ptp(mean[1:])
    if abs(place) > 0.4 or jump or (low * high > 0 and min(abs(low), abs(high)) > 0.4):
        fits.add("drifting")
    shift = abs(mean[-1] - mean[0])
    if not few and abs(place) > 0.97 and shift > 0.1 * spread[0] and shift > 0.5 * cell:
        sharp.add("drifting")
    typical = np.median(moved)
    if away > 0.4 or far[-1] > 2 * typical:
        fits.add("changing")
    if not few and away > 0.95 and far[-1] > max(2 * typical, cell):
        sharp.add("changing")
    # Values that as a whole move by far more than their spread changes drift, whatever the spread does.
    if sharp & {"growing", "shrinking"} and not shift > 3 * abs(rise):
        return sharp & {"growing", "shrinking"}, sharp
    if sharp:
        return fits | sharp | ({"drifting"} if shift > 3 * abs(rise) else set()), sharp
    fits.add("steady")
    if far[-1] < cell and typical < cell:
        fits.add("still")
    return fits, sharp


def _level(spread: np.ndarray, way: int) -> bool:
    """Whether from some step on every spread is beyond every one before."""
    after = range(1, len(spread))
    if way > 0:
        return any(spread[k:].min() > LEVEL * spread[:k].max() for k in after)
    return any(LEVEL * spread[k:].max() < spread[:k].min() for k in after)


def _fallback(values: np.ndarray) -> float:
    """The largest fall from any earlier value."""
    return float((np.maximum.accumulate(values) - values).max())


def _course(values: np.ndarray) -> float:
    """Spearman's correlation with the step; 0 for a constant."""
    if len(values) < 3 or values.min() == values.max():
        return 0.0
    return float(stats.spearmanr(np.arange(len(values)), values).statistic)

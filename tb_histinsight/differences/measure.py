"""How far apart matched tensors of two runs are: ratios of their scale at equal steps, with proved bounds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tb_histinsight.core.histogram import BoolArray, FloatArray, IntArray
from tb_histinsight.core.median import medians_along
from tb_histinsight.differences.match import Match
from tb_histinsight.differences.summary import RunSummary

NEAR_END = 0.1
"""Share of the common span of steps: a common step this near to its end is taken rather than two nearer ones."""
NEAREST = 0.05
"""Share of the common span of steps by which two steps may differ and still be compared."""


@dataclass(frozen=True)
class Scales:
    """The scale of matched tensors, one row per match; NaN where there is no step at which both have values."""

    first_step: IntArray
    """int64 [P]: the first step that went into the scale; for weights, the last one is all"""
    step: IntArray
    """int64 [P]: the last step that went into it"""
    other_step: IntArray
    """int64 [P]: the same in the other run; it differs where no step was sampled in both"""
    rms: FloatArray
    """float64 [3, P]: RMS, its lower and its upper bound; of gradients, activations and updates the median over the
    last half of the common steps"""
    other_rms: FloatArray
    start: FloatArray
    """float64 [P]: RMS at the first common step"""
    other_start: FloatArray
    start_step: IntArray


def common_steps(first: IntArray, second: IntArray) -> tuple[IntArray, IntArray]:
    """Indices of the steps of two runs that are compared with each other; int64 [m] each, ascending.

    Steps that were sampled in both; where there is none of these near the end of what both runs cover, each step of
    the run with fewer of them with the nearest one of the other run.
    """
    nothing = np.empty(0, np.int64)
    if not len(first) or not len(second):
        return nothing, nothing
    if np.array_equal(first, second):
        every = np.arange(len(first))
        return every, every
    _, i, j = np.intersect1d(first, second, return_indices=True)
    end, start = min(first[-1], second[-1]), max(first[0], second[0])
    span = max(int(end - start), 0)
    if len(i) and first[i[-1]] >= end - NEAR_END * span:
        return i, j
    if len(second) < len(first):
        b, a = common_steps(second, first)
        return a, b
    after = np.clip(np.searchsorted(second, first), 1, len(second) - 1) if len(second) > 1 else np.zeros(1, np.int64)
    before = np.maximum(after - 1, 0)
    nearest = np.where(np.abs(second[before] - first) <= np.abs(second[after] - first), before, after)
    near = np.abs(second[nearest] - first) <= NEAREST * span
    return np.flatnonzero(near), nearest[near]


def scales(first: RunSummary, second: RunSummary, matches: Sequence[Match]) -> Scales:
    """The scale of every matched tensor in both runs, at equal steps."""
    count = len(matches)
    steps = np.zeros((4, count), np.int64)
    rms = np.full((2, 3, count), np.nan)
    start = np.full((2, count), np.nan)
    batches: dict[tuple[int, int], list[int]] = {}
    for p, match in enumerate(matches):
        batches.setdefault((first.places[match.first][0], second.places[match.second][0]), []).append(p)
    for (a, b), members in batches.items():
        groups = first.groups[a], second.groups[b]
        at = common_steps(groups[0].steps, groups[1].steps)
        if not len(at[0]):
            continue
        rows = (
            np.array([first.places[matches[p].first][1] for p in members]),
            np.array([second.places[matches[p].second][1] for p in members]),
        )
        usable = _columns(groups[0].known, rows[0], at[0]) & _columns(groups[1].known, rows[1], at[1])
        some = usable.any(axis=1)
        found, usable = np.array(members)[some], usable[some]
        rows = rows[0][some], rows[1][some]
        fluctuating = first.fluctuating[[matches[p].first for p in found]]
        last = usable.shape[1] - 1 - np.argmax(usable[:, ::-1], axis=1)
        begin, earliest = last.copy(), np.argmax(usable, axis=1)
        for side in (0, 1):
            table = groups[side].rms
            rms[side][:, found] = table[:, rows[side], at[side][last]]
            start[side, found] = table[0, rows[side], at[side][earliest]]
        half = usable.shape[1] // 2
        whole = fluctuating & usable[:, half:].all(axis=1)
        begin[whole] = half
        for side in (0, 1):
            if whole.any():
                table = groups[side].rms[:, rows[side][whole]]
                rms[side][:, found[whole]] = _medians(table[:, :, at[side][half:]])
        for row in np.flatnonzero(fluctuating & ~whole & usable[:, half:].any(axis=1)):
            there = half + np.flatnonzero(usable[row, half:])
            begin[row] = there[0]
            for side in (0, 1):
                rms[side][:, found[row]] = _medians(groups[side].rms[:, rows[side][row], at[side][there]])
        shown = groups[0].steps[at[0]]
        steps[:, found] = shown[begin], shown[last], groups[1].steps[at[1][last]], shown[earliest]
    return Scales(steps[0], steps[1], steps[2], rms[0], rms[1], start[0], start[1], steps[3])


def _columns(table: BoolArray, rows: IntArray, columns: IntArray) -> BoolArray:
    """Some rows and columns of a table; all columns where all are asked for."""
    return table[rows] if len(columns) == table.shape[1] else table[rows[:, None], columns]


def _medians(values: FloatArray) -> FloatArray:
    """Medians along the last axis."""
    return np.asarray(medians_along(values, -1), dtype=np.float64)

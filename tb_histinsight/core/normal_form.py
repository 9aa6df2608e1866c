"""Rows (left, right, count) as writers and loaders leave them, brought into normal form.

All steps are trimmed and checked together; only a step in which something is odd is mended on its own. Old-style
summaries come from event files with the left edge of their first bucket open (-inf) and with exact minimum and
maximum; TensorBoard's loaders put those two into the outer edges instead, and both ways give the same result here.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from tb_histinsight.core.ladder import LADDER_END, LADDER_RATIO, next_rung_below, on_ladder

BEYOND_LADDER = LADDER_END * LADDER_RATIO
"""A limit beyond this (TF 1 writes 1.797e308) is the open end of old-style buckets and says nothing of the values."""
MOST_VALUES = 1e290
"""A count beyond this is no count, and sums of such counts would overflow."""
RUNG_OF_WIDTH_ONE = 10.0
"""From here on a rung of the ladder is one wide: whole numbers as edges may be minimum and maximum."""


@dataclass(frozen=True)
class NormalForm:
    """Normal rows of all steps."""

    rows: npt.NDArray[np.float64]
    """float64 [m, 3]: left, right, count"""
    offsets: npt.NDArray[np.int64]
    """int64 [n + 1]"""
    non_finite: npt.NDArray[np.float64]
    """float64 [n]: NaN where an edge, a count or an extreme was not finite, else 0"""


def to_normal_form(
    rows: npt.NDArray[np.float64],
    offsets: npt.NDArray[np.int64],
    minimum: npt.NDArray[np.float64] | None = None,
    maximum: npt.NDArray[np.float64] | None = None,
) -> NormalForm:
    """Trims and checks all steps together and mends the odd ones; `rows` itself where nothing was to be done.

    Most steps of TF 2 are in normal form as they are. Few conditions tell that; the other steps go the long way.

    Args:
      rows: float64 [m, 3]: left, right, count.
      offsets: int64 [n + 1]: the rows of step i are `rows[offsets[i]:offsets[i + 1]]`.
      minimum: exact minima of old-style summaries, float64 [n]; None where the outer edges say them.
      maximum: exact maxima, likewise.
    """
    if minimum is not None and maximum is not None:
        return _brought_there(rows, offsets, minimum, maximum)
    there = _there_already(rows, offsets)
    if there.all():
        return NormalForm(rows, offsets, np.zeros(len(there)))
    if not there.any():
        return _brought_there(rows, offsets, None, None)
    others = np.flatnonzero(~there)
    lengths = np.diff(offsets)
    begins = np.concatenate([[0], np.cumsum(lengths[others])])
    at = np.arange(begins[-1]) + np.repeat(offsets[others] - begins[:-1], lengths[others])
    brought = _brought_there(rows[at], begins, None, None)
    parts, done = [], 0
    for i, (start, stop) in zip(others.tolist(), pairwise(brought.offsets.tolist()), strict=True):
        parts += [rows[done : offsets[i]], brought.rows[start:stop]]
        done = int(offsets[i + 1])
    parts.append(rows[done:])
    lengths[others] = np.diff(brought.offsets)
    non_finite = np.zeros(len(there))
    non_finite[others] = brought.non_finite
    return NormalForm(np.concatenate(parts), np.concatenate([[0], np.cumsum(lengths)]), non_finite)


def _there_already(rows: npt.NDArray[np.float64], offsets: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Steps of several rows that ascend without a gap in what is known, none of those at either end empty; bool [n]."""
    lengths = np.diff(offsets)
    there = lengths > 1
    if not there.any():
        return there
    left, right, count = np.ascontiguousarray(rows.T)
    sound = (left < right) & (count >= 0)
    sound &= count <= MOST_VALUES
    inner = np.ones(len(rows) + 1, bool)
    inner[offsets] = False
    sound[1:] &= (left[1:] >= right[:-1]) | ~inner[1:-1]
    _mark(there, offsets, ~sound, to=False)
    first, last = offsets[:-1][there], offsets[1:][there] - 1
    # Between ends that are finite, edges that ascend are finite too.
    there[there] = (count[first] > 0) & (count[last] > 0) & (left[first] > -np.inf) & (right[last] < np.inf)
    return there


def _brought_there(
    rows: npt.NDArray[np.float64],
    offsets: npt.NDArray[np.int64],
    minimum: npt.NDArray[np.float64] | None,
    maximum: npt.NDArray[np.float64] | None,
) -> NormalForm:
    """What `to_normal_form` gives, whatever the steps are like."""
    n = len(offsets) - 1
    odd = np.zeros(n, bool)
    count = rows[:, 2]
    _mark(odd, offsets, np.logical_not((count >= 0) & (count <= MOST_VALUES)))
    filled = np.flatnonzero(count > 0)
    place = np.searchsorted(filled, offsets)
    has = place[1:] > place[:-1]
    some = np.flatnonzero(has)
    first, last = filled[place[:-1][some]], filled[place[1:][some] - 1]
    if minimum is None or maximum is None:
        _mark(odd, offsets, np.logical_not(np.isfinite(rows[:, 0]) & np.isfinite(rows[:, 1])))
        low, high = _told_extremes(rows, offsets[:-1][some], offsets[1:][some] - 1)
        written_one = np.diff(offsets)[some] == 1
        odd[some] |= written_one & _is_unit_wide(rows[first, 0], rows[first, 1])
    else:
        odd |= ~(np.isfinite(minimum) & np.isfinite(maximum))
        low, high = minimum[some], maximum[some]

    lengths = np.zeros(n, np.int64)
    lengths[some] = last - first + 1
    new_offsets = np.concatenate([[0], np.cumsum(lengths)])
    starts, ends = new_offsets[:-1][some], new_offsets[1:][some] - 1
    told = not (np.isnan(low).all() and np.isnan(high).all())
    if len(rows) == new_offsets[-1]:
        trimmed = rows.copy() if told else rows
    else:
        trimmed = rows.take(np.arange(new_offsets[-1]) + np.repeat(first - starts, lengths[some]), axis=0)
    if told:
        trimmed[starts, 0] = np.where(np.isnan(low), trimmed[starts, 0], low)
        trimmed[ends, 1] = np.where(np.isnan(high), trimmed[ends, 1], high)
    left, right = trimmed[:, 0], trimmed[:, 1]
    fine = (left < right) & (left > -np.inf) & (right < np.inf)
    fine[1:] &= (left[1:] >= right[:-1]) | _at(starts, len(fine))[1:]
    single = starts[starts == ends]
    fine[single] |= left[single] == right[single]
    _mark(odd, new_offsets, np.logical_not(fine))
    if not odd.any():
        return NormalForm(trimmed, new_offsets, np.zeros(n))

    non_finite = np.zeros(n)
    parts = []
    done = 0
    for i in np.flatnonzero(odd).tolist():
        extremes = None if minimum is None or maximum is None else (float(minimum[i]), float(maximum[i]))
        mended, bad = _mend(rows[offsets[i] : offsets[i + 1]].copy(), extremes)
        parts += [trimmed[done : new_offsets[i]], mended]
        done = new_offsets[i + 1]
        lengths[i] = len(mended)
        non_finite[i] = np.nan if bad else 0.0
    parts.append(trimmed[done:])
    return NormalForm(np.concatenate(parts), np.concatenate([[0], np.cumsum(lengths)]), non_finite)


def _mark(
    steps: npt.NDArray[np.bool_], offsets: npt.NDArray[np.int64], rows: npt.NDArray[np.bool_], *, to: bool = True
) -> None:
    """Marks the steps that hold a marked row."""
    marked = np.flatnonzero(rows)
    if len(marked):
        steps[np.searchsorted(offsets, marked, side="right") - 1] = to


def _at(index: npt.NDArray[np.int64], length: int) -> npt.NDArray[np.bool_]:
    out = np.zeros(length, bool)
    out[index] = True
    return out


def _told_extremes(
    rows: npt.NDArray[np.float64], first: npt.NDArray[np.int64], last: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Minimum and maximum where an empty outer row tells them; NaN elsewhere.

    The data server puts them into the outer rows even of empty buckets. Such a row is backwards, or, where the
    extreme is a value beyond the ladder that no bucket counted, it reaches out there.
    """
    left, right, count = rows[first].T
    low = np.where((count == 0) & ((left >= right) | (left < -LADDER_END)), left, np.nan)
    left, right, count = rows[last].T
    high = np.where((count == 0) & ((left >= right) | (right > LADDER_END)), right, np.nan)
    return low, high


def _is_unit_wide(left: npt.NDArray[np.float64], right: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    """Whether a bucket that is alone is TF 2.1's [v - 0.5, v + 0.5] around one repeated value v.

    Whole numbers from 10 on may as well be minimum and maximum within one rung of the ladder, and stay.
    """
    size = np.maximum(np.abs(left), np.abs(right))
    with np.errstate(invalid="ignore", over="ignore"):
        unit = np.abs(right - left - 1.0) <= 4 * np.finfo(np.float64).eps * np.maximum(size, 1.0)
        whole = (left == np.rint(left)) & (right == np.rint(right)) & (size >= RUNG_OF_WIDTH_ONE)
    return np.asarray(unit & ~whole)


def _mend(rows: npt.NDArray[np.float64], extremes: tuple[float, float] | None) -> tuple[npt.NDArray[np.float64], bool]:
    """Normal rows [k, 3] of one step in which something is odd, and whether something in it was not finite."""
    bad = not (rows[:, 2] <= MOST_VALUES).all()
    rows[~((rows[:, 2] > 0) & (rows[:, 2] <= MOST_VALUES)), 2] = 0.0
    written = len(rows)
    if extremes is not None:
        low, high = extremes
        bad |= not (np.isfinite(low) and np.isfinite(high))
        old_style = True
        rows[rows[:, 0] < -BEYOND_LADDER, 0] = -np.inf
        rows[rows[:, 1] > BEYOND_LADDER, 1] = np.inf
    else:
        bad |= not np.isfinite(rows[:, :2]).all()
        edge = np.array([0]), np.array([written - 1])
        low, high = (float(told[0]) for told in _told_extremes(rows, *edge)) if written else (np.nan, np.nan)
        # The other edges tell old-style buckets from those of TF 2, whose edges are all lost with one infinite value.
        old_style = written > 1 and on_ladder(rows[:-1, 1]) and on_ladder(rows[1:, 0])
    rows = _without_empty_ends(rows)
    if not len(rows):
        return rows, bad
    if old_style:
        _close_ends(rows)
    if np.isfinite(low):
        rows[0, 0] = low
    if np.isfinite(high):
        rows[-1, 1] = high
    usable = np.isfinite(rows[:, 0]) & np.isfinite(rows[:, 1])
    bad |= not usable.all()
    rows = _without_empty_ends(rows[usable])
    if not len(rows):
        return rows, bad
    if len(rows) > 1:  # an extreme that contradicts its bucket's inner edge yields to it
        rows[0, 0] = min(rows[0, 0], rows[0, 1])
        rows[-1, 1] = max(rows[-1, 0], rows[-1, 1])
    rows = _without_overlap(rows)
    if rows[0, 0] == rows[-1, 1]:
        return np.array([[rows[0, 0], rows[0, 0], rows[:, 2].sum()]]), bad
    if extremes is None and written == 1 and _is_unit_wide(rows[:1, 0], rows[:1, 1])[0]:
        middle = 0.5 * (rows[0, 0] + rows[0, 1])
        return np.array([[middle, middle, rows[0, 2]]]), bad
    return _without_narrow(rows), bad


def _without_empty_ends(rows: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    filled = np.flatnonzero(rows[:, 2] > 0)
    return rows[filled[0] : filled[-1] + 1] if len(filled) else rows[:0]


def _close_ends(rows: npt.NDArray[np.float64]) -> None:
    """Puts the next rung of the ladder where an outer edge of old-style buckets is open or lost."""
    if not np.isfinite(rows[0, 0]) and np.isfinite(rows[0, 1]):
        rows[0, 0] = next_rung_below(float(rows[0, 1]))
    if not np.isfinite(rows[-1, 1]) and np.isfinite(rows[-1, 0]):
        rows[-1, 1] = -next_rung_below(-float(rows[-1, 0]))


def _without_overlap(rows: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Rows with left <= right, ascending, each beginning where all before it have ended."""
    left, right = rows[:, :2].min(axis=1), rows[:, :2].max(axis=1)
    order = np.lexsort((right, left))
    right = np.maximum.accumulate(right[order])
    left = left[order]
    left[1:] = np.maximum(left[1:], right[:-1])
    return np.column_stack([left, right, rows[order, 2]])


def _without_narrow(rows: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Rows of width 0 (float32 rounding) take the gap beside them, if there is one, or go to a neighbour."""
    left, right, count = rows.T.copy()
    narrow = left == right
    left[1:] = np.where(narrow[1:], right[:-1], left[1:])
    if narrow[0] and left[1] > right[0]:
        right[0] = left[1]
    wide = np.flatnonzero(left < right)
    narrow_at = np.flatnonzero((left == right) & (count > 0))
    target = wide[np.minimum(np.searchsorted(wide, narrow_at), len(wide) - 1)]
    np.add.at(count, target, count[narrow_at])
    return _without_empty_ends(np.column_stack([left, right, count])[wide])

"""Values on a grid: what the buckets show of their shape once each grid point is given the room that it stands for.

Integers, and values that were rounded or quantised, leave buckets with one, two or no grid point: neighbouring counts
go up and down by whole factors, which look like valleys, spikes and tails and are none. If the values are on a grid,
minimum and maximum are on it too, so the number of levels says where every level lies and how many fall into each
bucket. A grid that explains the ups and downs is taken for one, and each bucket for the stretch that its levels stand
for: half a level beyond the outermost on either side.
"""

from __future__ import annotations

import numpy as np

from tb_histinsight.core.histogram import BoolArray, FloatArray, IntArray
from tb_histinsight.core.median import median
from tb_histinsight.shapes.cells import FINE

TEETH, TEETH_NOISE = 2, 2.0
"""Cells that lie above, or below, both their neighbours, and by how many standard deviations of counting noise, from
which on a grid is looked for. A single hill has one such cell at the most."""
FULL = 25.0
"""Values in both neighbours of an empty cell from which on no chance has left it empty."""
FEWEST_LEVELS, LEVELS_PER_CELL = 11, 3
"""Levels from which on, and levels per cell up to which grids are tried: fewer are peaks; more differ by less than a
quarter."""
LEVELS_PER_MERGED_CELL = 8
"""The same where cells are several buckets, which show a grid by those that are empty."""
MOST_LEVELS = 300
"""Levels up to which grids are tried."""
EXPLAINED = 0.35
"""What a grid leaves of the squared differences of neighbours, in units of their noise, at the most."""
GAINED = 25.0
"""By how much these become less, at the least: far more than the best of MOST_LEVELS grids gains by chance."""
STANDS_OUT = 9.0
"""Squared difference, in units of its noise and of the middle one of all, beyond which more counts for no more."""
STRAGGLERS = 0.002
"""Share of the values that may lie in buckets without a level."""
OFTEN = 0.5
"""Share of the buckets whose edge is a level, from which on no choice of sides is left: it would explain any hills."""
ON_EDGE = 1e-4
"""Distance from an edge, in bucket widths, within which rounding decides on which side of it a level is counted."""


def may_be_on_grid(left: FloatArray, right: FloatArray, count: FloatArray, *, equal: bool) -> BoolArray:
    """Whether neighbouring cells go up and down as those of a grid do; matrices [m, k], bool [m].

    Args:
      equal: whether the cells are equally wide, but for some that were merged.
    """
    k = count.shape[1]
    if k < 3:
        return np.zeros(len(count), bool)
    # Matrices lie in memory column by column, so these are rows.
    many = count.T
    if equal:
        rise = many[1:] - many[:-1]
        noise = many[1:] + many[:-1] + 2
    else:
        width = (right - left).T
        with np.errstate(divide="ignore", invalid="ignore"):  # cells of no width are like nothing
            density = many / width
            variance = (density + 1 / width) / width
            rise, noise = density[1:] - density[:-1], variance[1:] + variance[:-1]
    sure = rise * rise > TEETH_NOISE**2 * noise
    up = rise > 0
    teeth = sure[1:] & sure[:-1] & (up[1:] != up[:-1])
    full = many >= FULL
    hole = (many[1:-1] == 0) & full[:-2] & full[2:]
    return np.asarray((np.count_nonzero(teeth, axis=0) >= TEETH) | hole.any(axis=0), np.bool_)


def on_grids(
    rows: FloatArray, offsets: IntArray, steps: IntArray, cells: IntArray
) -> tuple[FloatArray, IntArray] | None:
    """A flat block with some steps' buckets made the stretches of their grids; None where none has a grid.

    Args:
      steps: those that may be on a grid.
      cells: how many cells the buckets of each make.
    """
    bounds = offsets.tolist()
    parts, last, lengths, found = [], 0, np.diff(offsets), False
    for step, number in zip(steps.tolist(), cells.tolist(), strict=True):
        begin, end = bounds[step], bounds[step + 1]
        stretches = stretched(rows[begin:end], number) if end - begin > 2 else None
        if stretches is not None:
            parts += [rows[last:begin], stretches]
            last, lengths[step], found = end, len(stretches), True
    if not found:
        return None
    return np.concatenate([*parts, rows[last:]]), np.concatenate([[0], np.cumsum(lengths)])


def stretched(rows: FloatArray, cells: int) -> FloatArray | None:
    """The buckets (left, right, count) of one step as stretches of its grid; None where there is no grid.

    Args:
      cells: how many cells the buckets make.
    """
    left, right, count = rows.T
    low = float(left[0])
    per_cell = LEVELS_PER_CELL if len(rows) <= FINE else LEVELS_PER_MERGED_CELL
    levels = np.arange(FEWEST_LEVELS, min(per_cell * cells, MOST_LEVELS) + 1)
    step = (right[-1] - low) / (levels - 1)
    points = _levels_in(rows, levels, step)
    fits = (np.where(points == 0, count, 0.0).sum(axis=1) <= STRAGGLERS * count.sum()).nonzero()[0]
    if not len(fits):
        return None
    at, bucket = points[fits].nonzero()
    plain = _off(count, right - left)
    # One spike or one hole among smooth neighbours is no grid, however far it stands out.
    most = max(STANDS_OUT, STANDS_OUT * median(plain))
    off = np.minimum(_off(count[bucket], points[fits][at, bucket].astype(np.float64)), most)
    rough = np.bincount(at[1:-1], weights=np.where(at[2:] == at[:-2], off, 0.0), minlength=len(fits))
    before = float(np.minimum(plain, most).sum())
    best = int(np.argmin(rough))
    if rough[best] > EXPLAINED * before or before - rough[best] < GAINED:
        return None
    held, step = points[fits[best]], step[fits[best]]
    edges = low - 0.5 * step + step * np.concatenate([[0], np.cumsum(held)])
    return np.asarray(np.stack([edges[:-1], edges[1:], count], axis=1)[held > 0], np.float64)


def _levels_in(rows: FloatArray, levels: IntArray, step: FloatArray) -> IntArray:
    """How many levels of each grid lie in each bucket; int64 [grids, buckets].

    Rounding decides on which side of an edge a level on it is counted: where the two counts are more alike for it, or
    on the right where that leaves too much room.
    """
    left, right, count = rows.T
    k, buckets = len(levels), len(rows)
    grid = np.repeat(np.arange(k), levels)
    number = np.arange(len(grid)) - np.repeat(np.cumsum(levels) - levels, levels)
    at = left[0] + step[grid] * number
    at = np.where(np.abs(at) < ON_EDGE * step[grid], 0.0, at)
    bucket = np.clip(np.searchsorted(left, at, side="right") - 1, 0, buckets - 1)
    room = ON_EDGE * (right - left)[bucket]
    bucket += (right[bucket] - at < room) & (bucket < buckets - 1)
    unsure = (np.abs(at - left[bucket]) < room) & (bucket > 0) & (number > 0) & (number < levels[grid] - 1)
    held = np.bincount(grid[~unsure] * buckets + bucket[~unsure], minlength=k * buckets)
    place = grid[unsure] * buckets + bucket[unsure]
    here, before = bucket[unsure], bucket[unsure] - 1
    each = (count[here] + count[before]) / (held[place] + held[place - 1] + 1)
    some = np.bincount(grid[unsure], minlength=k)[grid[unsure]] <= OFTEN * buckets
    place -= some & (count[before] > (held[place - 1] + 0.5) * each)
    return np.asarray(held + np.bincount(place, minlength=k * buckets)).reshape(k, buckets)


def _off(count: FloatArray, room: FloatArray) -> FloatArray:
    """How far each inner bucket is from what both neighbours lead to expect: squares in units of its variance."""
    beside, around = count[:-2] + count[2:], room[:-2] + room[2:]
    part = room[1:-1] / around
    expected = beside * part
    return np.asarray((count[1:-1] - expected) ** 2 / (expected + beside * part * part + 1), np.float64)

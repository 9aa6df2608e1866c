"""Multimodal: two or more broad hills with a valley between them."""

from __future__ import annotations

import numpy as np

from tb_histinsight.core.columns import running_max, running_sum
from tb_histinsight.core.histogram import BoolArray, FloatArray, IntArray, Layout
from tb_histinsight.core.labels import Shape
from tb_histinsight.shapes.base import LIKELY, NO, UNDECIDED, ShapeKind, ShapeWords
from tb_histinsight.shapes.cells import FINE
from tb_histinsight.shapes.view import View

VALLEY = 0.75
"""A valley is at most this share of the lower of the two hills beside it, however many values prove the difference."""
PROVEN, PERHAPS = 4.0, (3.0, 2.5, 2.5)
"""Standard deviations of counting noise by which the valley lies below the hills; from which on it may be there, so
that no other shape is claimed (per pool). Of 300 samples each of uniforms, bells, Laplaces, exponentials, log-normals
and triangles of 256 to 5000 values in 30 buckets, none exceeded 3.7, one in a hundred of the bells 2.4 (simulated)."""
NOTCH = 0.85
"""Density on both sides of a valley of one bucket, as a share of the lower hill, from which on it is a notch: values on
a grid leave one, where a bucket holds a level less than the others."""
MODEST, MODEST_COUNT = 0.5, 2.0
"""Standard deviations and values taken off a hill, which is the highest of many."""
UNSURE_NOISE = 0.65
"""How far from a bell and a plateau the values must be for a valley that may be there, in units of 1/sqrt(n)."""
COMB = 4
"""Valleys from which on they are the teeth of a comb, values on a grid, and no hills."""
HARDLY_TWICE, TWICE = 1.7, 2.3
"""How many times as full as its neighbour a bucket is, at the least and at the most, where it holds twice as many
levels."""
PLAIN, PLAIN_NOISE = 0.035, 1.2
"""Kolmogorov distance from a bell or a plateau up to which a comb is one, and its noise in units of 1/sqrt(n)."""
TEETH, TEETH_NOISE = 8, 2.5
"""Cells from which on those that lie above, or below, both their neighbours are the teeth of a comb; and by how many
standard deviations of counting noise they must."""
MANY = 25
"""Equal buckets from which on a hill is more than one of them wide, and a valley too."""
LEAST, ALONE = 6, 1.15
"""Buckets, and how many times as full as the next one the bucket beside an end is at the most, for the end to be high
alone: those of a squashing function rise towards it."""
SEVERAL = 16
"""Cells of merged buckets from which on this is so: of a plateau there are twenty, of two hills no fewer."""
NARROW = 0.3
"""Width of a cell, in units of the spread, up to which a valley is wider than one."""
HILL_SHARE = 0.05
"""Share of the values on either side of the valley."""
POOLS = (1, 3, 5)
"""Neighbouring cells taken together, to see hills that few values draw."""

ONE_HILL, ONE_HILL_NOISE = 0.01, 0.4
"""Kolmogorov distance from a bell or a plateau below which there is no room for a valley, and its counting noise in
units of 1/sqrt(n)."""


class Multimodal(ShapeKind):
    """Two or more broad hills."""

    shape = Shape.MULTIMODAL
    undecided = "hills"
    words = ShapeWords(
        name="several hills",
        about="Two or more broad hills with a valley between them.",
        sentence="Several hills between {min:.3g} and {max:.3g}, the highest near {mode:.3g}.",
    )

    def judge(self, view: View) -> IntArray:
        """A valley that counting noise does not explain, in cells or in pools of neighbouring ones."""
        verdict = np.full(len(view), NO)
        fits = view.fits
        distance = np.minimum(fits.bell.distance, fits.uniform.distance)
        candidates = np.flatnonzero((distance > ONE_HILL + ONE_HILL_NOISE * view.noise) & view.usable)
        if len(candidates):
            part = view.subset(candidates)
            unsure = distance[candidates] > ONE_HILL + UNSURE_NOISE * part.noise
            found, perhaps = np.zeros((2, len(part)), bool)
            density = _density(part)
            for pool, limit in zip(POOLS, PERHAPS, strict=True):
                depth = _depth(part, density, pool)
                # A bucket with one level less between two full ones is no valley between hills.
                found |= _valleys((depth > PROVEN) & ~_notch(part, density, pool))
                # The fewer cells, the fewer valleys there are by chance.
                limits = np.where(part.cells >= MANY, limit, PERHAPS[-1])
                perhaps |= _valleys(depth > limits[:, None]) & unsure
            comb = _comb(part)
            # What shape the teeth stand in may be told; if it is none of the plain ones, nothing is claimed.
            plain = distance[candidates] <= PLAIN + PLAIN_NOISE * part.noise
            found, perhaps = found & ~comb, np.where(comb, ~plain, perhaps)
            verdict[candidates] = np.where(found, LIKELY, np.where(perhaps, UNDECIDED, NO))
        return verdict


def _comb(view: View) -> BoolArray:
    """Whether neighbouring cells go up and down as those of a grid of values do; bool [m]."""
    real = view.width > 0
    density = np.where(real, view.count / np.maximum(view.width, 1e-300), 0.0)
    variance = np.where(real, (view.count + 1) / np.maximum(view.width, 1e-300) ** 2, 0.0)
    rise = density[:, 1:] - density[:, :-1]
    sure = np.abs(rise) > TEETH_NOISE * np.sqrt(variance[:, 1:] + variance[:, :-1])
    way = np.where(sure & real[:, 1:], np.sign(rise), 0.0)
    return np.asarray((way[:, 1:] * way[:, :-1] < 0).sum(axis=1) >= TEETH)


def _density(view: View) -> FloatArray:
    """Values per width [m, k]; of many equal buckets without what a grid of values leaves.

    Values on a grid that is a little coarser or finer than the buckets leave single buckets empty, or twice as full.
    """
    density = np.where(view.width > 0, view.count / np.maximum(view.width, 1e-300), 0.0)
    k = density.shape[1]
    if view.layout is Layout.OTHER or k < 3:
        return density
    left, here, right = density[:, :-2], density[:, 1:-1], density[:, 2:]
    # Where buckets were merged, cells are a tenth of what a hill is wide.
    merged = (view.lengths > FINE) | (view.layout is Layout.EXPONENTIAL)
    several = merged & (view.cells >= SEVERAL)
    fine = np.where(merged, view.cells, view.lengths) >= MANY
    even = np.where(here == 0, np.minimum(left, right), np.minimum(here, np.maximum(left, right)))
    smooth = np.maximum(np.minimum(left, here), np.minimum(np.maximum(left, here), right))
    smooth = np.where(merged[:, None], smooth, even)
    # Few buckets are as wide as hills: of these, only one that is twice as full as both neighbours is lowered.
    least = np.minimum(left, right)
    twice = (here <= TWICE * least) & (here > HARDLY_TWICE * np.maximum(left, right))
    here = np.where(twice & ~merged[:, None], least, here)
    narrow = several[:, None] & (view.width[:, 1:-1] <= NARROW * view.spread[:, None])
    here = np.where(narrow, np.maximum(here, least), here)
    row, last = np.arange(len(view)), np.maximum(view.cells - 1, 1)
    first, inward = 0 * last, np.maximum(last - 2, 0)
    ends = [
        (at, density[row, at], density[row, beside], density[row, next_to])
        for at, beside, next_to in ((first, first + 1, np.minimum(first + 2, k - 1)), (last, last - 1, inward))
    ]
    density[:, 1:-1] = np.where(fine[:, None] & (view.width[:, 2:] > 0), smooth, here)
    for at, end, beside, next_to in ends:
        alone = ~merged & (view.cells >= LEAST) & (beside <= ALONE * next_to)
        twice = (view.cells >= 3) & (end <= TWICE * beside) & (fine | several | alone)
        density[row, at] = np.where(twice, np.minimum(end, beside), end)
    return density


def _depth(view: View, density: FloatArray, pool: int) -> FloatArray:
    """How far each pool of cells lies below the lower of the highest beside it, in standard deviations; [m, k - pool].

    0 where it is no valley: not by VALLEY, or without enough values on either side.
    """
    if view.count.shape[1] < 3 * pool:
        return np.zeros((len(view), 1))
    width = np.maximum(_pooled(view.width, pool), 1e-300)
    # Pools that reach beyond a step's own cells are no pools, whatever the steps beside have there.
    cells = view.cells[:, None]
    real = (np.arange(width.shape[1]) <= cells - pool) & (cells >= 3 * pool)
    count = _pooled(density * view.width, pool)
    high = np.where(real, np.maximum(count - MODEST * np.sqrt(count) - MODEST_COUNT, 0.0) / width, 0.0)
    hill = np.minimum(running_max(high), running_max(high, backwards=True)) * width
    below = view.below[:, pool // 2 : pool // 2 + count.shape[1]]
    valley = real & (count < VALLEY * hill) & (below >= HILL_SHARE) & (below <= 1 - HILL_SHARE)
    return np.asarray(np.where(valley, (hill - count) / np.sqrt(hill + count + 1), 0.0))


def _notch(view: View, density: FloatArray, pool: int) -> BoolArray:
    """Single buckets between two that are as full as the hills beside them; bool, as broadcast to the pools."""
    m, k = density.shape
    if pool > 1 or view.layout is Layout.EXPONENTIAL or k < 3:
        return np.zeros((m, 1), bool)
    hill = np.minimum(running_max(density), running_max(density, backwards=True))
    out = np.zeros((m, k), bool)
    out[:, 1:-1] = np.minimum(density[:, :-2], density[:, 2:]) >= NOTCH * hill[:, 1:-1]
    return out


def _valleys(deep: BoolArray) -> BoolArray:
    """Whether there are some, but no comb; bool [m]."""
    begins = deep[:, 0].astype(np.int64) + (deep[:, 1:] & ~deep[:, :-1]).sum(axis=1)
    return np.asarray((begins > 0) & (begins < COMB))


def _pooled(values: FloatArray, pool: int) -> FloatArray:
    if pool == 1:
        return values
    padded = running_sum(values, 0.0)
    return np.asarray(padded[:, pool:] - padded[:, :-pool], np.float64)

"""What the values within buckets may differ by from values spread evenly over them."""

from __future__ import annotations

import numpy as np

from tb_histinsight.core.dense import DenseBuckets
from tb_histinsight.core.histogram import FloatArray

COARSE = 4
"""Up to so many buckets, nothing is known of how the values run on from one to the next ..."""
UNKNOWN = 0.25
"""... and their mean may be off by this share of the width: as of half of the values at one end."""
CROWDED, HALF = 0.3, 0.5
"""Share of the values in one bucket from which on nothing is known of where in it they are, and how far off their mean
is then at the most, in bucket widths: a tensor with far outliers has most of its values in a sliver of one bucket."""
SCATTER = 0.3
"""Distance of one random value to evenly spread ones, in bucket widths (1/3 on average), less 1 / sqrt(count)."""
SLIGHT = 0.1
"""Slopes below this are taken as straight lines: the formula for steeper ones would lose all digits."""


def bucket_errors(histograms: DenseBuckets) -> tuple[FloatArray, FloatArray]:
    """How far the values may be from where they are taken to be, row by row.

    Within a bucket, density is taken to run on as steeply as it does to the neighbour that differs more from it: an
    exponential of that slope r has its mean at (coth(r / 2) / 2 - 1 / r) of the width from the middle, r / 12 for a
    slight slope and half the width for a peak between empty buckets. Few values are not spread evenly by chance.

    Returns:
      Wasserstein-1 distance to the evenly filled buckets, which also bounds the error of the mean, and the error of
      the standard deviation; float64 [m] each.
    """
    count, width = histograms.count, histograms.right - histograms.left
    k = count.shape[1]
    used = np.arange(k) <= (np.arange(k) * (count > 0)).max(axis=1, initial=0)[:, None]
    density = np.where(width > 0, count / width, 0.0)
    logarithm = np.log(np.maximum(density, 1e-300))
    steep = np.where(used[:, 1:], np.abs(np.diff(logarithm, axis=1)), 0.0)
    nothing = np.zeros((len(count), 1))
    slope = np.maximum(np.concatenate([nothing, steep], axis=1), np.concatenate([steep, nothing], axis=1))
    off = np.where(slope < SLIGHT, slope / 12, 0.5 / np.tanh(0.5 * slope) - 1 / slope)
    off = np.where((used.sum(axis=1) <= COARSE)[:, None], np.maximum(off, UNKNOWN), off)
    share = count / histograms.total[:, None]
    off = np.minimum(off + SCATTER / np.sqrt(np.maximum(count, 1.0)), HALF)
    off = np.where(share >= CROWDED, HALF, off)
    distance = share * off * width
    middle = 0.5 * (histograms.left + histograms.right)
    mean = np.einsum("ij,ij->i", share, middle)
    away = np.abs(middle - mean[:, None])
    variance = np.einsum("ij,ij->i", share, away * away + width * width / 12)
    lever = np.einsum("ij,ij->i", distance, away)
    return distance.sum(axis=1), np.where(variance > 0, lever / np.sqrt(variance), 0.0)

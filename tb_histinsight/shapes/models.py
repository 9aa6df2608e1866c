"""What model distributions predict for exactly these cells, and how well that fits.

Every model is compared by the masses it predicts for the cells (interval-censored data), so that the width and the
number of buckets enter by themselves. Likelihoods choose between models; the distance between the distribution
functions at the cells' edges (Kolmogorov) says whether the best one fits at all.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from tb_histinsight.core.histogram import FloatArray

CONTAMINATION = 5e-4
"""Share of values that a model leaves to chance, spread evenly over the range: a few outliers do not decide."""

_REACH, _STEP = 9.0, 1 / 256


@lru_cache(maxsize=1)
def _normal_table() -> FloatArray:
    z = np.arange(-_REACH, _REACH + 1.5 * _STEP, _STEP)
    return np.array([0.5 * math.erfc(-v / math.sqrt(2)) for v in z])


def normal_cdf(z: FloatArray) -> FloatArray:
    """Distribution function of the standard normal, by a table; absolute error below 5e-7."""
    table = _normal_table()
    at = (np.clip(z, -_REACH, _REACH) + _REACH) * (1 / _STEP)
    with np.errstate(invalid="ignore"):  # NaN stays NaN, whatever its index
        index = np.maximum(at.astype(np.int64), 0)
    low = table[index]
    return np.asarray(low + (at - index) * (table[index + 1] - low), dtype=np.float64)


def normal_ramp(z: FloatArray) -> FloatArray:
    """Integral of the standard normal's distribution function from -infinity to z: z * Phi(z) + phi(z)."""
    density = np.exp(-0.5 * np.minimum(z * z, 1400.0)) / math.sqrt(2 * math.pi)
    return np.asarray(z * normal_cdf(z) + density, dtype=np.float64)


def laplace_cdf(z: FloatArray) -> FloatArray:
    """Distribution function of the Laplace distribution of scale 1."""
    half = 0.5 * np.exp(-np.abs(z))
    return np.asarray(np.where(z < 0, half, 1 - half), dtype=np.float64)


def student4_cdf(z: FloatArray) -> FloatArray:
    """Distribution function of Student's t with 4 degrees of freedom (closed form)."""
    root = z / np.sqrt(4 + z * z)
    return np.asarray(0.5 + 0.5 * root * (1.5 - 0.5 * root * root), dtype=np.float64)


@lru_cache(maxsize=1)
def _truncation_table() -> tuple[FloatArray, FloatArray]:
    cut = np.linspace(0.05, 8, 800)
    density = np.exp(-0.5 * cut * cut) / math.sqrt(2 * math.pi)
    inside = 2 * normal_cdf(cut) - 1
    ratio = np.sqrt(np.maximum(1 - 2 * cut * density / inside, 0)) / cut
    return ratio[::-1].copy(), cut[::-1].copy()


def truncation_point(ratio: FloatArray) -> FloatArray:
    """Where a symmetrically cut normal is cut, in its own sigmas, from std / half range; 0.05 (a uniform) to 8.

    A uniform has the ratio 1/sqrt(3) = 0.577, a normal cut at 2 sigma 0.440, a triangle 0.408.
    """
    ratios, cuts = _truncation_table()
    return np.interp(ratio, ratios, cuts)


def soft_plateau(share: FloatArray, middle: FloatArray, width: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Half width of a plateau, and the sigma of its soft edges, from second and fourth moment; float64 [m] each.

    For a uniform on +-a whose values have moved by a normal of sigma d: variance a^2/3 + d^2, fourth cumulant
    -2 a^4/15. Moments of cells with Sheppard's corrections.

    Args:
      share: share of the values per cell [m, k].
      middle: middles of the cells [m, k].
      width: widths of the cells [m, k].

    Source: Kendall & Stuart (1977), The Advanced Theory of Statistics, vol. 1, section 3.18.
    """
    apart = middle - np.einsum("ij,ij->i", share, middle)[:, None]
    square, cell = apart * apart, width * width
    second = np.einsum("ij,ij->i", share, square)
    variance = np.maximum(second - np.einsum("ij,ij->i", share, cell) / 12, np.maximum(0.25 * second, 1e-300))
    fourth = np.einsum("ij,ij->i", share, square * square - 0.5 * square * cell + 7 / 240 * cell * cell)
    flat = np.clip(3 - fourth / variance / variance, 1e-6, 1.2)  # minus the excess kurtosis; 1.2 for a uniform
    half = (7.5 * flat) ** 0.25 * np.sqrt(variance)
    return half, np.sqrt(np.maximum(variance - half * half / 3, 1e-6 * variance))


def log_likelihood(share: FloatArray, mass: FloatArray, width_share: FloatArray) -> FloatArray:
    """Mean log of the predicted masses, per value; float64 [m]."""
    mass = (1 - CONTAMINATION) * np.maximum(mass, 0.0) + CONTAMINATION * width_share
    with np.errstate(divide="ignore", invalid="ignore"):
        term = np.where(share > 0, share * np.log(np.maximum(mass, 1e-300)), 0.0)
    return np.asarray(term.sum(axis=1), dtype=np.float64)

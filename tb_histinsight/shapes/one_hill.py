"""Which kind of a single hill: a bell, one with heavy tails, or one that leans to a side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tb_histinsight.core.histogram import BoolArray, FloatArray, IntArray

if TYPE_CHECKING:
    from tb_histinsight.shapes.view import View

EVEN, LEANING = 0.035, 0.08
"""Butler's asymmetry up to which two sides count as alike, and from which on they do not; between them, likelihoods
decide. An exponential has 0.25, a half-normal 0.18, a gamma of shape 2 0.15, a log-normal of sigma 0.5 0.14."""
NEARLY_EVEN = 0.06
"""The same as EVEN where likelihoods do not make the hill lean; and where they cannot, since one cell holds COARSE."""
COARSE = 0.3
"""Share of the values in one cell, from which on models of the whole hill say little about its sides."""
EVEN_NOISE, LEANING_NOISE = 0.7, 1.6
"""Counting noise added to these, in units of 1/sqrt(n): about the median and the 1 % point for alike sides."""
BEND = 0.05
"""Asymmetry that a leaning hill has at the least, however many values prove the difference."""
PARAMETERS = 3.0
"""Log likelihood, in nats, that a second scale gains by chance at most."""
DECISIVE, CLEAR = 3.0, 7.0
"""Log likelihood ratio, in nats, from which on a leaning hill has won, and is likely: 20 and 1000 to 1."""
BELL, BELL_CLEAR = -6.0, -9.0
"""The same of heavy tails against a bell, for a bell: of 256 values of Student's t with 5 degrees of freedom, 0.5 %
go below -7, of 256 of a normal half below -9 (simulated, docs/shapes.md)."""
HEAVY, HEAVY_CLEAR = 1.5, 6.0
"""The same for heavy tails: of 256 values of a normal, 0.5 % go above 0; the rest is for cells."""


@dataclass(frozen=True)
class Hill:
    """What each step is, if it has one hill; bool [m] each, and where the answer is clear."""

    leaning: BoolArray
    even: BoolArray
    tailed: FloatArray
    """Log likelihood ratio in nats of the better heavy-tailed model against the bell; float64 [m]"""
    clear: BoolArray

    def at(self, rows: IntArray) -> Hill:
        """The same of some of the steps."""
        return Hill(self.leaning[rows], self.even[rows], self.tailed[rows], self.clear[rows])


def one_hill(view: View) -> Hill:
    """Sides first, then tails; where neither `leaning` nor `even`, the values do not say."""
    size, noise, fits = np.abs(view.asymmetry), view.noise, view.fits
    leaning = size >= LEANING + LEANING_NOISE * noise
    even = size <= EVEN + EVEN_NOISE * noise
    clear = leaning | even
    middle = np.flatnonzero(~clear)
    heavy = np.maximum(fits.laplace.likelihood, fits.student.likelihood)
    if len(middle):
        part = view.subset(middle)
        split = np.maximum(part.fits.split_normal.likelihood, part.fits.split_laplace.likelihood)
        best = np.maximum(fits.bell.likelihood, heavy)[middle]
        gain = (split - best) * part.total - PARAMETERS
        leaning[middle] = (gain > DECISIVE) & (size[middle] > BEND)
        nearly = size[middle] <= NEARLY_EVEN + EVEN_NOISE * noise[middle]
        even[middle] = ~leaning[middle] & (nearly | ((gain < 0) & (part.share.max(axis=1) < COARSE)))
        clear[middle] = leaning[middle] & (gain > CLEAR)
    return Hill(leaning, even, np.asarray((heavy - fits.bell.likelihood) * view.total, np.float64), clear)

"""How well model distributions fit the cells of many steps: log likelihood and Kolmogorov distance of each."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from tb_histinsight.core.columns import running_sum, steps
from tb_histinsight.core.histogram import FloatArray, IntArray
from tb_histinsight.shapes import models

if TYPE_CHECKING:
    from tb_histinsight.shapes.view import View

FLAT_CUT = 3.0
"""Up to this many sigmas a normal is fitted as cut at minimum and maximum; beyond it the ends are chance."""
LAPLACE_SPREAD = 1.1394
"""Quantile 0.84 of the Laplace distribution of scale 1: -ln(2 * 0.16)."""
STUDENT_SPREAD = 1.1343
"""Quantile 0.84 of Student's t with 4 degrees of freedom."""


@dataclass(frozen=True)
class Fit:
    """One model on every step: mean log likelihood per value, and Kolmogorov distance at the cells' edges."""

    likelihood: FloatArray
    distance: FloatArray


@dataclass(frozen=True)
class Fits:
    """The models, fitted to the steps of a view when first asked for."""

    view: View

    def at(self, view: View, rows: IntArray) -> Fits:
        """The same for a view of some of the steps; what was fitted is not fitted again."""
        part = Fits(view)
        for name, known in self.__dict__.items():
            if isinstance(known, Fit):
                part.__dict__[name] = Fit(known.likelihood[rows], known.distance[rows])
        return part

    def _from_cdf(self, edges: FloatArray) -> Fit:
        """From the distribution function at all k + 1 edges.

        What a model has beyond minimum and maximum counts against it: with heavy tails, so many values would have
        reached farther.
        """
        view = self.view
        distance = np.abs(view.below - edges[:, 1:]).max(axis=1)
        return Fit(models.log_likelihood(view.share, steps(edges), view.width_share), distance)

    @property
    def _edges(self) -> FloatArray:
        return self.view.edges

    def _standard(self, centre: FloatArray, scale: FloatArray) -> FloatArray:
        return (self._edges - centre[:, None]) / scale[:, None]

    @cached_property
    def cut(self) -> FloatArray:
        """Where a normal would be cut to have this std on this range, in its sigmas; near 0 for a uniform."""
        return models.truncation_point(self.view.std / (0.5 * self.view.span))

    @cached_property
    def uniform(self) -> Fit:
        """A uniform from minimum to maximum."""
        return self._from_cdf((self._edges - self.view.low[:, None]) / self.view.span[:, None])

    @cached_property
    def _soft(self) -> tuple[FloatArray, FloatArray]:
        return models.soft_plateau(self.view.share, self.view.middle, self.view.width)

    @property
    def softness(self) -> FloatArray:
        """Sigma of the edges of a soft plateau / half its width; 0 for a uniform, 0.36 for a normal cut at 2 sigma."""
        half, sigma = self._soft
        return sigma / half

    @cached_property
    def soft_plateau(self) -> Fit:
        """A uniform whose values have each moved a little: a plateau with soft edges."""
        half, sigma = self._soft
        right = self._standard(self.view.mean - half, sigma)
        left = self._standard(self.view.mean + half, sigma)
        cdf = (models.normal_ramp(right) - models.normal_ramp(left)) * (sigma / (2 * half))[:, None]
        return self._from_cdf(cdf)

    @cached_property
    def bell(self) -> Fit:
        """A normal; where it is flat, cut at minimum and maximum."""
        view = self.view
        centre, sigma = self._trimmed
        flat = self.cut < FLAT_CUT
        centre = np.where(flat, view.mean, centre)
        sigma = np.where(flat, 0.5 * view.span / self.cut, sigma)
        cdf = models.normal_cdf(self._standard(centre, sigma))
        start = np.where(flat, cdf[:, 0], 0.0)[:, None]
        inside = np.where(flat, np.maximum(cdf[:, -1] - cdf[:, 0], 1e-300), 1.0)[:, None]
        return self._from_cdf((cdf - start) / inside)

    @cached_property
    def _trimmed(self) -> tuple[FloatArray, FloatArray]:
        """Mean and std without the cells where outliers (CONTAMINATION) are more likely than the normal."""
        view = self.view
        centre, sigma = view.quantile(0.5), view.spread
        for _ in range(2):
            odds = (1 - models.CONTAMINATION) / models.CONTAMINATION * view.span / (np.sqrt(2 * np.pi) * sigma)
            reach = np.sqrt(2 * np.log(np.maximum(odds, 1.5)))
            apart = view.middle - centre[:, None]
            weight = np.where(np.abs(apart) <= (reach * sigma)[:, None], view.share, 0.0)
            mass = np.maximum(weight.sum(axis=1), 1e-300)
            shift = np.einsum("ij,ij->i", weight, apart) / mass
            square = np.einsum("ij,ij,ij->i", weight, apart, apart) / mass - shift * shift
            binned = np.einsum("ij,ij,ij->i", weight, view.width, view.width) / mass / 12
            centre = centre + shift
            sigma = np.sqrt(np.maximum(np.maximum(square - binned, 0.5 * square), 1e-300))
        return centre, sigma

    @cached_property
    def laplace(self) -> Fit:
        """A Laplace distribution about the median."""
        view = self.view
        centre = view.quantile(0.5)
        apart = np.maximum(np.abs(view.middle - centre[:, None]), 0.25 * view.width)
        # Outliers of the size of the range must not set the scale.
        scale = np.minimum(np.einsum("ij,ij->i", view.share, apart), 1.5 * view.spread / LAPLACE_SPREAD)
        return self._from_cdf(models.laplace_cdf(self._standard(centre, scale)))

    @cached_property
    def student(self) -> Fit:
        """Student's t with 4 degrees of freedom about the median, its scale by reweighting.

        Source: Lange, Little & Taylor (1989), J. Am. Stat. Assoc. 84.
        """
        view = self.view
        centre, scale = view.quantile(0.5), view.spread / STUDENT_SPREAD
        square = (view.middle - centre[:, None]) ** 2 + view.width * view.width / 12
        for _ in range(3):
            weight = 5 / (4 + square / (scale * scale)[:, None])
            scale = np.sqrt(np.maximum(np.einsum("ij,ij,ij->i", view.share, weight, square), 1e-300))
        return self._from_cdf(models.student4_cdf(self._standard(centre, scale)))

    @cached_property
    def split_normal(self) -> Fit:
        """Two half bells of different width that meet at the mode.

        Source: John (1982), Commun. Statist. Theory Meth. 11, maximum likelihood for a given mode.
        """
        centre, (left, right) = self._two_sided(2)
        z = self._edges - centre[:, None]
        share = left / (left + right)
        cdf = np.where(
            z < 0,
            2 * share[:, None] * models.normal_cdf(z / left[:, None]),
            share[:, None] + (1 - share[:, None]) * (2 * models.normal_cdf(z / right[:, None]) - 1),
        )
        return self._from_cdf(cdf)

    @cached_property
    def split_laplace(self) -> Fit:
        """Two exponentials of different scale that meet at the mode; one of them, where it is at an end."""
        centre, (left, right) = self._two_sided(1)
        z = self._edges - centre[:, None]
        share = left / (left + right)
        cdf = np.where(
            z < 0,
            share[:, None] * np.exp(np.minimum(z, 0) / left[:, None]),
            1 - (1 - share[:, None]) * np.exp(-np.maximum(z, 0) / right[:, None]),
        )
        return self._from_cdf(cdf)

    def _two_sided(self, power: int) -> tuple[FloatArray, tuple[FloatArray, FloatArray]]:
        """Mode (one of the edges) and the two scales that are most likely, for exp(-|z|^power / power)."""
        view = self.view
        m = len(view)
        shift = view.quantile(0.5)[:, None]
        middle, edge = view.middle - shift, self._edges - shift
        zeroth = view.below_edges
        first = running_sum(view.share * middle, 0.0)
        if power == 1:
            left = zeroth * edge - first
            right = first[:, -1:] - first - (zeroth[:, -1:] - zeroth) * edge
        else:
            inner = view.share * (middle * middle + view.width * view.width / 12)
            second = running_sum(inner, 0.0)
            left = second - 2 * edge * first + edge * edge * zeroth
            rest = zeroth[:, -1:] - zeroth
            right = second[:, -1:] - second - 2 * edge * (first[:, -1:] - first) + edge * edge * rest
        root = 1 / (power + 1)
        left, right = np.maximum(left, 0.0) ** root, np.maximum(right, 0.0) ** root
        at = np.argmin(left + right, axis=1)
        row = np.arange(m)
        a, b = left[row, at], right[row, at]
        # John's closed form: scale_i^power = S_i^(power/(power+1)) * (sum of S^(1/(power+1))).
        scales = [np.maximum((side**power * (a + b)) ** (1 / power), 1e-9 * view.spread) for side in (a, b)]
        return self._edges[row, at], (scales[0], scales[1])

"""Activations that sit at the ends of their squashing function."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

import numpy as np

from tb_histinsight.core.findings import Evidence, Finding
from tb_histinsight.core.histogram import FloatArray, Histogram
from tb_histinsight.core.labels import Confidence, Role, Severity
from tb_histinsight.core.run import RunAnalysis, TagAnalysis
from tb_histinsight.core.vocabulary import LAST_LAYERS, words_of
from tb_histinsight.rules.base import CannotCheck, Rule, Threshold, Words
from tb_histinsight.rules.literature import SATURATION, THE_DEEP_CHECKER
from tb_histinsight.rules.made_up import Example, bell
from tb_histinsight.rules.movement import has_values, late_rms, since_when

MEANT = LAST_LAYERS | {"gate", "gates", "attention", "attn", "prob", "probs", "mask", "image", "images", "dropout"}
"""Words in names of activations that are meant to be near 0 and 1."""

TRAIL = 1e-3
"""Size below which a value is tiny: a ReLU whose values reach 1 has about a thousandth of them there."""
TRAIL_SHARE = 0.05
"""Share of such values, at least; chosen: each end of a saturated sigmoid holds as much."""


class SaturatedActivations(Rule):
    """Fires for each layer whose activations are near the ends of [-1, 1] or [0, 1] in several steps running."""

    id = "saturated-activations"
    severity = Severity.INFO
    other_severities = (Severity.WARNING,)
    words = Words(
        title="Saturated activations",
        what=(
            "Takes activations that fill the range of a squashing function (−1 to 1, or 0 to 1) and measures how near "
            "to its ends they are on average, from 0 (in the middle) to 1 (at the ends)."
        ),
        why="At its ends a squashing function passes hardly any gradient back to the layers before.",
        messages={
            "saturated": (
                "The activations of “{layer}” sit near the ends of their range {low:g} to {high:g}: on average at "
                "least {saturation:.2f} of the way from the middle, at the last {steps} steps. That need not hurt: "
                "look at the gradient before this layer."
            ),
            "suffers": (
                "The activations of “{layer}” sit near the ends of their range {low:g} to {high:g} (on average at "
                "least {saturation:.2f} of the way from the middle), and the gradient of its kernel is {ratio:.3g} "
                "times smaller than the largest in the run."
            ),
        },
        advice={
            "smaller": "Start “{layer}” with smaller weights (Glorot for tanh and sigmoid).",
            "normalise": "Normalise its input.",
            "activation": "Try an activation that does not saturate.",
        },
        innocent=(
            "The output of a confident classifier, gates, and images between −1 and 1.",
            "Layers have been seen that were 88 to 99 % saturated with normal gradients.",
        ),
        evidence={
            "saturation": "Mean distance from the middle of the range ÷ half the range",
            "ratio": "Largest RMS of a kernel's gradient ÷ that of this layer's",
        },
        skips={"no_activations": "No activation histograms at {needed} steps or more. Log them to check this."},
    )
    thresholds: ClassVar = {
        "saturation": Threshold(
            0.85, "share", "TheDeepChecker, after Rakitianskaia and Engelbrecht's measure", "mean distance, at least"
        ),
        "range": Threshold(0.9, "share", "measured", "share of the function's range that the values span, at least"),
        "steps": Threshold(3.0, "steps", "chosen: one batch is no state", "number of last steps, at least"),
        "suffers": Threshold(100.0, "ratio", "torchmortem", "gradients elsewhere ÷ the layer's, for a warning"),
    }

    references = (SATURATION, THE_DEEP_CHECKER)

    def example(self) -> Example:
        """On these it fires."""
        return Example({"dense_1/activations": [np.tanh(bell(900, scale)) for scale in (1, 4, 16, 30, 40, 50)]})

    def check(self, run: RunAnalysis) -> Iterable[Finding]:
        """A finding per activation tag."""
        needed = int(self.threshold("steps"))
        tags = [tag for tag in run.of_role(Role.ACTIVATION) if has_values(tag) and len(tag.steps) >= needed]
        if not tags:
            raise CannotCheck("no_activations", needed=needed)
        for tag in tags:
            if set(words_of(tag.tag)) & MEANT:
                continue
            for low, high in ((-1.0, 1.0), (0.0, 1.0)):
                least = saturation(tag, low, high)[-needed:]
                if self._fills(tag, low, high, needed) and (least > self.threshold("saturation")).all():
                    yield self._finding(run, tag, low, high, float(least.min()))
                    break

    def _fills(self, tag: TagAnalysis, low: float, high: float, needed: int) -> bool:
        minimum, maximum = tag.stats.minimum[-needed:], tag.stats.maximum[-needed:]
        inside = bool((minimum >= low).all() and (maximum <= high).all())
        span = (maximum - minimum) / (high - low)
        if not inside or not (span > self.threshold("range")).all():
            return False
        if low == 0.0:
            # A ReLU may end near 1 by chance, and a picture does: their zeros are no saturation. A sigmoid is never
            # exactly 0, but what is below 1e-12 shares a bucket with 0 (in old-style summaries): it leaves a trail.
            zeros = tag.stats.zero_share.lower[-needed:]
            return bool((maximum > 0.99).all() and ((zeros < 0.01).all() or trails_to_zero(tag.last)))
        return True

    def _finding(self, run: RunAnalysis, tag: TagAnalysis, low: float, high: float, least: float) -> Finding:
        gradients = {
            gradient.tag: late_rms(gradient)
            for gradient in run.of_role(Role.GRADIENT)
            if gradient.name.kernel and has_values(gradient)
        }
        own = [g.tag for g in run.of_role(Role.GRADIENT) if g.tag in gradients and g.name.layer == tag.name.layer]
        ratio = 0.0
        if own and gradients[own[0]][2] > 0:
            ratio = max(rms[1] for rms in gradients.values()) / gradients[own[0]][2]
        suffers = ratio > self.threshold("suffers")
        limit, worse = self.thresholds["saturation"], self.thresholds["suffers"]
        needed = int(self.threshold("steps"))
        evidence = [Evidence("saturation", least, limit.value, "share", limit.source, lower=least, tag=tag.tag)]
        if own:
            evidence.append(Evidence("ratio", ratio, worse.value, "ratio", worse.source, tag=own[0]))
        return Finding(
            rule=self.id,
            severity=Severity.WARNING if suffers else Severity.INFO,
            confidence=Confidence.LIKELY,
            message="suffers" if suffers else "saturated",
            values={
                "layer": tag.name.layer,
                "low": low,
                "high": high,
                "saturation": least,
                "steps": needed,
                "ratio": ratio,
            },
            layer=tag.name.layer,
            tags=(tag.tag, *own),
            first_step=since_when(tag, saturation(tag, low, high) > limit.value),
            last_step=int(tag.steps[-1]),
            evidence=tuple(evidence),
        )


def trails_to_zero(histogram: Histogram) -> bool:
    """Whether values that are tiny, and not 0, stand beside those in the bucket of 0, as only a sigmoid makes them."""
    tiny = (histogram.left > 0) & (histogram.right < TRAIL)
    return float(histogram.count[tiny].sum()) > TRAIL_SHARE * histogram.total


def saturation(tag: TagAnalysis, low: float, high: float) -> FloatArray:
    """Least mean distance of the values from the middle of the range ÷ half the range, per step; float64 [n].

    For values t within [-1, 1] the mean of |t| is at least that of t squared, which the bounds of mean and standard
    deviation give.

    Source: Rakitianskaia & Engelbrecht (2015), measuring saturation in neural networks: the mean of |t| over bins.
    """
    middle, half = (low + high) / 2, (high - low) / 2
    mean, std = tag.stats.mean, tag.stats.std
    off = np.minimum(np.abs(mean.lower - middle), np.abs(mean.upper - middle))
    off = np.where((mean.lower <= middle) & (mean.upper >= middle), 0.0, off)
    squares = (off**2 + std.lower**2) / half**2
    if middle == 0.0:
        return np.asarray(np.maximum(squares, tag.stats.mean_abs.lower / half), dtype=np.float64)
    return np.asarray(squares, dtype=np.float64)

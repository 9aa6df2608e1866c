"""A kernel that shrank to practically nothing against its own past."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import ClassVar, cast

import numpy as np

from tb_histinsight.core.findings import Evidence, Finding
from tb_histinsight.core.histogram import Histogram
from tb_histinsight.core.labels import Confidence, Severity
from tb_histinsight.core.run import RunAnalysis, TagAnalysis
from tb_histinsight.rules.base import CannotCheck, Follows, Rule, Threshold, Words
from tb_histinsight.rules.literature import THE_DEEP_CHECKER
from tb_histinsight.rules.made_up import Example, bell, moving, scaled
from tb_histinsight.rules.movement import has_values, since_when


class CollapsedWeights(Rule):
    """Fires for each kernel whose scale, or nearly all of whose values, went to zero since it was first logged.

    A kernel that is small from the start is not collapsed: it may grow and train well.
    """

    id = "collapsed-weights"
    severity = Severity.WARNING
    other_severities = (Severity.INFO, Severity.CRITICAL)
    follows = (Follows("collapsed-weights", "tag"),)  # one layer of several follows from the finding on all of them
    words = Words(
        title="Weights collapsed towards zero",
        what=(
            "Compares the scale (RMS) of each kernel with its own largest so far, and counts the weights below 1e-5. "
            "Fires when the kernel has practically vanished since it was first logged."
        ),
        why="A layer whose weights are all but zero passes nothing on, and nothing back.",
        messages={
            "scale": (
                "The weights of “{layer}” shrank to {share:.3g} of their largest scale (RMS {rms:.3g} at step "
                "{last_step}, {largest:.3g} at step {largest_step})."
            ),
            "several": (
                "The weights of {layers} of {kernels} kernels (“{first_layer}” to “{last_layer}”) went to zero, first "
                "at step {since_step}; of their largest scale {least:.3g} to {most:.3g} is left at step {last_step}."
            ),
            "several_gone": (
                "The weights of {layers} of {kernels} kernels (“{first_layer}” to “{last_layer}”) went to zero, first "
                "at step {since_step}; at step {last_step} all of them are zero."
            ),
            "near_zero": (
                "At least {near_zero:.1%} of the weights of “{layer}” are below {limit:g} in size at step {last_step}; "
                "at step {first_step} it was at most {near_zero_before:.1%}."
            ),
        },
        advice={
            "all": "Weaken the weight decay or the L1/L2 penalty: it empties the layers from “{first_layer}” on.",
            "decay": "Weaken the weight decay or the L1/L2 penalty of “{layer}”.",
            "gradient": "Log the gradient of “{layer}”: where there is none, the decay is all that acts on it.",
            "needed": "See whether the layer is needed at all: a residual path around it may have made it idle.",
        },
        innocent=("Pruning, or an L1 penalty that leaves a few large weights: the task may be solved by those.",),
        evidence={
            "rms_share": "RMS at the last step ÷ largest RMS",
            "near_zero": "Share of weights below the limit, at least",
        },
        skips={
            "no_kernels": "No kernel in this run.",
            "one_step": "The kernels were logged at one step only: there is no past to compare with.",
        },
    )
    thresholds: ClassVar = {
        "rms_share": Threshold(
            1e-2, "ratio", "measured: at 0.7 % a kernel's network stayed at chance", "last RMS ÷ largest RMS, at most"
        ),
        "rms_share_critical": Threshold(1e-3, "ratio", "measured", "last RMS ÷ largest RMS, at most, to be critical"),
        "rms_kept": Threshold(
            0.1,
            "ratio",
            "measured: an L1 network with most weights at 0 kept its scale and its accuracy",
            "last RMS ÷ largest RMS above which weights near zero are a remark only",
        ),
        "near_zero": Threshold(0.95, "share", "TheDeepChecker", "share of weights below the limit, at least"),
        "limit": Threshold(1e-5, "x", "TheDeepChecker", "size below which a weight counts as zero"),
    }
    references = (THE_DEEP_CHECKER,)

    def example(self) -> Example:
        """On these it fires."""
        shrinks = scaled(bell(900), 1, 0.3, 0.05, 0.01, 0.003, 0.0004)
        return Example({"dense_1/kernel": shrinks, "dense_2/kernel": moving(bell(900))})

    def check(self, run: RunAnalysis) -> Iterable[Finding]:
        """A finding per kernel."""
        kernels = [tag for tag in run.kernels() if has_values(tag)]
        if not kernels:
            raise CannotCheck("no_kernels")
        if all(len(tag.steps) < 2 for tag in kernels):
            raise CannotCheck("one_step")
        found = [finding for tag in kernels if len(tag.steps) >= 2 for finding in self._judge(tag)]
        yield from found
        gone = [finding for finding in found if finding.severity is not Severity.INFO]
        if len(gone) > 1:
            yield _several(gone, len(kernels))

    def _judge(self, tag: TagAnalysis) -> Iterable[Finding]:
        lower, upper = tag.stats.rms.lower, tag.stats.rms.upper
        known = np.flatnonzero(np.isfinite(lower) & np.isfinite(upper))
        at, peak = int(known[-1]), int(known[np.argmax(lower[known])])
        largest = float(lower[peak])
        share = float(upper[at]) / largest if largest > 0 else np.inf
        limit = self.threshold("limit")
        near_zero = share_below(tag.last, limit)[0]
        before = share_below(tag.first, limit)[1]
        shrank = share < self.threshold("rms_share")
        emptied = near_zero > self.threshold("near_zero") and before < self.threshold("near_zero")
        if not shrank and not emptied:
            return
        gone = upper < self.threshold("rms_share") * largest
        gone = (gone & (np.arange(len(gone)) > peak)) | (tag.stats.zero_share.lower > self.threshold("near_zero"))
        severity, confidence = Severity.WARNING, Confidence.LIKELY
        if share < self.threshold("rms_share_critical"):
            severity = Severity.CRITICAL
        elif not shrank and not share < self.threshold("rms_kept"):
            severity, confidence = Severity.INFO, Confidence.SUSPECT  # few weights carry the scale on: pruned, L1
        shares = self.thresholds["rms_share"]
        zeros = self.thresholds["near_zero"]
        yield Finding(
            rule=self.id,
            severity=severity,
            confidence=confidence,
            message="scale" if shrank else "near_zero",
            values={
                "layer": tag.name.layer,
                "share": share,
                "rms": float(tag.stats.rms.value[at]),
                "largest": float(tag.stats.rms.value[peak]),
                "largest_step": int(tag.steps[peak]),
                "first_step": int(tag.steps[0]),
                "last_step": int(tag.steps[at]),
                "near_zero": near_zero,
                "near_zero_before": before,
                "limit": limit,
            },
            layer=tag.name.layer,
            tags=(tag.tag,),
            first_step=since_when(tag, gone),
            last_step=int(tag.steps[at]),
            evidence=(
                Evidence(
                    "rms_share",
                    float(tag.stats.rms.value[at] / tag.stats.rms.value[peak]),
                    shares.value,
                    "ratio",
                    shares.source,
                    lower=float(lower[at] / upper[peak]),
                    upper=share if np.isfinite(share) else None,
                    tag=tag.tag,
                ),
                Evidence("near_zero", near_zero, zeros.value, "share", zeros.source, tag=tag.tag),
            ),
            advice=("decay", "gradient", "needed"),
        )


def _several(found: Sequence[Finding], kernels: int) -> Finding:
    """One finding that leads those on single layers."""
    shares = [cast(float, finding.values["share"]) for finding in found]
    since = min(finding.first_step or 0 for finding in found)
    last = max(finding.last_step or 0 for finding in found)
    return replace(
        max(found, key=lambda finding: finding.severity.rank),
        message="several" if max(shares) > 0 else "several_gone",
        values={
            "layers": len(found),
            "kernels": kernels,
            "layer": found[0].values["layer"],
            "first_layer": found[0].values["layer"],
            "last_layer": found[-1].values["layer"],
            "since_step": since,
            "last_step": last,
            "least": min(shares),
            "most": max(shares),
        },
        layer=None,
        tags=tuple(tag for finding in found for tag in finding.tags),
        first_step=since,
        last_step=last,
        evidence=tuple(finding.evidence[0] for finding in found),
        advice=("all",),
    )


def share_below(histogram: Histogram, limit: float) -> tuple[float, float]:
    """Least and greatest share of values with |x| < limit that these buckets allow."""
    if not histogram.total:
        return 0.0, 0.0
    inside = (histogram.left > -limit) & (histogram.right < limit)
    touched = (histogram.left < limit) & (histogram.right > -limit)
    return (
        float(histogram.count[inside].sum() / histogram.total),
        float(histogram.count[touched].sum() / histogram.total),
    )

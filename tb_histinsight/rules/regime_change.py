"""A step at which the kernels move far more than usual, or at which the log went back."""

from __future__ import annotations

from bisect import insort
from collections import Counter
from collections.abc import Iterable
from typing import ClassVar

import numpy as np

from tb_histinsight.core.findings import Evidence, Finding
from tb_histinsight.core.labels import Confidence, Severity, Shape
from tb_histinsight.core.run import RunAnalysis, TagAnalysis
from tb_histinsight.rules.base import CannotCheck, Follows, Rule, Threshold, Words
from tb_histinsight.rules.made_up import Example, bell
from tb_histinsight.rules.movement import MIN_STEPS, has_values

FEWEST_LAYERS = 2
"""Kernels of a network that can be known again by their sizes: one alone has its like in many networks; chosen."""


class RegimeChange(Rule):
    """Fires once per run, at the step at which the most kernels jump; and on restarts."""

    id = "regime-change"
    severity = Severity.INFO
    follows = (Follows("exploding", "run"),)
    words = Words(
        title="Something happened at one step",
        what=(
            "Compares how far each kernel moved per step, between neighbouring histograms, with the median of what "
            "went before, and looks for logs that went back to an earlier step."
        ),
        why="It dates events: a learning rate that changed, layers unfrozen, a checkpoint restored, a bad batch.",
        messages={
            "jump": (
                "Between steps {before} and {step}, {affected} of {kernels} kernels moved at least {factor:.3g} times "
                "as far per step as they used to (most of all “{layer}”)."
            ),
            "another": (
                "Layers of the same sizes were logged again under other names, from step {step} on, after the first "
                "ones had ended (“{first_layer}”, then “{layer}”): two trainings share this folder, and are judged as "
                "one network."
            ),
            "restart": "The log goes back to step {step}: the run was restarted there, or two runs share a folder.",
        },
        advice={
            "look": "Look what happened at step {step}: schedule, unfreezing, a restored checkpoint, the batch.",
            "folder": "Give each training a folder of its own.",
        },
        innocent=("A schedule, or layers unfrozen on purpose.",),
        evidence={
            "factor": "Movement per step ÷ running median",
            "restarts": "Places at which the log goes back",
            "kernels": "Kernels that were logged again under other names",
        },
        skips={"few_steps": "No kernel of {values} values or more was logged at {needed} steps or more."},
    )
    thresholds: ClassVar = {
        "factor": Threshold(10.0, "ratio", "measured", "movement per step ÷ running median, at least"),
        "intervals": Threshold(8.0, "intervals", "measured", "intervals that the median is taken over, at least"),
        "visible": Threshold(
            1e-2, "ratio", "measured: binning alone makes up to 1e-3", "movement at that step ÷ mean size, at least"
        ),
        "values": Threshold(
            64.0, "values", "chosen: of few values one that goes far looks like a jump", "values of a kernel, at least"
        ),
        "together": Threshold(0.5, "share", "chosen: an event shows in many layers", "kernels that jump, at least"),
    }

    def example(self) -> Example:
        """On these it fires."""
        places = [0.01 * step + (0.8 if step >= 9 else 0.0) for step in range(12)]
        return Example({f"dense_{i}/kernel": [bell(900) + place for place in places] for i in (1, 2)})

    def check(self, run: RunAnalysis) -> Iterable[Finding]:
        """At most one finding on a jump, one on restarts and one on another training."""
        found = [*self._restarts(run), *self._another(run)]
        yield from found
        needed = int(self.threshold("intervals")) + 2
        kernels = [tag for tag in run.kernels() if self._speaks(tag, needed)]
        if not kernels:
            if found:
                return
            raise CannotCheck("few_steps", needed=needed, values=int(self.threshold("values")))
        jumps = [(tag, *jump) for tag in kernels for jump in self._jumps(tag)]
        if not jumps:
            return
        step, affected = Counter(int(tag.steps[at + 1]) for tag, at, _ in jumps).most_common(1)[0]
        if affected < max(self.threshold("together") * len(kernels), min(2, len(kernels))):
            return
        there = [(tag, at, factor) for tag, at, factor in jumps if int(tag.steps[at + 1]) == step]
        worst, at, factor = max(there, key=lambda jump: jump[2])
        limit = self.thresholds["factor"]
        yield Finding(
            rule=self.id,
            severity=Severity.INFO,
            confidence=Confidence.LIKELY,
            message="jump",
            values={
                "before": int(worst.steps[at]),
                "step": step,
                "affected": affected,
                "kernels": len(kernels),
                "factor": min(jump[2] for jump in there),
                "layer": worst.name.layer,
            },
            layer=None,
            tags=tuple(dict.fromkeys((worst.tag, *(tag.tag for tag, _, _ in there)))),
            first_step=int(worst.steps[at]),
            last_step=step,
            evidence=(Evidence("factor", factor, limit.value, "ratio", limit.source, tag=worst.tag),),
            advice=("look",),
        )

    def _speaks(self, tag: TagAnalysis, needed: int) -> bool:
        return has_values(tag) and len(tag.steps) >= needed and tag.element_count >= self.threshold("values")

    def _jumps(self, tag: TagAnalysis) -> Iterable[tuple[int, float]]:
        """Index of each interval in which the tag jumps, and how many times its usual pace that is."""
        moves = tag.change.step_moves
        spans = np.diff(tag.steps).astype(np.float64)
        if len(moves) != len(spans) or (spans <= 0).any() or not np.isfinite(moves).all():
            return
        pace = moves / spans
        size = float(tag.stats.mean_abs.value[0])
        factor, intervals = self.threshold("factor"), self.threshold("intervals")
        visible = (moves >= self.threshold("visible") * size) & (np.arange(len(moves)) >= intervals) & (size > 0)
        # The median is no less than the least of all: in most logs nothing is left to be looked at.
        fast = np.flatnonzero(visible & (pace > factor * pace.min(initial=np.inf))).tolist()
        before: list[float] = []  # sorted: the median of each interval's past in one look
        known = 0
        for at in fast:
            for one in pace[known:at].tolist():
                insort(before, one)
            known = at
            usual = 0.5 * (before[(at - 1) // 2] + before[at // 2])
            # Of separate peaks, each in one bucket, one that crosses an edge looks like a jump, however slow it is.
            if Shape.SPIKY in (tag.shapes.labels[at].shape, tag.shapes.labels[at + 1].shape):
                continue
            if usual > 0 and pace[at] > factor * usual:
                yield at, float(pace[at] / usual)

    def _another(self, run: RunAnalysis) -> Iterable[Finding]:
        """Two trainings of one network in one folder, under other names, as Keras counts its layers up.

        The second half of the kernels, by time, has the sizes of the first, began after that had ended, and at a step
        that the first had reached before.
        """
        kernels = [tag for tag in run.kernels() if has_values(tag) and len(tag.steps) >= MIN_STEPS]
        kernels.sort(key=lambda tag: float(tag.wall_times[0]))
        half = len(kernels) // 2
        first, second = kernels[:half], kernels[half:]
        if len(kernels) < 2 * FEWEST_LAYERS or sizes_of(first) != sizes_of(second):
            return
        ended, began = max(float(tag.wall_times[-1]) for tag in first), min(float(tag.wall_times[0]) for tag in second)
        step = min(int(tag.steps[0]) for tag in second)
        if not ended < began or step >= max(int(tag.steps[-1]) for tag in first):
            return
        yield Finding(
            rule=self.id,
            severity=Severity.INFO,
            confidence=Confidence.LIKELY,
            message="another",
            values={"step": step, "first_layer": first[0].name.layer, "layer": second[0].name.layer},
            layer=None,
            tags=tuple(tag.tag for tag in (*second, *first)),
            first_step=step,
            last_step=max(int(tag.steps[-1]) for tag in second),
            evidence=(Evidence("kernels", float(len(second)), None, "layers", "definition"),),
            advice=("folder",),
        )

    def _restarts(self, run: RunAnalysis) -> Iterable[Finding]:
        restarted = [tag for tag in run.tags if len(tag.restarts)]
        if not restarted:
            return
        steps = sorted({int(step) for tag in restarted for step in tag.restarts})
        yield Finding(
            rule=self.id,
            severity=Severity.INFO,
            confidence=Confidence.CERTAIN,
            message="restart",
            values={"step": steps[0]},
            layer=None,
            tags=tuple(tag.tag for tag in restarted),
            first_step=steps[0],
            last_step=steps[-1],
            evidence=(Evidence("restarts", float(len(steps)), 0.0, "steps", "definition"),),
            advice=("look", "folder"),
        )


def sizes_of(tags: Iterable[TagAnalysis]) -> Counter[int]:
    """How many tensors there are of each number of values."""
    return Counter(tag.element_count for tag in tags)

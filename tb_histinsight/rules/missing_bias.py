"""Kernels without a bias beside them."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

from tb_histinsight.core.findings import Evidence, Finding
from tb_histinsight.core.labels import Confidence, Role, Severity
from tb_histinsight.core.run import RunAnalysis
from tb_histinsight.core.vocabulary import words_of
from tb_histinsight.rules.base import CannotCheck, Rule, Words
from tb_histinsight.rules.made_up import Example, bell, moving

BIAS_FREE = frozenset(
    {"q", "k", "v", "qkv", "query", "key", "value", "attn", "attention", "proj", "head", "gate", "up", "down"}
    | {"embed", "embedding", "shortcut", "downsample", "router", "lora"}
)
"""Words in names of layers that usually have no bias, and need none."""


class MissingBias(Rule):
    """Fires once per run, on the kernels for which neither a bias nor a normalisation behind them was logged."""

    id = "missing-bias"
    severity = Severity.INFO
    words = Words(
        title="Kernels without a bias",
        what="Looks for kernels in whose layer no bias was logged, and behind which no normalisation layer follows.",
        why=(
            "Without a bias a layer can only compute functions through the origin. That is sometimes meant, and often "
            "forgotten in layers written by hand."
        ),
        messages={
            "none": (
                "No bias stands beside the {count} kernels of this run (“{first_layer}” to “{last_layer}”): the "
                "layers have none, or the biases were not logged."
            ),
            "some": (
                "No bias stands beside {count} of the {kernels} kernels (first “{first_layer}”), while the other "
                "layers' biases were logged."
            ),
        },
        advice={
            "add": "Add bias units, unless the inputs are centred and a normalisation follows.",
            "log": "If the layers have biases, log them too: they show dead and saturated units early.",
        },
        innocent=(
            "A normalisation layer follows: its shift does what a bias would.",
            "Attention projections and many transformers leave biases out on purpose.",
        ),
        evidence={"kernels": "Kernels without a bias beside them"},
        skips={
            "few_kernels": "Fewer than two kernels in this run, so that nothing says what is usual in it.",
            "unpaired": "Some biases could not be matched with a layer (first “{tag}”), so that none can be missed.",
        },
    )

    def example(self) -> Example:
        """On these it fires."""
        return Example({f"dense_{i}/kernel": moving(bell(900)) for i in (1, 2, 3)}, shown=("dense_1/kernel",))

    def check(self, run: RunAnalysis) -> Iterable[Finding]:
        """One finding at most, on the run."""
        kernels = run.kernels()
        layers = list(dict.fromkeys(tag.name.layer for tag in kernels))
        if len(layers) < 2:
            raise CannotCheck("few_kernels")
        biases = {tag.name.layer: tag for tag in run.of_role(Role.BIAS)}
        weights = {tag.name.layer for tag in run.of_role(Role.WEIGHT)}
        unpaired = [tag for layer, tag in biases.items() if layer not in weights]
        if unpaired:
            raise CannotCheck("unpaired", tag=unpaired[0].tag)
        norms = {tag.name.layer for tag in run.of_role(Role.NORM)}
        if norms and not biases:
            return  # free of biases by design: the normalisation's shifts do their work
        order = list(dict.fromkeys(tag.name.layer for tag in run.tags))
        followed = {a for a, b in itertools.pairwise(order) if b in norms}
        missing = [
            layer
            for layer in layers
            if layer not in biases and layer not in followed and not set(words_of(layer)) & BIAS_FREE
        ]
        if not missing:
            return
        tags = tuple(tag.tag for tag in kernels if tag.name.layer in missing)
        yield Finding(
            rule=self.id,
            severity=Severity.INFO,
            confidence=Confidence.LIKELY if biases else Confidence.SUSPECT,
            message="some" if biases else "none",
            values={
                "count": len(missing),
                "kernels": len(layers),
                "first_layer": missing[0],
                "last_layer": missing[-1],
            },
            layer=None,
            tags=tags,
            first_step=None,
            last_step=None,
            evidence=(Evidence("kernels", float(len(missing)), 0.0, "layers", "definition"),),
        )

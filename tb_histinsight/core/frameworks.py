"""Which framework named the tensors of a log, so that what to log can be said in its words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from enum import Enum


class Framework(str, Enum):
    """Whose habits of naming tensors are known."""

    PYTORCH = "pytorch"
    KERAS = "keras"
    TENSORFLOW = "tensorflow"


_HABITS = {
    # Attributes of modules: conv1.weight, layer1.0.bn1.running_mean, lstm.weight_ih_l0; with or without a gradient.
    Framework.PYTORCH: re.compile(r"[./](in_proj_|out_proj\.)?weight(_[ih]h_l\d+)?\b|\.(bias|running_(mean|var))\b"),
    # A training loop over variables: linear/kernel:0; TF 1: layer1/weights, Variable_1, biases_1.
    Framework.TENSORFLOW: re.compile(r":0$|/(weights|biases)(_\d+)?($|/)|(^|/)Variable(_\d+)?($|[/:])"),
    # Variables of layers, as the callback logs them: dense_1/kernel_0, conv2d/kernel/histogram.
    Framework.KERAS: re.compile(
        r"/(\w*kernel|gamma|beta|moving_(mean|variance)|embeddings)(_\d+)?(/histogram|/histogram_\d+)?$"
    ),
}
"""What a tag looks like; the first that fits counts."""


def framework_of(tags: Iterable[str]) -> Framework | None:
    """The framework whose habits more of the tags follow than all others' together; None: cannot be told."""
    votes: Counter[Framework] = Counter()
    for tag in tags:
        found = next((framework for framework, habit in _HABITS.items() if habit.search(tag)), None)
        if found is not None:
            votes[found] += 1
    best = votes.most_common(1)
    return best[0][0] if best and 2 * best[0][1] > votes.total() else None

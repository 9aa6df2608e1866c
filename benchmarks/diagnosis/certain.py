"""Whether what a report calls certain is so in the raw tensors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def is_true(finding: Mapping[str, Any], truth: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether a finding of confidence "certain" holds in the raw tensors.

    Args:
      truth: per tag, the facts as `Recorder.as_dict` gives them.
    """
    facts = [truth[tag] for tag in finding["tags"] if tag in truth]
    if len(facts) < len(finding["tags"]):
        return False  # nothing to prove it by
    accused, first = facts[0], finding["first_step"]
    rule = finding["rule"]
    if rule == "non-finite":
        seen = [s for one in facts for s, bad in zip(one["steps"], one["non_finite"], strict=True) if bad]
        return bool(seen) and min(seen) == first
    if rule in {"frozen-layer", "only-last-layer-learns", "only-biases-learn"}:
        return len(set(accused["digest"])) == 1
    if rule == "dead-activations":
        return all(
            share == 1 for step, share in zip(accused["steps"], accused["zero_share"], strict=True) if step >= first
        )
    if rule == "constant-weights":
        at = [i for i, step in enumerate(accused["steps"]) if first <= step <= finding["last_step"]]
        return bool(at) and all(accused["minimum"][i] == accused["maximum"][i] for i in at)
    if rule == "exploding":
        return (
            max(high or 0.0 for high in accused["maximum"]) > 1e20
            or min(low or 0.0 for low in accused["minimum"]) < -1e20
        )
    if rule == "tag-collision":
        return len(set(accused["steps"])) < len(accused["steps"])
    if rule == "regime-change":
        return any(b <= a for a, b in zip(accused["steps"], accused["steps"][1:], strict=False))
    return False  # a rule that may be certain has to say here how that is proved

"""Which findings follow from which, so that one trouble is one alarm.

A rule says in `Rule.follows` from what its findings may follow. Two things hold for all rules: what begins at or
after the first NaN or infinity follows from that (where the log begins with one, only what begins later does, since
everything that holds throughout begins there too), and a cause is a finding that follows from nothing itself and is
at least as severe.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from tb_histinsight.core.findings import Finding, RuleOutcome
from tb_histinsight.rules.base import Follows

NON_FINITE = "non-finite"


def link_causes(
    run: str,
    outcomes: Iterable[RuleOutcome],
    follows: Mapping[str, tuple[Follows, ...]],
    first_step: int | None = None,
) -> tuple[RuleOutcome, ...]:
    """The same outcomes; each finding that follows from another carries that one's key as its `cause`.

    Args:
      follows: per rule, what its findings may follow from.
      first_step: the first step of the log.
    """
    outcomes = tuple(outcomes)
    everything = [finding for outcome in outcomes for finding in outcome.findings]
    return tuple(
        replace(outcome, findings=tuple(_with_cause(run, f, everything, follows, first_step) for f in outcome.findings))
        for outcome in outcomes
    )


def _with_cause(
    run: str,
    finding: Finding,
    everything: list[Finding],
    follows: Mapping[str, tuple[Follows, ...]],
    first_step: int | None,
) -> Finding:
    cause = finding
    seen: list[Finding] = []
    while cause not in seen:
        seen.append(cause)
        leader = _leader(cause, everything, follows.get(cause.rule, ()), first_step)
        if leader is None:
            break
        if leader in seen:  # they follow from each other: the first of them leads
            cause = min(seen[seen.index(leader) :], key=everything.index)
            break
        cause = leader
    return finding if cause is finding else replace(finding, cause=cause.key(run))


def _leader(
    finding: Finding, everything: list[Finding], follows: tuple[Follows, ...], first_step: int | None
) -> Finding | None:
    """The finding that this one follows from directly; None where there is none."""
    for way in follows:
        for other in everything:
            if other.rule == way.rule and other is not finding and _in_scope(finding, other, way):
                return other
    if finding.rule != NON_FINITE and finding.first_step is not None:
        for other in everything:
            if other.rule != NON_FINITE or other.first_step is None or other.severity.rank < finding.severity.rank:
                continue
            same = finding.first_step == other.first_step and other.first_step != first_step
            if same or finding.first_step > other.first_step:
                return other
    return None


def _in_scope(finding: Finding, other: Finding, way: Follows) -> bool:
    if other.rule == finding.rule and (other.layer is not None or finding.layer is None):
        return False  # within a rule, only a layer's finding can follow, and only from one on several layers
    if other.severity.rank < finding.severity.rank or (way.messages and finding.message not in way.messages):
        return False  # an alarm never hides behind a remark
    if way.scope == "run":
        return True
    if way.scope == "layer" and finding.layer is not None and finding.layer == other.layer:
        return True
    return bool(set(finding.tags) & set(other.tags))

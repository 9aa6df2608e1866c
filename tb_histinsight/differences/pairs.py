"""Which runs are compared with which: never all pairs of many."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from tb_histinsight.differences.match import Match, match_tags
from tb_histinsight.differences.repeats import Family

MOST_PAIRED = 6
"""Up to so many different trainings every one is compared with every other; of more, each with one reference."""
MOST_REFERENCES = 8
"""References that are tried for runs that share no layer with the ones before."""


@dataclass(frozen=True)
class Pair:
    """Two runs, and their tensors that belong together."""

    run: Family
    other: Family
    """The one that it is measured against: it has fewer alarms, or the log has it first"""
    matches: tuple[Match, ...]


def pairs_of(families: Sequence[Family]) -> list[Pair]:
    """The pairs that are compared; those without a common tensor are left out.

    Up to `MOST_PAIRED` trainings (repeated ones count once) are compared with each other. Of more, each is compared
    with one reference: the one with the fewest alarms; of these, one whose tensors most others have too; of these, the
    log's first. Those that share no layer with the reference get one of their own, in the same way.
    """
    alike = Counter((family.representative.names, family.representative.sizes) for family in families)

    def standing(family: Family) -> tuple[object, ...]:
        run = family.representative
        return (*run.troubles, -alike[run.names, run.sizes], run.place)

    ordered = sorted(families, key=standing)
    if len(families) <= MOST_PAIRED:
        candidates = [_pair(run, other) for place, other in enumerate(ordered) for run in ordered[place + 1 :]]
        return [pair for pair in candidates if pair.matches]
    found: list[Pair] = []
    for _ in range(MOST_REFERENCES):
        if len(ordered) < 2:
            break
        reference, *rest = ordered
        tried = [_pair(run, reference) for run in rest]
        found.extend(pair for pair in tried if pair.matches)
        ordered = [pair.run for pair in tried if not pair.matches]
    return found


def _pair(run: Family, other: Family) -> Pair:
    return Pair(run, other, match_tags(run.representative, other.representative))

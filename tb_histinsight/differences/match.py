"""Which tensor of one run is which tensor of another: by name, else by position in the depth order and size.

Keras counts layers per process, so that `dense, dense_1` of one run are `dense_28, dense_29` of the next, and
`dense_1` of two runs may be different layers. Names are believed where the sizes do not speak against them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from tb_histinsight.core.labels import Role
from tb_histinsight.core.names import TagName
from tb_histinsight.differences.summary import RunSummary

MOST_ALIGNED = 200
"""Layers of a run that are aligned by size, after those at both ends that fit; beyond it names alone count."""
MOST_REMEMBERED = 256
"""Pairs of networks of which it is remembered what belongs together: the runs of a sweep have few networks."""
LEAST_SHARE = 0.5
"""Layers of the smaller network that must find a partner before a partner found by size alone is believed."""


@dataclass(frozen=True)
class Match:
    """A tensor of one run and its counterpart in another, as indices into their tags."""

    first: int
    second: int
    by_name: bool
    """False where position and size alone make them partners: a guess"""


@dataclass(frozen=True)
class _Tensors:
    """All that partners are found by."""

    heads: tuple[TagName, ...]
    sizes: tuple[int, ...]


@dataclass(frozen=True)
class _Layer:
    name: str
    size: tuple[str, int]
    """Role and size of its largest parameter (of its largest tensor, where no parameter is logged)"""
    members: tuple[int, ...]
    """Indices of its tags"""


_Pair: TypeAlias = tuple[int, int]


def match_tags(first: RunSummary, second: RunSummary) -> tuple[Match, ...]:
    """Tensors of the two runs that belong together, in the depth order of the first run."""
    if first.names == second.names:
        return _each(len(first.names))
    return _matches(_Tensors(first.heads, first.sizes), _Tensors(second.heads, second.sizes))


@lru_cache(maxsize=MOST_REMEMBERED)
def _each(count: int) -> tuple[Match, ...]:
    return tuple(Match(i, i, True) for i in range(count))


@lru_cache(maxsize=MOST_REMEMBERED)
def _matches(first: _Tensors, second: _Tensors) -> tuple[Match, ...]:
    layers = _layers(first), _layers(second)
    matches: list[Match] = []
    for i, j in _pair_layers(*layers):
        matches.extend(_pair_members(first, second, layers[0][i], layers[1][j]))
    return tuple(sorted(matches, key=lambda match: match.first))


def _layers(run: _Tensors) -> list[_Layer]:
    """The layers in depth order."""
    members: dict[str, list[int]] = {}
    for i, name in enumerate(run.heads):
        members.setdefault(name.layer, []).append(i)
    return [_Layer(name, _size(run, indices), tuple(indices)) for name, indices in members.items()]


def _size(run: _Tensors, indices: Sequence[int]) -> tuple[str, int]:
    subjects = [(run.heads[i].subject.value, run.sizes[i]) for i in indices]
    for role in (Role.WEIGHT, Role.NORM, Role.BIAS):
        of_role = [size for subject, size in subjects if subject == role.value]
        if of_role:
            return role.value, max(of_role)
    return max(subjects, key=lambda subject: subject[1])


def _pair_layers(first: Sequence[_Layer], second: Sequence[_Layer]) -> list[_Pair]:
    """Pairs of indices of layers."""
    place = {layer.name: j for j, layer in enumerate(second)}
    named = [(i, place[layer.name]) for i, layer in enumerate(first) if layer.name in place]
    confirmed = [(i, j) for i, j in named if first[i].size == second[j].size]
    if len(named) == max(len(first), len(second)) or len(confirmed) == min(len(first), len(second)):
        return named
    by_size = _aligned(first, second, [])
    # Where sizes in a row fit better than names do, and not all have namesakes, a counter of layers went on.
    pairs = by_size if len(by_size) > len(confirmed) else named + _aligned(first, second, named)
    guessed = [pair for pair in pairs if first[pair[0]].name != second[pair[1]].name]
    if len(pairs) < LEAST_SHARE * min(len(first), len(second)):
        pairs = [pair for pair in pairs if pair not in guessed]
    return sorted(pairs)


def _aligned(first: Sequence[_Layer], second: Sequence[_Layer], named: Sequence[_Pair]) -> list[_Pair]:
    """Layers of equal size in the same order, those that have been paired by name left out."""
    taken = {i for i, _ in named}, {j for _, j in named}
    left = [i for i in range(len(first)) if i not in taken[0]]
    right = [j for j in range(len(second)) if j not in taken[1]]
    pairs: list[_Pair] = []
    # Outermost layers first, from both sides: what is put into a network is put in somewhere inside.
    front = True
    while left and right:
        at = 0 if front else -1
        if first[left[at]].size != second[right[at]].size:
            at = -1 - at
            if first[left[at]].size != second[right[at]].size:
                break
        pairs.append((left.pop(at), right.pop(at)))
        front = at != 0
    if max(len(left), len(right)) <= MOST_ALIGNED:
        pairs.extend(_common(first, second, left, right))
    return pairs


def _common(
    first: Sequence[_Layer], second: Sequence[_Layer], left: Sequence[int], right: Sequence[int]
) -> list[_Pair]:
    """The longest sequence of equal sizes in both."""
    longest = [[0] * (len(right) + 1) for _ in range(len(left) + 1)]
    for a in range(len(left) - 1, -1, -1):
        for b in range(len(right) - 1, -1, -1):
            if first[left[a]].size == second[right[b]].size:
                longest[a][b] = longest[a + 1][b + 1] + 1
            else:
                longest[a][b] = max(longest[a + 1][b], longest[a][b + 1])
    pairs: list[_Pair] = []
    a = b = 0
    while a < len(left) and b < len(right):
        if first[left[a]].size == second[right[b]].size:
            pairs.append((left[a], right[b]))
            a, b = a + 1, b + 1
        elif longest[a + 1][b] >= longest[a][b + 1]:
            a += 1
        else:
            b += 1
    return pairs


def _pair_members(first: _Tensors, second: _Tensors, one: _Layer, other: _Layer) -> list[Match]:
    """Tensors of two layers that do the same in them; of other sizes only where the layers share a name."""
    by_name = one.name == other.name
    waiting: dict[tuple[object, ...], list[int]] = {}
    for j in other.members:
        waiting.setdefault(_part(second, j, sized=not by_name), []).append(j)
    matches = []
    for i in one.members:
        partners = waiting.get(_part(first, i, sized=not by_name), [])
        namesake = next((j for j in partners if second.heads[j].tag == first.heads[i].tag), None)
        if namesake is None and not partners:
            continue
        j = partners[0] if namesake is None else namesake
        partners.remove(j)
        matches.append(Match(i, j, by_name))
    return matches


def _part(run: _Tensors, index: int, *, sized: bool) -> tuple[object, ...]:
    name = run.heads[index]
    return name.role, name.subject, name.kernel, run.sizes[index] if sized else 0

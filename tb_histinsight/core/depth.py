"""Where layers stand in the depth of a network, as far as their names and their order in the log tell."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from typing import TypeAlias

from tb_histinsight.core import vocabulary as words

Key: TypeAlias = tuple[str, ...]

MIN_LAYERS_DOWNWARDS = 3
"""Layers that must be numbered strictly downwards before that is taken for intention (a decoder: up4, up3, up2);
two are in either order by chance."""


def depth_order(keys: Sequence[Key], known: Sequence[bool]) -> list[int]:
    """Depth of the layer of each tag; 0 for the layer nearest to the input.

    Layers stand in order of first appearance, tags that belong to no network last. Layers whose names differ in
    their numbers alone share out the places that they have among them in the order of those numbers, unless the
    log has them strictly up or strictly down: writers list a network from its input to its output, and a decoder
    may well count down.

    Args:
      keys: what names the layer of each tag, in order of first appearance in the log.
      known: whether the tag belongs to a network at all.
    """
    of_networks = [key for key, is_known in zip(keys, known, strict=True) if is_known]
    layers = list(dict.fromkeys([*of_networks, *keys]))
    networks = [key for key in layers if key[0] != "\0"]
    rest = [key for key in layers if key[0] == "\0"]
    alphabetic = len(networks) > 2 and networks == sorted(networks)
    if alphabetic:
        networks.sort(key=_typical_place)
    families: dict[Key, list[int]] = defaultdict(list)
    for position, key in enumerate(networks):
        families[_template(key)].append(position)
    ordered = list(networks)
    for positions in families.values():
        members = [networks[position] for position in positions]
        numbers = _comparable([_numbers(key) for key in members])
        if len(members) >= MIN_LAYERS_DOWNWARDS and numbers == sorted(numbers, reverse=True):
            continue
        by_number = sorted(zip(numbers, range(len(members)), strict=True))
        for position, (_, member) in zip(positions, by_number, strict=True):
            ordered[position] = members[member]
    depth = {key: i for i, key in enumerate([*ordered, *rest])}
    return [depth[key] for key in keys]


def _typical_place(key: Key) -> int:
    """-1 for names that start a network, 1 for names that end one; only for logs in alphabetic order."""
    found = {word for segment in key[-2:] for word in words.words_of(segment)}
    if found & words.LAST_LAYERS:
        return 1
    return -1 if found & words.FIRST_LAYERS else 0


def _template(key: Key) -> Key:
    """The name with its numbers taken out; `dense` and `dense_1` are of one family."""
    return tuple(re.sub(r"_?#$", "", re.sub(r"\d+", "#", part)) for part in key)


def _numbers(key: Key) -> tuple[int, ...]:
    """The numbers in a name; a segment without one counts as -1, before 0."""
    found: list[int] = []
    for part in key:
        numbers = [int(number[:18]) for number in re.findall(r"\d+", part)]
        found.extend(numbers or [-1])
    return tuple(found)


def _comparable(numbers: list[tuple[int, ...]]) -> list[tuple[int, ...]]:
    """Reads conv21, conv22, conv31, conv4 as 2.1, 2.2, 3.1, 4 where that leaves no gap and plain counting would."""
    lengths = {len(number) for number in numbers}
    if len(lengths) != 1 or not numbers[0]:
        return numbers
    varying = [i for i in range(len(numbers[0])) if len({number[i] for number in numbers}) > 1]
    if len(varying) != 1:
        return numbers
    column = varying[0]
    values = {number[column] for number in numbers}
    single = {value for value in values if 0 < value < 10}
    double = {value for value in values if 10 <= value < 100}
    if not single or not double or single | double != values:
        return numbers
    ones: dict[int, set[int]] = defaultdict(set)
    for value in double:
        ones[value // 10].add(value % 10)
    blocks = set(ones) | single
    hierarchical = (
        not set(ones) & single
        and all(digits == set(range(1, len(digits) + 1)) for digits in ones.values())
        and blocks == set(range(min(blocks), max(blocks) + 1))
    )
    if not hierarchical or values == set(range(min(values), max(values) + 1)):
        return numbers
    split = {value: (value // 10, value % 10) if value >= 10 else (value, 0) for value in values}
    return [(*number[:column], *split[number[column]], *number[column + 1 :]) for number in numbers]

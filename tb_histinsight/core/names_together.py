"""Settles what one tag name leaves open by the other tags of the run, and by the sizes of the tensors."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace

from tb_histinsight.core import vocabulary as words
from tb_histinsight.core.labels import Role
from tb_histinsight.core.one_name import Reading

_KINDS = (None, Role.GRADIENT, Role.UPDATE)
"""What a tag may be of a variable: itself, or derived from it"""


def settle_indices(readings: list[Reading]) -> list[Reading]:
    """Decides for a number at the end of a name whether it is the variable's or the layer's.

    Where the run has several numbers after one name, they count layers (`W_1`, `W_2`). A lone number after the
    parameter's word is the variable's: `kernel_0` from `kernel:0`, `weights_1` made unique by TensorFlow; so it is
    where the gradient has none (`weights/gradients`), as long as there is one of each. A lone number other than 0 with
    nothing else in the name can only be the layer's.
    """
    numbers: dict[tuple[object, ...], set[str]] = defaultdict(set)
    apart: dict[tuple[object, ...], set[str]] = defaultdict(set)
    for reading in readings:
        if reading.word:
            numbers[reading.path, reading.rest, reading.word].add(reading.index)
            apart[reading.path, reading.rest, reading.word, reading.derived].add(reading.index)

    def settle(reading: Reading) -> Reading:
        seen = numbers[reading.path, reading.rest, reading.word]
        one_each = all(len(apart[reading.path, reading.rest, reading.word, kind]) <= 1 for kind in _KINDS)
        lone = (len(seen) == 1 or (one_each and "" in seen)) and (
            reading.index == "0" or bool(reading.path or reading.rest)
        )
        if not reading.word or not reading.index or lone or seen == {"", "0"}:
            return reading
        return replace(reading, rest=(*reading.rest, reading.index))

    return [settle(reading) for reading in readings]


def settle_weak(readings: list[Reading]) -> list[Reading]:
    """Believes a weak sign where a parameter of the other kind has the same layer, else calls it `other`."""
    partners: dict[tuple[str, ...], set[Role]] = defaultdict(set)
    for reading in readings:
        if reading.word:
            partners[reading.key].add(reading.subject)

    def settle(reading: Reading) -> Reading:
        if not reading.weak:
            return reading
        other = Role.BIAS if reading.subject is Role.WEIGHT else Role.WEIGHT
        if other in partners[reading.key]:
            return replace(reading, weak=False, certain=True)
        if (reading.rest and not reading.path) or len(reading.word) > len("w1"):
            return replace(reading, subject=Role.OTHER, kernel=False, word="", certain=False)
        return reading

    return [settle(reading) for reading in readings]


def with_whole_paths(readings: list[Reading], keys: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Gives activations the key of the layer whose path ends with theirs, where there is exactly one.

    Code often logs `h1/activations` beside `sequential/h1/kernel`.
    """
    parameters = {key for reading, key in zip(readings, keys, strict=True) if reading.word}
    by_end: dict[tuple[str, ...], set[tuple[str, ...]]] = defaultdict(set)
    for key in parameters:
        for start in range(1, len(key)):
            by_end[key[start:]].add(key)
    whole = []
    for reading, key in zip(readings, keys, strict=True):
        candidates = by_end.get(key, set())
        alone = reading.subject is Role.ACTIVATION and key not in parameters and len(candidates) == 1
        whole.append(next(iter(candidates)) if alone else key)
    return whole


def settle_norms_by_size(
    readings: list[Reading], keys: list[tuple[str, ...]], depths: list[int], sizes: Mapping[str, int]
) -> list[Reading]:
    """Calls weight and bias of one layer a normalisation's where they are equally large and follow a kernel.

    A kernel has fan-in times as many values as its bias, so equal sizes leave a fan-in of 1 or a gain. The latter
    has the size of the layer before it, so that the kernel before it divides by it, and never comes first.
    """
    weight_size: dict[tuple[str, ...], int] = {}
    bias_size: dict[tuple[str, ...], int] = {}
    for reading, key in zip(readings, keys, strict=True):
        size = sizes.get(reading.tag, 0)
        if size > 1 and reading.word and reading.word.lower() in words.WEIGHT_WORDS and reading.kernel:
            weight_size.setdefault(key, size)
        elif size > 1 and reading.subject is Role.BIAS:
            bias_size.setdefault(key, size)
    told = {key for key, size in weight_size.items() if bias_size.get(key, size) != size}
    order = sorted({key: depth for key, depth in zip(keys, depths, strict=True)}.items(), key=lambda item: item[1])
    norms = set()
    kernels_before: list[int] = []
    for key, _ in order:
        if key not in weight_size:
            continue
        size = weight_size[key]
        if bias_size.get(key) == size and any(k > size and k % size == 0 for k in kernels_before[-2:]):
            norms.add(key)
        else:
            kernels_before.append(size)
    return [
        replace(reading, subject=Role.NORM, kernel=False, certain=False)
        if key in norms and reading.subject in (Role.WEIGHT, Role.BIAS)
        else replace(reading, certain=reading.certain or (key in told and bool(reading.path) and bool(reading.word)))
        for reading, key in zip(readings, keys, strict=True)
    ]

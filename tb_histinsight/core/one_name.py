"""Takes one tag name apart: the path of the layer, the parameter's word, and what it says of the tensor."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from tb_histinsight.core import vocabulary as words
from tb_histinsight.core.labels import Role


@dataclass(frozen=True)
class Reading:
    """One tag taken apart."""

    tag: str
    derived: Role | None
    """`gradient` or `update` where the name says so, else None"""
    path: tuple[str, ...]
    rest: tuple[str, ...]
    """What stands beside the parameter's word in the last segment: ("conv1",) for `W_conv1`"""
    word: str
    """The parameter's word as it is written; empty where there is none"""
    subject: Role
    index: str = ""
    """A number at the very end, which may be the variable's (`kernel_0`) or the layer's (`W_2`)"""
    kernel: bool = False
    certain: bool = True
    weak: bool = False
    """Holds only in company: a path, a number, or a partner of the other kind"""
    dotted: bool = False

    @property
    def key(self) -> tuple[str, ...]:
        """What tags of one layer have in common."""
        rest = "_".join(self.rest)
        if not rest or (self.path and rest in _numbers(self.path[-1])):
            return self.path or (rest,)
        return (*self.path, rest)


@lru_cache(maxsize=1 << 14)  # the runs of a sweep have the same tags
def read_one(tag: str) -> Reading:
    """Takes one tag apart, without looking at the others."""
    segments = [part for part in re.split(r"[/.]", tag) if part]
    dotted = "." in tag
    segments, derived = _strip(segments)
    nothing = Reading(tag, derived, tuple(segments), (), "", Role.OTHER, certain=False, dotted=dotted)
    if not segments or set(words.words_of(segments[0])) & words.NOT_A_NETWORK:
        return replace(nothing, derived=None)
    path, last = tuple(segments[:-1]), segments[-1]
    last, index = _split_index(last)
    found = _parameter(path, last)
    if found is not None:
        subject, word, rest, weak = found
        path, _ = _clean_path(path)
        kernel, certain = subject is Role.WEIGHT, True
        if subject is Role.WEIGHT:
            layer_words = words.words_of(rest[-1] if rest else path[-1] if path else "")
            if word.lower() in words.EMBEDDING_ENDS or set(layer_words[-1:]) & words.EMBEDDING_LAYER_WORDS:
                kernel = False
            if set(layer_words) & words.SLOPE_LAYER_WORDS:
                kernel, certain = False, False
        if subject is not Role.NORM and "kernel" not in word.lower() and _is_norm_layer(rest or path[-1:]):
            subject, kernel = Role.NORM, False
        if not rest and (path[-1].isdigit() if path else not index):
            certain = False  # one name for everything, or a number where only sizes tell what the layer is
        if weak and any(set(words.words_of(part)) & words.NOT_A_TENSOR for part in path):
            return nothing
        return Reading(tag, derived, path, rest, word, subject, index, kernel, certain and not weak, weak, dotted)
    if derived is not None:
        path, _ = _clean_path((*path, last))
        return replace(nothing, path=path)
    container = path[0].lower() if path else ""
    if container in words.WEIGHT_WORDS | words.BIAS_WORDS and not set(words.words_of(last)) & words.NOT_A_TENSOR:
        # `weights/h1`: the folder says what it is, the rest which layer it belongs to.
        subject = Role.WEIGHT if container in words.WEIGHT_WORDS else Role.BIAS
        layer = (*path[1:], last)
        return Reading(
            tag, None, layer, (), path[0], subject, index, subject is Role.WEIGHT, certain=False, dotted=dotted
        )
    activation = _activation(path, last, segments[-1])
    if activation is not None:
        layer_path, certain = activation
        layer = _clean_path(layer_path)[0] or (segments[-1],)  # `activations/activation_1` is a layer of its own
        return replace(nothing, path=layer, subject=Role.ACTIVATION, certain=certain)
    return nothing


def _strip(segments: list[str]) -> tuple[list[str], Role | None]:
    """Takes off what says how a tensor was logged, and whether it is a gradient or an update."""
    derived: Role | None = None
    changed = True
    while changed and segments:
        changed = False
        last = re.sub(r":\d+$", "", segments[-1])
        if last != segments[-1]:
            # "kernel:0" is the variable's own ending; nothing else carries a colon and a number.
            segments, changed = [*segments[:-1], last], True
            continue
        bare = re.sub(r"_\d+$", "", last).lower()
        if bare in words.WRAPPERS and len(segments) > 1:
            segments, changed = segments[:-1], True
            continue
        stem, _, end = last.rpartition("_")
        if stem and end.lower() in words.WRAPPERS:
            segments, changed = [*segments[:-1], stem], True
            continue
        for role, vocabulary in ((Role.GRADIENT, words.GRADIENT_WORDS), (Role.UPDATE, words.UPDATE_WORDS)):
            if derived is None and bare in vocabulary and (role is Role.GRADIENT or len(segments) > 1):
                segments, derived, changed = segments[:-1], role, True
            elif derived is None and stem and end.lower() in vocabulary and stem.lower() not in {"no", "with"}:
                segments, derived, changed = [*segments[:-1], stem], role, True
    for position, segment in enumerate(segments[:-1]):
        lower = segment.lower()
        if lower in words.GRADIENT_WORDS or (position == 0 and lower in words.UPDATE_WORDS):
            role = Role.GRADIENT if lower in words.GRADIENT_WORDS else Role.UPDATE
            return _without_wrappers(segments[:position] + segments[position + 1 :]), derived or role
    if derived is None and segments:
        start, _, tail = segments[0].partition("_")
        if tail and start.lower() in words.GRADIENT_WORDS:
            numbers_about_it = words.NOT_A_TENSOR | {"norm", "mean", "std", "max", "min", "scale", "clip"}
            if not (len(segments) == 1 and set(words.words_of(tail)) & numbers_about_it):
                segments, derived = [tail, *segments[1:]], Role.GRADIENT
    return _without_wrappers(segments), derived


def _without_wrappers(segments: list[str]) -> list[str]:
    while len(segments) > 1 and segments[0].lower() in words.WRAPPERS:
        segments = segments[1:]
    return segments


def _split_index(segment: str) -> tuple[str, str]:
    """ "kernel_0" -> ("kernel", "0"): a number after the last underscore."""
    match = re.fullmatch(r"(.*[A-Za-z0-9])_(\d+)", segment)
    return (match.group(1), match.group(2)) if match else (segment, "")


def _parameter(path: tuple[str, ...], last: str) -> tuple[Role, str, tuple[str, ...], bool] | None:
    """Role, word, rest of the segment and whether it is a weak sign; None where no parameter is named."""
    lower = last.lower()
    if lower in words.NORM_PARAMETERS:
        return Role.NORM, last, (), False
    if lower in words.NORM_PARAMETERS_IN_NORM_LAYERS and _is_norm_layer(path[-1:]):
        return Role.NORM, last, (), False
    if lower in words.EMBEDDING_ENDS:
        return (Role.WEIGHT, last, (), False) if path else None
    parts = last.split("_")
    if set(words.words_of(last)) & words.NOT_A_TENSOR:
        layer_like = len(parts) > 1 and parts[-1].lower() in words.WEIGHT_WORDS | words.BIAS_WORDS and path
        if not layer_like or not set(words.words_of(last)) & {"attention", "attn"} or lower == "attention_weights":
            return None
    if set(words.words_of(last)) & {"norm"} and parts[0].lower() in words.WEIGHT_WORDS | {"w"}:
        return None  # a norm *of* the weights, not the weight of a norm
    glued = re.fullmatch(r"([A-Za-z]+)(\d+)", parts[0])
    head, number = (glued.group(1), (glued.group(2),)) if glued else (parts[0], ())
    candidates = ((parts[-1], tuple(parts[:-1])), (head, (*number, *parts[1:])))
    for word, rest in candidates:
        name = word.lower()
        if name in words.WEIGHT_WORDS | words.BIAS_WORDS:
            role = Role.WEIGHT if name in words.WEIGHT_WORDS else Role.BIAS
            if rest and rest[0].lower() in words.KERNEL_QUALIFIERS and role is Role.WEIGHT:
                return role, last, rest[1:], False
            if len(rest) == 1 and rest[0].lower() == "g" and role is Role.WEIGHT and word == head:
                return Role.NORM, word, (), False  # weight normalisation's gain
            if len(rest) == 1 and rest[0].lower() in {"v", "orig"} and word == head:
                return role, word, (), False
            return role, word, rest, False
    for word, rest in candidates:
        name = word.lower()
        if name in words.WEAK_WEIGHT_WORDS | words.WEAK_BIAS_WORDS:
            role = Role.WEIGHT if name in words.WEAK_WEIGHT_WORDS else Role.BIAS
            company = set(words.words_of("_".join(rest))) & words.LAYER_WORDS or (rest and rest[0][:1].isdigit())
            return role, word, rest, not (company and len(name) == 1)
    return None


def _clean_path(path: tuple[str, ...]) -> tuple[tuple[str, ...], bool]:
    """The layer's path without folders that repeat the role, and without its own repetition.

    `layer1/weights/layer1` -> `layer1`. Also says whether a folder named a role.
    """
    containers = words.WEIGHT_WORDS | words.BIAS_WORDS | words.ACTIVATION_STARTS
    kept = tuple(part for part in path if part.lower() not in containers)
    half = len(kept) // 2
    if half and len(kept) % 2 == 0 and kept[:half] == kept[half:]:
        kept = kept[:half]
    return kept, len(kept) < len(path)


def _is_norm_layer(segments: tuple[str, ...]) -> bool:
    if not segments:
        return False
    found = words.words_of("_".join(segments[-2:]) if len(segments) > 1 else segments[-1])
    ends = {found[0], found[-1]} if found else set()
    return any(word in words.NORM_LAYER_WORDS or word.endswith("norm") for word in ends)


def _activation(path: tuple[str, ...], last: str, whole: str) -> tuple[tuple[str, ...], bool] | None:
    """Path of the layer and whether it is sure, where the name is an activation's.

    Args:
      path: the segments before the last.
      last: the last segment without a number at its end.
      whole: the last segment as it is written; under a folder `activations` the number is the layer's.
    """
    found = words.words_of(last)
    container = bool(path) and path[0].lower() in words.ACTIVATION_STARTS
    if container and last.isdigit():
        return (*path[1:], last), True  # activations/3: module 3 of a torch.nn.Sequential
    if not found or (len(found) > 1 and set(found) & words.NOT_A_TENSOR):
        return None
    if found[-1] in words.ACTIVATION_ENDS:
        if path and path[-1].lower() == "wx_plus_b":
            path = path[:-1]  # TensorFlow's tutorial: weights times input plus bias, before the activation
        stem = re.sub(r"(?i)_?(pre_?)?(activations?|activate|preactivations?|acts?|logits?)_?\d*$", "", last)
        if not stem and path and path[-1].lower() in words.ACTIVATION_STARTS:
            return (*path[:-1], last), True  # activations/act1: the folder says what it is, `act1` is the layer
        layer = (*path, stem) if stem else path
        return (layer or (last,)), bool(layer)
    if path and (last.lower() in words.WEAK_ACTIVATION_ENDS or found[0] in words.WEAK_ACTIVATION_ENDS):
        return path, len(found) == 1 and path[-1].lower() != last.lower()
    if last.lower() == "wx_plus_b":
        return (last,), False
    if container:
        return (*path[1:], whole), True
    return None


def _numbers(text: str) -> list[str]:
    return re.findall(r"\d+", text)

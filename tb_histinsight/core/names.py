"""What a tag name says: the layer, the role of the tensor in it, and where it stands in the depth of the network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tb_histinsight.core.depth import depth_order
from tb_histinsight.core.labels import Role
from tb_histinsight.core.names_together import settle_indices, settle_norms_by_size, settle_weak, with_whole_paths
from tb_histinsight.core.one_name import Reading, read_one


@dataclass(frozen=True)
class Guess:
    """What a name was taken for, where the user said something else."""

    layer: str
    role: Role


@dataclass(frozen=True)
class TagName:
    """A tag, read. Guesses are shown to the user and can be overruled."""

    tag: str
    layer: str
    """Name of the layer: kernel, bias, gradients and activations of one layer share it. The tag itself where no
    layer can be made out."""
    role: Role
    subject: Role
    """For a gradient or update: the role of the parameter that it belongs to (weight, bias or norm; `other` where
    the name does not say). Otherwise the role itself."""
    depth: int
    """0 for the layer nearest to the input; tags of one layer share it."""
    kernel: bool
    """Whether it is a weight tensor (or the gradient or update of one) of a layer that multiplies its input.
    Embedding tables are weights, but no kernels."""
    certain: bool
    """False where role or layer is a guess from a weak sign in the name."""
    told: tuple[str, ...] = ()
    """Which of "layer", "role" and "order" the user said"""
    guess: Guess | None = None
    """What was guessed, where what was told differs from it"""


def read_tags(tags: Sequence[str], sizes: Mapping[str, int] | None = None) -> list[TagName]:
    """Reads all tags of a run together: what one name leaves open, the others often settle.

    Args:
      tags: in order of first appearance in the log.
      sizes: number of elements per tag, where known; tells a normalisation's gain from a kernel.

    Returns:
      One per tag, in the order given.
    """
    readings = [read_one(tag) for tag in tags]
    readings = settle_indices(readings)
    readings = settle_weak(readings)
    keys = with_whole_paths(readings, [_layer_key(reading) for reading in readings])
    known = [reading.subject is not Role.OTHER or reading.derived is not None for reading in readings]
    depths = depth_order(keys, known)
    if sizes:
        readings = settle_norms_by_size(readings, keys, depths, sizes)
    shown = _display_names(readings, keys)
    return [
        TagName(
            tag=reading.tag,
            layer=shown[key],
            role=reading.derived or reading.subject,
            subject=reading.subject,
            depth=depth,
            kernel=reading.kernel,
            certain=reading.certain,
        )
        for reading, key, depth in zip(readings, keys, depths, strict=True)
    ]


def _layer_key(reading: Reading) -> tuple[str, ...]:
    if reading.word or reading.subject is Role.ACTIVATION:
        return reading.key
    if reading.derived is not None and reading.path:
        return reading.path
    return ("\0", reading.tag)


def _display_names(readings: list[Reading], keys: list[tuple[str, ...]]) -> dict[tuple[str, ...], str]:
    """A name for each layer: as it is written in its tags."""
    shown: dict[tuple[str, ...], str] = {}
    for reading, key in zip(readings, keys, strict=True):
        if key[0] == "\0":
            shown[key] = reading.tag
        elif not reading.path and not any(part and not part.isdigit() for part in key):
            # Nothing but a number, or nothing at all: the weight's own name is the best there is.
            if key not in shown or reading.subject is Role.WEIGHT:
                number = next((part for part in key if part), "")
                joint = "_" if number and f"{reading.word}_{number}" in reading.tag else ""
                shown[key] = f"{reading.word}{joint}{number}"
        elif key not in shown:
            dotted = ".".join(key)
            shown[key] = dotted if reading.dotted and dotted in reading.tag else "/".join(key)
    return shown

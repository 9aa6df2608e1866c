"""What a tag name says: the layer, the role of the tensor in it, and where it stands in the depth of the network."""

from __future__ import annotations

from dataclasses import dataclass

from tb_histinsight.core.labels import Role


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

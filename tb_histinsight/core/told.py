"""What the user says of tags: layer, role and order. It overrules what was guessed from their names."""

from __future__ import annotations

import difflib
import fnmatch
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from tb_histinsight.core.labels import Role
from tb_histinsight.core.names import Guess, TagName

PARAMETERS = (Role.WEIGHT, Role.BIAS, Role.NORM)
"""What a gradient or an update may belong to."""
DERIVED = (Role.GRADIENT, Role.UPDATE)


@dataclass(frozen=True)
class Telling:
    """What is said of the tags that fit a pattern; None: nothing of that."""

    kind: str
    """"tag": exactly this one; "glob": `*`, `?` and `[...]`, where `*` goes over `/` too; "regex": all of the name"""
    pattern: str
    layer: str | None = None
    """For a regex: a template, in which `\\1` is what the first group matched"""
    role: Role | None = None
    of: Role | None = None
    """For a gradient or update: the role of the parameter that it belongs to"""
    kernel: bool | None = None
    """Whether the weight multiplies its layer's input"""
    order: float | str | None = None
    """Place of the layer in the depth of the network; for a regex also a template that gives a number"""
    line: int | None = None
    """Where it stands in its file"""

    @cached_property
    def compiled(self) -> re.Pattern[str]:
        """The pattern, which must match all of a name."""
        if self.kind == "regex":
            return re.compile(self.pattern)
        return re.compile(re.escape(self.pattern) if self.kind == "tag" else fnmatch.translate(self.pattern))

    def about(self, tag: str) -> Telling | None:
        """The same about one tag, templates filled in; None where it does not fit."""
        match = self.compiled.fullmatch(tag)
        if match is None:
            return None
        if self.kind != "regex":
            return self
        layer = None if self.layer is None else match.expand(self.layer)
        return replace(self, layer=layer, order=_number(match, self.order))


def _number(match: re.Match[str], order: float | str | None) -> float | None:
    if not isinstance(order, str):
        return order
    try:
        return float(match.expand(order))
    except ValueError:
        return None  # this tag has no number there: it keeps the place that was guessed


@dataclass(frozen=True)
class Names:
    """All that is said, in the order of the file; a later line wins, word by word."""

    tellings: tuple[Telling, ...] = ()
    file: str = ""
    """What the file is called towards the user"""

    def about(self, tag: str) -> Telling | None:
        """Everything that is said about a tag; None where nothing is."""
        found: Telling | None = None
        for telling in self.tellings:
            told = telling.about(tag)
            if told is None:
                continue
            said = {key: value for key in _SAID if (value := getattr(told, key)) is not None}
            found = told if found is None else replace(found, **said)
        return found


NOTHING_TOLD = Names()


@dataclass(frozen=True)
class UnusedName:
    """Something that was said of no tag that there is."""

    file: str
    line: int | None
    pattern: str
    near: str | None
    """The tag that was perhaps meant"""


def unused_names(names: Names, tags: Sequence[str]) -> list[UnusedName]:
    """What fits none of these tags."""
    found = []
    for telling in names.tellings:
        if any(map(telling.compiled.fullmatch, tags)):
            continue
        near = difflib.get_close_matches(telling.pattern, tags, n=1, cutoff=0.5) if telling.kind == "tag" else []
        found.append(UnusedName(names.file, telling.line, telling.pattern, near[0] if near else None))
    return found


_SAID = ("layer", "role", "of", "kernel", "order")


def overrule(names: Sequence[TagName], told: Names) -> list[TagName]:
    """The same tags with what was told in place of what was guessed.

    A layer whose order was told stands where that number falls among the others' depths; layers of which nothing is
    told keep theirs. Depths are then counted again from 0.
    """
    if not told.tellings:
        return list(names)
    orders: dict[str, float] = {}
    depths: dict[str, int] = {}
    overruled = []
    for name in names:
        telling = told.about(name.tag)
        changed = name if telling is None else _overruled(name, telling)
        overruled.append(changed)
        depths[changed.layer] = min(name.depth, depths.get(changed.layer, name.depth))
        if telling is not None and telling.order is not None:
            orders.setdefault(changed.layer, float(telling.order))
    # Of two layers at one place the one that was told to be there comes first.
    ranked = sorted(depths, key=lambda layer: (orders.get(layer, depths[layer]), layer not in orders, depths[layer]))
    place = {layer: depth for depth, layer in enumerate(ranked)}
    return [
        replace(name, depth=place[name.layer], told=(*name.told, "order")) if name.layer in orders
        else replace(name, depth=place[name.layer])
        for name in overruled
    ]  # fmt: skip


def _overruled(name: TagName, telling: Telling) -> TagName:
    layer = name.layer if telling.layer is None else telling.layer
    role = name.role if telling.role is None else telling.role
    if role not in DERIVED:
        subject = role
    elif telling.of is not None:
        subject = telling.of
    else:
        subject = name.subject if name.subject in PARAMETERS else Role.OTHER
    kernel = subject is Role.WEIGHT and (name.kernel or name.subject is not Role.WEIGHT)
    if telling.kernel is not None:
        kernel = subject is Role.WEIGHT and telling.kernel
    told = [key for key in ("layer", "role") if getattr(telling, key) is not None]
    return replace(
        name,
        layer=layer,
        role=role,
        subject=subject,
        kernel=kernel,
        certain=name.certain or len(told) == 2,
        told=tuple(told),
        guess=Guess(name.layer, name.role) if (layer, role) != (name.layer, name.role) else None,
    )

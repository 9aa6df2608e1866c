"""How numbers stand in sentences: the same groups, per cent signs and powers of ten in every language's text.

A template's placeholder may say, beyond what `str.format` knows:
  `{steps:# step|# steps}`: the first form for 1, the last for everything else; `#` is the number.
  `{initialiser:or}`: the members of a tuple as alternatives; any other format stands for each of its members.
"""

from __future__ import annotations

from collections.abc import Sequence
from string import Formatter
from typing import Any

GROUPED_FROM = 10_000
"""Whole numbers from here on have groups of three: "2000", but "16,384" (ISO 80000-1 leaves four digits alone)."""
WRITTEN_OUT_BELOW = 1e6
"""Sizes from here on are written with a power of ten, as those below 1e-4 are."""


def whole(value: float) -> str:
    """A whole number, with groups of three digits where it is long."""
    return f"{value:,.0f}" if abs(value) >= GROUPED_FROM else f"{value:.0f}"


def number(value: float, digits: int = 3) -> str:
    """A number without a format of its own: whole up to a million in full, others with few significant digits."""
    if float(value).is_integer() and abs(value) < WRITTEN_OUT_BELOW:
        return whole(value)
    return _plain(f"{value:.{digits}g}")


def _plain(text: str) -> str:
    """What `g` gives, without a power of ten where the number is short enough without: 1.23e+03 is 1230."""
    mantissa, mark, exponent = text.partition("e")
    if not mark:
        return text
    if int(exponent) > 0 and abs(float(text)) < WRITTEN_OUT_BELOW:
        return whole(float(text))
    return f"{mantissa}e{int(exponent)}"


class SentenceFormatter(Formatter):
    """Fills numbers into the sentences of one language."""

    def __init__(
        self, per_cent: str = "{number} %", separator: str = ", ", either: str = "{first} or {second}"
    ) -> None:
        self.per_cent = per_cent
        self.separator = separator
        self.either = either

    def format_field(self, value: Any, format_spec: str) -> str:
        """One placeholder's text."""
        if isinstance(value, tuple):
            return self._several(value, format_spec)
        if "|" in format_spec:
            forms = format_spec.split("|")
            return forms[0 if value == 1 else -1].replace("#", self.format_field(value, ""))
        if format_spec.endswith("%"):
            return self.per_cent.format(number=format(value, format_spec)[:-1])
        if isinstance(value, (int, float)) and format_spec in ("", ",.0f", ".0f"):
            return whole(value) if format_spec or isinstance(value, int) else number(value)
        text: str = super().format_field(value, format_spec)
        return _plain(text) if format_spec.endswith("g") else text

    def _several(self, values: Sequence[Any], format_spec: str) -> str:
        if format_spec == "or":
            texts = [self.format_field(value, "") for value in values]
            text = texts[0]
            for other in texts[1:]:
                text = self.either.format(first=text, second=other)
            return text
        return self.separator.join(self.format_field(value, format_spec) for value in values)

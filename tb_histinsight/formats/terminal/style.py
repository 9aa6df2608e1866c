"""Colours and symbols, or none, as the terminal allows."""

from __future__ import annotations

from dataclasses import dataclass

_SGR = {"critical": "1;31", "warning": "1;33", "info": "36", "fine": "32", "unknown": "2", "strong": "1", "quiet": "2"}
"""ANSI "select graphic rendition" codes by what they are for."""
_SYMBOLS = {
    "critical": "✖",
    "warning": "▲",
    "info": "•",
    "fine": "✓",
    "unknown": "?",
    "ellipsis": "…",
    "dash": "–",
    "times": "×",
    "becomes": "→",
}
_ASCII = {
    "critical": "X",
    "warning": "!",
    "info": "*",
    "fine": "+",
    "unknown": "?",
    "ellipsis": "...",
    "dash": "-",
    "times": "x",
    "becomes": ">",
}


@dataclass(frozen=True)
class Style:
    """How to mark text: ANSI colours where they are wanted, ASCII where nothing else can be shown."""

    colour: bool
    symbols: bool

    def paint(self, kind: str, text: str) -> str:
        """The text in the colour for its kind: a severity, "fine", "strong" or "quiet"."""
        return f"\x1b[{_SGR[kind]}m{text}\x1b[0m" if self.colour else text

    def symbol(self, kind: str) -> str:
        """The symbol of a severity, of "fine", or one of "ellipsis", "dash", "times"."""
        return (_SYMBOLS if self.symbols else _ASCII)[kind]

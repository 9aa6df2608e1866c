"""Text that is safe to print and how many columns it takes. Names in a log are anybody's."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
"""Unicode categories that a terminal obeys or cannot show: controls, direction marks, surrogates, line separators."""


def printable(text: str) -> str:
    r"""The text with every character that a terminal would obey rather than show written as \x1b, \u202e and so on.

    Neutralises escape sequences, line breaks and changes of direction in names that come from a log.
    """
    if text.isprintable():
        return text
    return "".join(character if _is_harmless(character) else _escaped(character) for character in text)


def _is_harmless(character: str) -> bool:
    return unicodedata.category(character) not in _INVISIBLE


def _escaped(character: str) -> str:
    number = ord(character)
    if number <= 0xFF:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"


def columns(text: str) -> int:
    """How many columns of a terminal a printable text takes: East Asian wide characters two, combining marks none."""
    if text.isascii():
        return len(text)
    return sum(_columns(character) for character in text)


def _columns(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1


def padded(text: str, width: int, *, right: bool = False) -> str:
    """The text with blanks up to `width` columns; `right` puts it to the right end."""
    blanks = " " * (width - columns(text))
    return blanks + text if right else text + blanks


def shortened(text: str, width: int, ellipsis: str = "…") -> str:
    """The text, its middle left out where it takes more than `width` columns (names of tags differ at both ends)."""
    if columns(text) <= width:
        return text
    room = max(width - columns(ellipsis), 0)
    head = _prefix(text, room // 2)
    tail = _prefix(text[::-1], room - columns(head))[::-1]
    return head + ellipsis + tail


def _prefix(text: str, width: int) -> str:
    used = 0
    for index, character in enumerate(text):
        used += _columns(character)
        if used > width:
            return text[:index]
    return text


def wrapped(text: str, width: int, indent: str = "", first: str | None = None) -> Iterator[str]:
    """Lines of at most `width` columns; the first starts with `first` (default `indent`), the others with `indent`.

    Breaks at blanks, and beside wide characters, which East Asian text sets without blanks. A word that is wider
    than a line stays whole: names are to be copied.
    """
    line = indent if first is None else first
    empty = True
    for word, blank_before in _pieces(text):
        joint = " " if blank_before and not empty else ""
        if not empty and columns(line) + len(joint) + columns(word) > width:
            yield line
            line, joint = indent, ""
        line += joint + word
        empty = False
    if not empty:
        yield line


def _pieces(text: str) -> Iterator[tuple[str, bool]]:
    """What must not be broken, and whether a blank stands before it."""
    for word in text.split():
        start = 0
        for index in range(1, len(word)):
            if _may_part(word[index - 1], word[index]):
                yield word[start:index], start == 0
                start = index
        yield word[start:], start == 0


_CLINGS = frozenset("ぁぃぅぇぉっゃゅょァィゥェォッャュョー々")
"""Japanese letters that must not start a line (JIS X 4051)."""


def _may_part(left: str, right: str) -> bool:
    """Whether a line may end between two characters without a blank: beside East Asian ones, but for punctuation."""
    if left.isascii() and right.isascii():
        return False
    if 2 not in (_columns(left), _columns(right)):
        return False
    return unicodedata.category(left) not in ("Ps", "Pi") and not _hangs(right)


def _hangs(character: str) -> bool:
    """What must not start a line: closing punctuation, per cent signs, small letters."""
    return unicodedata.category(character) in ("Pe", "Pf", "Po") or character in _CLINGS

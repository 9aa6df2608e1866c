"""Addresses of logs on other machines (`s3://bucket/logs`): what is one, and how it is shown without its secrets."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

_SCHEME = r"[a-zA-Z][0-9a-zA-Z.+-]+"  # two letters at least: c: is a drive of Windows
_ADDRESS = re.compile(rf"(?:{_SCHEME}::)*(?P<protocol>{_SCHEME})://")
_NAMED = re.compile(r"(?P<name>[^/:]+):(?P<rest>.*)", re.DOTALL)
_HERE = ("file", "local")
"""Protocols of files on this machine."""


@dataclass(frozen=True)
class Address:
    """Where a log lies that is not on this machine."""

    url: str = field(repr=False)
    """As it was given; it may hold passwords and signatures, and is shown to nobody"""

    @property
    def protocol(self) -> str:
        """The one by which it is reached: "s3"."""
        match = _ADDRESS.match(self.url)
        assert match is not None
        return match["protocol"].lower()

    @property
    def shown(self) -> str:
        """Without user, password, query and fragment."""
        return "::".join(map(_without_secrets, self.url.split("::")))

    @property
    def name(self) -> str:
        """The last part of its path."""
        return urlsplit(self.url.split("::")[0]).path.rstrip("/").rpartition("/")[2] or self.protocol

    def __str__(self) -> str:
        return self.shown


def is_address(text: str) -> bool:
    """Whether a text begins as an address: with a protocol, or several of fsspec's chained by "::"."""
    return _ADDRESS.match(text) is not None


def located(text: str) -> Address | Path:
    """An address, or a path on this machine."""
    if not is_address(text):
        return Path(os.path.expanduser(text))
    address = Address(text)
    if address.protocol in _HERE and "::" not in text:
        from urllib.request import url2pathname

        return Path(url2pathname(urlsplit(text).netloc + urlsplit(text).path))
    return address


def shown(logdir: str | os.PathLike[str]) -> str:
    """What a user gave as LOGDIR, for messages: as it is, but for secrets in addresses."""
    text = os.fspath(logdir)
    if "://" not in text:
        return text
    named = [_NAMED.fullmatch(part) for part in split(text)]
    plain = [not match or is_address(part) for match, part in zip(named, split(text), strict=True)]
    return ",".join(
        _shown_part(part) if alone or match is None else f"{match['name']}:{_shown_part(match['rest'])}"
        for part, match, alone in zip(split(text), named, plain, strict=True)
    )


def split(text: str) -> list[str]:
    """The parts of `name1:path1,name2:path2`; a comma that belongs to an address divides nothing.

    Behind an address a comma divides where an address, a named one, or a path that is there follows; behind the query
    of one, where an address follows.
    """
    parts: list[str] = []
    for part in text.split(","):
        before = parts[-1] if parts else ""
        if "://" not in before or _begins_another(part, in_query="?" in before):
            parts.append(part)
        else:
            parts[-1] = f"{before},{part}"
    return parts


def _begins_another(part: str, in_query: bool) -> bool:
    match = _NAMED.fullmatch(part)
    if is_address(part) or (match is not None and is_address(match["rest"])):
        return True
    if in_query or not part:
        return False
    return match is not None or part[0] in "/~." or os.path.exists(part)


def _shown_part(part: str) -> str:
    return Address(part).shown if is_address(part) else part


def _without_secrets(url: str) -> str:
    protocol, colon, rest = url.partition("://")
    if not colon:
        return url
    bare = re.split(r"[?#]", rest, maxsplit=1)[0]
    host, slash, path = bare.partition("/")
    _, at, only_host = host.rpartition("@")
    if at:
        host = only_host
    elif "@" in path and ":" in host and not host.rpartition(":")[2].isdecimal():
        return f"{protocol}://{bare.rpartition('@')[2]}"  # a password with a slash in it
    return f"{protocol}://{host}{slash}{path}"

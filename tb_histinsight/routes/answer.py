"""What a route gives back: a body that is made only when it is needed, and what it depends on."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import msgspec

from tb_histinsight import __version__
from tb_histinsight.core.errors import InsightError

JSON = "application/json"
GZIP_LEVEL = 3
"""As TensorBoard's own answers; level 6 takes twice the time for a tenth less."""
WORTH_COMPRESSING = 512
"""Bytes; a smaller body fits one packet anyhow."""


class RequestError(InsightError):
    """A request that cannot be answered, with the HTTP status that says so."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


@dataclass(frozen=True)
class Body:
    """Bytes to send, compressed at most once."""

    plain: bytes

    @cached_property
    def gzipped(self) -> bytes:
        """The same, compressed; the same bytes every time."""
        return gzip.compress(self.plain, GZIP_LEVEL, mtime=0)

    @property
    def worth_compressing(self) -> bool:
        """Whether compression saves a packet."""
        return len(self.plain) >= WORTH_COMPRESSING

    @property
    def size(self) -> int:
        """Bytes held in memory, once it was sent."""
        return len(self.plain) + (len(self.gzipped) if self.worth_compressing else 0)


@dataclass(frozen=True)
class Answer:
    """What a route gives back.

    A browser that holds this version already is told so without `make` being called.
    """

    key: tuple[str, ...]
    """What was asked for"""
    version: str
    """Changes when the body would"""
    make: Callable[[], bytes]
    media_type: str = JSON

    @property
    def etag(self) -> str:
        """What stands in the `ETag` header, without quotes."""
        return digest(__version__, *self.key, "", self.version)


def digest(*parts: str) -> str:
    """16 hexadecimal digits that tell these texts from others; they may hold any character."""
    text = "\0".join(f"{len(part)}:{part}" for part in parts)
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def to_json(value: Any) -> bytes:
    """Strict JSON: NaN and infinities become null."""
    return msgspec.json.encode(value)

"""By what a remote file is known to be the same still."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

STAMPS = (
    "ETag",
    "etag",
    "e_tag",
    "content_md5",
    "md5Hash",
    "Content-MD5",
    "Digest",
    "generation",
    "checksum",
    "LastModified",
    "last_modified",
    "Last-Modified",
    "mtime",
    "modified",
    "updated",
    "created",
)
"""What file systems call that which differs when the content does; the first that there is counts."""
_THIS_PROCESS = os.urandom(8).hex()


@dataclass(frozen=True)
class Original:
    """What a copy is a copy of."""

    size: int
    stamp: str
    """ETag or the like: another one where the content is another"""


def original_of(info: Mapping[str, Any]) -> Original:
    """By what a file is known again, from what its file system says of it.

    Where a server says nothing of the kind, only its size tells, and that holds no longer than this process.
    """
    size = info.get("size")
    told = next((f"{name}={_plain(info[name])}" for name in STAMPS if info.get(name)), None)
    return Original(size if isinstance(size, int) else -1, told if told is not None else f"{_THIS_PROCESS}={size}")


def _plain(value: Any) -> Any:
    """Times as numbers: some file systems give them as either, depending on how they are asked."""
    return value.timestamp() if isinstance(value, datetime) else value

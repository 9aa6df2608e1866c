"""Remote files as the readers see them: a path that is brought to this machine when it is first opened."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path

from tb_histinsight.sources.remote.address import Address
from tb_histinsight.sources.remote.cache import copies
from tb_histinsight.sources.remote.copies import Copies
from tb_histinsight.sources.remote.original import Original


@dataclass(frozen=True)
class RemoteFile(os.PathLike[str]):
    """A file on another machine, as it was when it was listed; two of one place are equal.

    `os.fspath` gives the path of a copy on this machine, which is made where there is none yet; it raises
    `UnreadableError` where none can be made. It goes to other processes as it is, and finds the copies there.
    """

    root: Address
    path: str = field(repr=False)
    """As the file system calls it"""
    original: Original = field(compare=False)
    folder: Path = field(compare=False, repr=False)
    """Of the copies of the process that listed it"""

    @property
    def key(self) -> str:
        """Of its copy."""
        return key_of(f"{self.root.url}\0{self.path}")

    @property
    def copies(self) -> Copies:
        """Where its copy is kept."""
        return copies(self.folder)

    def __fspath__(self) -> str:
        from tb_histinsight.sources.remote.fetch import brought

        return os.fspath(brought(self))


def key_of(url: str) -> str:
    """What the copy of a file is called, from its full address."""
    return hashlib.sha256(url.encode("utf-8", "surrogateescape")).hexdigest()[:40]

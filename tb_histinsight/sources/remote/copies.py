"""Copies of remote files in the user's cache folder: found again by address, kept while the original is the same.

A copy consists of the bytes, `<key>.copy`, and of what is known of the original, `<key>.json`. The latter is written
last and removed first, so that a copy that has it is whole. No address is kept with its secrets.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from pathlib import Path

from tb_histinsight.sources.remote.original import Original

IN_USE = 3600.0
"""Seconds after its last use in which a copy is taken to be in use by another process."""


class Copies:
    """The copies in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._used: dict[str, float] = {}

    def path(self, key: str) -> Path:
        """Where the copy is, or would be."""
        return self.folder / f"{key}.copy"

    def original(self, key: str) -> Original | None:
        """What the copy is of; None where there is no whole copy."""
        try:
            known = json.loads(self._facts(key).read_bytes())
            found = Original(int(known["size"]), str(known["stamp"]))
            return found if self.path(key).stat().st_size == found.size else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def used(self, key: str) -> None:
        """Notes that the copy is needed now."""
        now = time.time()
        try:
            os.utime(self._facts(key), (now, now))
        except OSError:
            return
        self._used[key] = now

    def begin(self, key: str) -> Path:
        """An empty file beside the copy, to become it.

        Raises:
          OSError: the folder cannot be written.
        """
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor, name = tempfile.mkstemp(prefix=f"{key}.", suffix=".part", dir=self.folder)
        os.close(descriptor)
        return Path(name)

    def finish(self, key: str, part: Path | None, original: Original) -> None:
        """Makes a file the copy; None: the copy itself was lengthened."""
        if part is not None:
            self.forget(key)
            os.replace(part, self.path(key))
        descriptor, name = tempfile.mkstemp(prefix=f"{key}.", suffix=".part", dir=self.folder)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump({"size": original.size, "stamp": original.stamp}, file)
        os.replace(name, self._facts(key))
        self.used(key)

    def forget(self, key: str) -> None:
        """The copy is no longer what it was; its bytes stay."""
        self._facts(key).unlink(missing_ok=True)

    def shed(self, limit: float) -> None:
        """Deletes the longest unused until the rest is within the limit (bytes).

        What another process used in the last hour stays. What this one used may go: it is called when all is done.
        """
        entries = []
        now = time.time()
        for facts in self._listed():
            try:
                entries.append((facts.stat().st_mtime, facts.stem, self.path(facts.stem).stat().st_size))
            except OSError:
                continue
        total = sum(size for *_, size in entries)
        for used, key, size in sorted(entries):
            if total <= limit:
                break
            if abs(used - self._used.get(key, 0.0)) > 1e-3 and now - used < IN_USE:
                continue
            self.forget(key)
            self.path(key).unlink(missing_ok=True)
            total -= size
        self._sweep(now)

    def _sweep(self, now: float) -> None:
        """Deletes what processes left that were killed."""
        for file in [*self._listed("*.part"), *self._listed("*.copy")]:
            try:
                alone = file.suffix == ".part" or not self._facts(file.stem).exists()
                if alone and now - file.stat().st_mtime > IN_USE:
                    file.unlink()
            except OSError:
                continue

    def _listed(self, pattern: str = "*.json") -> list[Path]:
        try:
            return list(self.folder.glob(pattern))
        except OSError:
            return []

    def _facts(self, key: str) -> Path:
        return self.folder / f"{key}.json"

"""What lies at a remote address: its event files, and the files that say something about them."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from tb_histinsight.core.errors import InsightError, UsageError
from tb_histinsight.sources.remote.address import Address
from tb_histinsight.sources.remote.cache import copies
from tb_histinsight.sources.remote.fetch import AT_ONCE, bring
from tb_histinsight.sources.remote.files import RemoteFile, key_of
from tb_histinsight.sources.remote.filesystem import Remote, opened, using
from tb_histinsight.sources.remote.original import original_of
from tb_histinsight.sources.remote.trouble import UnreadableError, told, trouble_of

BESIDE = (".toml", "tb-histinsight.notes.jsonl")
"""Endings of files of settings, names and notes, which are read where they lie in the log's own folder."""
LARGEST_BESIDE = 32 << 20
"""Bytes of such a file; a larger one was not written by people."""
BUCKETS = ("s3", "s3a", "gs", "gcs", "oss", "abfs", "az")


@dataclass
class Listing:
    """The files at and below an address."""

    files: dict[str, RemoteFile] = field(default_factory=dict)
    """By the path relative to it, with `/`; the file's own name where the address is that of a file"""
    single: bool = False
    folder: Path = Path()
    """A folder on this machine with the settings and notes that lie beside the log"""
    unreadable: list[tuple[str, str]] = field(default_factory=list)
    """Names of files, and clauses that say why they cannot be read; no name: some folders"""


def listed(address: Address, is_event_file: Any) -> Listing:
    """Looks at what is there now.

    Args:
      is_event_file: whether a name is that of an event file.

    Raises:
      RemoteError: nothing is there, or it cannot be looked at.
    """
    with using():
        return _listed(opened(address), is_event_file)


def _listed(remote: Remote, is_event_file: Any) -> Listing:
    address = remote.address
    if not remote.path.strip("/") and address.protocol in BUCKETS:
        raise UsageError(f"{address} names no bucket. Give it one: {address.protocol}://bucket/logs.")
    try:
        remote.fs.invalidate_cache()
        found, troubles = _found(remote, is_event_file)
    except InsightError:
        raise
    except Exception as error:
        raise told(error, address) from None
    folder = copies().folder
    listing = Listing(unreadable=[("", clause) for clause in troubles], folder=folder / f"{key_of(address.url)}.log")
    beside: dict[str, RemoteFile] = {}
    for path, info in found.items():
        name = remote.relative(path)
        if address.protocol in ("http", "https"):
            name = unquote(name.partition("?")[0])
        original = original_of(info)
        if not all(_is_plain(part) for part in name.split("/") if name):
            continue
        if original.size < 0 and (not name or is_event_file(name)):
            listing.unreadable.append((name, "its size is not told"))
            continue
        file = RemoteFile(address, path, original, folder)
        if not name:
            listing.single = True
            listing.files[unquote(address.name)] = file
        elif is_event_file(name):
            listing.files[name] = file
        elif "/" not in name and name.endswith(BESIDE) and 0 <= original.size <= LARGEST_BESIDE:
            beside[name] = file
    _bring_beside(listing.folder, beside)
    return listing


def _found(remote: Remote, is_event_file: Any) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Every file with what the file system says of it, and why some folders could not be looked into."""
    if remote.address.protocol in ("http", "https"):
        return _found_by_links(remote, is_event_file)
    if is_event_file(remote.address.name):
        # Who may read one file may perhaps not list others.
        with contextlib.suppress(FileNotFoundError):
            info = remote.call("info", remote.path)
            if info.get("type") == "file":
                return {remote.path: info}, ()
    errors: list[BaseException] = []
    found = remote.call("find", remote.path, detail=True, **_telling(remote, errors))
    if not found:
        if errors:
            raise errors[0]
        info = remote.call("info", remote.path)
        if info.get("type") == "file":
            found = {remote.path: info}
    return found, tuple(trouble_of(error).value for error in errors)


def _telling(remote: Remote, errors: list[BaseException]) -> dict[str, Any]:
    """Has fsspec's own way through folders tell what it passes over; other ways take no such option."""
    from fsspec.asyn import AsyncFileSystem
    from fsspec.spec import AbstractFileSystem

    kind = type(remote.fs)
    own = kind._find is AsyncFileSystem._find if remote.fs.async_impl else kind.find is AbstractFileSystem.find
    return {"on_error": errors.append} if own else {}


def _found_by_links(remote: Remote, is_event_file: Any) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The files that the pages of a web server link to."""
    if is_event_file(remote.address.name):
        info = remote.call("info", remote.path)
        if info.get("mimetype") != "text/html":
            return {remote.path: info}, ()
    found: dict[str, Any] = {}
    unknown: list[str] = []
    errors: list[BaseException] = []
    todo, seen = [remote.path.rstrip("/") + "/"], set()
    while todo:
        page = todo.pop()
        seen.add(page)
        try:
            entries = remote.call("ls", page, detail=True)
        except Exception as error:
            errors.append(error)
            continue
        for entry in entries:
            path = entry["name"]
            plain = path.partition("?")[0]
            if not path.startswith(page) or path == page:
                continue
            if entry["type"] == "directory":
                todo += [path] if path not in seen and "?" not in path else []
            elif is_event_file(plain.rpartition("/")[2]) or plain.endswith(BESIDE):
                unknown.append(path)
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="insight-info") as crew:
        for path, info in zip(unknown, crew.map(lambda path: _info(remote, path), unknown), strict=True):
            if isinstance(info, BaseException):
                errors.append(info)
            else:
                found[path] = info
    if errors and not found:
        raise errors[0]
    return found, tuple(trouble_of(error).value for error in errors)


def _info(remote: Remote, path: str) -> Any:
    """What is known of a file, or what was raised instead."""
    try:
        return remote.call("info", path)
    except Exception as error:
        return error


def _is_plain(part: str) -> bool:
    return part not in ("", ".", "..") and "\0" not in part


def _bring_beside(folder: Path, files: Mapping[str, RemoteFile]) -> None:
    """Has exactly these files in a folder on this machine."""
    try:
        for old in folder.iterdir() if folder.is_dir() else ():
            if old.name not in files:
                old.unlink(missing_ok=True)
        if not files:
            return
        bring(files.values())
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for name, file in files.items():
            content = Path(os.fspath(file)).read_bytes()
            new = folder / f"{name}.{os.getpid()}.part"
            new.write_bytes(content)
            os.replace(new, folder / name)
    except UnreadableError as error:
        raise told(error, next(iter(files.values())).root) from None

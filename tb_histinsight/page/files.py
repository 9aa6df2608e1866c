"""The page's own files: where they are, and what may be loaded of them."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

MEDIA_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".woff2": "font/woff2",
}
"""What the tab may load, by ending. Given here, since the types that an operating system registers for a `.js` file
(Windows: often text/plain) can keep a browser from running it."""


def frontend_folder() -> Path:
    """Where the tab's files are: in the installed package, or beside it in a checkout."""
    installed = Path(__file__).parent.parent / "_frontend"
    return installed if installed.is_dir() else Path(__file__).parents[2] / "frontend" / "src"


@lru_cache(maxsize=4)
def frontend_files(folder: Path) -> dict[str, Path]:
    """The files that may be served, by the name in the URL; found once, and read at each request."""
    return {
        file.relative_to(folder).as_posix(): file
        for file in folder.rglob("*")
        if file.suffix in MEDIA_TYPES and file.is_file()
    }

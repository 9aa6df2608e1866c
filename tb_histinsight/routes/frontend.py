"""Route `static/<file>`: the tab's own files."""

from __future__ import annotations

from pathlib import Path

from tb_histinsight.page.files import MEDIA_TYPES, frontend_files, frontend_folder
from tb_histinsight.routes.answer import Answer, RequestError, digest


def frontend_impl(name: str, folder: Path | None = None) -> Answer:
    """One of the tab's files.

    The name is looked up among those that there are, so that no name leads anywhere else.

    Raises:
      RequestError: there is no such file.
    """
    folder = frontend_folder() if folder is None else folder
    if name not in frontend_files(folder):
        frontend_files.cache_clear()  # there may be a new one in a checkout
    try:
        file = frontend_files(folder)[name]
        content = file.read_bytes()
    except (KeyError, FileNotFoundError):
        raise RequestError(404, f"The Insight tab has no file {name!r}.") from None
    return Answer(("static", name), digest(content.decode("latin-1")), lambda: content, MEDIA_TYPES[file.suffix])

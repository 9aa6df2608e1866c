"""Remote file systems to read from, with what was asked of them."""

import threading
from http.server import ThreadingHTTPServer

import pytest
from elsewhere import Pages, forget_everything

fsspec = pytest.importorskip("fsspec")


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """A cache of the test's own; nothing is remembered of other tests."""
    monkeypatch.setenv("TB_HISTINSIGHT_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("TB_HISTINSIGHT_CACHE_GB", raising=False)
    forget_everything()
    yield tmp_path / "cache"
    forget_everything()


@pytest.fixture
def memory(monkeypatch):
    """fsspec's memory file system, and in `asked` what is read of it: (path, start, end)."""
    from fsspec.implementations.memory import MemoryFile, MemoryFileSystem

    monkeypatch.setattr(MemoryFileSystem, "store", {})
    monkeypatch.setattr(MemoryFileSystem, "pseudo_dirs", [""])
    asked = []
    plain = MemoryFileSystem.cat_file

    def cat_file(self, path, start=None, end=None, **options):
        asked.append((path, start, end))
        return plain(self, path, start=start, end=end, **options)

    monkeypatch.setattr(MemoryFileSystem, "cat_file", cat_file)
    fs = fsspec.filesystem("memory")
    fs.asked = asked
    fs.file_type = MemoryFile
    return fs


@pytest.fixture
def pages(tmp_path):
    """A web server on a folder, `pages.folder`, that knows of ranges and notes what it is asked."""
    pytest.importorskip("aiohttp")
    folder = tmp_path / "pages"
    folder.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (Pages,), {"folder": folder, "asked": []}))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    handler = server.RequestHandlerClass
    handler.address = f"http://127.0.0.1:{server.server_address[1]}"
    yield handler
    server.shutdown()
    thread.join()
    server.server_close()

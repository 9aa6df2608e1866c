"""Other machines, as far as tests need them: a web server with ranges, and logs to put there."""

import re
from http.server import SimpleHTTPRequestHandler
from urllib.parse import unquote

import numpy as np

from tb_histinsight.logging.event_writer import EventWriter


def forget_everything():
    """What a new process does not know."""
    from tb_histinsight.sources.remote import cache, fetch, filesystem, reach

    for remembered in (cache._kept, fetch._here, fetch._failed, reach._known):
        remembered.clear()
    filesystem.release()


def training(file, steps=range(6), *, seed=0, tags=("dense_1/kernel", "dense_2/kernel"), bad=False, width=300):
    """Writes a run's file; gives its bytes."""
    rng = np.random.default_rng(seed)
    with EventWriter(file, clock=lambda: 1.7e9) as writer:
        for step in steps:
            for tag in tags:
                values = rng.normal(size=width)
                if bad:
                    values[0] = np.nan
                writer.histogram(tag, values, step)
    return file.read_bytes()


def put(fs, folder, where):
    """Copies a folder to another file system."""
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            fs.pipe(f"{where}/{file.relative_to(folder).as_posix()}", file.read_bytes())


class Pages(SimpleHTTPRequestHandler):
    """Serves a folder, ranges too; `asked` has method, path and range of every request."""

    folder, asked, ranges, etags, status = None, [], True, True, {}
    protocol_version = "HTTP/1.1"

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, directory=str(self.folder), **options)

    def log_message(self, *_):
        pass

    def do_HEAD(self):
        self._answer(body=False)

    def do_GET(self):
        self._answer(body=True)

    def _answer(self, body):
        self.asked.append((self.command, self.path, self.headers.get("Range")))
        path = unquote(self.path.partition("?")[0])
        for part, status in self.status.items():
            if part in path:
                self.send_error(status)
                return
        file = self.folder / path.strip("/")
        if not file.is_file():
            (super().do_GET if body else super().do_HEAD)()
            return
        data = file.read_bytes()
        wanted = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range") or "")
        part = data
        if wanted and self.ranges:
            part = data[int(wanted[1]) : int(wanted[2]) + 1]
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {wanted[1]}-{int(wanted[1]) + len(part) - 1}/{len(data)}")
        else:
            self.send_response(200)
        if self.etags:
            self.send_header("ETag", f'"{hash(data)}"')
        self.send_header("Content-Length", str(len(part)))
        self.send_header("Content-Type", "application/octet-stream")
        self.end_headers()
        if body:
            self.wfile.write(part)

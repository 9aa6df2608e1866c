"""A headless Firefox, spoken to in its own protocol (Marionette): JSON behind its length, over a socket."""

import base64
import json
import shutil
import socket
import subprocess
import time
from contextlib import contextmanager

FIREFOX_NAMES = ("firefox-esr", "firefox")
START_PATIENCE = 60.0  # seconds until it listens
PATIENCE = 30.0  # seconds for something to appear in a page
PREFERENCES = {
    "marionette.port": 0,  # any that is free; the profile's folder says which
    "app.update.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "toolkit.telemetry.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "browser.region.network.url": "",
    "services.settings.server": "data:,",
    "extensions.update.enabled": False,
}


def executable():
    """Where Firefox is; None: there is none."""
    return next(filter(None, map(shutil.which, FIREFOX_NAMES)), None)


class Firefox:
    """One browser with one page."""

    def __init__(self, port):
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self._number = 0
        self._rest = b""
        self._message()  # it introduces itself
        self.do("WebDriver:NewSession", capabilities={})

    def do(self, command, **parameters):
        self._number += 1
        text = json.dumps([0, self._number, command, parameters])
        self._socket.sendall(f"{len(text.encode())}:{text}".encode())
        _, number, error, result = self._message()
        assert number == self._number
        assert error is None, error
        return result.get("value") if isinstance(result, dict) else result

    def _message(self):
        while b":" not in self._rest:
            self._rest += self._received()
        length, _, self._rest = self._rest.partition(b":")
        while len(self._rest) < int(length):
            self._rest += self._received()
        text, self._rest = self._rest[: int(length)], self._rest[int(length) :]
        return json.loads(text)

    def _received(self):
        received = self._socket.recv(1 << 16)
        assert received, "Firefox has ended"
        return received

    def open(self, url):
        self.do("WebDriver:Navigate", url=url)

    def run(self, script, *args):
        """What a function's body returns in the page."""
        return self.do("WebDriver:ExecuteScript", script=script, args=list(args))

    def wait(self, script):
        """The first true value that a function's body returns."""
        end = time.monotonic() + PATIENCE
        while not (found := self.run(script)):
            assert time.monotonic() < end, f"{script}; {self.errors()}"
            time.sleep(0.1)
        return found

    def size(self, width, height):
        self.do("WebDriver:SetWindowRect", width=width, height=height)

    def screenshot(self, path):
        path.write_bytes(base64.b64decode(self.do("WebDriver:TakeScreenshot", full=False)))

    def errors(self):
        """What pages have complained about: errors of scripts and styles."""
        self.do("Marionette:SetContext", value="chrome")
        try:
            script = """return Services.console.getMessageArray()
                .filter((m) => m instanceof Ci.nsIScriptError && !(m.flags & m.warningFlag))
                .filter((m) => /^(file|data|blob):/.test(m.sourceName || ''))
                .map((m) => m.errorMessage + ' ' + m.sourceName.slice(0, 60));"""
            return self.run(script)
        finally:
            self.do("Marionette:SetContext", value="content")


@contextmanager
def running_firefox(profile):
    """Starts Firefox on a new profile."""
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in PREFERENCES.items()]
    (profile / "user.js").write_text("".join(lines))
    process = subprocess.Popen(
        [
            executable(),
            "--headless",
            "--no-remote",
            "--profile",
            str(profile),
            "--marionette",
            "-remote-allow-system-access",
        ],
        env={"HOME": str(profile), "PATH": "/usr/bin:/bin", "MOZ_HEADLESS": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield Firefox(_port(profile, process))
    finally:
        process.terminate()
        process.wait(timeout=60)


def _port(profile, process):
    file, end = profile / "MarionetteActivePort", time.monotonic() + START_PATIENCE
    while not (file.exists() and file.read_text().strip()):
        assert process.poll() is None, "Firefox did not start"
        assert time.monotonic() < end
        time.sleep(0.1)
    return int(file.read_text())

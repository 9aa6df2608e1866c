"""TensorBoard on the demonstration: comes up, says where, and leaves nothing behind."""

import argparse
import io
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from tb_histinsight.commands import demo
from tb_histinsight.core.errors import InsightError
from tb_histinsight.demo.serving import serve
from tb_histinsight.logging.event_writer import EventWriter

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks for processes in /proc")


def processes():
    """(state, parent, process group) by process id; those that only wait to be collected are left out."""
    found = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent, group = stat.read_text().rpartition(")")[2].split()[:3]
        except OSError:  # it has ended meanwhile
            continue
        if state != "Z":
            found[int(stat.parent.name)] = (state, int(parent), int(group))
    return found


@pytest.fixture
def taken_port():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def test_a_port_that_is_taken_is_said(tmp_path, taken_port):
    with pytest.raises(InsightError, match=f"Port {taken_port} is in use"):
        serve(tmp_path, taken_port, 6006, io.StringIO())


@linux
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_beside_a_taken_port_and_stops_with_its_children(tmp_path, taken_port, how):
    with EventWriter(tmp_path / "run" / "events.out.tfevents.1") as writer:
        writer.histogram("kernel", [1.0, 2.0], 0)
    program = (
        "import sys; from pathlib import Path; from tb_histinsight.demo.serving import serve; "
        f"sys.exit(serve(Path({str(tmp_path)!r}), None, {taken_port}, sys.stdout))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        said = process.stdout.readline() or process.stdout.readline()
        while said and "http" not in said:
            said = process.stdout.readline()
        address = re.search(r"http://localhost:(\d+)/#histinsight", said)
        assert address, process.stderr and process.stderr.read()
        assert int(address[1]) > taken_port
        url = f"http://localhost:{address[1]}/data/environment"
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=10) as answer:
            assert answer.status == 200
        children = {pid for pid, (_, parent, _) in processes().items() if parent == process.pid}
        process.send_signal(how)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
        process.wait()
    assert (process.returncode, err) == (0, "")
    assert "Stopped." in out
    assert children
    assert not [pid for pid, (_, _, group) in processes().items() if group in children]  # each leads a group


def test_a_taken_port_is_told_before_anything_is_trained(taken_port, tmp_path):
    folder = tmp_path / "demo"
    arguments = argparse.Namespace(folder=folder, serve=True, port=taken_port)
    with pytest.raises(InsightError, match=f"Port {taken_port} is in use"):
        demo.run(arguments)
    assert not folder.exists()

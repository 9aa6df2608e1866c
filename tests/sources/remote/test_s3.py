"""Logs in S3: a real server of its interface (moto) on this machine, and s3fs."""

import os
import subprocess
import sys
import threading
from collections import Counter
from urllib.request import Request, urlopen

import pytest
from elsewhere import training

pytestmark = pytest.mark.writers
s3fs = pytest.importorskip("s3fs")
moto_server = pytest.importorskip("moto.server")

FIRST, SECOND = "events.out.tfevents.1.host", "events.out.tfevents.2.host"
MB = 1 << 20


class Counting:
    """A WSGI application that notes method, path, range and answered bytes."""

    def __init__(self, application):
        self.application, self.asked, self.delay = application, [], 0

    def __call__(self, environment, start_response):
        entry = [environment["REQUEST_METHOD"], environment["PATH_INFO"], environment.get("HTTP_RANGE"), 0]
        self.asked.append(entry)

        def started(status, headers, *rest):
            entry[3] = int(dict(headers).get("Content-Length", 0))
            return start_response(status, headers, *rest)

        return self.application(environment, started)

    def got(self):
        return [(path, part) for method, path, part, _ in self.asked if method == "GET" and "tfevents" in path]


@pytest.fixture(scope="module")
def server():
    from werkzeug.serving import make_server

    counting = Counting(moto_server.DomainDispatcherApplication(moto_server.create_backend_app))
    running = make_server("127.0.0.1", 0, counting, threaded=True, request_handler=moto_server.MotoRequestHandler)
    thread = threading.Thread(target=running.serve_forever, daemon=True)
    thread.start()
    counting.address = f"http://127.0.0.1:{running.server_port}"
    yield counting
    running.shutdown()
    thread.join()


@pytest.fixture
def environment(server, cache, monkeypatch):
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_ENDPOINT_URL", server.address)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "SECRET")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture
def bucket(server, environment, tmp_path):
    """A bucket with a log of two runs, one of them of two files; a copy of it is in `tmp_path/log`."""
    urlopen(Request(f"{server.address}/moto-api/reset", method="POST")).close()
    log = tmp_path / "log"
    training(log / "long" / FIRST, range(3000), width=100)
    training(log / "long" / SECOND, range(3000, 3200), seed=1, width=100)
    training(log / "deep" / "bad" / FIRST, seed=2, bad=True)
    s3 = s3fs.S3FileSystem(skip_instance_cache=True)
    s3.mkdir("bucket")
    s3.put(f"{log}/", "bucket/logs/", recursive=True)
    server.asked.clear()
    return s3


def insight(*words, code=0):
    command = [sys.executable, "-m", "tb_histinsight", *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    assert "SECRET" not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done


def test_the_report_is_that_of_the_local_copy_and_what_is_asked_is_little(bucket, server, tmp_path):
    here = insight("report", tmp_path / "log", "--format", "json").stdout
    assert insight("report", "s3://bucket/logs", "--format", "json").stdout == here
    size = (tmp_path / "log" / "long" / FIRST).stat().st_size
    assert size > 4 * MB
    assert Counter(path for path, _ in server.got()) == {
        f"/bucket/logs/long/{FIRST}": -(-size // (4 * MB)),
        f"/bucket/logs/long/{SECOND}": 1,
        f"/bucket/logs/deep/bad/{FIRST}": 1,
    }
    asked = Counter(method for method, *_ in server.asked)
    assert asked["GET"] == len(server.got()) + 1  # one for the names of all files
    assert asked == {"GET": asked["GET"], "HEAD": 1}  # whether what was read in blocks is still what was listed
    server.asked.clear()
    assert insight("report", "s3://bucket/logs", "--format", "json", "--jobs", 2).stdout == here
    assert server.got() == []
    assert len(server.asked) == 1


def test_only_what_is_wanted_is_read(bucket, server, tmp_path):
    insight("report", "s3://bucket/logs", "--run", "bad")
    assert [path for path, _ in server.got()] == [f"/bucket/logs/deep/bad/{FIRST}"]
    server.asked.clear()
    options = ("--run", "long", "--steps", "3050:", "--format", "json")
    there = insight("report", "s3://bucket/logs", *options).stdout
    assert there == insight("report", tmp_path / "log", *options).stdout
    assert sum(size for *_, size in server.asked) < 2 * (tmp_path / "log" / "long" / SECOND).stat().st_size


def test_another_object_is_read_again(bucket, server, tmp_path):
    insight("check", "s3://bucket/logs", code=1)
    bucket.pipe(f"bucket/logs/deep/bad/{FIRST}", training(tmp_path / "log" / "deep" / "bad" / FIRST, seed=3))
    server.asked.clear()
    insight("check", "s3://bucket/logs")
    assert [path for path, _ in server.got()] == [f"/bucket/logs/deep/bad/{FIRST}"]


def test_a_growing_object_is_followed_by_its_end(bucket, server, tmp_path):
    from tb_histinsight.api.follow import Follower

    data = (tmp_path / "log" / "long" / FIRST).read_bytes()
    bucket.pipe("bucket/new/" + FIRST, data[: 3 * MB])
    follower = Follower("s3://bucket/new")
    follower.look()
    assert follower.changed
    server.asked.clear()
    follower.look()
    assert not follower.changed
    assert [method for method, *_ in server.asked] == ["GET"]  # the names of the files
    bucket.pipe("bucket/new/" + FIRST, data[: 3 * MB + 50_000])
    server.asked.clear()
    follower.look()
    assert follower.changed
    assert sum(
        size for method, path, _, size in server.asked if method == "GET" and "tfevents" in path
    ) == 50_000 + 2 * (1 << 16)


@pytest.mark.parametrize(
    ("url", "changed", "says"),
    [
        ("s3://nobucket/x", {}, "s3://nobucket/x does not exist. Check the bucket"),
        ("s3://bucket/nowhere", {}, "s3://bucket/nowhere does not exist"),
        ("s3://", {}, "s3:// names no bucket"),
        ("s3://bucket/logs", {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}, "No connection to s3://bucket/logs"),
        ("s3://bucket/logs", {"AWS_ACCESS_KEY_ID": None}, "needs credentials, and none were found"),
        ("s3://bucket/logs", {"AWS_PROFILE": "nobody"}, "needs credentials, and none were found"),
    ],
)
def test_trouble_is_a_sentence(bucket, monkeypatch, url, changed, says):
    for name, value in changed.items():
        monkeypatch.delenv(name) if value is None else monkeypatch.setenv(name, value)
    if changed.get("AWS_ACCESS_KEY_ID", "") is None:
        monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    done = insight("report", url, code=2)
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert says in done.stderr


def test_a_key_without_permission(bucket, server):
    def authorise(after):
        plain = {"Content-Type": "text/plain"}
        request = Request(f"{server.address}/moto-api/reset-auth", data=after, headers=plain, method="POST")
        urlopen(request).close()

    authorise(b"0")
    try:
        done = insight("report", "s3://bucket/logs", code=2)
    finally:
        authorise(b"inf")
    assert len(done.stderr.splitlines()) == 1
    assert "No permission to read s3://bucket/logs" in done.stderr

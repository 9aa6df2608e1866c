"""Logs on a web server: pages of links, ranges or none, and everything that may be wrong with one."""

import json
import subprocess
import sys

import pytest
from elsewhere import forget_everything, training

from tb_histinsight import analyze, cli
from tb_histinsight.sources.remote import transfer

FIRST = "events.out.tfevents.1.host"


@pytest.fixture
def log(pages):
    training(pages.folder / "logs" / "good run" / FIRST, range(40))
    training(pages.folder / "logs" / "bad" / FIRST, seed=1, bad=True)
    (pages.folder / "logs" / "bad" / "readme.txt").write_text("no event file")
    (pages.folder / "other" / "secret").mkdir(parents=True)
    return pages.folder / "logs"


def got(pages):
    return [(path, part) for method, path, part in pages.asked if method == "GET" and "tfevents" in path]


def test_a_folder_of_pages_is_a_log(log, pages, monkeypatch):
    monkeypatch.setattr(transfer, "BLOCK", 10_000)
    there = analyze(f"{pages.address}/logs").to_dict()
    assert there == analyze(log).to_dict()
    assert [run["run"] for run in there["runs"]] == ["bad", "good run"]
    assert {path for path, _ in got(pages)} == {f"/logs/bad/{FIRST}", f"/logs/good%20run/{FIRST}"}
    assert not any("other" in path or "readme" in path for _, path, _ in pages.asked)
    pages.asked.clear()
    forget_everything()
    assert analyze(f"{pages.address}/logs").to_dict() == there
    assert got(pages) == []


def test_a_server_without_ranges_is_asked_once(log, pages, monkeypatch):
    monkeypatch.setattr(transfer, "BLOCK", 10_000)
    monkeypatch.setattr(pages, "ranges", False)
    assert analyze(f"{pages.address}/logs").to_dict() == analyze(log).to_dict()
    assert sorted(path for path, _ in got(pages)) == [f"/logs/bad/{FIRST}", f"/logs/good%20run/{FIRST}"]


def test_without_a_sign_of_change_nothing_is_kept_for_the_next_process(log, pages, monkeypatch):
    monkeypatch.setattr(pages, "etags", False)
    url = f"{pages.address}/logs"
    program = f"from tb_histinsight import analyze; print(len(analyze({url!r}).runs))"
    for _ in range(2):
        pages.asked.clear()
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        assert done.stdout == "2\n"
        assert len(got(pages)) == 2


def test_one_file_at_a_signed_address(log, pages, capsys, tmp_path, cache):
    url = f"{pages.address}/logs/bad/{FIRST}?X-Signature=SECRET"
    for name in ("report.json", "report.html"):
        assert cli.main(["report", url, "-o", str(tmp_path / name)]) == 0
        assert "SECRET" not in (tmp_path / name).read_text("utf-8")
        assert pages.address not in (tmp_path / name).read_text("utf-8")
    assert [run["run"] for run in json.loads((tmp_path / "report.json").read_bytes())["runs"]] == ["."]
    assert all("SECRET" in path for path, _ in got(pages))
    assert not any(b"SECRET" in file.read_bytes() or "SECRET" in file.name for file in cache.iterdir())
    out = capsys.readouterr()
    assert "SECRET" not in out.out + out.err


@pytest.mark.parametrize(
    ("path", "status", "says"),
    [
        ("nowhere", 404, "does not exist. Check the machine and the path"),
        ("logs", 403, "No permission to read"),
        ("logs", 401, "No permission to read"),
        ("logs", 503, "reports an error of its own"),
        (FIRST, 403, "No permission to read"),
        (FIRST, 500, "reports an error of its own"),
        ("logs/good run", 404, None),
    ],
)
def test_trouble_is_a_sentence(log, pages, monkeypatch, *, capfd, path, status, says):
    monkeypatch.setattr(pages, "status", {path: status})
    url = f"{pages.address}/{'nowhere' if path == 'nowhere' else 'logs'}".replace("//", "//me:SECRET@")
    code = cli.main(["report", url])
    out, err = capfd.readouterr()
    assert "SECRET" not in out + err
    assert "Traceback" not in err
    if says is None:  # a part of it: the rest is read, and the part is said
        assert code == 0
        assert "bad" in out
        return
    assert code == 2
    assert out == ""
    assert len(err.splitlines()) == 1
    assert says in err


def test_nobody_listens(capfd):
    assert cli.main(["report", "http://127.0.0.1:9/logs?sig=SECRET"]) == 2
    out, err = capfd.readouterr()
    assert err.startswith("tb-histinsight: No connection to http://127.0.0.1:9/logs.")
    assert "SECRET" not in out + err


def test_a_server_that_does_not_answer(monkeypatch, capfd):
    import socket

    monkeypatch.setenv("TB_HISTINSIGHT_TIMEOUT", "0.5")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert cli.main(["report", f"http://127.0.0.1:{silent.getsockname()[1]}/logs"]) == 2
    assert "did not answer in time" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("nosuch://x/y", "There is no protocol nosuch://"),
        ("s3://", "s3:// "),
        ("gs://bucket/x", "Reading gs:// needs another package: pip install gcsfs"),
    ],
)
def test_addresses_that_cannot_be(url, says, capfd, monkeypatch):
    from tb_histinsight.sources.remote import packages

    found = packages.importlib.util.find_spec
    monkeypatch.setattr(packages.importlib.util, "find_spec", lambda name: None if name == "gcsfs" else found(name))
    assert cli.main(["report", url]) == 2
    assert says in capfd.readouterr().err


def test_without_fsspec_the_sentence_names_the_extra(monkeypatch, capfd):
    from tb_histinsight.sources.remote import packages

    monkeypatch.setattr(packages.importlib.util, "find_spec", lambda _: None)
    assert cli.main(["check", "s3://bucket/x"]) == 2
    assert "pip install 'tb-histinsight[remote]' s3fs" in capfd.readouterr().err


def test_nobody_pays_for_it_who_reads_a_folder(log):
    program = (
        "import sys; from tb_histinsight import analyze; analyze(sys.argv[1]); import tb_histinsight.plugin;"
        "print([m for m in ('tb_histinsight.sources.remote.fetch', 's3fs', 'aiohttp') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program, str(log)], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_a_script_needs_no_guard_for_several_processes(log, pages, tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        "import threading\nfrom tb_histinsight import analyze\n"
        f"print(len(analyze({pages.address + '/logs'!r}, jobs=2).runs), threading.active_count())\n"
    )
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=120, check=False)
    assert (done.stdout, done.stderr) == ("2 1\n", "")


def test_what_libraries_log_is_not_printed():
    program = (
        "import logging, sys\nfrom fsspec.implementations.memory import MemoryFileSystem\n"
        "from tb_histinsight import cli\n"
        "def find(*_, **__):\n"
        "    try:\n        raise ConnectionRefusedError('https://host/?sig=SECRET')\n"
        "    except OSError as error:\n"
        "        logging.getLogger('gcsfs').exception('out of retries: %s', error)\n        raise\n"
        "MemoryFileSystem.find = find\nsys.exit(cli.main(['report', 'memory://logs']))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("tb-histinsight: No connection to memory://logs.")
    assert len(done.stderr.splitlines()) == 1

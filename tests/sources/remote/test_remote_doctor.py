"""What the doctor says of a log on another machine."""

import pytest
from elsewhere import put, training

from tb_histinsight import cli

FIRST = "events.out.tfevents.1.host"


def said(capsys, url):
    cli.main(["doctor", url])
    out = capsys.readouterr().out
    return out.partition("The log\n")[2]


def test_a_log_that_can_be_read(tmp_path, memory, capsys):
    training(tmp_path / "log" / "run" / FIRST)
    put(memory, tmp_path / "log", "/logs")
    out = said(capsys, "memory://logs")
    assert "The log is on another machine" in out
    assert "Event files: 1; runs: 1" in out


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("memory://nowhere", "memory://nowhere does not exist"),
        ("gs://me:SECRET@bucket/x", "pip install gcsfs"),
        ("nosuch://x?SECRET", "There is no protocol nosuch://"),
    ],
)
def test_one_that_cannot(memory, capsys, monkeypatch, url, says):
    from tb_histinsight.sources.remote import packages

    found = packages.importlib.util.find_spec
    monkeypatch.setattr(packages.importlib.util, "find_spec", lambda name: None if name == "gcsfs" else found(name))
    out = said(capsys, url)
    assert says in " ".join(out.split())
    assert "SECRET" not in out
    assert "One thing" in out or "things" in out


def test_one_that_may_not_be_read(tmp_path, memory, capsys, monkeypatch):
    training(tmp_path / "log" / "run" / FIRST)
    put(memory, tmp_path / "log", "/logs")

    def cat_file(*_, **__):
        raise PermissionError

    monkeypatch.setattr(type(memory), "cat_file", cat_file)
    assert "No permission to read memory://logs" in " ".join(said(capsys, "memory://logs").split())

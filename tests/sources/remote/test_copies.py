"""The cache: bounded, movable, off when it is not wanted, and never believed when it is not whole."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from elsewhere import forget_everything, training

from tb_histinsight import UsageError
from tb_histinsight.sources.remote.cache import cache_folder, copies, limit
from tb_histinsight.sources.remote.copies import IN_USE, Copies
from tb_histinsight.sources.remote.files import key_of
from tb_histinsight.sources.remote.original import Original


def keep(kept, key, size, age=0.0):
    part = kept.begin(key)
    part.write_bytes(b"x" * size)
    kept.finish(key, part, Original(size, "ETag=1"))
    used = time.time() - age
    os.utime(kept.folder / f"{key}.json", (used, used))
    return kept


def test_the_longest_unused_go_first(tmp_path):
    kept = Copies(tmp_path)
    for age, key in enumerate("abc"):
        keep(kept, key, 100, age=IN_USE * (2 + age))
    Copies(tmp_path).shed(250)
    assert kept.original("c") is None
    assert not kept.path("c").exists()
    assert kept.original("a") == kept.original("b") == Original(100, "ETag=1")


def test_what_another_process_has_just_used_stays(tmp_path):
    keep(Copies(tmp_path), "a", 100)
    ours = keep(Copies(tmp_path), "b", 100)
    ours.used("b")
    ours.shed(0)
    assert ours.original("a") is not None
    assert ours.original("b") is None


def test_a_copy_that_is_not_whole_is_none(tmp_path):
    kept = keep(Copies(tmp_path), "a", 100)
    with kept.path("a").open("ab") as file:
        file.write(b"more")
    assert kept.original("a") is None
    keep(kept, "b", 100)
    (tmp_path / "b.json").write_text("{")
    assert kept.original("b") is None


def test_what_was_left_half_done_is_swept_away(tmp_path):
    kept = keep(Copies(tmp_path), "a", 100)
    left, new = kept.begin("b"), kept.begin("c")
    old = time.time() - 2 * IN_USE
    os.utime(left, (old, old))
    kept.shed(1e9)
    assert not left.exists()
    assert new.exists()
    assert kept.original("a") is not None


def test_where_the_cache_is(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    monkeypatch.setattr("sys.platform", "linux")
    assert cache_folder() == tmp_path / "xdg" / "tb-histinsight" / "remote"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache_folder() == Path.home() / ".cache" / "tb-histinsight" / "remote"
    monkeypatch.setenv("TB_HISTINSIGHT_CACHE", str(tmp_path / "moved"))
    assert copies().folder == tmp_path / "moved"


def test_switched_off_it_is_a_temporary_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("TB_HISTINSIGHT_CACHE", "off")
    folder = copies().folder
    assert tmp_path / "cache" not in (folder, *folder.parents)
    assert folder.is_dir()
    folder.rmdir()


def test_what_the_environment_says_is_checked(tmp_path, monkeypatch):
    for wrong in ("much", "-1", "inf"):
        monkeypatch.setenv("TB_HISTINSIGHT_CACHE_GB", wrong)
        with pytest.raises(UsageError, match="must be a number of GB"):
            limit()
    monkeypatch.setenv("TB_HISTINSIGHT_CACHE_GB", "0.5")
    assert limit() == 5e8
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("TB_HISTINSIGHT_CACHE", str(tmp_path / "file"))
    forget_everything()
    with pytest.raises(UsageError, match="no folder that can be written"):
        copies()


def test_an_address_is_not_kept_with_its_secrets():
    assert "SECRET" not in key_of("https://host/x?sig=SECRET")
    assert key_of("https://host/x?sig=SECRET") != key_of("https://host/x?sig=OTHER")


@pytest.mark.parametrize(("gigabytes", "left"), [("1", 1), ("0", 0)])
def test_when_a_command_ends_no_more_is_there_than_may_be(tmp_path, gigabytes, left):
    training(tmp_path / "log" / "events.out.tfevents.1.host")
    folder = tmp_path / "bounded"
    program = (
        "import sys, fsspec; from pathlib import Path; from tb_histinsight import analyze\n"
        "fsspec.filesystem('memory').put(sys.argv[1], '/logs', recursive=True)\n"
        "print(len(analyze('memory://logs').runs), len(list(Path(sys.argv[2]).glob('*.copy'))))"
    )
    environment = {**os.environ, "TB_HISTINSIGHT_CACHE": str(folder), "TB_HISTINSIGHT_CACHE_GB": gigabytes}
    command = [sys.executable, "-c", program, str(tmp_path / "log"), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
    assert done.stdout.split() == ["1", "1"]
    assert len(list(folder.glob("*.copy"))) == len(list(folder.glob("*.json"))) == left

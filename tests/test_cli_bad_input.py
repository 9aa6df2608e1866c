"""Whatever the log is like: a sentence instead of a traceback, and the rest still reported."""

import json
import struct

import numpy as np
import pytest
from test_cli import command, refused, write_run  # noqa: F401 - `command` is a fixture

from tb_histinsight.logging.event_writer import EventWriter


@pytest.fixture
def report(command):  # noqa: F811
    def run(*words):
        code, out, err = command("report", *words, "--format", "json")
        assert (code, err) == (0, "")
        return json.loads(out)

    return run


def file_of(folder):
    (file,) = folder.iterdir()
    return file


def test_a_missing_folder(command, tmp_path):  # noqa: F811
    refused(command("report", tmp_path / "nowhere"), "nowhere", "does not exist")


def test_an_empty_folder(command, tmp_path):  # noqa: F811
    refused(command("report", tmp_path), "event files")


def test_a_log_without_histograms(command, tmp_path):  # noqa: F811
    with EventWriter(tmp_path / "events.out.tfevents.1") as writer:
        writer.scalar("loss", 1.0, 0)
    refused(command("report", tmp_path), "No histograms", "add_histogram")


def test_a_file_that_is_no_event_file(command, tmp_path):  # noqa: F811
    (tmp_path / "my.tfevents.txt").write_text("Notes on my tfevents.\n" * 100)
    refused(command("report", tmp_path))


def test_an_empty_file(command, tmp_path):  # noqa: F811
    (tmp_path / "events.out.tfevents.1").write_bytes(b"")
    refused(command("report", tmp_path))


def test_a_file_that_is_no_event_file_beside_a_run(report, tmp_path):
    write_run(tmp_path / "good")
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "my.tfevents.txt").write_text("Notes on my tfevents.\n" * 100)
    runs = report(tmp_path)["runs"]
    assert [run["run"] for run in runs if run["tags"]] == ["good"]


def test_a_last_record_that_is_still_being_written(report, tmp_path):
    write_run(tmp_path)
    data = file_of(tmp_path).read_bytes()
    file_of(tmp_path).write_bytes(data[:-7])
    (run,) = report(tmp_path)["runs"]
    assert [tag["step_count"] for tag in run["tags"]] == [5, 5, 4]


def test_a_corrupt_record_is_left_out_and_said(report, tmp_path):
    write_run(tmp_path, ["kernel"])
    data = bytearray(file_of(tmp_path).read_bytes())
    place, record = 0, 0
    while record < 3:  # the file version, steps 0 and 1; then step 2 is spoilt
        (length,) = struct.unpack_from("<Q", data, place)
        place += length + 16
        record += 1
    data[place + 50] ^= 0xFF
    file_of(tmp_path).write_bytes(data)
    (run,) = report(tmp_path)["runs"]
    assert run["tags"][0]["step_count"] == 4
    assert run["skipped"]


@pytest.mark.parametrize("bad", [[np.nan] * 4, [1.0, np.nan], [1.0, np.inf], [-np.inf], []], ids=str)
def test_values_that_are_not_finite_and_no_values(report, tmp_path, bad):
    with EventWriter(tmp_path / "events.out.tfevents.1") as writer:
        for step in range(4):
            writer.histogram("dense/kernel", bad if step > 1 else [1.0, 2.0], step)
            writer.histogram("dense/bias", [0.0] * 5, step)
    (run,) = report(tmp_path)["runs"]
    labels = {tag["tag"]: tag["shape"]["label"] for tag in run["tags"]}
    assert labels["dense/kernel"] == ("non_finite" if bad else "empty")


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "a b 'c' \"d\"", "層", "..x", "-o", "a\nb\x1b[2J"])
def test_strange_run_and_tag_names(command, report, tmp_path, name):  # noqa: F811
    write_run(tmp_path / name.replace("/", "_"), [name])
    (run,) = report(tmp_path)["runs"]
    assert run["tags"][0]["tag"] == name
    code, out, _ = command("report", tmp_path)
    assert code == 0
    assert "\x1b" not in out


def test_a_run_named_like_a_folder_above_is_a_name_or_refused(command, tmp_path):  # noqa: F811
    write_run(tmp_path / "log")
    code, out, err = command("report", f"../x:{tmp_path / 'log'},other:{tmp_path / 'log'}")
    assert (code == 0 and "../x" in out) or (code == 2 and err.count("\n") == 1)


def test_one_tag_one_step(report, tmp_path):
    write_run(tmp_path, ["kernel"], steps=1)
    (run,) = report(tmp_path)["runs"]
    assert run["tags"][0]["change"]["label"] == "unknown"


def test_what_is_left_out_is_told_once_whatever_the_number_of_processes(command, tmp_path):  # noqa: F811
    for run in ("a", "b"):
        folder = write_run(tmp_path / run, [f"layer{number}/kernel" for number in range(40)])
        data = bytearray(file_of(folder).read_bytes())
        for place in (3_000, 40_000, 90_000):
            data[place] ^= 0xFF
        file_of(folder).write_bytes(data)
    alone = command("report", tmp_path, "--format", "json", "--jobs", "1")
    assert any(run["skipped"] for run in json.loads(alone[1])["runs"])
    assert command("report", tmp_path, "--format", "json", "--jobs", "2") == alone
    assert "Left out of the log" in command("report", tmp_path)[1]

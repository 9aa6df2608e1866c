"""`tb-histinsight demo`: says what was trained, and what to type next."""

import pytest

from tb_histinsight import cli
from tb_histinsight.demo import runs

STRANGER = "events.out.tfevents.1700000000.myhost"


@pytest.fixture
def short_demo(monkeypatch):
    """One run instead of five: what each of them trains is tested with the runs."""
    found = {"duplicated_units": runs.demo_runs()["duplicated_units"]}
    monkeypatch.setattr(runs, "demo_runs", lambda: found)


def test_it_says_what_was_trained_how_well_and_what_to_type_next(capsys, tmp_path, short_demo):
    folder = tmp_path / "my demo"
    for _ in range(2):  # a second time replaces what the first one wrote
        assert cli.main(["demo", str(folder)]) == 0
        out, err = capsys.readouterr()
        assert err == ""
        assert out.splitlines()[0].startswith("duplicated_units: ")
        assert "accuracy 0.9" in out
        assert f"tb-histinsight report '{folder}'" in out
        assert f"tensorboard --logdir '{folder}'" in out
    assert len(list(folder.rglob("*tfevents*"))) == 1


def test_event_files_of_another_training_are_left_alone(capsys, tmp_path, short_demo):
    (tmp_path / "duplicated_units").mkdir()
    (tmp_path / "duplicated_units" / STRANGER).write_bytes(b"precious")
    assert cli.main(["demo", str(tmp_path)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert STRANGER in err
    assert (tmp_path / "duplicated_units" / STRANGER).read_bytes() == b"precious"


def test_a_folder_that_cannot_be_written_is_one_sentence(capsys, tmp_path, short_demo):
    (tmp_path / "file").write_text("in the way")
    assert cli.main(["demo", str(tmp_path / "file")]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)

"""What the doctor says of a log directory."""

import os

import numpy as np
import pytest
from tensorboards import Log

from tb_histinsight.doctor.log import NEAR, examine_log
from tb_histinsight.doctor.symptoms import Status
from tb_histinsight.logging.event_writer import EventWriter

RNG = np.random.default_rng(0)
COMPLETE = ("dense_1/kernel", "gradients/dense_1/kernel", "dense_1/activations")


def write(folder, tags=COMPLETE, steps=5, scalars=()):
    with EventWriter(folder / "events.out.tfevents.1.test") as writer:
        for step in range(steps):
            for tag in tags:
                writer.histogram(tag, RNG.normal(size=50), step)
            for tag in scalars:
                writer.scalar(tag, 1.0, step)
    return folder


def found(logdir, status=Status.TROUBLE):
    return {symptom.key: symptom.values for symptom in examine_log(str(logdir)) if symptom.status is status}


def test_a_good_log_has_no_symptoms(tmp_path):
    write(tmp_path / "run")
    assert found(tmp_path) == found(tmp_path, Status.NOTE) == {}
    assert set(found(tmp_path, Status.FINE)) == {"files", "histograms"}


def test_what_is_not_there(tmp_path):
    assert set(found(tmp_path / "nowhere")) == {"missing"}
    empty = tmp_path.joinpath(*["deep"] * (NEAR + 1), "empty")  # beside this test's folder other tests have event files
    empty.mkdir(parents=True)
    assert set(found(empty)) == {"no_files"}


@pytest.mark.parametrize(("asked", "near"), [("runs/checkpoints", "runs"), ("src", "runs")])
def test_a_folder_that_is_one_level_off(tmp_path, monkeypatch, asked, near):
    write(tmp_path / "runs")
    (tmp_path / asked).mkdir()
    monkeypatch.chdir(tmp_path)
    assert found(asked)["one_level_off"]["near"] == near


@pytest.mark.parametrize(
    ("scalars", "key"),
    [(("loss",), "scalars_only"), (("epoch_loss", "epoch_accuracy"), "keras_without"), ((), "no_histograms")],
)
def test_logs_without_histograms(tmp_path, scalars, key):
    write(tmp_path, (), scalars=scalars)
    assert set(found(tmp_path)) == {key}


def test_a_run_without_histograms_beside_one_with_is_a_note(tmp_path):
    write(tmp_path / "train")
    write(tmp_path / "validation", (), scalars=("loss",))
    assert found(tmp_path) == {}
    assert set(found(tmp_path, Status.NOTE)) == {"silent_runs"}


def test_more_steps_than_tensorboard_keeps(tmp_path):
    write(tmp_path, steps=101)
    assert found(tmp_path, Status.NOTE)["sampled"] == {"steps": 101, "kept": 100}


def test_too_few_steps(tmp_path):
    write(tmp_path, steps=2)
    assert set(found(tmp_path)) == {"few_steps"}


@pytest.mark.parametrize(("tag", "key"), [("kernel/histogram", "keras_collision"), ("weights", "collision")])
def test_several_tensors_under_one_tag(tmp_path, tag, key):
    with Log(tmp_path) as log:
        for step in range(5):
            log.histogram(tag, step, RNG.normal(size=50))
            log.histogram(tag, step, RNG.normal(size=70))
    assert key in found(tmp_path)


def test_what_no_check_can_look_at(tmp_path):
    write(tmp_path, ["something"])
    assert set(found(tmp_path, Status.NOTE)) == {"no_weights", "no_gradients", "no_activations"}


def test_files_that_cannot_be_read(tmp_path):
    write(tmp_path / "run")
    (tmp_path / "run" / "events.out.tfevents.2.other").write_bytes(b"nothing of the kind")
    assert found(tmp_path)["damaged"] == {"where": "run/events.out.tfevents.2.other"}


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may read everything")
def test_files_that_may_not_be_read(tmp_path):
    write(tmp_path / "run")
    locked = tmp_path / "run" / "events.out.tfevents.2.other"
    locked.write_bytes(b"x")
    locked.chmod(0)
    assert set(found(tmp_path)) == {"unreadable"}


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ('ignore = ["no-such-rule"]\n', "There is no rule 'no-such-rule'"),
        ("ignore = [\n", "tb-histinsight.toml"),
        ('names = "nowhere.toml"\n', "There is no file 'nowhere.toml'"),
    ],
)
def test_settings_that_are_not_understood(tmp_path, settings, says):
    write(tmp_path / "run")
    (tmp_path / "tb-histinsight.toml").write_text(settings)
    troubles = found(tmp_path)
    assert set(troubles) == {"settings_wrong"}
    assert says in troubles["settings_wrong"]["error"]


def test_settings_that_are_understood_are_no_symptom(tmp_path):
    write(tmp_path / "run")
    (tmp_path / "tb-histinsight.toml").write_text('ignore = ["missing-bias"]\n')
    assert found(tmp_path) == {}


def test_two_runs_of_one_name_are_said_to_be_that(tmp_path):
    for folder in ("a", "b"):
        write(tmp_path / folder / "run")
    troubles = found(f"{tmp_path}/a,{tmp_path}/b")
    assert "Several of the folders hold a run called" in troubles["cannot_read"]["error"]

"""`tb-histinsight doctor`: exit codes, and every sentence that it can say."""

import re
from pathlib import Path

import pytest

from tb_histinsight import cli
from tb_histinsight.doctor import environment, log
from tb_histinsight.doctor.symptoms import Status, Symptom
from tb_histinsight.locales import catalogue


@pytest.fixture
def doctor(monkeypatch, capsys):
    """Runs the command on given symptoms; exit code and what it says."""

    def run(*symptoms, words=()):
        monkeypatch.setattr(environment, "examine_environment", lambda: iter(symptoms))
        monkeypatch.setattr(
            log, "examine_log", lambda logdir: iter([Symptom(Status.FINE, "files", {"files": 1, "runs": 1})])
        )
        code = cli.main(["doctor", *words])
        return code, capsys.readouterr().out

    return run


def test_all_well_is_code_0(doctor):
    code, out = doctor(Symptom(Status.FINE, "command"), Symptom(Status.NOTE, "no_data_server"))
    assert code == 0
    assert out.endswith("All is well.\n")
    assert "pip install tensorboard-data-server" in out
    assert "The log" not in out


def test_trouble_is_code_1_with_what_to_do(doctor):
    code, out = doctor(Symptom(Status.TROUBLE, "no_tensorboard"), words=["runs"])
    assert code == 1
    assert "pip install tensorboard" in out
    assert "Event files: 1" in out
    assert "One thing keeps the tab" in out


def test_every_symptom_in_the_code_has_its_sentence_and_every_sentence_its_symptom():
    keys = {key for key in catalogue().under("doctor.") if not key.endswith(".do")}
    sources = "".join(Path(module.__file__).read_text("utf-8") for module in (environment, log))
    said = set(re.findall(r'"([a-z_]+)"', sources))
    spoken = {"environment", "log", "well", "unwell", "unwell_one"}
    assert keys - spoken <= said
    for key in catalogue().under("doctor."):
        if key.endswith(".do"):
            assert key.removesuffix(".do") in keys

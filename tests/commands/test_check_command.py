"""`tb-histinsight check`: exit codes, baselines, and what cannot be looked at."""

import json

import numpy as np
import pytest

from tb_histinsight import cli
from tb_histinsight.commands.check import SEVERITIES
from tb_histinsight.core.labels import Severity
from tb_histinsight.formats import checks
from tb_histinsight.logging.event_writer import EventWriter

RNG = np.random.default_rng(0)


def write(folder, bad):
    with EventWriter(folder / "events.out.tfevents.1.test", clock=lambda: 1e9) as writer:
        for step in range(6):
            for tag in ("dense_1/kernel", "dense_2/kernel"):
                values = RNG.normal(size=400)
                if tag in bad and step > 3:
                    values[0] = np.nan
                writer.histogram(tag, values, step)
    return folder


@pytest.fixture
def logs(tmp_path):
    write(tmp_path / "good", [])
    write(tmp_path / "bad", ["dense_1/kernel"])
    write(tmp_path / "worse", ["dense_1/kernel", "dense_2/kernel"])
    return tmp_path


@pytest.fixture
def check(capsys):
    def run(*words):
        try:
            code = cli.main(["check", *map(str, words)])
        except SystemExit as end:
            code = end.code
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


def test_a_good_log_passes_and_a_bad_one_fails(check, logs):
    code, out, err = check(logs / "good")
    assert (code, err) == (0, "")
    assert "The check passes" in out
    code, out, err = check(logs / "bad")
    assert (code, err) == (1, "")
    assert "dense_1/kernel" in out


def test_every_severity_can_be_asked_for():
    assert list(SEVERITIES) == [severity.value for severity in Severity]


@pytest.mark.parametrize("name", checks.names())
def test_every_format_decides_the_same_and_says_it_twice_alike(check, logs, name):
    first = check(logs / "bad", "--format", name)
    assert first[0] == 1
    assert first == check(logs / "bad", "--format", name, "--jobs", "2")
    assert check(logs / "good", "--format", name)[0] == 0


def test_with_a_baseline_only_new_findings_fail(check, logs, tmp_path):
    known = tmp_path / "known.json"
    assert check(logs / "bad", "--format", "json", "-o", known)[0] == 1
    assert check(logs / "bad", "--baseline", known)[0] == 0
    again = json.loads(check(logs / "bad", "--baseline", known, "--format", "json")[1])["check"]
    assert set(again["known"]) >= set(json.loads(known.read_text("utf-8"))["check"]["failing"])
    assert check(logs / "worse", "--baseline", known)[0] == 1


def test_ignored_rules_do_not_fail(check, logs):
    assert check(logs / "bad", "--ignore", "non-finite")[0] == 0
    assert check(logs / "bad", "--select", "non-finite")[0] == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nowhere"], "nowhere"),
        (["good", "--baseline", "missing.json"], "Cannot read the baseline missing.json: No such file"),
        (["good", "--baseline", "good"], "Cannot read the baseline good: Is a directory"),
        (["good", "--fail-on", "warn"], "Did you mean warning?"),
        (["good", "--format", "xml"], "--format"),
        (["good", "-o", "no/such/folder/x"], "Cannot write"),
        (["good", "--select", "vanishing-gradient"], "None of the checks could be made."),
    ],
)
def test_what_could_not_be_looked_at_is_one_sentence_and_code_2(check, logs, monkeypatch, words, said):
    monkeypatch.chdir(logs)
    code, out, err = check(*words)
    assert (code, out) == (2, "")
    assert said in err
    assert err.count("\n") == 1

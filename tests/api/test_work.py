"""Several processes give what one gives, however they are started."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import tb_histinsight
from tb_histinsight.api import analyze
from tb_histinsight.core.errors import UsageError
from tb_histinsight.logging.event_writer import EventWriter
from tb_histinsight.report import encode

SPAWNED = """
import sys, threading
from tb_histinsight.api import analyze
from tb_histinsight.report import encode
if __name__ == "__main__":
    waiting = threading.Event()
    threading.Thread(target=waiting.wait).start()  # another thread: forking would not be safe
    sys.stdout.buffer.write(encode(analyze(sys.argv[1], jobs=2)))
    waiting.set()
"""


@pytest.fixture
def log(tmp_path):
    rng = np.random.default_rng(0)
    for run in ("a", "b"):
        with EventWriter(tmp_path / "log" / run / "events.out.tfevents.1", clock=lambda: 1e9) as writer:
            for step in range(4):
                writer.scalar("loss", 1 / (1 + step), step)
                for tag in ("dense_1/kernel", "dense_1/bias", "dense_2/kernel", "dense_2/bias"):
                    writer.histogram(tag, rng.normal(size=300), step)
    return tmp_path / "log"


def test_processes_that_are_not_forked_give_the_same_report(log, tmp_path):
    program = tmp_path / "program.py"
    program.write_text(SPAWNED)
    root = str(Path(tb_histinsight.__file__).parent.parent)
    done = subprocess.run(
        [sys.executable, str(program), str(log)],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONPATH": root},
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == encode(analyze(log, jobs=1))


@pytest.mark.parametrize("jobs", [1, 2])
def test_progress_counts_every_tag_and_run(log, jobs):
    told = []
    analyze(log, jobs=jobs, on_progress=lambda *done: told.append(done))
    assert told[-1] == (8, 2, 2)
    assert told == sorted(told)


def test_wrong_questions_are_refused_before_the_log_is_read(tmp_path):
    for question in ({"language": "xx"}, {"select": ["no-such-rule"]}, {"ignore": ["no-such-rule"]}, {"run": "("}):
        with pytest.raises(UsageError):
            analyze(tmp_path / "nowhere", **question)


def test_a_limit_that_was_set_reaches_the_rules_in_every_process(log):
    (log / "tb-histinsight.toml").write_text(
        'select = ["missing-bias", "frozen-layer"]\n[rules.frozen-layer]\nsteps = 5\n'
    )
    alone, several = analyze(log, jobs=1), analyze(log, jobs=2)
    assert encode(alone) == encode(several)
    outcomes = {outcome.rule: outcome for outcome in several.runs[1].outcomes}
    assert set(outcomes) == {"missing-bias", "frozen-layer"}
    assert "4; 5 are needed" in outcomes["frozen-layer"].reason
    assert {outcome.rule for outcome in analyze(log, select=["step-size"], jobs=1).runs[0].outcomes} == {"step-size"}
    assert {outcome.rule for outcome in analyze(log, ignore=["missing-bias"], jobs=1).runs[0].outcomes} == {
        "frozen-layer"
    }
    assert len(analyze(log, settings={}, jobs=1).runs[0].outcomes) > 2


def test_settings_hold_in_processes_that_are_not_forked(log, tmp_path):
    (log / "tb-histinsight.toml").write_text("[rules.frozen-layer]\nsteps = 5\n")
    test_processes_that_are_not_forked_give_the_same_report(log, tmp_path)


def test_each_folder_of_several_has_its_own_settings(log):
    (log / "b" / "tb-histinsight.toml").write_text('select = ["step-size"]')
    first, second = analyze(f"one:{log}/a,two:{log}/b", jobs=1).runs
    assert len(first.outcomes) > 2
    assert [outcome.rule for outcome in second.outcomes] == ["step-size"]

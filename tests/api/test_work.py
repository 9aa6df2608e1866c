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

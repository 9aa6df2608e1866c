"""Nothing that is exported says where the log is, who made it, or what the environment holds."""

import base64
import gzip
import json
import re
import subprocess
import sys

import numpy as np
import pytest
from tensorboards import Log, running_tensorboard

from tb_histinsight.plugin import HistInsightPlugin

SECRETS = {"user": "ada_lovelace_42", "home": "secret_home_42", "variable": "hunter2_42"}
FORMS = {"html": "html", "markdown": "md", "csv": "csv", "json": "json", "text": "txt"}


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    """A log below a telling folder, with a note, settings, a file of names, and a file that is damaged."""
    folder = tmp_path_factory.mktemp(SECRETS["home"]) / SECRETS["user"] / "runs"
    rng = np.random.default_rng(5)
    for run in ("a", "b"):
        with Log(folder / run) as written:
            for step in range(6):
                written.histogram("dense/kernel", step, rng.normal(size=500))
                written.histogram("dense_1/kernel", step, np.full(500, step >= 3, float))
    (folder / "a" / "events.out.tfevents.2.damaged").write_bytes(b"nothing of this can be read")
    (folder / "tb-histinsight.notes.jsonl").write_text('{"text": "a note", "author": "mk"}\n{"txt": 1}\n')
    (folder / "tb-histinsight.toml").write_text('ignore = ["step-size"]\nnames = "names.toml"\n')
    (folder / "names.toml").write_text('[[tags]]\ntag = "no/such/tag"\nrole = "weight"\n')
    return folder


def held(text):
    """What an export says, unpacked where it is packed."""
    packed = re.search(r'id="insight-data">([\w+/=]+)<', text)
    return text if packed is None else text + gzip.decompress(base64.b64decode(packed[1])).decode("utf-8")


def is_private(text):
    assert "dense/kernel" in text.replace("\\", "")
    assert [secret for secret in SECRETS.values() if secret in text] == []
    assert sys.prefix not in text


@pytest.mark.parametrize("form", FORMS)
def test_what_the_command_line_writes(log, tmp_path, form, monkeypatch):
    monkeypatch.setenv("USER", SECRETS["user"])
    monkeypatch.setenv("HOME", f"/{SECRETS['home']}")
    monkeypatch.setenv("API_KEY", SECRETS["variable"])
    file = tmp_path / f"report.{FORMS[form]}"
    subprocess.run(
        [sys.executable, "-m", "tb_histinsight", "report", str(log), "--format", form, "-o", str(file)],
        check=True,
        stderr=subprocess.PIPE,
    )
    is_private(held(file.read_text("utf-8")))


def test_what_the_tab_exports(log, monkeypatch):
    monkeypatch.setenv("USER", SECRETS["user"])
    monkeypatch.setenv("API_KEY", SECRETS["variable"])
    with running_tensorboard(log, "python loader", plugins=[HistInsightPlugin]) as board:
        board.wait_until(lambda board: len(json.loads(board.insight("runs").get_data())["runs"]) == 2)
        for form in ("html", "markdown", "csv", "json"):
            is_private(held(board.insight(f"export?format={form}").get_data(as_text=True)))

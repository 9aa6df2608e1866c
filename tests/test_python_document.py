"""The examples of docs/python.md work, one after the other."""

import re
from pathlib import Path

import pytest

from tb_histinsight.logging.event_writer import EventWriter

TEXT = (Path(__file__).parent.parent / "docs" / "python.md").read_text("utf-8")


def test_every_example_works(tmp_path, monkeypatch, capsys):
    pytest.importorskip("pandas")
    with EventWriter(tmp_path / "runs" / "resnet50" / "events.out.tfevents.1") as writer:
        for step in (0, 1000, 2000, 3000):
            writer.histogram("dense/kernel", range(step + 300), step)
    monkeypatch.chdir(tmp_path)
    examples = re.findall(r"^```python\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
    assert len(examples) == 4
    names = {}
    for example in examples:
        exec(compile(example, "docs/python.md", "exec"), names)
    out = capsys.readouterr().out
    assert out.startswith("resnet50 ")
    assert (tmp_path / "report.html").stat().st_size > 100_000

"""docs/notes.md: every key is told, and its examples are lines that can be read."""

import re
from pathlib import Path

import pytest

from tb_histinsight.notes.history import fold
from tb_histinsight.notes.lines import KEYS

TEXT = (Path(__file__).parent.parent / "docs" / "notes.md").read_text("utf-8")


@pytest.mark.parametrize("key", sorted({key for keys in KEYS.values() for key in keys}))
def test_every_key_is_told(key):
    assert f"`{key}`" in TEXT


def test_every_example_can_be_read():
    examples = re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL)
    assert len(examples) == 2
    for example in examples:
        assert fold(example.encode().split(b"\n")).problems == ()
    assert fold(examples[1].encode().split(b"\n")).entries == ()
    assert len(fold(examples[1].encode().split(b"\n")[:1]).entries) == 1

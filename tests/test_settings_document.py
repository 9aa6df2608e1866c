"""docs/settings.md: its examples are right, and every key is told."""

import re
from pathlib import Path

import pytest

from tb_histinsight.core.told import Names
from tb_histinsight.settings import load
from tb_histinsight.settings.names_file import PATTERNS, SAID, read_names
from tb_histinsight.settings.reading import KEYS, SEVERITY, SUSPECT_SEVERITY

TEXT = (Path(__file__).parent.parent / "docs" / "settings.md").read_text("utf-8")
EXAMPLES = re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_is_right(tmp_path, example):
    if "[[tags]]" in example:
        (tmp_path / "names.toml").write_text(example, "utf-8")
        assert read_names(tmp_path / "names.toml") != Names()
    else:
        (tmp_path / "tb-histinsight.toml").write_text(example, "utf-8")
        assert load(tmp_path, tmp_path).version


@pytest.mark.parametrize("key", [*KEYS, SEVERITY, SUSPECT_SEVERITY, *PATTERNS, *SAID])
def test_every_key_is_told(key):
    assert re.search(rf"`{key}`|^{key} =|\[{key}\.", TEXT, re.MULTILINE), key

"""The vendored libraries are the released ones."""

import hashlib
import re
from pathlib import Path

VENDOR = Path(__file__).parents[2] / "frontend" / "src" / "vendor"
OURS = {"README.md", "htm-preact-standalone.d.ts"}


def test_every_vendored_file_has_the_checksum_that_the_table_gives():
    table = dict(
        re.findall(r"^\| `([^`]+)` \|.*\| `([0-9a-f]{64})` \|$", (VENDOR / "README.md").read_text("utf-8"), re.M)
    )
    assert len(table) == 1
    found = {name: hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() for name in table}
    assert found == table


def test_no_vendored_file_is_missing_from_the_table_and_each_library_has_its_licence():
    text = (VENDOR / "README.md").read_text("utf-8")
    files = {file.name for file in VENDOR.iterdir()} - OURS
    assert {name for name in files if f"`{name}`" not in text} == set()
    assert {"htm-LICENSE.txt", "preact-LICENSE.txt"} <= files

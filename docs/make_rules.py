"""Writes docs/rules, a page for each rule and an index, from the rules themselves.

Run from the top of the repository: python docs/make_rules.py
"""

from __future__ import annotations

import sys
from pathlib import Path

TOP = Path(__file__).parent.parent
sys.path.insert(0, str(TOP))  # a checkout needs no installation

from tb_histinsight.rulebook.markdown import files  # noqa: E402

FOLDER = TOP / "docs" / "rules"

if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    content = files()
    for old in FOLDER.glob("*.md"):
        if old.name not in content:
            old.unlink()
    for name, text in content.items():
        (FOLDER / name).write_text(text, "utf-8", newline="\n")

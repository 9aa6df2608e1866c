"""The README keeps what it promises: its commands exist, its links lead somewhere."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")


def documents():
    return [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")] + sorted(ROOT.glob("docs/*.md"))


@pytest.mark.parametrize("document", documents(), ids=lambda path: path.name)
def test_links_inside_the_repository_lead_somewhere(document):
    for target in re.findall(r"\]\(([^)#\s]+)", document.read_text("utf-8")):
        if not target.startswith(("http://", "https://", "mailto:")):
            assert (document.parent / target).exists(), target


@pytest.mark.parametrize("line", re.findall(r"^ {4}(tb-histinsight .*)$", README, re.MULTILINE))
def test_every_command_shown_is_understood(line, tmp_path):
    words = shlex.split(line, comments=True)[1:]
    words = [str(tmp_path / "runs") if word in ("runs", "s3://bucket/logs") else word for word in words]
    done = subprocess.run(
        [sys.executable, "-m", "tb_histinsight", *words], capture_output=True, text=True, cwd=tmp_path, check=False
    )
    # There is no such log; that is all that may be wrong with the command.
    assert done.returncode == (2 if words[0] in ("report", "check") else 0), done.stderr
    assert "usage:" not in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", ["run", "test"])
def test_both_set_up_commands_are_marked(name):
    done = subprocess.run(
        [sys.executable, str(ROOT / ".ci" / "readme_command"), name], capture_output=True, text=True, check=True
    )
    assert ".venv/bin/pip install" in done.stdout

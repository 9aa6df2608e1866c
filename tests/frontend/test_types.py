"""The types in the tab's JSDoc comments, checked by TypeScript where a developer has installed it."""

import shutil
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.npm

FRONTEND = Path(__file__).parents[2] / "frontend"


def test_typescript_finds_nothing_wrong():
    local = FRONTEND / "node_modules" / ".bin" / "tsc"
    tsc = str(local) if local.exists() else shutil.which("tsc")
    assert tsc is not None, "no TypeScript: run `npm install` in frontend/"
    result = subprocess.run(
        [tsc, "--project", "jsconfig.json"], cwd=FRONTEND, capture_output=True, text=True, check=False
    )
    assert result.stdout == ""
    assert result.returncode == 0

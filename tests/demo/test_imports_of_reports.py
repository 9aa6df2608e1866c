"""What a report does not import, since it would take longer than a small report does."""

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize("module", ["numpy.ma", "statistics"])
def test_a_report_does_not_need(module: str, demo_folder: Path) -> None:
    code = (
        "import sys; from tb_histinsight.cli import main; "
        "main(['report', sys.argv[1], '--format', 'json', '--jobs', '1']); "
        "sys.exit(sys.argv[2] in sys.modules and sys.argv[2] + ' was imported')"
    )
    command = [sys.executable, "-c", code, str(demo_folder), module]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr

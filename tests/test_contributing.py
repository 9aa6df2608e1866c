"""CONTRIBUTING.md is followed to the letter: its files are written, its commands run, in a copy of the repository."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
PIECE = re.compile(r"(?:^`(?P<path>[\w./-]+)`:\n\n)?^```(?P<kind>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
NEEDED = (
    "tb_histinsight",
    "docs",
    "tests/rules",
    "tests/rulebook",
    "tests/locales",
    "tests/conftest.py",
    "pyproject.toml",
)


@dataclass(frozen=True)
class Done:
    """A command of the page, and what came of it."""

    command: str
    should_fail: bool
    code: int
    said: str


def section(title: str) -> str:
    return PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def follow(text: str, place: Path) -> list[Done]:
    """Writes each file and runs each command of a section, in its order."""
    done = []
    for piece in PIECE.finditer(text):
        if piece["path"]:
            file = place / piece["path"]
            file.parent.mkdir(parents=True, exist_ok=True)
            assert not file.exists(), f"{piece['path']} is there already"
            file.write_text(piece["text"], "utf-8")
            continue
        assert piece["kind"] == "sh", f"what is done with this?\n{piece[0]}"
        for line in piece["text"].splitlines():
            command, _, remark = line.partition("#")
            words = shlex.split(command)
            assert words[0] == "python"
            # A blank temporary folder at the front of the path: the copy is imported, not the checkout.
            environment = os.environ | {"PYTHONPATH": str(place), "PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "200"}
            ran = subprocess.run(
                [sys.executable, *words[1:]], cwd=place, env=environment, capture_output=True, text=True, check=False
            )
            fails = remark.strip().startswith("fails")
            done.append(Done(command.strip(), fails, ran.returncode, ran.stdout + ran.stderr))
    return done


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    place = tmp_path_factory.mktemp("repository")
    for name in NEEDED:
        source = ROOT / name
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, place / name, ignore=shutil.ignore_patterns("__pycache__", "pictures"))
        else:
            shutil.copy(source, place / name)
    return place


@pytest.fixture(scope="module")
def rule(copy):
    return follow(section("Adding a rule in five steps"), copy)


@pytest.fixture(scope="module")
def report_format(rule, copy):
    return follow(section("Adding a report format"), copy)


def test_every_command_of_the_five_steps_does_what_the_page_says(rule):
    for done in rule:
        assert (done.code != 0) == done.should_fail, f"{done.command}\n{done.said}"
    # The test of the languages fails until the rule is translated, and passes then.
    assert [done.should_fail for done in rule if done.command.endswith("tests/locales")] == [True, False]
    assert "add them to locales/ja" in next(done.said for done in rule if done.should_fail)


def test_the_new_rule_is_in_the_catalogue_in_a_report_and_has_its_page(rule, copy):
    said = {done.command: done.said for done in rule}
    assert "Weights of one sign" in said["python -m tb_histinsight rules one-sided-weights"]
    assert "符号が一方だけの重み" in said["python -m tb_histinsight rules one-sided-weights --lang ja"]
    report = said["python -m tb_histinsight report logs --select one-sided-weights"]
    assert "All 900 weights of “dense_1”" in report
    assert "weights of “dense_2”" not in report
    page = (copy / "docs" / "rules" / "one-sided-weights.md").read_text("utf-8")
    assert "Weights of one sign" in page
    assert "one-sided-weights.md" in (copy / "docs" / "rules" / "README.md").read_text("utf-8")


def test_the_new_report_format_is_found_by_its_name_and_by_the_files_suffix(report_format, copy):
    (done,) = report_format
    assert done.code == 0, done.said
    assert "tried one-sided-weights info" in (copy / "report.lines").read_text("utf-8").splitlines()


def test_a_language_is_a_folder_that_is_copied_and_nothing_else(rule, copy):
    """As the chapter on languages says: the command line finds it there."""
    locales = copy / "tb_histinsight" / "locales"
    shutil.copytree(locales / "ja", locales / "eo")
    words = locales / "eo" / "rules" / "one-sided-weights.json"
    words.write_text(words.read_text("utf-8").replace("符号が一方だけの重み", "Pezoj kun unu signo"), "utf-8")
    done = follow("```sh\npython -m tb_histinsight rules one-sided-weights --lang eo\n```\n", copy)
    assert done[0].code == 0, done[0].said
    assert "Pezoj kun unu signo" in done[0].said

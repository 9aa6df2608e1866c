"""docs/command_line.md tells every command, option, format and demonstration run, and its examples work."""

import argparse
import re
import shlex
from pathlib import Path

import pytest

from tb_histinsight import cli, commands, formats
from tb_histinsight.demo.runs import demo_runs
from tb_histinsight.formats import checks
from tb_histinsight.logging.event_writer import EventWriter

TEXT = (Path(__file__).parent.parent / "docs" / "command_line.md").read_text("utf-8")
EXAMPLES = [
    line
    for line in re.findall(r"^ {4}(tb-histinsight .*)$", TEXT, re.MULTILINE)
    if "  " not in line and "--version" not in line
]


def parsers():
    (action,) = (a for a in cli.build_parser()._actions if isinstance(a, argparse._SubParsersAction))
    return action.choices


@pytest.mark.parametrize("name", commands.names())
def test_every_option_of_every_command_is_told(name):
    chapter = TEXT.partition(f"\n## {name}\n")[2].partition("\n## ")[0]
    for action in parsers()[name]._actions:
        for option in action.option_strings:
            if option not in ("-h", "--help"):
                assert f"`{option}`" in chapter, option


def test_every_option_that_is_told_exists():
    known = {option for parser in parsers().values() for option in parser._option_string_actions} | {"--version"}
    assert set(re.findall(r"(?<=[ `])--?[a-z][a-z-]*", TEXT.replace("tensorboard --logdir", ""))) <= known


def test_every_format_and_demonstration_run_is_told():
    for name in (*formats.names(), *checks.names(), *demo_runs()):
        assert f"`{name}`" in TEXT, name


@pytest.fixture
def runs(tmp_path, monkeypatch):
    for run in ("resnet lr=0.1", "other"):
        with EventWriter(tmp_path / "runs" / run / "events.out.tfevents.1") as writer:
            for step in (0, 1000, 2000):
                writer.histogram("dense/kernel", range(step + 300), step)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_works(example, runs, capsys):
    words = shlex.split(example)[1:]
    if words[0] in (
        "demo",
        "doctor",
        "watch",
    ):  # one trains and serves, one judges this machine, one follows: here they are only understood
        cli.build_parser().parse_args(words)
        return
    assert cli.main(words) == 0, capsys.readouterr().err

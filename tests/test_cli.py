"""The command line, as a user meets it: results, messages, exit codes."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from tb_histinsight import __version__, cli
from tb_histinsight.logging.event_writer import Encoding, EventWriter
from tb_histinsight.rules import all_rules

RNG = np.random.default_rng(0)


def write_run(folder, tags=("dense_1/kernel", "dense_1/bias", "dense_2/kernel"), steps=5, encoding=Encoding.TF2):
    with EventWriter(folder / "events.out.tfevents.1.test", encoding, clock=lambda: 1e9) as writer:
        for step in range(steps):
            for tag in tags:
                writer.histogram(tag, RNG.normal(size=300) * (1 + step), step)
    return folder


@pytest.fixture
def log(tmp_path):
    write_run(tmp_path / "log" / "one")
    write_run(tmp_path / "log" / "two", encoding=Encoding.OLD_STYLE)
    return tmp_path / "log"


@pytest.fixture
def command(capsys):
    """Runs the command line in this process; gives exit code, stdout, stderr."""

    def run(*words):
        try:
            code = cli.main([str(word) for word in words])
        except SystemExit as end:
            code = end.code
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


def refused(result, *parts):
    """Whether a command said no in one sentence that contains these words."""
    code, out, err = result
    assert code == 2
    assert out == ""
    assert err.startswith("tb-histinsight")
    assert err.count("\n") == 1, err
    for part in parts:
        assert part in err


def test_version(command):
    assert command("--version") == (0, f"tb-histinsight {__version__}\n", "")


def test_help_names_every_command(command):
    code, out, _ = command("--help")
    assert code == 0
    for name in ("report", "rules", "demo"):
        assert name in out


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        ([], ["COMMAND"]),
        (["--verison"], ["--verison", "Did you mean --version?"]),
        (["reprot", "x"], ["'reprot'", "Did you mean report?"]),
        (["report"], ["LOGDIR", "--help"]),
        (["report", "x", "--formta", "json"], ["--formta", "Did you mean --format?"]),
        (["report", "x", "--bogus"], ["--bogus", "--help"]),
        (["report", ""], ["LOGDIR", "empty"]),
        (["doctor", " "], ["LOGDIR", "empty"]),
        (["report", "x", "--format", "xml"], ["'xml'", "There are: csv, html, json"]),
        (["report", "x", "--format", "jsn"], ["'jsn'", "Did you mean json?"]),
        (["report", "x", "y"], ["'y'"]),
        (["report", "x", "--jobs", "0"], ["--jobs", "1 or more"]),
        (["report", "x", "--top", "-1"], ["--top"]),
        (["report", "x", "--steps", "5"], ["FROM:TO"]),
        (["report", "x", "--steps", "9:1"], ["9:1"]),
        (["report", "x", "--run", "("], ["regular expression"]),
        (["report", "x", "--lang", "xx"], ["'xx'", "en"]),
        (["report", "x", "--select", ","], ["--select"]),
        (["report", "x", "-o", "report.xyz"], [".json"]),
        (["rules", "no-such-rule-at-all"], ["no-such-rule-at-all"]),
        (["demo", "--port", "99999"], ["--port"]),
        (["demo", "--port", "6006"], ["--serve"]),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_wrong_usage_is_one_sentence_and_exit_code_2(command, words, parts):
    refused(command(*words), *parts)


def test_a_wrong_rule_gets_the_nearest(command, log):
    refused(command("report", log, "--select", "frozen-layr"), "'frozen-layr'", "'frozen-layer'")
    refused(command("report", log, "--ignore", "frozen-layr"), "'frozen-layer'")
    refused(command("rules", "frozen-layr"), "'frozen-layer'")


def test_text_is_what_a_report_is_by_default(command, log):
    code, out, err = command("report", log)
    assert (code, err) == (0, "")
    assert "one" in out
    assert "dense_1/kernel" in out
    assert "\x1b" not in out


def test_the_suffix_of_the_file_chooses_the_format(command, log, tmp_path):
    file = tmp_path / "report.json"
    assert command("report", log, "-o", file) == (0, "", "")
    assert [run["run"] for run in json.loads(file.read_text("utf-8"))["runs"]] == ["one", "two"]


def test_format_overrules_the_suffix(command, log, tmp_path):
    command("report", log, "-o", tmp_path / "report.json", "--format", "text")
    assert "dense_1/kernel" in (tmp_path / "report.json").read_text("utf-8")
    assert not (tmp_path / "report.json").read_text("utf-8").startswith("{")


def test_a_file_that_cannot_be_written_is_one_sentence(command, log, tmp_path):
    refused(command("report", log, "-o", tmp_path / "no" / "folder" / "report.json"), "Cannot write")


def test_the_report_names_no_absolute_path(command, log):
    _, out, _ = command("report", log, "--format", "json")
    assert str(log.parent) not in out


def reported(command, *words):
    code, out, err = command("report", *words, "--format", "json")
    assert (code, err) == (0, "")
    return json.loads(out)["runs"]


def test_run_tag_and_steps_restrict_what_is_looked_at(command, log):
    assert [run["run"] for run in reported(command, log, "--run", "^tw")] == ["two"]
    (run, _) = reported(command, log, "--tag", "kernel$", "--steps", "1:3")
    assert [tag["tag"] for tag in run["tags"]] == ["dense_1/kernel", "dense_2/kernel"]
    assert [(tag["first_step"], tag["last_step"]) for tag in run["tags"]] == [(1, 3)] * 2
    assert reported(command, log, "--steps", "2:")[0]["tags"][0]["first_step"] == 2
    assert reported(command, log, "--steps", ":2")[0]["tags"][0]["last_step"] == 2


def test_select_and_ignore_choose_the_rules(command, log):
    ids = [rule.id for rule in all_rules()]
    (run, _) = reported(command, log, "--select", f"{ids[1]},{ids[0]}")
    assert [outcome["rule"] for outcome in run["outcomes"]] == ids[:2]
    (run, _) = reported(command, log, "--ignore", ids[0])
    assert [outcome["rule"] for outcome in run["outcomes"]] == ids[1:]


def test_the_report_does_not_depend_on_the_number_of_processes(command, log):
    alone = command("report", log, "--format", "json", "--jobs", "1")
    assert alone[0] == 0
    for jobs in ("2", "3"):
        assert command("report", log, "--format", "json", "--jobs", jobs) == alone


def test_many_small_runs_in_several_processes_come_in_order(command, tmp_path):
    for number in range(12):
        write_run(tmp_path / f"run{number}", ["kernel"])
    runs = reported(command, tmp_path, "--jobs", "2")
    assert [run["run"] for run in runs] == [f"run{number}" for number in range(12)]


def test_a_run_filter_without_a_match_names_the_runs(command, log):
    refused(command("report", log, "--run", "three"), "'three'", "one, two")


def test_a_tag_filter_without_a_match_says_so(command, log):
    refused(command("report", log, "--tag", "nothing like this"), "--tag")


def test_one_event_file_and_named_folders_are_logdirs_too(command, log):
    assert reported(command, log / "one" / "events.out.tfevents.1.test")[0]["run"] == "."
    runs = reported(command, f"first:{log / 'one'},second:{log / 'two'}")
    assert [run["run"] for run in runs] == ["first", "second"]


def process(*words, **options):
    environment = {**os.environ, "PYTHONUNBUFFERED": ""}
    return subprocess.run(
        [sys.executable, "-m", "tb_histinsight", *map(str, words)],
        capture_output=True, text=True, check=False, env=environment, **options,
    )  # fmt: skip


def test_a_reader_that_stops_reading_is_no_error(log):
    code = subprocess.run(
        ["sh", "-c", f"{sys.executable} -m tb_histinsight report '{log}' --format json | head -n 1"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert code.stdout == "{\n"
    assert code.stderr == ""


def test_output_that_cannot_hold_a_character_is_escaped_not_refused(log, tmp_path):
    write_run(tmp_path / "weird" / "層", ["層/kernel"])
    done = subprocess.run(
        [sys.executable, "-m", "tb_histinsight", "report", str(tmp_path / "weird")],
        capture_output=True, check=False, env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert b"\\u5c64/kernel" in done.stdout


def test_listing_the_commands_imports_nothing_large():
    code = "import sys, tb_histinsight.cli as c; c.build_parser(); print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"numpy", "msgspec", "tensorboard", "google.protobuf", "concurrent.futures"} & set(done.stdout.split())


@pytest.mark.skipif(os.name != "posix", reason="sends a signal")
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_ctrl_c_ends_it_quietly(tmp_path, jobs):
    write_run(tmp_path / "log", [f"layer{number}/kernel" for number in range(300)], steps=20)
    done = subprocess.Popen(
        [sys.executable, "-c", SIGNALLED, "report", str(tmp_path / "log"), "--jobs", jobs],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    out, err = done.communicate(timeout=60)
    assert (done.returncode, out, err) == (130, "", "")


SIGNALLED = """
import os, signal, sys
from tb_histinsight import analysis, cli
analyse, parent, pressed = analysis.analyse_tags, os.getpid(), sys.argv[2] + ".pressed"
def interrupt(*arguments, **options):
    found = analyse(*arguments, **options)
    try:
        os.mkdir(pressed)
        os.kill(parent, signal.SIGINT)
    except FileExistsError:
        pass
    return found
analysis.analyse_tags = interrupt
sys.exit(cli.main())
"""
"""A program in which Ctrl-C is pressed once, as soon as some tags are done, in whichever process."""


def test_a_mistake_in_the_settings_is_one_sentence_with_the_line(command, log):
    (log / "tb-histinsight.toml").write_text("[rules.frozen-layer]\nstps = 4\n")
    refused(command("report", log), "tb-histinsight.toml, line 2", "Did you mean 'steps'?")


def test_the_command_line_wins_over_the_settings(command, log):
    (log / "tb-histinsight.toml").write_text('select = ["step-size"]\nignore = ["missing-bias"]\n')
    (run, _) = reported(command, log, "--select", "missing-bias")
    assert [outcome["rule"] for outcome in run["outcomes"]] == ["missing-bias"]


@pytest.fixture
def odd_log(tmp_path):
    write_run(tmp_path / "odd" / "one", ["enc/c", "dec/c"])
    return tmp_path / "odd"


def test_a_file_of_names_says_what_tags_are_and_that_is_shown(command, odd_log, tmp_path):
    assert {tag["role"] for tag in reported(command, odd_log)[0]["tags"]} == {"other"}
    names = tmp_path / "names.toml"
    names.write_text('[[tags]]\nglob = "*/c"\nrole = "weight"\n[[tags]]\ntag = "dec/c"\nlayer = "first"\norder = -1\n')
    for jobs in ("1", "2"):
        (run,) = reported(command, odd_log, "--names", names, "--jobs", jobs)
        assert [tag["layer"] for tag in run["tags"]] == ["first", "enc/c"]
        assert {tag["role"] for tag in run["tags"]} == {"weight"}
        assert [tag["told"] for tag in run["tags"]] == [["layer", "role", "order"], ["role"]]
        assert run["tags"][0]["guess"] == {"layer": "dec/c", "role": "other"}
    text = command("report", odd_log, "--names", names)[1]
    assert "weight*" in text
    assert "*: told by the file of names." in " ".join(text.split())


def test_names_of_tags_that_there_are_not_are_said(command, odd_log, tmp_path):
    (tmp_path / "names.toml").write_text('[[tags]]\ntag = "dec/cc"\nrole = "bias"\n')
    text = command("report", odd_log, "--names", tmp_path / "names.toml")[1]
    assert "names.toml, line 2: no tag fits “dec/cc”. Did you mean “dec/c”?" in text
    assert "no tag fits" not in command("report", odd_log, "--names", tmp_path / "names.toml", "--tag", "enc")[1]


def test_a_mistake_in_a_file_of_names_is_one_sentence(command, odd_log, tmp_path):
    (tmp_path / "names.toml").write_text('[[tags]]\ntag = "dec/c"\nrole = "wieght"\n')
    refused(command("report", odd_log, "--names", tmp_path / "names.toml"), "line 3", "'weight'")
    refused(command("report", odd_log, "--names", tmp_path / "nothing.toml"), "Cannot read")

"""`--lang`, and what is spoken without it."""

import io

import pytest

from tb_histinsight import cli
from tb_histinsight.commands.options.language import of_environment


def stream(encoding="utf-8"):
    return io.TextIOWrapper(io.BytesIO(), encoding=encoding)


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"),
        ({"LANG": "ja_JP.UTF-8"}, "ja"),
        ({"LANG": "ja"}, "ja"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "ja_JP.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "ja_JP.UTF-8", "LC_MESSAGES": "en_US.UTF-8"}, "en"),
        ({"LANG": "ja_JP.UTF-8", "LC_ALL": ""}, "ja"),
        ({"LC_ALL": "C", "LC_MESSAGES": "ja_JP.UTF-8"}, "en"),
    ],
)
def test_the_first_variable_that_is_set_names_the_language(environment, language):
    assert of_environment(environment, stream()) == language


def test_a_language_that_the_stream_cannot_show_is_not_spoken_unasked():
    assert of_environment({"LANG": "ja_JP.UTF-8"}, stream("ascii")) == "en"
    assert of_environment({"LANG": "ja_JP.eucJP"}, stream("euc_jp")) == "ja"


def test_the_option_comes_before_the_environment(monkeypatch, capsys):
    monkeypatch.setenv("LC_ALL", "ja_JP.UTF-8")
    cli.main(["rules", "frozen-layer", "--lang", "en"])
    assert "Layer not updated" in capsys.readouterr().out


def test_a_language_that_is_not_there_is_wrong_usage(capsys):
    assert cli.main(["rules", "--lang", "xx"]) == 2
    assert "No language 'xx'" in capsys.readouterr().err

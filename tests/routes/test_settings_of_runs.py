"""The tab's settings: from the folder that a run came from, read again when they change, and never in the way."""

import pytest

from tb_histinsight.routes.settings import SettingsOfRuns
from tb_histinsight.sources.homes import home_of, roots_there


@pytest.fixture
def logs(tmp_path, monkeypatch):
    for folder in ("here/a", "there/a", "elsewhere"):
        (tmp_path / folder).mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "elsewhere")
    return tmp_path


def test_settings_are_read_again_when_the_file_changes(logs):
    told = SettingsOfRuns(str(logs / "here"))
    assert told.of("a").version == ""
    (logs / "here" / "tb-histinsight.toml").write_text('ignore = ["missing-bias"]')
    assert told.of("a").ignore == ("missing-bias",)
    (logs / "here" / "tb-histinsight.toml").write_text('ignore = ["step-size"]')
    assert told.of("a").ignore == ("step-size",)
    (logs / "elsewhere" / "pyproject.toml").write_text('[tool.tb-histinsight]\nselect = ["step-size"]')
    assert told.of("a").select == ("step-size",)
    (logs / "here" / "tb-histinsight.toml").unlink()
    assert told.of("a").ignore == ()


def test_files_are_looked_at_no_more_often_than_patience_asks(logs):
    told, patient = SettingsOfRuns(str(logs / "here")), SettingsOfRuns(str(logs / "here"), patience=1e9)
    assert told.of("a") == patient.of("a")
    (logs / "here" / "tb-histinsight.toml").write_text('ignore = ["missing-bias"]')
    assert told.of("a").ignore == ("missing-bias",)
    assert patient.of("a").ignore == ()


def test_a_mistake_is_said_and_the_defaults_hold(logs):
    (logs / "here" / "tb-histinsight.toml").write_text('ignor = ["missing-bias"]')
    told = SettingsOfRuns(str(logs / "here"))
    assert told.of("a").version == ""
    (problem,) = told.problems()
    assert "Did you mean 'ignore'?" in problem
    assert str(logs) not in problem


def test_each_folder_of_several_has_its_own(logs):
    (logs / "there" / "tb-histinsight.toml").write_text('ignore = ["missing-bias"]')
    told = SettingsOfRuns(f"x:{logs}/here,y:{logs}/there")
    assert told.of("x/a").ignore == ()
    assert told.of("y/a").ignore == ("missing-bias",)
    assert told.of("y/.").ignore == ("missing-bias",)
    assert told.problems() == []


@pytest.mark.parametrize("logdir", ["", "gs://bucket/logs", "/no/such/folder"])
def test_a_log_that_is_not_here_has_the_project_s_settings(logs, logdir):
    told = SettingsOfRuns(logdir)
    assert told.home("a") is None
    assert told.of("a").version == ""


@pytest.mark.parametrize(
    ("run", "folder", "name"),
    [("x", "here", "."), ("x/.", "here", "."), ("x/a", "here", "a"), ("x/y/b", "there", "b"), ("x/yz", "here", "yz")],
)
def test_a_run_is_found_in_the_folder_that_was_named(logs, run, folder, name):
    home = home_of(run, roots_there(f"x:{logs}/here,x/y:{logs}/there"))
    assert (home.folder, home.run) == (logs / folder, name)


def test_of_folders_without_names_the_one_that_has_the_run_is_it(logs):
    (logs / "there" / "only").mkdir()
    assert home_of("only", roots_there(f"{logs}/here,{logs}/there")).folder == logs / "there"
    assert home_of("nowhere", roots_there(f"{logs}/here,{logs}/there")) is None
    assert home_of("any", roots_there(str(logs / "here"))).run == "any"

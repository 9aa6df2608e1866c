"""Files of settings: which hold, which wins, and what is said of what is wrong in them."""

import re
import textwrap

import pytest

from tb_histinsight.core.errors import UsageError
from tb_histinsight.core.labels import Severity
from tb_histinsight.rules import all_rules
from tb_histinsight.settings import load
from tb_histinsight.settings.files import LOGDIR_FILE
from tb_histinsight.settings.reading import SEVERITY, SUSPECT_SEVERITY, key_of


@pytest.fixture
def write(tmp_path):
    """Writes `pyproject.toml` or the logdir's file; the work is done in `project/sub`, the logs are in `logs`."""
    (tmp_path / "project" / "sub").mkdir(parents=True)
    (tmp_path / "logs").mkdir()

    def write(name, text):
        folder = tmp_path / ("logs" if name == LOGDIR_FILE else "project")
        (folder / name).write_text(textwrap.dedent(text), "utf-8")

    return write


@pytest.fixture
def loaded(tmp_path):
    return lambda: load(tmp_path / "logs", tmp_path / "project" / "sub")


def limit(settings, rule_id, name):
    return settings.rules[rule_id].limits[name].value


def test_without_files_everything_is_as_it_was(loaded):
    settings = loaded()
    assert (settings.select, settings.ignore, settings.rules) == (None, (), {})


def test_the_nearest_pyproject_above_that_speaks_of_it_holds(tmp_path, write, loaded):
    write("pyproject.toml", '[tool.tb-histinsight]\nignore = ["missing-bias"]')
    (tmp_path / "project" / "sub" / "pyproject.toml").write_text("[tool.other]\nx = 1\n")
    assert loaded().ignore == ("missing-bias",)
    (tmp_path / "project" / "sub" / "pyproject.toml").write_text('[tool.tb-histinsight]\nignore = ["step-size"]\n')
    assert loaded().ignore == ("step-size",)


def test_a_broken_pyproject_of_somebody_else_is_none_of_ours(tmp_path, write, loaded):
    write("pyproject.toml", '[tool.tb-histinsight]\nignore = ["missing-bias"]')
    (tmp_path / "project" / "sub" / "pyproject.toml").write_text("this is [not TOML")
    assert loaded().ignore == ("missing-bias",)


def test_the_file_in_the_logdir_wins_key_by_key(write, loaded):
    write(
        "pyproject.toml",
        """
        [tool.tb-histinsight]
        select = ["exploding", "step-size"]
        ignore = ["step-size"]
        [tool.tb-histinsight.rules.exploding]
        growth = 20
        factor = 3
        severity = "info"
        """,
    )
    write(LOGDIR_FILE, 'ignore = []\n[rules.exploding]\ngrowth = 30\n[rules.step-size]\nseverity = "critical"')
    settings = loaded()
    assert settings.select == ("exploding", "step-size")
    assert settings.ignore == ()
    assert limit(settings, "exploding", "growth") == 30
    assert limit(settings, "exploding", "factor") == 3
    assert settings.rules["exploding"].limits["growth"].where == LOGDIR_FILE
    assert settings.rules["exploding"].severity is Severity.INFO
    assert settings.rules["step-size"].severity is Severity.CRITICAL


def test_the_command_line_wins_as_in_linters(write, loaded):
    write(LOGDIR_FILE, 'select = ["exploding", "step-size"]\nignore = ["missing-bias"]')
    settings = loaded()
    assert settings.overruled(select=["missing-bias"]).select == ("missing-bias",)
    assert settings.overruled(select=["missing-bias"]).ignore == ()
    assert settings.overruled(ignore=["exploding"]).select == ("exploding", "step-size")
    assert settings.overruled(ignore=["exploding"]).ignore == ("missing-bias", "exploding")


WRONG = [
    ('selekt = ["exploding"]', 1, "There is no key 'selekt'. Did you mean 'select'?"),
    ('select = "exploding"', 1, "select must be a list of rules"),
    ("ignore = [3]", 1, "ignore must be a list of rules"),
    ('\nignore = ["explodin"]', 2, "There is no rule 'explodin'. Did you mean 'exploding'?"),
    ("rules = 3", 1, "rules must be a table, [rules]; it is 3"),
    ("[rules.explodng]\ngrowth = 3", 1, "There is no rule 'explodng'. Did you mean 'exploding'?"),
    ("[rules]\nexploding = 3", 2, "exploding must be a table, [rules.exploding]"),
    ("[rules.exploding]\n\n'grwth' = 3", 3, "no setting 'grwth' in [rules.exploding]. Did you mean 'growth'?"),
    ("[rules.exploding]\nloss_ratio = 3", 2, "Did you mean 'loss-ratio'?"),
    ("[rules.exploding]\ngrowth = '3'", 2, "growth must be a number, such as 10; it is '3'"),
    ("[rules.exploding]\ngrowth = true", 2, "growth must be a number"),
    ("[rules.exploding]\ngrowth = nan", 2, "growth must be a number"),
    ("[rules.exploding]\ngrowth = 0", 2, "growth must be greater than 0; it is 0 (default: 10)"),
    ("rules.exploding.doublings = 2.5", 1, "doublings must be a whole number, 1 or more"),
    ("[rules]\nfrozen-layer = { steps = 2 }", 2, "steps must be a whole number, 3 or more"),
    ("[rules.dead-activations]\nrise = 2", 2, "rise must lie between 0 and 1"),
    ("[rules.exploding]\nseverity = 'criticl'", 2, "'criticl' is no severity. Did you mean 'critical'?"),
    ("[rules.exploding]\nseverity = 1", 2, "1 is no severity. There are: info, warning, critical"),
    ("ignore = []\nselect = [\n", 2, "this is not TOML"),
    ("a = 1\na = 2", 2, "this is not TOML"),
]


@pytest.mark.parametrize(("text", "line", "sentence"), WRONG, ids=[text for text, _, _ in WRONG])
def test_what_is_wrong_is_said_with_its_line_and_the_nearest(write, loaded, text, line, sentence):
    (write(LOGDIR_FILE, ""), write("pyproject.toml", ""))
    write(LOGDIR_FILE, text)
    with pytest.raises(UsageError, match=re.escape(sentence)) as error:
        loaded()
    assert str(error.value).startswith(f"{LOGDIR_FILE}, line {line}: "), error.value


def test_in_pyproject_too(write, loaded):
    write("pyproject.toml", '[project]\nname = "x"\n\n[tool.tb-histinsight.rules.exploding]\ngrowht = 3\n')
    with pytest.raises(UsageError, match=r"pyproject\.toml, line 5: .*\[tool\.tb-histinsight\.rules\.exploding\]"):
        loaded()


def test_a_file_that_is_not_utf8_is_said_so(tmp_path, write, loaded):
    write(LOGDIR_FILE, "")
    (tmp_path / "logs" / LOGDIR_FILE).write_bytes(b"ignore = ['\xff']")
    with pytest.raises(UsageError, match="UTF-8"):
        loaded()


def test_settings_can_be_given_without_a_file():
    settings = load(None, given={"ignore": ["missing-bias"], "rules": {"exploding": {"growth": 20}}})
    assert limit(settings, "exploding", "growth") == 20
    with pytest.raises(UsageError, match=r"^settings: There is no key 'ignor'"):
        load(None, given={"ignor": []})


@pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.id)
def test_every_threshold_can_be_set_to_its_own_default(rule):
    table = {key_of(name): threshold.value for name, threshold in rule.thresholds.items()}
    assert not {SEVERITY, SUSPECT_SEVERITY} & set(table)
    limits = load(None, given={"rules": {rule.id: table}}).rules[rule.id].limits
    assert {name: limit.value for name, limit in limits.items()} == {n: t.value for n, t in rule.thresholds.items()}

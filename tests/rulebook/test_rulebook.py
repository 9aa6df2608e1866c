"""The pages of the rules: current, complete, and drawn from what the rule really says of its example."""

import ast
import sys
from pathlib import Path

import numpy as np
import pytest

from tb_histinsight.core.histogram import RawHistograms, normalise
from tb_histinsight.core.labels import Severity
from tb_histinsight.locales import catalogue, languages
from tb_histinsight.rulebook import page_of
from tb_histinsight.rulebook.demonstration import demonstrate
from tb_histinsight.rulebook.figure import ASCII, WIDTH, figure_lines
from tb_histinsight.rulebook.markdown import INDEX, files
from tb_histinsight.rules import all_rules

DOCS = Path(__file__).parents[2] / "docs" / "rules"
every_rule = pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.id)


def test_docs_rules_is_what_the_command_writes():
    written = {file.name: file.read_text("utf-8") for file in DOCS.glob("*.md")}
    made = files()
    assert written.keys() == made.keys(), "run: python docs/make_rules.py"
    different = [name for name, text in made.items() if written[name] != text]
    assert different == [], "run: python docs/make_rules.py"


@every_rule
def test_the_rule_fires_on_its_own_example_and_something_is_drawn_of_it(rule):
    shown = demonstrate(rule)
    assert shown is not None
    assert shown.sentence
    assert 1 <= len(shown.drawn) <= 2
    for label, _ in shown.drawn:
        assert any(tag in label for tag in [*rule.example().tensors, *rule.example().other])


@every_rule
def test_a_page_has_every_section_and_every_limit_by_the_name_that_sets_it(rule):
    words = catalogue("en")
    page = page_of(rule, words)
    headings = [section.heading for section in page.sections]
    wanted = ["what", "why", "example", "needs", "innocent", "advice", "silence"]
    wanted += ["thresholds"] if rule.thresholds else []
    wanted += ["references"] if rule.references else []
    assert set(headings) == {words.text(f"text.{name}") for name in wanted}
    limits = [limit for section in page.sections for limit in section.limits]
    assert [limit.name.replace("-", "_") for limit in limits] == list(rule.thresholds)
    assert all(limit.source and limit.meaning for limit in limits)
    assert any(f"--ignore {rule.id}" in text for section in page.sections for text in section.texts)


@every_rule
def test_the_severities_that_it_says_are_those_that_its_code_gives(rule):
    source = Path(sys.modules[type(rule).__module__].__file__).read_text("utf-8")
    (body,) = (node for node in ast.parse(source).body if isinstance(node, ast.ClassDef) and ast.unparse(node.bases))
    given = {
        node.attr.lower()
        for method in ast.walk(body)
        if isinstance(method, ast.FunctionDef)
        for node in ast.walk(method)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "Severity"
    }
    assert given <= {one.value for one in Severity}
    assert {severity.value for severity in rule.severities} == given | {rule.severity.value}


@pytest.mark.parametrize("language", languages())
def test_every_language_has_the_page(language):
    for rule in all_rules():
        page = page_of(rule, catalogue(language))
        assert len(page.sections) >= 7


def test_the_index_links_every_page():
    index = files()[INDEX]
    for rule in all_rules():
        assert f"({rule.id}.md)" in index


def series_of(*tensors):
    rows = [np.stack([edges[:-1], edges[1:], counts], axis=1) for counts, edges in tensors]
    return normalise(
        RawHistograms(
            run="r", tag="t", steps=np.arange(len(rows)), wall_times=np.arange(len(rows), dtype=float),
            rows=np.concatenate(rows), offsets=np.cumsum([0, *map(len, rows)]),
        )
    )  # fmt: skip


def test_lines_are_as_high_as_the_density_on_one_axis_for_all_steps():
    narrow = (np.array([1.0, 1.0]), np.array([-0.5, 0.0, 0.5]))
    wide = (np.array([1.0, 3.0]), np.array([-1.0, 0.0, 1.0]))
    label, first, second, axis = figure_lines("name", series_of(narrow, wide), symbols=False)
    assert label == "name"
    half = WIDTH // 2
    assert first == "step 0  " + " " * (half // 2) + "%" * half
    assert second == "step 1  " + ASCII[3] * half + "%" * half
    assert axis.split() == ["-1", "1"]
    assert len(axis) == len("step 0  ") + WIDTH


def test_long_runs_are_drawn_at_some_steps_with_the_first_and_the_last():
    one = (np.array([1.0, 1.0]), np.array([-1.0, 0.0, 1.0]))
    lines = list(figure_lines("name", series_of(*[one] * 50)))
    assert [line.split()[1] for line in lines[1:-1]] == ["0", "10", "20", "29", "39", "49"]

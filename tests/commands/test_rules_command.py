"""`tb-histinsight rules`: the catalogue, and every rule explained."""

import pytest

from tb_histinsight import cli
from tb_histinsight.commands.options import output
from tb_histinsight.locales import catalogue
from tb_histinsight.rulebook import page_of
from tb_histinsight.rulebook.page import PLACEHOLDER
from tb_histinsight.rules import all_rules

RULES = [rule.id for rule in all_rules()]


def shown(capsys, *words):
    assert cli.main(list(words)) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    return captured.out


def test_the_catalogue_lists_every_rule_with_its_severity(capsys):
    lines = shown(capsys, "rules").splitlines()
    heads = [line.split() for line in lines if not line.startswith(" ")]
    assert [head[0] for head in heads] == RULES
    severities = dict(line.split("  ", 1) for line in lines if not line.startswith(" "))
    assert severities["missing-bias"].endswith(" info")
    assert severities["vanishing-gradient"].endswith(" warning (also info, critical)")


@pytest.mark.parametrize("rule", all_rules(), ids=RULES)
def test_a_rule_is_explained_in_full(capsys, rule):
    text = " ".join(shown(capsys, "rules", rule.id).split())
    assert rule.words.title in text
    for limit in rule.thresholds.values():
        assert " ".join(limit.source.split()) in text
    for case in rule.words.innocent:
        assert " ".join(case.split()) in text
    for reference in rule.references:
        assert reference.link in text
    silence = '{"mark": "intended"'  # the one brace: a finding's own numbers are named, not left as placeholders
    assert text.count("{") == text.count(silence) == 1


@pytest.mark.parametrize("rule", all_rules(), ids=RULES)
def test_what_is_printed_is_what_stands_in_docs_rules(capsys, rule):
    printed = " ".join(shown(capsys, "rules", rule.id).split())
    for section in page_of(rule, catalogue("en")).sections:
        assert section.heading in printed
        for text in section.texts:
            assert " ".join(PLACEHOLDER.sub(r"<\1>", text).split()) in printed
        for line in section.figure:
            assert " ".join(line.split()) in printed


def test_a_terminal_without_symbols_gets_a_figure_all_the_same(capsys, monkeypatch):
    monkeypatch.setattr(output, "_can_show_symbols", lambda stream: False)
    text = shown(capsys, "rules", "frozen-layer")
    assert "step 100" in text
    assert not set(text) & set("▁▂▃▄▅▆▇█")

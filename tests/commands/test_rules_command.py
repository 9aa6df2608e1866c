"""`tb-histinsight rules`: the catalogue, and every rule explained."""

import pytest

from tb_histinsight import cli
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
    assert {head[-1] for head in heads} <= {"info", "warning", "critical"}


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
    assert "{" not in text  # a finding's own numbers are named, not left as placeholders

"""The registry: every rule has all its words, breaks alone, and causes are linked."""

import string
from dataclasses import replace

import pytest

from tb_histinsight.core.errors import UsageError
from tb_histinsight.core.findings import Finding, RuleOutcome
from tb_histinsight.core.labels import Confidence, Severity, Status
from tb_histinsight.core.run import RunAnalysis
from tb_histinsight.rules import all_rules, rule, run_each, run_rules
from tb_histinsight.rules.base import CannotCheck, Follows, Rule
from tb_histinsight.rules.causes import link_causes

CONTRACT = tuple(
    [
        "non-finite",
        "frozen-layer",
        "barely-moves",
        "only-last-layer-learns",
        "only-biases-learn",
        "vanishing-gradient",
        "exploding",
        "dead-activations",
        "saturated-activations",
        "collapsed-weights",
        "weight-decay",
        "constant-weights",
        "redundant-units",
        "initial-scale",
        "untrained-initialisation",
        "missing-bias",
        "step-size",
        "gradient-underflow",
        "outlier-dominated",
        "regime-change",
        "tag-collision",
        "run-difference",
    ]
)
EMPTY_RUN = RunAnalysis(run="r", tags=(), scalars={})


def finding(
    name: str, layer: str | None = "a", tags: tuple[str, ...] = ("a.weight",), first: int | None = 0
) -> Finding:
    return Finding(name, Severity.WARNING, Confidence.LIKELY, "m", {}, layer, tags, first, 10)


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("one", all_rules(), ids=lambda one: one.id)
def test_every_rule_has_all_its_words_and_sources(one: Rule) -> None:
    assert type(one).__module__.rpartition(".")[2] == one.id.replace("-", "_")
    words = one.words
    assert all((words.title, words.what, words.why, words.messages, words.advice, words.innocent, words.evidence))
    for text in (*words.messages.values(), *words.advice.values(), *words.innocent, *words.skips.values()):
        assert text[0].isupper() or text[0] in "{“", text
        assert text.rstrip()[-1] in ".?!", text
    for threshold in one.thresholds.values():
        assert threshold.source and threshold.meaning
    for reference in one.references:
        assert reference.link.startswith("https://")
    assert not any(placeholders(text) for text in words.innocent)


def test_no_rule_that_was_promised_is_missing() -> None:
    assert set(CONTRACT) <= {one.id for one in all_rules()}


def test_unknown_rule_is_answered_with_the_nearest() -> None:
    with pytest.raises(UsageError, match="There is no rule 'froozen'"):
        rule("froozen")


def test_an_empty_run_gives_an_outcome_of_every_rule_and_no_finding() -> None:
    outcomes = run_rules(EMPTY_RUN)
    assert [outcome.rule for outcome in outcomes] == [one.id for one in all_rules()]
    assert not any(outcome.findings or outcome.status is Status.FAILED for outcome in outcomes)


class Broken(Rule):
    id = "frozen-layer"

    def check(self, run: RunAnalysis) -> list[Finding]:
        raise ZeroDivisionError("by nought")


class Missing(Rule):
    id = "non-finite"

    def check(self, run: RunAnalysis) -> list[Finding]:
        raise CannotCheck("no_gradients", wanted=3)


def test_a_rule_that_breaks_is_an_outcome_and_the_others_still_report() -> None:
    broken, missing = run_each(EMPTY_RUN, [Broken(), Missing()])
    assert broken.status is Status.FAILED
    assert broken.reason is not None and broken.reason.values == {"error": "ZeroDivisionError: by nought"}
    assert missing.status is Status.SKIPPED
    assert missing.reason is not None and missing.reason.key == "no_gradients"


def linked(
    findings: list[Finding], follows: dict[str, tuple[Follows, ...]], first_step: int | None = None
) -> dict[str, str | None]:
    outcomes = [RuleOutcome(f.rule, Status.FIRED, None, (f,)) for f in findings]
    return {o.rule: o.findings[0].cause for o in link_causes("r", outcomes, follows, first_step)}


def test_a_follower_carries_the_key_of_the_first_cause() -> None:
    a, b, c = finding("a", None), finding("b"), finding("c")
    causes = linked([c, b, a], {"b": (Follows("a", "run"),), "c": (Follows("b", "layer"),)})
    assert causes == {"a": None, "b": a.key("r"), "c": a.key("r")}


def test_other_layers_do_not_follow() -> None:
    causes = linked([finding("a", "x", ("x",)), finding("b", "y", ("y",))], {"b": (Follows("a", "layer"),)})
    assert causes == {"a": None, "b": None}


def test_an_alarm_never_follows_from_a_remark() -> None:
    remark = replace(finding("a"), severity=Severity.INFO)
    causes = linked([remark, finding("b")], {"b": (Follows("a", "run"),)})
    assert causes == {"a": None, "b": None}


def test_only_the_messages_named_follow() -> None:
    causes = linked([finding("a"), finding("b")], {"b": (Follows("a", "run", ("other",)),)})
    assert causes == {"a": None, "b": None}


def test_no_rule_follows_from_one_that_there_is_not_or_in_a_circle() -> None:
    ways = {one.id: {way.rule for way in one.follows} for one in all_rules()}
    for start, direct in ways.items():
        reached, todo = set(), direct - {start}
        while todo:
            at = todo.pop()
            assert at in ways
            reached.add(at)
            todo |= ways.get(at, set()) - reached - {at}
        assert start not in reached


def test_two_that_follow_each_other_leave_one_leading() -> None:
    causes = linked([finding("a"), finding("b")], {"a": (Follows("b"),), "b": (Follows("a"),)})
    assert sum(cause is None for cause in causes.values()) == 1


def test_where_the_log_begins_with_nan_only_what_begins_later_follows_from_it() -> None:
    nan = finding("non-finite", "z", ("z",), first=0)
    causes = linked([nan, finding("a", first=0), finding("b", first=1)], {}, first_step=0)
    assert causes == {"non-finite": None, "a": None, "b": nan.key("r")}


def test_what_begins_after_the_first_nan_follows_from_it() -> None:
    nan = finding("non-finite", "z", ("z",), first=5)
    causes = linked([nan, finding("a", first=5), finding("b", first=4)], {})
    assert causes == {"non-finite": None, "a": nan.key("r"), "b": None}

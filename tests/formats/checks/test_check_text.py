"""The check for reading, as JSON, and as annotations of GitHub Actions."""

import json

import pytest

from tb_histinsight.core.labels import Severity
from tb_histinsight.gate import read_baseline


def test_text_shows_what_fails_and_counts_the_rest(checked, written):
    text = written("text", checked(), symbols=False)
    assert text.splitlines()[0] == "s3/three layers"
    assert "Message on dense." in text
    assert "From this follows: Layer not updated (exploding)" in text
    assert "Message of known." not in text
    assert "Message of below." not in text
    assert "X The check fails: one finding at “warning” or above." in text
    assert "One finding is below that. One finding is known from the baseline." in " ".join(text.split())
    assert "step-size: It broke." in text
    assert "One thing in the log could not be read" in text


def test_text_of_a_check_that_passes_is_its_decision_alone(checked, written):
    text = written("text", checked(Severity.CRITICAL, ("fails", "known")), symbols=False)
    assert text.startswith("+ The check passes: nothing at “critical” or above.")


def test_json_is_the_report_with_the_decision_and_serves_as_baseline(checked, written):
    text = written("json", checked())
    report = json.loads(text)
    assert report["schema_version"] == 1
    assert report["check"] == {
        "fail_on": "warning",
        "passed": False,
        "failing": ["fails"],
        "below": 1,
        "known": ["known"],
        "baseline": True,
        "unread": [],
    }
    assert read_baseline(text.encode(), "known.json") == {"fails", "known", "below", "follows"}


def test_github_annotates_what_is_new_and_no_remarks(checked, written):
    first, *rest = written("github", checked()).splitlines()
    assert first == "::error title=Layer not updated (frozen-layer)::s3/three layers: Message on dense."
    assert not any(line.startswith("::") for line in rest)


@pytest.mark.parametrize("fail_on", list(Severity))
def test_github_annotates_a_remark_where_it_fails(checked, written, fail_on):
    assert ("::notice" in written("github", checked(fail_on))) == (fail_on is Severity.INFO)


def test_no_name_can_give_a_command_of_its_own(checked, written, odd_name):
    lines = written("github", checked(layer=odd_name)).split("\n")
    assert sum(line.startswith("::") for line in lines) == 1
    assert all(line.isprintable() for line in lines)

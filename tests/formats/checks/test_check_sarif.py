"""SARIF, held against the schema of the standard (OASIS, SARIF 2.1.0 errata 01)."""

import json
from pathlib import Path

import jsonschema
import pytest

from tb_histinsight.report import MarkEntry

SCHEMA = json.loads((Path(__file__).parent / "sarif-schema-2.1.0.json").read_text("utf-8"))


@pytest.fixture
def sarif(checked, written):
    def build(**options):
        log = json.loads(written("sarif", checked(**options)))
        jsonschema.Draft4Validator(SCHEMA).validate(log)
        (run,) = log["runs"]
        return run

    return build


def test_it_is_valid_and_one_run_for_all(sarif):
    run = sarif()
    assert [result["level"] for result in run["results"]] == ["error", "warning", "note"]
    assert [result["baselineState"] for result in run["results"]] == ["new", "unchanged", "new"]
    (location,) = run["results"][0]["locations"]
    assert location["physicalLocation"]["artifactLocation"] == {"uri": "s3/three%20layers", "uriBaseId": "LOGDIR"}
    assert location["logicalLocations"][0]["fullyQualifiedName"] == "s3/three layers/dense"


def test_without_a_baseline_nothing_is_said_of_new(sarif):
    assert all("baselineState" not in result for result in sarif(baseline=None)["results"])


def test_rules_are_explained_once_and_results_point_to_them(sarif):
    run = sarif()
    rules = run["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules) == 5
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    assert all(rule["help"]["text"] and "{" not in rule["help"]["text"] for rule in rules)


def test_what_could_not_be_looked_at_is_notified(sarif):
    (invocation,) = sarif()["invocations"]
    told = [(entry["level"], entry["message"]["text"]) for entry in invocation["toolExecutionNotifications"]]
    assert told == [
        ("error", "s3/three layers: step-size: It broke."),
        ("warning", "s3/three layers: dense cannot be read."),
    ]


def test_any_name_is_kept_and_stays_valid(sarif, odd_name):
    result = sarif(layer=odd_name)["results"][0]
    assert result["locations"][0]["logicalLocations"][0]["name"] == odd_name


def test_what_is_marked_as_intended_is_suppressed_with_its_reason(sarif):
    mark = MarkEntry(id="m1", mark="intended", reason="The backbone is frozen.", author="ann")
    results = sarif(marked=[mark])["results"]
    assert [("suppressions" in result) for result in results] == [False, False, False, True]
    assert results[-1]["partialFingerprints"] == {"finding/v1": "marked m1"}
    assert results[-1]["suppressions"] == [
        {"kind": "external", "status": "accepted", "justification": "intended: The backbone is frozen."}
    ]

"""JUnit XML: what viewers count, and names that XML cannot hold."""

import xml.etree.ElementTree as ET


def test_suites_count_what_they_hold(checked, written):
    root = ET.fromstring(written("junit", checked()))
    assert (root.tag, root.attrib) == (
        "testsuites",
        {"name": "tb-histinsight", "tests": "8", "failures": "1", "errors": "1", "skipped": "1"},
    )
    odd, fine = root
    assert [odd.get(name) for name in ("name", "tests", "failures", "errors", "skipped")] == [
        "s3/three layers",
        "7",
        "1",
        "1",
        "1",
    ]
    assert (fine.get("tests"), fine.get("failures")) == ("1", "0")


def test_only_what_fails_is_a_failure_and_the_rest_is_said(checked, written):
    cases = ET.fromstring(written("junit", checked()))[0]
    named = {case.get("name"): [child.tag for child in case] for case in cases}
    assert named == {
        "frozen-layer: dense": ["system-out"],  # known from the baseline, under the name of the failing one
        "frozen-layer": ["system-out"],
        "exploding": [],
        "non-finite": [],
        "dead-activations": ["skipped"],
        "step-size": ["error"],
    }
    (failure,) = cases.iter("failure")
    assert failure.get("message") == "Layer not updated: Message on dense."
    assert failure.text == "Message on dense.\n- First this.\n- Then that."


def test_any_name_gives_a_document_that_can_be_read(checked, written, odd_name):
    root = ET.fromstring(written("junit", checked(layer=odd_name)))
    (failure,) = root.iter("failure")
    assert "Message on" in failure.text

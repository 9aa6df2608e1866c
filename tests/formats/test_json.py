"""The report as JSON."""

import io
import json
import math

import pytest

from tb_histinsight.formats import Options
from tb_histinsight.formats import json as json_format


def written(report, **options):
    stream = io.StringIO()
    json_format.write(report, stream, Options(**options))
    return stream.getvalue()


def refuse(constant):
    raise AssertionError(f"{constant} is not JSON")


def test_it_is_strict_and_keeps_the_contract(make):
    tag = make.tag("<script>層\x1b")
    tag.stats.rms = math.nan
    tag.stats.max = math.inf
    report = json.loads(written(make.report(make.run("r", [make.finding()], [tag]))), parse_constant=refuse)
    assert report["schema_version"] == 1
    assert report["runs"][0]["tags"][0]["tag"] == "<script>層\x1b"
    assert report["runs"][0]["tags"][0]["stats"]["rms"] is None
    assert report["runs"][0]["tags"][0]["stats"]["max"] is None
    assert report["runs"][0]["findings"][0]["evidence"][0]["value"] == 3


def test_it_is_indented_and_stable(make):
    report = make.report(make.run())
    shown = written(report)
    assert shown == written(report)
    assert shown.startswith('{\n  "schema_version": 1,\n')
    assert shown.endswith("}\n")


@pytest.mark.parametrize(("top", "left"), [(None, 3), (2, 2), (0, 0)])
def test_top_keeps_the_worst_and_says_how_many_are_left_out(make, top, left):
    findings = [make.finding("a"), make.finding("b"), make.finding("c", severity="info")]
    run = json.loads(written(make.report(make.run(findings=findings)), top=top))["runs"][0]
    assert [finding["id"] for finding in run["findings"]] == ["a", "b", "c"][:left]
    assert run["findings_left_out"] == 3 - left

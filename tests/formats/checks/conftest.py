"""A checked report made by hand: one finding that fails, one below, one known, one that follows, and odd names."""

import io

import pytest

from tb_histinsight.core.labels import Severity
from tb_histinsight.formats import Options, checks
from tb_histinsight.gate import judge
from tb_histinsight.report import OutcomeEntry, SkippedEntry

ODD_NAMES = ["a,b:c%<img src=x>\n::error::\x1b[31m\x00\u202e", "\udc80", "層", "]]>&amp;"]


@pytest.fixture(params=ODD_NAMES, ids=["hostile", "surrogate", "wide", "markup"])
def odd_name(request):
    """A name as only a log can hold it."""
    return request.param


@pytest.fixture
def checked(make):
    """A function that gives the report with the gate's decision."""

    def build(fail_on=Severity.WARNING, baseline=("known",), layer="dense", marked=()):
        findings = [
            make.finding("fails", severity="critical", layer=layer, message=f"Message on {layer}."),
            make.finding("known", layer=layer),
            make.finding("below", severity="info", layer=None),
            make.finding("follows", cause="fails", rule="exploding"),
            *(make.finding(f"marked {mark.id}", mark=mark) for mark in marked),
        ]
        outcomes = [
            OutcomeEntry(rule="frozen-layer", title="Layer not updated", status="fired"),
            OutcomeEntry(rule="exploding", title="Exploding values", status="fired"),
            OutcomeEntry(rule="non-finite", title="NaN", status="passed"),
            OutcomeEntry(rule="dead-activations", title="Dead", status="skipped", reason="No activation histograms."),
            OutcomeEntry(rule="step-size", title="Step", status="failed", reason="It broke."),
        ]
        skipped = [SkippedEntry(reason=f"{layer} cannot be read.", where="file")]
        run = make.run("s3/three layers", findings, outcomes=outcomes, skipped=skipped)
        return judge(make.report(run, make.run("fine")), fail_on, baseline)

    return build


@pytest.fixture
def written():
    """What a format writes."""

    def write(name, report, **options):
        stream = io.StringIO()
        checks.by_name(name).write(report, stream, Options(**options))
        return stream.getvalue()

    return write

"""Reports made by hand, so that what a format must show is visible in the test."""

import pytest

from tb_histinsight.report import (
    ChangeEntry,
    EvidenceEntry,
    FindingEntry,
    OutcomeEntry,
    Report,
    RunEntry,
    ShapeEntry,
    StatsEntry,
    TagEntry,
    TimelineEntry,
)


class Maker:
    """Builds the parts of a report; everything has a harmless default."""

    def tag(self, tag="dense/kernel", **changes):
        shape = changes.pop("shape", "gaussian")
        entry = {
            "tag": tag,
            "layer": tag.rpartition("/")[0],
            "role": "weight",
            "subject": "weight",
            "depth": 0,
            "kernel": True,
            "guessed": False,
            "layout": "equal",
            "element_count": 1000,
            "step_count": 3,
            "first_step": 0,
            "last_step": 20,
            "shape": ShapeEntry(label=shape, confidence="certain"),
            "timeline": [TimelineEntry(shape=shape, first_step=0, last_step=20)],
            "change": ChangeEntry(label="growing", confidence="certain", movement=0.25),
            "stats": StatsEntry(min=-1.0, max=1.0, rms=0.5),
            "text": "",
        }
        return TagEntry(**{**entry, **changes})

    def finding(self, name="one", **changes):
        entry = {
            "id": name,
            "rule": "frozen-layer",
            "title": "Layer not updated",
            "severity": "warning",
            "confidence": "certain",
            "layer": "dense",
            "tags": ["dense/kernel"],
            "first_step": 0,
            "last_step": 20,
            "message": f"Message of {name}.",
            "evidence": [
                EvidenceEntry(name="identical steps", value=3, threshold=3, unit="steps", source="a book"),
            ],
            "advice": ["First this.", "Then that."],
            "innocent": ["it is meant"],
            "references": [],
        }
        return FindingEntry(**{**entry, **changes})

    def run(self, run="run", findings=(), tags=None, outcomes=None, **changes):
        return RunEntry(
            run=run,
            verdict=changes.pop("verdict", f"Verdict on {run}."),
            tags=[self.tag()] if tags is None else tags,
            findings=list(findings),
            outcomes=[OutcomeEntry(rule="frozen-layer", title="Layer not updated", status="passed")]
            if outcomes is None
            else outcomes,
            **changes,
        )

    def report(self, *runs, **changes):
        return Report(runs=list(runs), **changes)


@pytest.fixture
def make():
    return Maker()

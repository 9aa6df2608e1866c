"""Compares reports with the truth: what fired rightly, what was missed, what fired wrongly."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from benchmarks.diagnosis.certain import is_true

LOUD = ("critical", "warning")
NEAR = 2
"""Logged steps by which the first step of a finding may differ from that of the raw tensors."""


@dataclass
class Score:
    """What is counted over all trainings."""

    hit: Counter[str] = field(default_factory=Counter)
    missed: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    wrong: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """Warnings and critical findings that are neither expected nor a consequence, and rules that broke."""
    late: list[str] = field(default_factory=list)
    remarks: Counter[str] = field(default_factory=Counter)
    """Info on healthy trainings, by rule."""
    by_family: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    healthy: int = 0
    sick: int = 0
    right: int = 0
    """Sick trainings all of whose expected findings were made, with the right layer and first step."""
    false_alarms: int = 0
    """Warnings and critical findings on healthy trainings."""
    certain: int = 0
    uncertain: list[str] = field(default_factory=list)
    """Findings that were called certain and are not true."""


def score(
    manifest: list[dict[str, Any]], reports: Mapping[str, dict[str, Any]], truth: Mapping[str, dict[str, Any]]
) -> Score:
    """Compares the report on every training with what the manifest says of it; both by its name."""
    result = Score()
    for training in manifest:
        _judge(result, training, reports[training["name"]], truth[training["name"]])
    return result


def _judge(result: Score, training: dict[str, Any], report: dict[str, Any], truth: dict[str, Any]) -> None:
    name, runs = training["name"], report["runs"]
    found = [finding for run in runs for finding in run["findings"] if finding["mark"] is None]
    for run in runs:
        for outcome in run["outcomes"]:
            if outcome["status"] == "failed":
                result.wrong["(a rule that broke)"].append(f"{name}: {outcome['rule']}: {outcome['reason']}")
    right = True
    for expected in training["expected"]:
        rule, tag = expected["rule"], expected["tag"]
        layers = {one["tag"]: one["layer"] for run in runs for one in run["tags"]}
        if rule == "run-difference":
            fits = [one for one in report["comparisons"] if _is_compared(one, tag)]
        else:
            fits = [one for one in found if one["rule"] == rule and _names(one, tag, layers)]
        if not fits:
            result.missed[rule].append(f"{name}: {tag} from step {expected['first_step']}")
            right = False
            continue
        result.hit[rule] += 1
        steps = [one.get("first_step") for one in fits]
        if not any(step is None or _near(step, expected["first_step"], training["steps"]) for step in steps):
            result.late.append(f"  {name}: {rule} on {tag}: {steps}, truly {expected['first_step']}")
            right = False
    result.healthy += not training["sick"]
    result.sick += training["sick"]
    result.right += training["sick"] and right
    meant = {expected["rule"] for expected in training["expected"]} | set(training["also"])
    for finding in found:
        if finding["confidence"] == "certain":
            result.certain += 1
            if not is_true(finding, truth):
                result.uncertain.append(f"  {name}: {finding['rule']}: {finding['message']}")
        if not training["sick"]:
            result.by_family[training["family"]][finding["severity"]] += 1
            result.remarks[finding["rule"]] += finding["severity"] not in LOUD
        if finding["rule"] not in meant and finding["severity"] in LOUD:
            result.false_alarms += not training["sick"]
            healthy = "" if training["sick"] else "HEALTHY "
            result.wrong[finding["rule"]].append(f"{healthy}{name}: [{finding['severity']}] {finding['message']}")


def text_of(result: Score) -> str:
    """The comparison in words."""
    lines = [f"{'rule':26}{'rightly':>8}{'missed':>8}{'wrongly':>8}   (warning or critical)"]
    for rule in sorted({*result.hit, *result.missed, *result.wrong}):
        lines.append(f"{rule:26}{result.hit[rule]:8}{len(result.missed[rule]):8}{len(result.wrong[rule]):8}")
    for title, table in (("Missed", result.missed), ("Fired wrongly", result.wrong)):
        lines += ["", f"{title}:"] if any(table.values()) else []
        lines += [f"  {rule}  {one}" for rule in sorted(table) for one in table[rule]]
    lines += ["", f"First step more than {NEAR} logged steps from that of the raw tensors:", *result.late]
    lines += ["", f"Findings on the {result.healthy} healthy trainings, by family:"]
    for family, number in sorted(result.by_family.items()):
        lines.append(f"  {family:16}" + "".join(f"{number[s]:4} {s}" for s in ("critical", "warning", "info")))
    lines.append("  info by rule: " + ", ".join(f"{rule} {n}" for rule, n in sorted(result.remarks.items()) if n))
    lines += ["", f"Called certain: {result.certain}, of which not true: {len(result.uncertain)}", *result.uncertain]
    lines += [f"Sick trainings with the right rules, layers and first steps: {result.right} of {result.sick}"]
    lines += [f"Warnings or worse on healthy trainings: {result.false_alarms}"]
    return "\n".join(lines)


def _near(step: int, true: int, steps: list[int]) -> bool:
    """Whether at most two logged steps lie from one to the other."""
    low, high = min(step, true), max(step, true)
    return sum(low < one <= high for one in steps) <= NEAR


def _bare(tag: str) -> str:
    return tag.removeprefix("updates/").removeprefix("gradients/").removesuffix(".grad").removesuffix("/histogram")


def _names(finding: dict[str, Any], tag: str | None, layers: dict[str, str]) -> bool:
    """Whether a finding is about a tag or its layer; a parameter stands for its gradient and the other way round."""
    if tag is None or (finding["layer"] is not None and finding["layer"] == layers.get(tag)):
        return True
    return any(_bare(tag) == _bare(other) for other in finding["tags"])


def _is_compared(comparison: dict[str, Any], tag: str) -> bool:
    """Whether a comparison is about "run/tag"."""
    run, _, name = tag.partition("/")
    pairs = zip((comparison["run"], comparison["other"]), comparison["tags"], strict=True)
    return any((run, _bare(name)) == (one, _bare(other)) for one, other in pairs)

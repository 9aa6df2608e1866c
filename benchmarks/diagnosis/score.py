"""Compares a report with the truth: what fired rightly, what was missed, what fired wrongly."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any

LOUD = ("critical", "warning")


@dataclass
class Score:
    """The comparison in words, and the number of warnings and critical findings on healthy trainings."""

    text: str
    false_alarms: int


def score(manifest: list[dict[str, Any]], report: dict[str, Any]) -> Score:
    """Compares every run of a report with what the manifest says of its training."""
    runs: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for run in report["runs"]:
        runs[run["run"].split("/")[0]].append(run)
    hit: Counter[str] = Counter()
    missed: dict[str, list[str]] = defaultdict(list)
    wrong: dict[str, list[str]] = defaultdict(list)
    wrong_info: Counter[str] = Counter()
    late: list[str] = []
    by_family: dict[str, Counter[str]] = defaultdict(Counter)
    false_alarms = 0
    for training in manifest:
        name = training["name"]
        found = [finding for run in runs[name] for finding in run["findings"]]
        failed = [
            f"{outcome['rule']}: {outcome['reason']}"
            for run in runs[name]
            for outcome in run["outcomes"]
            if outcome["status"] == "failed"
        ]
        for one in failed:
            wrong["(a rule that broke)"].append(f"{name}: {one}")
        for expected in training["expected"]:
            layers = {tag["tag"]: tag["layer"] for run in runs[name] for tag in run["tags"]}
            fits = [f for f in found if f["rule"] == expected["rule"] and _names(f, expected["tag"], layers)]
            if fits:
                hit[expected["rule"]] += 1
                late += _wrong_step(name, expected, fits)
            else:
                missed[expected["rule"]].append(f"{name}: {expected['tag']} from step {expected['first_step']}")
        meant = {expected["rule"] for expected in training["expected"]} | set(training["also"])
        for finding in found:
            if not training["sick"]:
                by_family[training["family"]][finding["severity"]] += 1
            if finding["rule"] in meant:
                continue
            if finding["severity"] in LOUD:
                false_alarms += not training["sick"]
                healthy = "" if training["sick"] else "HEALTHY "
                wrong[finding["rule"]].append(f"{healthy}{name}: [{finding['severity']}] {finding['message']}")
            elif not training["sick"]:
                wrong_info[finding["rule"]] += 1
    lines = [f"{'rule':26}{'rightly':>8}{'missed':>8}{'wrongly':>8}   (warning or critical)"]
    for rule in sorted({*hit, *missed, *wrong}):
        lines.append(f"{rule:26}{hit[rule]:8}{len(missed[rule]):8}{len(wrong[rule]):8}")
    for title, table in (("Missed", missed), ("Fired wrongly", wrong)):
        lines += ["", f"{title}:"] if any(table.values()) else []
        lines += [f"  {rule}  {one}" for rule in sorted(table) for one in table[rule]]
    lines += ["", "Another first step than in the raw tensors:", *late] if late else []
    healthy_count = sum(not training["sick"] for training in manifest)
    lines += ["", f"Findings on the {healthy_count} healthy trainings, by family:"]
    for family in sorted({training["family"] for training in manifest if not training["sick"]}):
        number = by_family[family]
        lines.append(f"  {family:16}" + "".join(f"{number[s]:4} {s}" for s in ("critical", "warning", "info")))
    lines.append("  info by rule: " + ", ".join(f"{rule} {n}" for rule, n in sorted(wrong_info.items())))
    lines += ["", f"Warnings or worse on healthy trainings: {false_alarms}"]
    return Score("\n".join(lines), false_alarms)


def _names(finding: dict[str, Any], tag: str | None, layers: dict[str, str]) -> bool:
    """Whether a finding is about a tag or its layer; a parameter stands for its gradient and the other way round."""
    if tag is None or (finding["layer"] is not None and finding["layer"] == layers.get(tag)):
        return True
    bare = tag.removesuffix(".grad").removesuffix("/histogram")
    return any(bare == other.removesuffix(".grad").removesuffix("/histogram") for other in finding["tags"])


def _wrong_step(name: str, expected: dict[str, Any], fits: list[dict[str, Any]]) -> list[str]:
    """Where the trouble has a sudden start: the finding's first step must be the one of the raw tensors."""
    if expected["rule"] not in {"non-finite", "frozen-layer", "constant-weights", "dead-activations"}:
        return []
    steps = [finding["first_step"] for finding in fits]
    if expected["first_step"] in steps:
        return []
    return [f"  {name}: {expected['rule']} on {expected['tag']}: {steps}, truly {expected['first_step']}"]

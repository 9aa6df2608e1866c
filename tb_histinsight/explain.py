"""Puts facts into words: from analysed runs to a report in one language."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence

import numpy as np

from tb_histinsight import remarks
from tb_histinsight.core.findings import Comparison, Evidence, Finding, RuleOutcome
from tb_histinsight.core.frameworks import framework_of
from tb_histinsight.core.labels import ChangeLabel, Role, Severity, ShapeSpan, Status
from tb_histinsight.core.pairs import pairs_of
from tb_histinsight.core.run import RunAnalysis, Skipped, TagAnalysis
from tb_histinsight.core.stats import Bounded
from tb_histinsight.core.told import UnusedName
from tb_histinsight.locales import Catalogue, catalogue
from tb_histinsight.notes import NOTHING_NOTED, Entry, Kind, Notes
from tb_histinsight.notes.lines import shown_time
from tb_histinsight.report import (
    ChangeEntry,
    ComparisonEntry,
    EvidenceEntry,
    FindingEntry,
    GuessEntry,
    MarkEntry,
    NoteEntry,
    OutcomeEntry,
    Report,
    RunEntry,
    ShapeEntry,
    SkippedEntry,
    StatsEntry,
    TagEntry,
    TimelineEntry,
)
from tb_histinsight.rules import rule as rule_by_id
from tb_histinsight.sources.reasons import RUN_LOST

NO_NOTES: Mapping[str, Notes] = {}
ZERO_SHARE_TOLERANCE = 0.005
"""The share of zeros is given as one number where its bounds are at most this far apart; else as bounds only."""
UNMOVED = frozenset({ChangeLabel.UNKNOWN, ChangeLabel.FROZEN, ChangeLabel.STALLED})
"""Changes of activations that need no word on batches."""
BESIDE_OTHERS = "run-difference"
"""The rule that judges no run by itself: a run's verdict is the same whatever stands beside it."""
MOST_SPANS = 3
"""A sentence names this many earlier spans of a tag one by one; the timeline has them all."""


def explain(
    runs: Sequence[RunAnalysis],
    language: str = "en",
    skipped: Iterable[Skipped] = (),
    unused: Iterable[UnusedName] = (),
    comparisons: Iterable[Comparison] = (),
    *,
    notes: Mapping[str, Notes] = NO_NOTES,
) -> Report:
    """The report on these runs, in the given order.

    Args:
      unused: what a file of names says of tags that there are not.
      notes: by run, what is said about it.
    """
    words = catalogue(language)
    return Report(
        language=language,
        runs=[run_entry(run, words, notes.get(run.run, NOTHING_NOTED)) for run in runs],
        comparisons=[_comparison_entry(comparison, words) for comparison in comparisons],
        skipped=[_skipped_entry(entry, words) for entry in skipped],
        names_unused=[_unused_text(entry, words) for entry in unused],
    )


def _unused_text(unused: UnusedName, words: Catalogue) -> str:
    values = {"file": unused.file, "line": unused.line or 0, "pattern": unused.pattern, "near": unused.near or ""}
    return words.text("names.unused" if unused.near is None else "names.unused_near", values)


def run_entry(run: RunAnalysis, words: Catalogue, notes: Notes = NOTHING_NOTED) -> RunEntry:
    """One run in words, findings worst first, those that are marked last."""
    marks = {finding.key(run.run): mark for finding in run.findings if (mark := notes.mark_of(finding)) is not None}
    depth = {tag.tag: index for index, tag in enumerate(run.tags)}
    findings = sorted(run.findings, key=lambda f: (f.key(run.run) in marks, *_rank(f, depth)))
    pairs = pairs_of(run)
    beside = remarks.of_tags(run, pairs, words)
    return RunEntry(
        run=run.run,
        verdict=verdict(run, words, marks),
        remarks=remarks.of_run(run, pairs, words),
        pairs=remarks.pair_entries(pairs),
        tags=[tag_entry(tag, words, beside.get(tag.tag, ())) for tag in run.tags],
        findings=[_finding_entry(finding, run.run, words, marks.get(finding.key(run.run))) for finding in findings],
        outcomes=[outcome_entry(outcome, words) for outcome in run.outcomes],
        skipped=[_skipped_entry(entry, words) for entry in run.skipped],
        notes=[_note_entry(entry) for entry in notes.entries if entry.kind is Kind.NOTE],
        framework=None if (framework := framework_of(tag.tag for tag in run.tags)) is None else framework.value,
    )


def _rank(finding: Finding, depth: dict[str, int]) -> tuple[bool, int, int, int, int]:
    """Leading findings first, then by severity, confidence, when it began, and depth."""
    first_step = finding.first_step if finding.first_step is not None else 0
    place = min((depth[tag] for tag in finding.tags if tag in depth), default=len(depth))
    return (finding.cause is not None, -finding.severity.rank, -finding.confidence.rank, first_step, place)


def verdict(run: RunAnalysis, words: Catalogue, marks: Collection[str] = ()) -> str:
    """One sentence on a run: the worst thing, or what its silence is worth; and how much is not counted.

    Args:
      marks: ids of the findings that somebody marked as intended or dismissed.
    """
    sentence = _verdict(run, words, marks)
    count = sum(finding.cause is None and finding.key(run.run) in marks for finding in run.findings)
    if not count:
        return sentence
    more = words.text("verdict.one_marked" if count == 1 else "verdict.marked", {"count": count})
    return words.together(sentence, more)


def _verdict(run: RunAnalysis, words: Catalogue, marks: Collection[str]) -> str:
    if not run.tags:
        return words.text("verdict.nothing")
    depth = {tag.tag: index for index, tag in enumerate(run.tags)}
    counted = [finding for finding in run.findings if finding.cause is None and finding.key(run.run) not in marks]
    leading = sorted(counted, key=lambda finding: _rank(finding, depth))
    count = {severity: sum(f.severity is severity for f in leading) for severity in Severity}
    outcomes = [outcome for outcome in run.outcomes if outcome.rule != BESIDE_OTHERS] or run.outcomes
    checked = [outcome for outcome in outcomes if outcome.status in (Status.FIRED, Status.PASSED)]
    values: dict[str, str | int] = {
        "criticals": count[Severity.CRITICAL],
        "warnings": count[Severity.WARNING],
        "infos": count[Severity.INFO],
        "passed": len(checked),
        "rules": len(outcomes),
        "title": words.text(f"rule.{leading[0].rule}.title") if leading else "",
    }
    if count[Severity.CRITICAL]:
        return words.text("verdict.one_critical" if count[Severity.CRITICAL] == 1 else "verdict.criticals", values)
    if count[Severity.WARNING]:
        return words.text("verdict.one_warning" if count[Severity.WARNING] == 1 else "verdict.warnings", values)
    if not checked:
        return words.text("verdict.unchecked")
    if count[Severity.INFO]:
        return words.text("verdict.one_note_only" if count[Severity.INFO] == 1 else "verdict.notes_only", values)
    return words.text("verdict.clean", values)


def tag_entry(tag: TagAnalysis, words: Catalogue, beside: Sequence[str] = ()) -> TagEntry:
    """One tag in words; `beside`: sentences that only its neighbours in the network allow."""
    last = tag.shapes.last if tag.shapes.labels else None
    change = tag.change
    return TagEntry(
        tag=tag.tag,
        layer=tag.name.layer,
        role=tag.name.role.value,
        subject=tag.name.subject.value,
        depth=tag.name.depth,
        kernel=tag.name.kernel,
        guessed=not tag.name.certain,
        told=list(tag.name.told),
        guess=GuessEntry(layer=tag.name.guess.layer, role=tag.name.guess.role.value) if tag.name.guess else None,
        layout=tag.layout.value,
        element_count=tag.element_count,
        step_count=len(tag.steps),
        total_steps=tag.total_steps,
        first_step=int(tag.steps[0]) if len(tag.steps) else None,
        last_step=int(tag.steps[-1]) if len(tag.steps) else None,
        shape=ShapeEntry(
            label=last.shape.value if last else "empty",
            confidence=last.confidence.value if last else "certain",
            reason=words.text(f"shape_reason.{last.reason.key}", last.reason.values) if last and last.reason else None,
        ),
        timeline=[
            TimelineEntry(shape=span.shape.value, first_step=span.first_step, last_step=span.last_step)
            for span in tag.shapes.spans
        ],
        change=ChangeEntry(
            label=change.label.value,
            confidence=change.confidence.value,
            reason=words.text(f"change_reason.{change.reason.key}", change.reason.values) if change.reason else None,
            since_step=change.since_step,
            movement=_number(change.proved_movement),
            movement_in_spread=_number(change.proved_movement_in_spread),
            direction=change.direction,
            factor=_number(change.factor),
            resolution=_number(change.resolution),
        ),
        stats=_stats_entry(tag),
        text=words.together(tag_text(tag, words), *beside),
    )


def tag_text(tag: TagAnalysis, words: Catalogue) -> str:
    """What is to be said of one tag: its shape now, its shapes before, its change, each a sentence of its own."""
    if not tag.shapes.labels:
        return words.text("shape.empty.sentence")
    last = tag.shapes.last
    reason = words.text(f"shape_reason.{last.reason.key}", last.reason.values) if last.reason else ""
    sentences = [words.text(f"shape.{last.shape.value}.sentence", {**tag.shape_values, "reason": reason})]
    bad = tag.stats.non_finite[-1]
    if bad != 0 and last.shape.value != "non_finite":
        key = "tag.non_finite_some" if math.isnan(bad) else "tag.non_finite"
        sentences.append(words.text(key, {"non_finite": bad, "step": int(tag.steps[-1])}))
    sentences.append(_earlier_text(tag.shapes.spans[:-1], words))
    sentences.append(_change_text(tag, words))
    if tag.name.role is Role.ACTIVATION and tag.change.label not in UNMOVED:
        sentences.append(words.text("tag.activations_differ"))
    if tag.total_steps is not None and tag.total_steps > len(tag.steps):
        sentences.append(words.text("tag.sampled", {"step_count": len(tag.steps), "total_steps": tag.total_steps}))
    return words.together(*sentences)


def _earlier_text(spans: Sequence[ShapeSpan], words: Catalogue) -> str:
    """The spans before the last one: each with its steps where they are few, else which shapes there were."""
    if not spans:
        return ""
    if len(spans) <= MOST_SPANS:
        return words.text("tag.earlier", {"spans": words.listed(*(_span_text(span, words) for span in spans))})
    shapes = list(dict.fromkeys(words.text(f"shape.{span.shape.value}.name") for span in spans))
    values = {"shapes": words.listed(*shapes), "first_step": spans[0].first_step, "last_step": spans[-1].last_step}
    return words.text("tag.earlier_many" if len(shapes) > 1 else "tag.earlier_one", values)


def _span_text(span: ShapeSpan, words: Catalogue) -> str:
    values = {
        "shape": words.text(f"shape.{span.shape.value}.name"),
        "first_step": span.first_step,
        "last_step": span.last_step,
    }
    return words.text("tag.earlier_step" if span.first_step == span.last_step else "tag.earlier_span", values)


def _change_text(tag: TagAnalysis, words: Catalogue) -> str:
    change = tag.change
    reason = words.text(f"change_reason.{change.reason.key}", change.reason.values) if change.reason else ""
    values = {
        "steps": len(tag.steps),
        "since_step": change.since_step,
        "movement": change.proved_movement,
        "movement_in_spread": change.proved_movement_in_spread,
        "factor": change.factor,
        "resolution": change.resolution,
        "reason": reason,
    }
    key = f"change.{change.label.value}."
    missing = {name for name, value in values.items() if value is None} & words.placeholders(key + "sentence")
    if change.scale_is_contrary:
        return words.text(key + "contrary", values)
    return words.text(key + ("bare" if missing else "sentence"), values)


def _stats_entry(tag: TagAnalysis) -> StatsEntry:
    stats = tag.stats
    filled = np.flatnonzero(np.isfinite(stats.minimum))
    if not len(filled):
        return StatsEntry(non_finite=_number(stats.non_finite[-1]) if len(stats) else None)
    at, norm = int(filled[-1]), stats.l2_norm
    named = {
        "mean": stats.mean,
        "std": stats.std,
        "rms": stats.rms,
        "l2_norm": norm,
        "zero_share": stats.zero_share,
    }
    zero_width = stats.zero_share.upper[at] - stats.zero_share.lower[at]
    return StatsEntry(
        min=_number(stats.minimum[at]),
        max=_number(stats.maximum[at]),
        mean=_number(stats.mean.value[at]),
        std=_number(stats.std.value[at]),
        rms=_number(stats.rms.value[at]),
        l2_norm=_number(norm.value[at]),
        sum_squares=_number(norm.value[at] ** 2),
        zero_share=_number(stats.zero_share.value[at]) if zero_width <= ZERO_SHARE_TOLERANCE else None,
        non_finite=_number(stats.non_finite[-1]),
        bounds={name: _bounds(statistic, at) for name, statistic in named.items()},
    )


def _bounds(statistic: Bounded, at: int) -> tuple[float | None, float | None]:
    return _number(statistic.lower[at]), _number(statistic.upper[at])


def _finding_entry(finding: Finding, run: str, words: Catalogue, mark: Entry | None) -> FindingEntry:
    prefix = f"rule.{finding.rule}."
    rule = rule_by_id(finding.rule)
    advice = finding.advice or tuple(rule.words.advice)
    return FindingEntry(
        id=finding.key(run),
        cause=finding.cause,
        rule=finding.rule,
        title=words.text(prefix + "title"),
        severity=finding.severity.value,
        confidence=finding.confidence.value,
        layer=finding.layer,
        tags=list(finding.tags),
        first_step=finding.first_step,
        last_step=finding.last_step,
        message=words.text(f"{prefix}messages.{finding.message}", finding.values),
        evidence=[_evidence_entry(evidence, prefix, words) for evidence in finding.evidence],
        advice=[words.text(f"{prefix}advice.{key}", finding.values) for key in advice],
        innocent=[words.text(f"{prefix}innocent.{index}") for index in range(len(rule.words.innocent))],
        references=[f"{ref.title} ({ref.year}). {ref.link}" for ref in rule.references],
        mark=None if mark is None else _mark_entry(mark),
    )


def _mark_entry(mark: Entry) -> MarkEntry:
    return MarkEntry(
        id=mark.id,
        mark=mark.kind.value,
        reason=mark.text,
        author=mark.author,
        time=None if mark.time is None else shown_time(mark.time),
    )


def _note_entry(note: Entry) -> NoteEntry:
    accused = note.accused
    return NoteEntry(
        id=note.id,
        text=note.text,
        author=note.author,
        time=None if note.time is None else shown_time(note.time),
        edited_time=None if note.edited_time is None else shown_time(note.edited_time),
        edited_by=note.edited_by,
        tag=note.tag,
        step=note.step,
        rule=None if accused is None else accused.rule,
        layer=None if accused is None else accused.layer,
        any_layer=accused is not None and accused.any_layer,
        tags=None if accused is None or accused.tags is None else list(accused.tags),
    )


def _evidence_entry(evidence: Evidence, prefix: str, words: Catalogue) -> EvidenceEntry:
    return EvidenceEntry(
        name=words.text(f"{prefix}evidence.{evidence.name}"),
        value=_number(evidence.value),
        threshold=_number(evidence.threshold),
        unit=evidence.unit,
        source=words.phrase(evidence.source),
        lower=_number(evidence.lower),
        upper=_number(evidence.upper),
        tag=evidence.tag,
    )


def outcome_entry(outcome: RuleOutcome, words: Catalogue) -> OutcomeEntry:
    """What became of a rule, in words."""
    prefix = f"rule.{outcome.rule}."
    reason = None
    if outcome.reason is not None:
        key = "outcome.failed" if outcome.status is Status.FAILED else f"{prefix}skips.{outcome.reason.key}"
        reason = words.text(key, outcome.reason.values)
    return OutcomeEntry(
        rule=outcome.rule, title=words.text(prefix + "title"), status=outcome.status.value, reason=reason
    )


def _comparison_entry(comparison: Comparison, words: Catalogue) -> ComparisonEntry:
    names = {name: words.text("text.logdir") for name in ("run", "other") if getattr(comparison, name) == "."}
    values = {**comparison.values, **names}
    low, high = comparison.ratio_bounds
    return ComparisonEntry(
        run=comparison.run,
        other=comparison.other,
        layer=comparison.layer,
        tags=list(comparison.tags),
        step=comparison.step,
        quantity=comparison.quantity,
        ratio=_number(comparison.ratio),
        distance=_number(comparison.distance),
        message=words.together(
            *(words.text(f"rule.run-difference.messages.{key}", values) for key in comparison.messages)
        ),
        ratio_bounds=(_number(low), _number(high)),
        first_step=comparison.first_step,
        other_step=comparison.other_step,
        other_layer=comparison.other_layer,
        guessed=not comparison.by_name,
        level=_number(comparison.level),
    )


def _skipped_entry(entry: Skipped, words: Catalogue) -> SkippedEntry:
    values = {
        "where": entry.where,
        "tag": entry.tag or "",
        "step": entry.step if entry.step is not None else "",
        "count": entry.count,
        "detail": entry.detail,
    }
    reason = words.text(f"source.{entry.reason}", values)
    run = entry.where if entry.reason in RUN_LOST else None
    return SkippedEntry(reason=reason, where=entry.where, run=run, tag=entry.tag, step=entry.step, count=entry.count)


def _number(value: float | None) -> float | None:
    """A plain float that JSON can hold; None for a number that does not exist."""
    if value is None or not math.isfinite(value):
        return None
    return float(value)

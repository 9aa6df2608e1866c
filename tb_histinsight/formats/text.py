"""The report for reading in a terminal: worst first, then the layers, then what could not be checked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TextIO

from tb_histinsight.formats import Options
from tb_histinsight.formats.terminal.characters import columns, padded, printable, wrapped
from tb_histinsight.formats.terminal.finding import finding_lines, grouped, marked_lines, note_lines
from tb_histinsight.formats.terminal.layers import layer_lines
from tb_histinsight.formats.terminal.overview import rule_lines
from tb_histinsight.formats.terminal.style import Style
from tb_histinsight.locales import Catalogue, catalogue
from tb_histinsight.overview import WORST, is_many, kind_of, overview
from tb_histinsight.ranking import heads, leads, ranked, runs_of_worst, worst_findings
from tb_histinsight.report import Report, RunEntry, SkippedEntry

SUFFIXES = (".txt", ".text")

TOP = 20
"""How many findings are shown unless asked otherwise: about what one reads."""
COMPARED = 8
"""How many differences between runs are shown unless asked otherwise."""
RUNS_WITH_TABLES = 6
"""With more runs than this the layer tables are left to a report on one of them."""
ALIKE_SHOWN = 10
"""Of so many runs of one verdict in which nothing is wrong the names are shown; the others are counted."""
SKIPPED_SHOWN = 10
"""How many kinds of things that were left out of the log are listed."""


def write(report: Report, stream: TextIO, options: Options) -> None:
    """Writes the report as text."""
    for line in _lines(report, options):
        stream.write(line + "\n")


def _lines(report: Report, options: Options) -> Iterator[str]:
    words = catalogue(report.language)
    style = Style(options.colour, options.symbols)
    width = options.width
    yield from (_many if is_many(report) else _few)(report, words, style, options)
    yield from _compared(report, words, style, options)
    yield from _unchecked(report, words, style, width)
    yield from _skipped(report, words, style, width)
    if report.names_unused:
        yield ""
        yield style.paint("strong", words.text("text.names_unused"))
        for sentence in report.names_unused:
            yield from wrapped(printable(sentence), width, "    ", "  ")


def _few(everything: Report, words: Catalogue, style: Style, options: Options) -> Iterator[str]:
    """A line for each run, then what was found in each."""
    width = options.width
    report = worst_findings(everything, TOP if options.top is None else options.top)
    runs = _worst_first(everything, report)
    if len(runs) > 1:
        yield from _summary(_worst_first(everything, everything), words, style, width)
    tables = len(runs) <= RUNS_WITH_TABLES
    for run in runs:
        if not tables and not run.findings:
            continue
        if len(runs) > 1:
            yield ""
        yield from _run(run, words, style, width, table=tables)
    if tables:
        yield ""
        tags = [tag for run in runs for tag in run.tags]
        legend = ["text.legend"]
        legend += ["text.legend_guessed"] if any(tag.guessed for tag in tags) else []
        legend += ["text.legend_told"] if any(tag.told for tag in tags) else []
        for line in wrapped(words.together(*map(words.text, legend)), width):
            yield style.paint("quiet", line)
    left_out = sum(run.findings_left_out for run in runs)
    if left_out:
        yield ""
        yield from wrapped(words.text("text.more_findings", {"count": left_out}), width)
    if not tables:
        yield ""
        yield from wrapped(words.text("text.more_tables"), width)


def _many(report: Report, words: Catalogue, style: Style, options: Options) -> Iterator[str]:
    """What was found in how many runs, and the worst of them; the worst findings where they are asked for."""
    width = options.width
    seen = overview(report, WORST if options.top is None else options.top)
    yield from wrapped(seen.sentence(words), width)
    yield from rule_lines(seen, words, style, width)
    if seen.worst:
        yield ""
        yield style.paint("strong", words.text("overview.worst"))
        worst = [(kind, printable(run), printable(verdict)) for kind, run, verdict in seen.worst]
        yield from _run_lines(worst, words, style, width)
        if seen.more:
            yield "  " + words.text("overview.more", {"count": seen.more})
    for run in runs_of_worst(report, options.top or 0):
        yield ""
        yield from _run(run, words, style, width, table=False)
    if seen.worst:
        yield ""
        yield from wrapped(words.text("overview.details"), width)


def _worst_first(everything: Report, shown: Report) -> list[RunEntry]:
    """The runs by their worst finding, of all findings; runs without one in the log's order."""
    place: dict[str, int] = {}
    for rank, (run, _) in enumerate(ranked(everything)):
        place.setdefault(run.run, rank)
    return sorted(shown.runs, key=lambda run: place.get(run.run, len(place) + len(shown.runs) + 1_000_000))


def _summary(runs: list[RunEntry], words: Catalogue, style: Style, width: int) -> Iterator[str]:
    """A line per run; of many runs in which nothing is wrong only some are named."""
    named: list[tuple[str, str, str]] = []
    alike: dict[str, int] = {}
    for run in runs:
        kind = kind_of(run)
        if kind in ("fine", "unknown"):
            alike[run.verdict] = alike.get(run.verdict, 0) + 1
            if alike[run.verdict] > ALIKE_SHOWN:
                continue
        named.append((kind, printable(run.run), printable(run.verdict)))
    for verdict, count in alike.items():
        if count > ALIKE_SHOWN:
            name = words.text("text.more_runs", {"count": count - ALIKE_SHOWN})
            named.append(
                (next(kind for kind, _, told in named if told == printable(verdict)), name, printable(verdict))
            )
    yield from _run_lines(named, words, style, width)


def _run_lines(named: Sequence[tuple[str, str, str]], words: Catalogue, style: Style, width: int) -> Iterator[str]:
    """Kind, name and verdict of some runs."""
    column = min(max(columns(name) for _, name, _ in named), width // 3)
    for kind, name, verdict in named:
        start = f"{style.paint(kind, style.symbol(kind))} {style.paint('strong', padded(name, column))}  "
        if columns(name) > column:
            yield start.rstrip()  # a long name stays whole, and the verdicts stay below each other
            start = " " * (column + 4)
        for line in wrapped(verdict, width - column - 4):
            yield start + line
            start = " " * (column + 4)


def _run(run: RunEntry, words: Catalogue, style: Style, width: int, *, table: bool) -> Iterator[str]:
    name = words.text("text.logdir") if run.run == "." else printable(run.run)
    lines = list(wrapped(printable(run.verdict), width, "  ", name + words.text("text.colon")))
    yield style.paint("strong", name) + lines[0].removeprefix(name)
    yield from lines[1:]
    for remark in run.remarks:
        yield from wrapped(printable(remark), width, "  ", "  ")
    for group in grouped([finding for finding in run.findings if leads(finding)]):
        yield ""
        ids = {finding.id for finding in group}
        follows = [other for other in run.findings if other.cause in ids]
        yield from finding_lines(group, follows, words, style, width)
    yield from marked_lines(run.findings, words, style, width)
    yield from note_lines(run.notes, words, style, width)
    if table and run.tags:
        yield ""
        yield from layer_lines(run, words, style, width)


def _compared(report: Report, words: Catalogue, style: Style, options: Options) -> Iterator[str]:
    """The most striking differences between runs."""
    shown = report.comparisons[: COMPARED if options.top is None else options.top]
    if not shown:
        return
    yield ""
    yield style.paint("strong", words.text("text.compared"))
    for comparison in shown:
        yield from wrapped(printable(comparison.message), options.width, "    ", "  ")
    if len(shown) < len(report.comparisons):
        yield "  " + words.text("text.more_compared", {"count": len(report.comparisons) - len(shown)})


def _unchecked(report: Report, words: Catalogue, style: Style, width: int) -> Iterator[str]:
    """Per rule: what was missing, in how many runs; a rule that broke says so."""
    missing: dict[tuple[str, str, str], int] = {}
    for run in heads(report):
        for outcome in run.outcomes:
            if outcome.status in ("skipped", "failed"):
                key = (outcome.status, outcome.rule, outcome.reason or "")
                missing[key] = missing.get(key, 0) + 1
    if not missing:
        return
    yield ""
    yield style.paint("strong", words.text("text.unchecked"))
    seen: set[tuple[str, str]] = set()
    for (status, rule, reason), _ in sorted(missing.items(), key=lambda item: (item[0][1], item[0][0], -item[1])):
        if (status, rule) in seen:
            continue  # the reason of most runs stands for all
        seen.add((status, rule))
        runs = sum(count for key, count in missing.items() if key[:2] == (status, rule))
        line = rule + words.text("text.colon") + reason
        if len(report.runs) > 1:
            line = words.together(line, words.text("text.in_runs", {"count": runs, "runs": len(report.runs)}))
        yield from wrapped(printable(line), width, "    ", "  ")


def _skipped(report: Report, words: Catalogue, style: Style, width: int) -> Iterator[str]:
    """What the log holds that could not be read."""
    shown: list[str] = []
    count = 0
    for prefix, entry in _left_out(report, words):
        count += 1
        if count <= SKIPPED_SHOWN:
            shown.append(prefix + entry.reason)
    if not shown:
        return
    yield ""
    yield style.paint("strong", words.text("text.left_out"))
    for line in shown:
        yield from wrapped(printable(line), width, "    ", "  ")
    if count > SKIPPED_SHOWN:
        yield "  " + words.text("text.more_left_out", {"count": count - SKIPPED_SHOWN})


def _left_out(report: Report, words: Catalogue) -> Iterator[tuple[str, SkippedEntry]]:
    yield from (("", entry) for entry in report.skipped)
    for run in heads(report):
        prefix = run.run + words.text("text.colon") if len(report.runs) > 1 else ""
        yield from ((prefix, entry) for entry in run.skipped)

"""Which rule found something in how many of many runs."""

from __future__ import annotations

from collections.abc import Iterator

from tb_histinsight.formats.terminal.characters import printable, wrapped
from tb_histinsight.formats.terminal.style import Style
from tb_histinsight.locales import Catalogue
from tb_histinsight.overview import Overview


def rule_lines(seen: Overview, words: Catalogue, style: Style, width: int) -> Iterator[str]:
    """A heading, and a sentence for each rule that found something."""
    if not seen.rules:
        return
    yield ""
    yield style.paint("strong", words.text("overview.rules"))
    for count in seen.rules:
        examples = words.listed(*(printable(run) for _, run in count.examples))
        values = {"title": count.title, "rule": count.rule, "count": count.runs, "runs": examples}
        mark = style.paint(count.severity, style.symbol(count.severity))
        yield from wrapped(printable(words.text("overview.of_rule", values)), width, "    ", f"  {mark} ")

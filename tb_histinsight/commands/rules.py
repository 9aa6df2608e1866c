"""`tb-histinsight rules`: what is checked; one rule explained."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from tb_histinsight.commands.options import language, output
from tb_histinsight.formats.terminal.characters import wrapped
from tb_histinsight.formats.terminal.style import Style

if TYPE_CHECKING:
    from tb_histinsight.locales import Catalogue
    from tb_histinsight.rules import Rule

_PLACEHOLDER = re.compile(r"{(\w+)[^}]*}")
"""What a finding's own numbers and names fill in."""
SUMMARY = "lists what is checked, or explains one rule"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the command's arguments."""
    parser.add_argument("rule", metavar="RULE", nargs="?", help="id of the rule to explain")
    language.add_argument(parser)


def run(arguments: argparse.Namespace) -> int:
    """Prints the catalogue, or one rule."""
    from tb_histinsight.locales import catalogue
    from tb_histinsight.rules import all_rules, rule

    words = catalogue(language.chosen(arguments))
    shown = output.options(sys.stdout, None)
    style = Style(shown.colour, shown.symbols)
    if arguments.rule is None:
        lines = _catalogue_lines(all_rules(), words, style, shown.width)
    else:
        lines = explanation_lines(rule(arguments.rule), words, style, shown.width)
    for line in lines:
        print(line)
    return 0


def _catalogue_lines(rules: Iterable[Rule], words: Catalogue, style: Style, width: int) -> Iterator[str]:
    for rule in rules:
        severity = words.text(f"severity.{rule.severity.value}")
        mark = style.paint(rule.severity.value, f"{style.symbol(rule.severity.value)} {severity}")
        yield f"{style.paint('strong', rule.id)}  {mark}"
        title, what = words.text(f"rule.{rule.id}.title"), words.text(f"rule.{rule.id}.what")
        yield from wrapped(f"{title}{words.text('text.colon')}{what}", width, "    ")


def explanation_lines(rule: Rule, words: Catalogue, style: Style, width: int) -> Iterator[str]:
    """Everything that there is to say about a rule."""
    from tb_histinsight.formats.terminal.finding import with_unit

    key = f"rule.{rule.id}."
    severity = rule.severity.value
    mark = style.paint(severity, f"{style.symbol(severity)} {words.text(f'severity.{severity}')}")
    yield f"{style.paint('strong', rule.id)}  {mark}"
    yield from wrapped(words.text(key + "title"), width)

    def section(heading: str, templates: Iterable[str]) -> Iterator[str]:
        texts = [_PLACEHOLDER.sub(r"<\1>", template) for template in templates]
        if texts:
            yield ""
            yield style.paint("strong", words.text(f"text.{heading}"))
            for text in texts:
                if len(texts) == 1:
                    yield from wrapped(text, width, "  ")
                else:
                    yield from wrapped(text, width, "    ", "  - ")

    yield from section("what", [words.text(key + "what")])
    yield from section("why", [words.text(key + "why")])
    yield from section("needs", words.under(key + "skips.").values())
    thresholds = (
        words.text(
            "text.rule_limit",
            {
                "value": with_unit(limit.value, limit.unit, words),
                "meaning": words.phrase(limit.meaning),
                "source": words.phrase(limit.source),
            },
        )
        for limit in rule.thresholds.values()
    )
    yield from section("thresholds", thresholds)
    yield from section("innocent", words.under(key + "innocent.").values())
    yield from section("advice", words.under(key + "advice.").values())
    yield from section("references", (f"{ref.title} ({ref.year}). {ref.link}" for ref in rule.references))

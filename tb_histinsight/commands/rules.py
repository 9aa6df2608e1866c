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
    from tb_histinsight.rulebook.page import severity_text

    for rule in rules:
        mark = style.paint(rule.severity.value, f"{style.symbol(rule.severity.value)} {severity_text(rule, words)}")
        yield f"{style.paint('strong', rule.id)}  {mark}"
        title, what = words.text(f"rule.{rule.id}.title"), words.text(f"rule.{rule.id}.what")
        yield from wrapped(f"{title}{words.text('text.colon')}{what}", width, "    ")


def explanation_lines(rule: Rule, words: Catalogue, style: Style, width: int) -> Iterator[str]:
    """Everything that there is to say about a rule: what stands on its page in docs/rules."""
    from tb_histinsight.rulebook import page_of

    page = page_of(rule, words, symbols=style.symbols)
    mark = style.paint(rule.severity.value, f"{style.symbol(rule.severity.value)} {page.severity}")
    yield f"{style.paint('strong', rule.id)}  {mark}"
    yield from wrapped(page.title, width)
    for section in page.sections:
        yield ""
        yield style.paint("strong", section.heading)
        texts = [_PLACEHOLDER.sub(r"<\1>", template) for template in section.texts]
        texts += [
            words.text("text.rule_limit", {field: getattr(limit, field) for field in limit.__dataclass_fields__})
            for limit in section.limits
        ]
        for text in texts:
            if len(texts) == 1:
                yield from wrapped(text, width, "  ")
            else:
                yield from wrapped(text, width, "    ", "  - ")
        if section.figure:
            yield ""
            yield from (f"    {line}".rstrip() for line in section.figure)

"""The pages of all rules as Markdown files, with an index."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from tb_histinsight.locales import Catalogue, catalogue
from tb_histinsight.rulebook.page import PLACEHOLDER, Page, Section, page_of, severity_text
from tb_histinsight.rules import Rule, all_rules

INDEX = "README.md"
MADE = "<!-- Made by docs/make_rules.py from the rules themselves; do not edit. -->"


def files() -> dict[str, str]:
    """The content of each file, by name."""
    words = catalogue("en")
    pages = {f"{rule.id}.md": _text(_page(page_of(rule, words))) for rule in all_rules()}
    return {INDEX: _text(_index(all_rules(), words)), **pages}


def _text(lines: Iterable[str]) -> str:
    return "\n".join(lines) + "\n"


def _index(rules: Iterable[Rule], words: Catalogue) -> Iterator[str]:
    yield from (MADE, "", "# Rules", "")
    yield "What is checked. `tb-histinsight rules` lists the same, `tb-histinsight rules RULE` explains one."
    yield "How to choose rules, and to set their limits and severities: [settings](../settings.md)."
    yield from ("", "| rule | what it finds | severity |", "|---|---|---|")
    for rule in rules:
        title = _escaped(words.text(f"rule.{rule.id}.title"))
        yield f"| [`{rule.id}`]({rule.id}.md) | {title} | {_escaped(severity_text(rule, words))} |"


def _page(page: Page) -> Iterator[str]:
    yield from (MADE, "", f"# {_escaped(page.title)}", "")
    yield f"`{page.rule}` · {_escaped(page.severity)} · [all rules]({INDEX})"
    for section in page.sections:
        yield from ("", f"## {_escaped(section.heading)}", "")
        yield from _section(section)


def _section(section: Section) -> Iterator[str]:
    bullet = "- " if len(section.texts) > 1 else ""
    yield from (bullet + _escaped(text) for text in section.texts)
    if section.limits:
        yield from ("| name | value | what it is | where it comes from |", "|---|---|---|---|")
    for limit in section.limits:
        yield f"| `{limit.name}` | {limit.value} | {_escaped(limit.meaning)} | {_escaped(limit.source)} |"
    if section.figure:
        yield from ("", "```text", *section.figure, "```")


def _escaped(text: str) -> str:
    """Text in which nothing but backticks and links means anything; what a finding fills in is in italics."""
    for character in "\\*_|<>":
        text = text.replace(character, f"\\{character}")
    text = PLACEHOLDER.sub(lambda match: f"*{match[1]}*", text.replace("\\_", "_"))
    return re.sub(r"docs/(\w+)\.md", r"[\1](../\1.md)", text)

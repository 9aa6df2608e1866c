"""What stands on the page of a rule, section by section, in one language."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tb_histinsight.locales import Catalogue
from tb_histinsight.notes import FILE_NAME
from tb_histinsight.rulebook.demonstration import demonstrate
from tb_histinsight.rulebook.figure import figure_lines
from tb_histinsight.rules import Rule
from tb_histinsight.rules.base import Threshold

PLACEHOLDER = re.compile(r"{(\w+)[^}]*}")
"""What a finding's own numbers and names fill in."""


@dataclass(frozen=True)
class Limit:
    """A threshold, as it stands in a table."""

    name: str
    """As it is set in a file of settings"""
    value: str
    meaning: str
    source: str


@dataclass(frozen=True)
class Section:
    """One part of a page."""

    heading: str
    texts: Sequence[str] = ()
    """Templates: a finding fills in its own names and numbers"""
    figure: Sequence[str] = ()
    """Lines that are shown as they are"""
    limits: Sequence[Limit] = ()


@dataclass(frozen=True)
class Page:
    """Everything about one rule."""

    rule: str
    title: str
    severity: str
    """The usual one, and those that findings may have besides"""
    sections: Sequence[Section]


def page_of(rule: Rule, words: Catalogue, *, symbols: bool = True) -> Page:
    """The page of a rule.

    Args:
      symbols: whether what shows it can show more than ASCII.
    """
    sections = [section for section in _sections(rule, words, symbols) if section.texts or section.limits]
    return Page(rule.id, words.text(f"rule.{rule.id}.title"), severity_text(rule, words), sections)


def severity_text(rule: Rule, words: Catalogue) -> str:
    """The usual severity, and which others its findings may have: "warning (also info, critical)"."""
    usual = words.text(f"severity.{rule.severity.value}")
    others = [words.text(f"severity.{one.value}") for one in rule.severities if one is not rule.severity]
    return words.text("severity.also", {"usual": usual, "others": words.listed(*others)}) if others else usual


def _sections(rule: Rule, words: Catalogue, symbols: bool) -> Iterator[Section]:
    key = f"rule.{rule.id}."
    yield Section(words.text("text.what"), [words.text(key + "what")])
    yield Section(words.text("text.why"), [words.text(key + "why")])
    yield _example(rule, words, symbols)
    yield Section(words.text("text.needs"), list(words.under(key + "skips.").values()))
    limits = [_limit(name, limit, words) for name, limit in rule.thresholds.items()]
    yield Section(words.text("text.thresholds"), limits=limits)
    yield Section(words.text("text.innocent"), list(words.under(key + "innocent.").values()))
    yield Section(words.text("text.advice"), list(words.under(key + "advice.").values()))
    yield _silence(rule, words)
    references = [f"{reference.title} ({reference.year}). {reference.link}" for reference in rule.references]
    yield Section(words.text("text.references"), references)


def _example(rule: Rule, words: Catalogue, symbols: bool) -> Section:
    shown = demonstrate(rule, words.language)
    if shown is None:
        return Section(words.text("text.example"))
    lines: list[str] = []
    step_name = words.sentences["text.step"].replace("{first_step}", "{step}")
    for label, series in shown.drawn:
        lines += [*([""] if lines else []), *figure_lines(label, series, symbols=symbols, step_name=step_name)]
    return Section(words.text("text.example"), [_literal(shown.sentence)], lines)


def _limit(name: str, limit: Threshold, words: Catalogue) -> Limit:
    return Limit(name.replace("_", "-"), f"{limit.value:g}", words.phrase(limit.meaning), words.phrase(limit.source))


def _silence(rule: Rule, words: Catalogue) -> Section:
    values = {"rule": rule.id, "file": FILE_NAME}
    texts = [_literal(words.text(f"silence.{key}", values)) for key in ("once", "always", "mark")]
    line = {"mark": "intended", "rule": rule.id, "run": "…", "layer": "…", "reason": "…"}
    return Section(words.text("text.silence"), texts, [json.dumps(line, ensure_ascii=False)])


def _literal(text: str) -> str:
    """A text in which nothing is to be filled in."""
    return text.replace("{", "(").replace("}", ")")

"""Everything that the page says, in one language."""

from __future__ import annotations

from enum import Enum
from typing import Any

from tb_histinsight.core.labels import ChangeLabel, Confidence, Role, Severity, Shape
from tb_histinsight.locales import INTERFACE, Catalogue, languages
from tb_histinsight.rules import all_rules


def page_words(words: Catalogue) -> dict[str, Any]:
    """Names and explanations of every label and rule, and the interface's own sentences."""
    return {
        "language": words.language,
        "languages": languages(),
        "shapes": _named(words, Shape, "shape.{}.name", "shape.{}.about"),
        "changes": _named(words, ChangeLabel, "change.{}.name", "change.{}.about"),
        "roles": _named(words, Role, "role.{}", "about.role.{}"),
        "severities": _named(words, Severity, "severity.{}", "about.severity.{}"),
        "confidences": _named(words, Confidence, "confidence.{}", "about.confidence.{}"),
        "rules": {
            rule.id: {part: words.text(f"rule.{rule.id}.{part}") for part in ("title", "what", "why")}
            for rule in all_rules()
        },
        "interface": words.under(INTERFACE),
        "units": words.under("unit."),
        "writing": {
            "per_cent": words.sentences["number.per_cent"],
            "separator": words.sentences["list.separator"],
            "pair": words.sentences["sentence.pair"],
        },
    }


def _named(words: Catalogue, labels: type[Enum], name: str, about: str) -> dict[str, dict[str, str]]:
    return {
        label.value: {"name": words.text(name.format(label.value)), "about": words.text(about.format(label.value))}
        for label in labels
    }

"""All that the product says, by key and language.

English words live with what they describe: a rule's in the rule's file, a shape's in the shape's. They are collected
here under one set of keys; the rest (verdicts, roles, the tab's interface) is in `report/en.json` and
`interface/en.json`. Another language is a folder `<code>` of JSON files that give the same keys.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from string import Formatter
from typing import Any

from tb_histinsight.core.errors import UsageError

FOLDER = Path(__file__).parent
INTERFACE = "interface."
"""Prefix of the keys that only the tab uses."""


class _SentenceFormatter(Formatter):
    """Writes a share as "38.3 %", as the tab and the tables do, not as "38.3%"."""

    def format_field(self, value: Any, format_spec: str) -> str:
        text: str = super().format_field(value, format_spec)
        return f"{text[:-1]} %" if format_spec.endswith("%") else text


_FORMATTER = _SentenceFormatter()


class Catalogue:
    """The sentences of one language.

    A key that a translation lacks falls back to English (a test keeps that from happening in a release).
    """

    def __init__(self, language: str, sentences: Mapping[str, str]) -> None:
        self.language = language
        self.sentences = sentences

    def __contains__(self, key: str) -> bool:
        return key in self.sentences

    def text(self, key: str, values: Mapping[str, Any] | None = None) -> str:
        """The sentence of this key with its placeholders filled in.

        Raises:
          KeyError: no such sentence, or a placeholder without a value: a mistake in the code, not in the data.
        """
        return _FORMATTER.vformat(self.sentences[key], (), dict(values or {}))

    def placeholders(self, key: str) -> set[str]:
        """Names of the placeholders in the sentence of this key."""
        return {name for _, name, _, _ in Formatter().parse(self.sentences[key]) if name}

    def under(self, prefix: str) -> dict[str, str]:
        """The sentences whose key starts with this prefix, by the rest of the key, not filled in."""
        return {key[len(prefix) :]: text for key, text in self.sentences.items() if key.startswith(prefix)}


def languages() -> dict[str, str]:
    """Codes of the languages that there are, with each one's own name for itself."""
    found = {"en": english()["language"]}
    for folder in sorted(FOLDER.iterdir()):
        if folder.is_dir() and (folder / "report.json").is_file():
            found[folder.name] = _load(folder / "report.json")["language"]
    return found


@lru_cache(maxsize=8)
def catalogue(language: str = "en") -> Catalogue:
    """The sentences of a language.

    Raises:
      UsageError: there is no such language.
    """
    sentences = dict(english())
    if language != "en":
        if language not in languages():
            raise UsageError(f"No language {language!r}. There are: {', '.join(languages())}.")
        for file in sorted((FOLDER / language).glob("*.json")):
            prefix = INTERFACE if file.stem == "interface" else ""
            sentences.update({prefix + key: text for key, text in _load(file).items()})
    return Catalogue(language, sentences)


@lru_cache(maxsize=1)
def english() -> Mapping[str, str]:
    """Every English sentence by its key, collected from where it lives."""
    from tb_histinsight import changes, rules, shapes
    from tb_histinsight.sources.reasons import REASONS

    sentences: dict[str, str] = dict(_load(FOLDER / "report" / "en.json"))
    interface = FOLDER / "interface" / "en.json"
    if interface.is_file():
        sentences.update({INTERFACE + key: text for key, text in _load(interface).items()})
    sentences.update({f"source.{key}": text for key, text in REASONS.items()})
    for shape, words in shapes.WORDS.items():
        sentences.update({f"shape.{shape.value}.{key}": text for key, text in words.items()})
    sentences.update({f"shape_reason.{key}": text for key, text in shapes.REASONS.items()})
    for change, words in changes.WORDS.items():
        sentences.update({f"change.{change.value}.{key}": text for key, text in words.items()})
    sentences.update({f"change_reason.{key}": text for key, text in changes.REASONS.items()})
    for rule in rules.all_rules():
        sentences.update(_rule_sentences(rule))
    return sentences


def _rule_sentences(rule: Any) -> dict[str, str]:
    words = rule.words
    prefix = f"rule.{rule.id}."
    sentences = {prefix + "title": words.title, prefix + "what": words.what, prefix + "why": words.why}
    for field in ("messages", "advice", "evidence", "skips"):
        sentences.update({f"{prefix}{field}.{key}": text for key, text in getattr(words, field).items()})
    sentences.update({f"{prefix}innocent.{index}": text for index, text in enumerate(words.innocent)})
    return sentences


def _load(file: Path) -> dict[str, str]:
    loaded: dict[str, str] = json.loads(file.read_text("utf-8"))
    return loaded

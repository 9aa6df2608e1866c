"""All that the product says, by key and language.

English words live with what they describe: a rule's in the rule's file, a shape's in the shape's. They are collected
here under one set of keys; the rest (verdicts, roles, the tab's interface) is in the folder `en`. Another language is a
folder `<code>` of JSON files that give the same keys:

  report.json, interface.json, doctor.json, shapes.json, changes.json, reasons.json, phrases.json
  rules/<rule id>.json, with the sources and meanings of the rule's limits under `phrases` if no other rule has them

Objects within objects are keys with dots between; the file's own prefix stands in front (`FILES`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from string import Formatter
from typing import Any

from tb_histinsight.core.errors import UsageError
from tb_histinsight.core.labels import Term
from tb_histinsight.locales.numbers import SentenceFormatter

FOLDER = Path(__file__).parent
INTERFACE = "interface."
"""Prefix of the keys that only the tab uses."""
PHRASE = "phrase."
"""Prefix of the keys of short English texts that are looked up by themselves: units, where limits come from."""
FILES = {
    "report.json": "",
    "interface.json": INTERFACE,
    "doctor.json": "doctor.",
    "shapes.json": "shape.",
    "changes.json": "change.",
    "reasons.json": "",
    "phrases.json": PHRASE,
}
"""The files of a language with the prefix of their keys; a rule's file has `rule.<id>.`"""


class Catalogue:
    """The sentences of one language.

    A key that a translation lacks falls back to English (a test keeps that from happening in a release).
    """

    def __init__(self, language: str, sentences: Mapping[str, str]) -> None:
        self.language = language
        self.sentences = sentences
        given = {
            name: sentences[key]
            for name, key in (("per_cent", "number.per_cent"), ("separator", "list.separator"), ("either", "list.or"))
            if key in sentences
        }
        self._formatter = SentenceFormatter(**given)

    def __contains__(self, key: str) -> bool:
        return key in self.sentences

    def text(self, key: str, values: Mapping[str, Any] | None = None) -> str:
        """The sentence of this key with its placeholders filled in; a `Term` among the values is said in words.

        Raises:
          KeyError: no such sentence, or a placeholder without a value: a mistake in the code, not in the data.
        """
        said = {name: self._said(value) for name, value in (values or {}).items()}
        return self._formatter.vformat(self.sentences[key], (), said)

    def _said(self, value: Any) -> Any:
        if isinstance(value, Term):
            return self.text(f"term.{value.key}", value.values)
        return tuple(map(self._said, value)) if isinstance(value, tuple) else value

    def phrase(self, english: str | Term) -> str:
        """A short text in this language: where a limit comes from, what it is compared with, an initialiser's name.

        Names of tools and papers stay as they are.
        """
        if isinstance(english, Term):
            return str(self._said(english))
        return self.sentences.get(PHRASE + english, english)

    def together(self, *sentences: str) -> str:
        """Sentences behind each other, with or without a blank between them; empty ones are left out."""
        text = ""
        for sentence in filter(None, sentences):
            text = self.text("sentence.pair", {"first": text, "second": sentence}) if text else sentence
        return text

    def listed(self, *names: str) -> str:
        """Names in a row, with the language's comma between them."""
        return self.text("list.separator").join(names)

    def placeholders(self, key: str) -> set[str]:
        """Names of the placeholders in the sentence of this key."""
        return {name for _, name, _, _ in Formatter().parse(self.sentences[key]) if name}

    def under(self, prefix: str) -> dict[str, str]:
        """The sentences whose key starts with this prefix, by the rest of the key, not filled in."""
        return {key[len(prefix) :]: text for key, text in self.sentences.items() if key.startswith(prefix)}


@lru_cache(maxsize=1)
def languages() -> dict[str, str]:
    """Codes of the languages that there are, with each one's own name for itself."""
    codes = sorted(file.parent.name for file in FOLDER.glob("*/report.json"))
    return {code: str(json.loads((FOLDER / code / "report.json").read_text("utf-8"))["language"]) for code in codes}


@lru_cache(maxsize=8)
def catalogue(language: str = "en") -> Catalogue:
    """The sentences of a language.

    Raises:
      UsageError: there is no such language.
    """
    if language not in languages():
        raise UsageError(f"No language {language!r}. There are: {', '.join(languages())}.")
    return Catalogue(language, {**english(), **translated(language)})


def translated(language: str) -> dict[str, str]:
    """What the folder of a language gives, by key."""
    folder = FOLDER / language
    sentences: dict[str, str] = {}
    for name, prefix in FILES.items():
        if (folder / name).is_file():
            sentences.update(_load(folder / name, prefix))
    for file in sorted(folder.glob("rules/*.json")):
        own = f"rule.{file.stem}."
        for key, text in _load(file, own).items():
            phrase = key.removeprefix(f"{own}phrases.")
            sentences[key if phrase == key else PHRASE + phrase] = text
    return sentences


@lru_cache(maxsize=1)
def english() -> Mapping[str, str]:
    """Every English sentence by its key, collected from where it lives."""
    from tb_histinsight import changes, rules, shapes
    from tb_histinsight.sources.reasons import REASONS

    sentences = translated("en")
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
    for limit in rule.thresholds.values():
        sentences.update({PHRASE + text: text for text in (limit.source, limit.meaning)})
    return sentences


def _load(file: Path, prefix: str) -> dict[str, str]:
    return dict(_flat(json.loads(file.read_text("utf-8")), prefix))


def _flat(tree: Any, key: str) -> Iterator[tuple[str, str]]:
    """Texts with their keys; a list's members are numbered."""
    if isinstance(tree, str):
        yield key, tree
        return
    for name, branch in tree.items() if isinstance(tree, dict) else enumerate(tree):
        yield from _flat(branch, f"{key}{name}" if key.endswith(".") or not key else f"{key}.{name}")

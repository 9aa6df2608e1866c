"""Every translation is complete, keeps the placeholders, and keeps to the conventions of its language."""

import re
import unicodedata
from string import Formatter

import pytest

from tb_histinsight.locales import PHRASE, english, languages, translated

TRANSLATIONS = [code for code in languages() if code != "en"]
SAME_IN_EVERY_LANGUAGE = {
    "interface.empty.code": "code",
    "interface.stat.rms": "an abbreviation that is used in every language",
    "interface.choose.run": "TensorBoard's own word, which its users know",
    "phrase.TheDeepChecker": "a tool",
    "phrase.DLCheck": "a tool",
    "phrase.DeepDiagnosis": "a tool",
    "phrase.torchmortem": "a tool",
    "phrase.SageMaker Debugger": "a tool",
    "doctor.tensorboard_old.do": "a command",
    "doctor.no_tensorboard.do": "a command",
    "doctor.entry_point_broken.do": "a command",
    "doctor.no_command.do": "a command",
    "doctor.start_protobuf.do": "a command",
    "doctor.not_loaded.do": "a command",
    "doctor.one_level_off.do": "a command",
    "doctor.keras_without.do": "code",
}
"""Keys whose text need not be translated, and why."""
WORDS_OF_OURS = {
    "title",
    "shape",
    "reason",
    "message",
    "longer_side",
    "role",
    "initialiser",
    "first",
    "second",
    "others",
}
"""Placeholders that hold words of the language itself, so that no blank stands beside them."""
HAN = r"[\u3040-\u30ff\u3400-\u9fff々]"


def fields(template):
    """Placeholders with their formats; English plural forms are the reader's language's own business."""
    return {(name, "" if "|" in spec else spec) for _, name, spec, _ in Formatter().parse(template) if name is not None}


@pytest.mark.parametrize("code", TRANSLATIONS)
def test_nothing_is_missing_and_nothing_is_left_over(code):
    there = set(translated(code))
    needed = {key for key, text in english().items() if re.search(r"[^\W\d_]", re.sub(r"{[^}]*}", "", text))}
    assert needed - there - set(SAME_IN_EVERY_LANGUAGE) == set(), f"add them to locales/{code}"
    assert there - set(english()) == set(), f"no longer used; take them out of locales/{code}"


@pytest.mark.parametrize("code", TRANSLATIONS)
def test_placeholders_and_formats_are_those_of_the_english_sentence(code):
    wrong = {
        key: fields(text) ^ fields(english()[key])
        for key, text in translated(code).items()
        if key in english() and fields(text) != fields(english()[key])
    }
    assert wrong == {}


@pytest.mark.parametrize("code", TRANSLATIONS)
def test_numbers_and_code_of_the_english_sentence_are_in_the_translation(code):
    """A number that was changed in English alone would be told wrongly in the other languages; 0 may be a word."""

    def fixed(text):
        return set(re.findall(r"\d+(?:\.\d+)?(?:e-?\d+)?|`[^`]+`|--[a-z_]+", re.sub(r"{[^}]*}", "", text))) - {"0"}

    lost = {key: fixed(english()[key]) - fixed(text) for key, text in translated(code).items() if key in english()}
    assert {key: numbers for key, numbers in lost.items() if numbers} == {}


@pytest.mark.parametrize("code", TRANSLATIONS)
def test_nothing_is_left_in_english(code):
    same = {key for key, text in translated(code).items() if text == english().get(key)}
    assert same - set(SAME_IN_EVERY_LANGUAGE) == set()


def test_what_may_stay_english_is_still_there():
    assert set(SAME_IN_EVERY_LANGUAGE) - set(english()) == set()


@pytest.mark.parametrize("code", [code for code in TRANSLATIONS if code in ("ja", "zh")])
def test_sentences_end_with_full_width_punctuation(code):
    half = {key: text for key, text in translated(code).items() if re.search(rf"{HAN}[.,:;!?]", text)}
    assert half == {}
    ends = {
        key: text
        for key, text in translated(code).items()
        if key in english() and english()[key].endswith(".") and not key.startswith(PHRASE)
        if not text.endswith(("。", "{message}"))
    }
    assert ends == {}


def test_japanese_has_no_blank_between_japanese_and_other_letters():
    blank = re.compile(rf"{HAN} +[\w{{]|[\w}}%] +{HAN}")
    assert {key: text for key, text in translated("ja").items() if blank.search(text)} == {}


def test_chinese_has_a_blank_between_chinese_and_other_letters():
    """Placeholders are filled with numbers and names, but for those that are words of ours."""
    letters = re.compile(rf"{HAN}[A-Za-z0-9]|[A-Za-z0-9%]{HAN}")
    filled = re.compile(rf"{HAN}{{(\w+)|{{(\w+)[^}}]*}}{HAN}")
    wrong = {}
    for key, text in translated("zh").items():
        names = {name for match in filled.finditer(text) for name in match.groups() if name}
        if letters.search(re.sub(r"{[^}]*}", "", text)) or names - WORDS_OF_OURS:
            wrong[key] = text
    assert wrong == {}


def test_brackets_and_quotes_are_pairs():
    for code in TRANSLATIONS:
        for key, text in translated(code).items():
            for left, right in ("（）", "「」", "“”", "()"):
                assert text.count(left) == text.count(right), f"{code} {key}: {text}"


def test_every_text_is_in_normal_form_c():
    for code in languages():
        for key, text in translated(code).items():
            assert unicodedata.normalize("NFC", text) == text, f"{code} {key}"
            assert text == text.strip() or key in ("list.separator", "text.colon"), f"{code} {key}: blanks at an end"

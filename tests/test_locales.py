"""The catalogue of sentences: every one can be filled in, and a language that is not there is said so."""

from string import Formatter

import pytest

from tb_histinsight.core.errors import UsageError
from tb_histinsight.locales import Catalogue, catalogue, english, languages


def test_every_sentence_is_there_and_can_be_filled_in():
    for key, sentence in english().items():
        assert sentence.strip(), key
        for _, name, _, _ in Formatter().parse(sentence):
            assert name is None or name.isidentifier(), f"{key}: {name!r} is no name of a value"


def test_every_language_has_a_name_of_its_own():
    assert languages()["en"] == "English"
    for code in languages():
        assert catalogue(code).language == code


def test_a_language_that_is_not_there_is_refused_with_those_that_are():
    with pytest.raises(UsageError, match=r"No language 'xx'\. There are: en"):
        catalogue("xx")


def test_shares_are_written_as_in_the_tables_beside_them():
    sentences = Catalogue("en", {"key": "{share:.1%} of {count:,.0f} values, {plain} and {rest:.3g}"})
    values = {"share": 0.3829, "count": 16384.0, "plain": "100%", "rest": 0.12345}
    assert sentences.text("key", values) == "38.3 % of 16,384 values, 100% and 0.123"


def test_text_from_a_log_is_no_template():
    assert (
        Catalogue("en", {"key": "tag {tag}"}).text("key", {"tag": "{layer} {0.__class__}"})
        == "tag {layer} {0.__class__}"
    )

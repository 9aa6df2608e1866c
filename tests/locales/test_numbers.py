"""Numbers in sentences: groups, per cent, powers of ten, plural forms, lists."""

import pytest

from tb_histinsight.core.labels import Term
from tb_histinsight.locales import Catalogue, catalogue
from tb_histinsight.locales.numbers import number, whole


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0, "0"), (2000, "2000"), (9999, "9999"), (10_000, "10,000"), (1_234_567.0, "1,234,567"), (-16384, "-16,384")],
)
def test_whole_numbers_have_groups_from_five_digits_on(value, shown):
    assert whole(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (1234.5678, "1230"),
        (16384.2, "16,400"),
        (0.012345, "0.0123"),
        (3.51e-06, "3.51e-6"),
        (2.7e23, "2.7e23"),
        (-4.2e-9, "-4.2e-9"),
        (41, "41"),
        (float("nan"), "nan"),
        (float("inf"), "inf"),
    ],
)
def test_measured_numbers_have_no_padded_exponent_and_none_where_they_are_short(value, shown):
    assert number(value) == shown


def test_the_first_form_is_for_one_and_the_last_for_the_rest():
    words = Catalogue("en", {"key": "{count:# tag is|# tags are} left"})
    assert [words.text("key", {"count": count}) for count in (0, 1, 2, 12345)] == [
        "0 tags are left",
        "1 tag is left",
        "2 tags are left",
        "12,345 tags are left",
    ]


def test_lists_and_alternatives_are_joined_as_the_language_does_it():
    template = {"key": "{shares:.0%}; {names:or}"}
    values = {"shares": (0.25, 0.5), "names": (Term("larger"), Term("smaller"))}
    said = [Catalogue(code, {**catalogue(code).sentences, **template}).text("key", values) for code in ("en", "ja")]
    assert said == ["25 %, 50 %; larger or smaller", "25%、50%; 大きいまたは小さい"]


def test_sentences_follow_each_other_as_the_language_does_it():
    assert catalogue("en").together("One.", "", "Two.") == "One. Two."
    assert catalogue("ja").together("一。", "", "二。") == "一。二。"

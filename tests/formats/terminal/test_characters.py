"""Characters that are safe to print, and how many columns they take."""

import pytest

from tb_histinsight.formats.terminal.characters import columns, padded, printable, shortened, wrapped


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("dense/kernel:0", "dense/kernel:0"),
        ("層 é 🎉", "層 é 🎉"),
        ("a\x1b[31mb", "a\\x1b[31mb"),
        ("a\nb\tc\rd", "a\\x0ab\\x09c\\x0dd"),
        ("\x9b31m", "\\x9b31m"),
        ("\u202eabc\u2066", "\\u202eabc\\u2066"),
        ("\udc80", "\\udc80"),
        ("\u2028", "\\u2028"),
        ("\U000e0041", "\\U000e0041"),
    ],
)
def test_what_a_terminal_would_obey_is_escaped(text, safe):
    assert printable(text) == safe
    assert printable(safe) == safe


@pytest.mark.parametrize(("text", "width"), [("abc", 3), ("層", 2), ("e\u0301", 1), ("ｶﾅ", 2), ("カナ", 4), ("", 0)])
def test_columns(text, width):
    assert columns(text) == width
    assert columns(padded(text, 10)) == 10


@pytest.mark.parametrize("width", [3, 4, 5, 8])
@pytest.mark.parametrize("text", ["encoder/layer_11/attention/kernel", "層層層層層層層層"])
def test_a_shortened_name_keeps_both_ends_and_fits(text, width):
    short = shortened(text, width)
    assert columns(short) <= width
    assert "…" in short
    assert shortened(text, 100) == text


def test_lines_are_wrapped_at_blanks():
    assert list(wrapped("one two three", 9, "  ", "- ")) == ["- one two", "  three"]


def test_a_word_wider_than_the_line_stays_whole():
    assert list(wrapped("a encoder/layer/kernel b", 10)) == ["a", "encoder/layer/kernel", "b"]


def test_east_asian_text_is_wrapped_between_characters_but_not_before_a_full_stop():
    lines = list(wrapped("重みはほとんど動いていません。", 10))
    assert all(columns(line) <= 12 for line in lines)
    assert "".join(lines) == "重みはほとんど動いていません。"
    assert not any(line.startswith("。") for line in lines)


def test_nothing_gives_no_line():
    assert list(wrapped("", 10)) == []

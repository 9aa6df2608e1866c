"""Formats are found because they are there."""

from pathlib import PurePath

import pytest

from tb_histinsight import formats
from tb_histinsight.core.errors import UsageError


def test_every_format_has_suffixes_of_its_own():
    suffixes = [suffix for name in formats.names() for suffix in formats.by_name(name).SUFFIXES]
    assert {"text", "json"} <= set(formats.names())
    assert len(suffixes) == len(set(suffixes))
    assert all(suffix.startswith(".") for suffix in suffixes)


def test_a_files_suffix_chooses_the_format():
    assert formats.for_file(PurePath("out/Report.JSON")) is formats.by_name("json")
    assert formats.for_file(PurePath("report.txt")) is formats.by_name("text")


@pytest.mark.parametrize("file", ["report", "report.xyz", ".json"])
def test_a_suffix_that_stands_for_nothing_is_asked_about(file):
    with pytest.raises(UsageError, match=r"\.json"):
        formats.for_file(PurePath(file))


def test_an_unknown_format_gets_the_nearest():
    with pytest.raises(UsageError, match="'json'"):
        formats.by_name("jsno")

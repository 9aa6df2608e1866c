"""The benchmark of reading measures what it says: every reader has read the whole log."""

from pathlib import Path

import pytest

from benchmarks.reading.__main__ import measure, table
from benchmarks.reading.logs import Preset, write_log
from benchmarks.reading.measured import Measured
from benchmarks.reading.page import DATA_SERVER, PYTHON_LOADER, aims, replaced, written
from benchmarks.reading.readers import OURS_READING, OURS_REPORTING, installed


@pytest.mark.parametrize("old_style", [False, True])
def test_every_reader_has_all_histograms_in_hand(tmp_path, old_style):
    write_log(tmp_path, Preset("tiny", runs=2, tags=3, steps=5, old_style=old_style))
    found = {}
    for reader in installed():
        if reader.needs in {"tb_histinsight", "tensorboard_data_server"}:
            found[reader.name] = Measured()
            measure(reader, str(tmp_path), found[reader.name])
    assert found[OURS_READING.name].histograms == 2 * 3 * 5
    assert found[OURS_REPORTING.name].processor[0] > 0
    assert len(table(found).splitlines()) == 2 + len(found)


PAGE = Path(__file__).parent.parent / "docs" / "performance.md"


def test_what_was_measured_takes_the_place_of_what_stood_in_the_page(tmp_path):
    page = tmp_path / "performance.md"
    page.write_text(PAGE.read_text("utf-8"), "utf-8")
    found = {OURS_REPORTING.name: Measured([2.0], [3.0], 123.0), PYTHON_LOADER: Measured([60.0], [60.0], 400.0)}
    written(page, "The tables.", {"tf2": found})
    text = page.read_text("utf-8")
    assert "\nThe tables.\n" in text
    assert "30.0 times by the clock, 20.0 by processor | yes |" in text
    written(page, "The tables.", {"tf2": found})
    assert page.read_text("utf-8") == text


def test_a_page_without_a_place_for_the_tables_is_refused():
    with pytest.raises(ValueError, match="reading"):
        replaced("# A page", "reading", "text")


def test_what_does_not_hold_is_said():
    ours = Measured([2.0], [3.0], 320.0)
    found = {OURS_REPORTING.name: ours, DATA_SERVER: Measured([1.0], [1.5], 1000.0)}
    rows = aims({"long": found}).splitlines()[2:]
    assert [row.split(" | ")[-1] for row in rows] == ["no |", "no |"]
    assert "takes 2.0 times its time" in rows[0]

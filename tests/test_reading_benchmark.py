"""The benchmark of reading measures what it says: every reader has read the whole log."""

import pytest

from benchmarks.reading.__main__ import Measured, measure, table
from benchmarks.reading.logs import Preset, write_log
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

"""What is below 0 is no count."""

import numpy as np
import pytest
from event_logs import event, only, open_run, reasons, rows, version, write

from tb_histinsight.sources.counts import only_negative

NAME = "events.out.tfevents.1.host"


@pytest.mark.parametrize(
    ("counts", "none_are"),
    [
        ([[-1, -5]], True),
        ([[0, -5], [0, 0]], True),
        ([[-5, 1]], False),
        ([[-5], [2]], False),
        ([[0, 0]], False),
        ([], False),
        ([[]], False),
        ([[np.nan, -1]], False),
    ],
)
def test_counts_below_zero_alone_are_none(counts, none_are):
    parts = [np.array([[0.0, 1.0, count] for count in some]).reshape(-1, 3) for some in counts]
    assert only_negative(parts) == none_are


def test_a_tag_of_negative_counts_is_left_out_and_said(tmp_path):
    negative, good = rows("negative", [[0, 1, -5], [1, 2, -3]]), rows("good", [[0, 1, 5], [1, 2, 3]])
    write(tmp_path / NAME, version(), *(event(step, negative, good) for step in range(3)))
    reader = open_run(tmp_path)
    assert only(reader).tag == "good"
    (entry,) = reader.skipped()
    assert (entry.reason, entry.tag, entry.count) == ("not_a_histogram", "negative", 3)
    assert reasons(reader.skipped()) == [("not_a_histogram", "")]

"""Peaks of one histogram: position, mass and gaps."""

import numpy as np
import pytest

from benchmarks.accuracy.writers import series_of
from tb_histinsight.core.histogram import Histogram
from tb_histinsight.shapes.peaks import find_peaks


@pytest.mark.parametrize("encoding", ["tf2", "tf2-1000", "old"])
def test_three_peaks_are_found_where_they_are(encoding):
    rng = np.random.default_rng(0)
    values = rng.choice([-0.1, 0.05, 0.25], 3000, p=[0.2, 0.5, 0.3])
    peaks = find_peaks(series_of([values], encoding).at(0))
    assert [peak.position for peak in peaks] == pytest.approx([-0.1, 0.05, 0.25], abs=0.012)
    assert [peak.share for peak in peaks] == pytest.approx([0.2, 0.5, 0.3], abs=0.03)
    assert sum(peak.count for peak in peaks) == 3000
    for peak in peaks:
        assert peak.left <= peak.position <= peak.right


def test_gaps_that_few_values_leave_by_chance_separate_nothing():
    # 72 values in 30 buckets: every other bucket may be empty.
    values = np.random.default_rng(1).normal(size=72)
    assert len(find_peaks(series_of([values], "tf2").at(0))) == 1


def test_fine_buckets_near_zero_separate_nothing():
    values = np.random.default_rng(2).normal(size=500)
    assert len(find_peaks(series_of([values], "old").at(0))) == 1


def test_nothing_has_no_peak():
    assert find_peaks(Histogram(np.empty(0), np.empty(0), np.empty(0))) == ()

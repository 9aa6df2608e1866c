"""Percentiles as the nine lines of Distributions show them."""

import numpy as np

from tb_histinsight.core.histogram import HistogramSeries
from tb_histinsight.core.percentiles import percentiles


def series_of(rows):
    rows = np.asarray(rows, float)
    nothing = np.zeros(1)
    return HistogramSeries(
        run="r",
        tag="t",
        steps=np.array([0]),
        wall_times=nothing,
        buckets=rows,
        offsets=np.array([0, len(rows)]),
        non_finite=nothing,
        uncounted=nothing,
    )


def test_percentiles_in_the_bucket_of_exact_zeros_are_zero_and_the_ends_stay_exact():
    lines = percentiles(series_of([(0.0, 1e-12, 60), (1e-12, 1.0, 40)])).value[0]
    assert lines[:5].tolist() == [0.0] * 5
    assert lines[-1] == 1.0
    assert 0 < lines[5] < 1


def test_a_tensor_smaller_than_the_bucket_of_zeros_keeps_its_maximum():
    assert percentiles(series_of([(0.0, 5e-13, 10)])).value[0, -1] == 5e-13

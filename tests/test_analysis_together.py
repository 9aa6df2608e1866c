"""Tags that are worked on together get what each gets alone."""

import dataclasses

import numpy as np
import pytest

from tb_histinsight import analysis
from tb_histinsight.analysis import analyse_series, analyse_several, analyse_tags
from tb_histinsight.core.histogram import HistogramSeries, RawHistograms, normalise
from tb_histinsight.core.names import read_tags


def make(tag, histograms):
    """A series of (left, right, count) rows per step."""
    rows = [np.asarray(rows, float).reshape(-1, 3) for rows in histograms]
    return normalise(
        RawHistograms(
            run="r",
            tag=tag,
            steps=np.arange(len(rows)) * 10,
            wall_times=np.arange(len(rows)) + 0.5,
            rows=np.concatenate(rows),
            offsets=np.cumsum([0, *map(len, rows)]),
        )
    )


def binned(values, bins=30):
    count, edges = np.histogram(values, bins)
    return np.column_stack([edges[:-1], edges[1:], count])


def laddered(values):
    ladder = 1e-12 * 1.1 ** np.arange(774)
    edges = np.concatenate([-ladder[::-1], [0.0], ladder])
    count, _ = np.histogram(values, edges)
    rows = np.column_stack([edges[:-1], edges[1:], count])
    filled = np.flatnonzero(count)
    return rows[filled[0] : filled[-1] + 1]


@pytest.fixture
def several():
    rng = np.random.default_rng(11)
    normal = rng.normal(size=3000)
    frozen = binned(normal)
    return [
        make("a/kernel", [binned(normal * (1 + step)) for step in range(9)]),
        make("frozen/kernel", [frozen] * 7),
        make("b/bias", [laddered(rng.laplace(size=900)) for _ in range(5)]),
        make("b/kernel", [laddered(rng.uniform(-1, 1, 900)) for _ in range(8)]),
        make("c/relu/activations", [binned(np.maximum(rng.normal(size=2000), 0)) for _ in range(4)]),
        make("c/tanh/activations", [binned(np.tanh(rng.normal(0, 5, 2000))) for _ in range(4)]),
        make("few", [binned(rng.normal(size=16)) for _ in range(6)]),
        make("one step", [binned(rng.uniform(size=4000))]),
        make("nan", [frozen, [[np.nan, np.nan, 0.0]] * 30, frozen, frozen]),
        make("empty", [np.zeros((30, 3))] * 3),
        make("constant", [[[2.0, 2.0, 50.0]]] * 3),
        make("wide", [binned(rng.normal(size=5000), 500) for _ in range(3)]),
        make("flicker", [binned(rng.normal(size=260)) for _ in range(40)]),
    ]


def same(left, right):
    """Equality down to the arrays of nested dataclasses, but for the last digits."""
    if dataclasses.is_dataclass(left):
        return all(same(getattr(left, field.name), getattr(right, field.name)) for field in dataclasses.fields(left))
    if isinstance(left, np.ndarray):
        return left.shape == right.shape and np.allclose(left, right, rtol=1e-9, atol=1e-300, equal_nan=True)
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, (tuple, list)):
        return len(left) == len(right) and all(same(*pair) for pair in zip(left, right, strict=True))
    if isinstance(left, float):
        return left == pytest.approx(right, rel=1e-9, nan_ok=True)
    return left == right


def test_together_is_the_same_as_one_by_one(several):
    names = read_tags([series.tag for series in several])
    together = analyse_several(several, names)
    for series, name, found in zip(several, names, together, strict=True):
        alone = analyse_series(series, name)
        for field in dataclasses.fields(alone):
            assert same(getattr(found, field.name), getattr(alone, field.name)), (series.tag, field.name)
    assert len({found.shapes.last.shape for found in together}) > 4
    assert len({found.change.label for found in together}) > 3


class Reader:
    run = "r"

    def __init__(self, series):
        self._series = series

    def tags(self):
        return [series.tag for series in self._series]

    def read(self, tags=None):
        return iter(self._series)


@pytest.mark.parametrize("threads", [1, 2, 4])
@pytest.mark.parametrize("rows", [1, 500, 1 << 16])
def test_batches_and_threads_change_neither_results_nor_order(several, monkeypatch, threads, rows):
    monkeypatch.setattr(analysis, "BATCH_ROWS", rows)
    told = []
    found = analyse_tags(Reader(several), on_tag=told.append, threads=threads)
    assert [tag.tag for tag in found] == told == [series.tag for series in several]
    names = read_tags([series.tag for series in several])
    for tag, alone in zip(found, map(analyse_series, several, names), strict=True):
        assert tag.shapes == alone.shapes
        assert tag.change.label == alone.change.label


def test_what_breaks_in_a_thread_is_raised(several, monkeypatch):
    def broken(series, names):
        raise ZeroDivisionError

    monkeypatch.setattr(analysis, "analyse_several", broken)
    with pytest.raises(ZeroDivisionError):
        analyse_tags(Reader(several), threads=2)


def test_no_tag_at_all():
    assert analyse_tags(Reader([])) == []
    assert analyse_tags(Reader([]), threads=2) == []
    nothing = HistogramSeries(
        "r", "w", np.empty(0, np.int64), np.empty(0), np.empty((0, 3)), np.zeros(1, np.int64), np.empty(0), np.empty(0)
    )
    (found,) = analyse_several([nothing], read_tags(["w"]))
    assert found.shapes.labels == ()

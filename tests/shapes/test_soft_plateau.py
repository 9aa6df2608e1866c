"""A plateau whose values have each moved a little is a plateau still; a bell is none."""

import numpy as np
import pytest

from tb_histinsight.core.histogram import RawHistograms, normalise
from tb_histinsight.core.labels import Role, Shape
from tb_histinsight.core.stats import series_stats
from tb_histinsight.shapes import shape_timeline, shape_values


def series_of(values):
    count, edges = np.histogram(values, 30)
    rows = np.column_stack([edges[:-1], edges[1:], count]).astype(float)
    one = np.zeros(1)
    return normalise(RawHistograms(".", "w", one.astype(np.int64), one, rows, np.array([0, 30])))


def cut(values, at):
    return values[np.abs(values) < at]


def judged(values):
    series = series_of(values)
    stats = series_stats(series)
    timeline = shape_timeline(series, stats, Role.WEIGHT)
    return timeline.last.shape, shape_values(series, stats, timeline)


@pytest.mark.parametrize("size", [12_000, 100_000])
@pytest.mark.parametrize("moved", [0.05, 0.1, 0.2])
def test_uniform_weights_that_moved_a_little_stay_uniform(size, moved):
    """Stragglers beyond the old limit make the range wider, and no bell."""
    rng = np.random.default_rng(5)
    values = 0.15 * (rng.uniform(-1, 1, size) + rng.normal(0, moved, size))
    shape, said = judged(values)
    assert shape is Shape.UNIFORM
    assert said["plateau_low"] == pytest.approx(-0.15, abs=0.003)
    assert said["plateau_high"] == pytest.approx(0.15, abs=0.003)


def test_a_plateau_with_sharp_edges_ends_at_minimum_and_maximum():
    values = np.random.default_rng(6).uniform(-0.15, 0.15, 12_000)
    shape, said = judged(values)
    assert shape is Shape.UNIFORM
    assert (said["plateau_low"], said["plateau_high"]) == (values.min(), values.max())


@pytest.mark.parametrize("size", [1000, 12_000, 100_000])
@pytest.mark.parametrize(
    "draw",
    [
        lambda rng, size: rng.normal(size=size),
        lambda rng, size: cut(rng.normal(size=2 * size), 2.0)[:size],
        lambda rng, size: rng.triangular(-1, 0, 1, size),
        lambda rng, size: rng.laplace(size=size),
    ],
    ids=["normal", "normal cut at two sigmas", "triangular", "Laplace"],
)
def test_bells_do_not_become_plateaus(size, draw):
    shape, _ = judged(draw(np.random.default_rng(7), size))
    assert shape is not Shape.UNIFORM

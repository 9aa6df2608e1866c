"""A shape changes on evidence only, and every step is covered."""

import numpy as np
import pytest

from benchmarks.accuracy.writers import series_of
from tb_histinsight.core.labels import Role, Shape
from tb_histinsight.core.stats import series_stats
from tb_histinsight.shapes import shape_timeline
from tb_histinsight.shapes.base import CERTAIN, LIKELY, SUSPECT
from tb_histinsight.shapes.timeline import settled, spans_of

ORDER = list(Shape)
BELL, TAILS, OPEN, ZERO = (
    ORDER.index(s) for s in (Shape.GAUSSIAN, Shape.HEAVY_TAILED, Shape.UNRESOLVED, Shape.COLLAPSED)
)


def settle(*runs):
    shape = np.concatenate([np.full(length, kind) for kind, _, length in runs])
    code = np.concatenate([np.full(length, sure) for _, sure, length in runs])
    return [ORDER[i] for i in settled(shape, code)]


def test_a_suspect_step_between_others_is_flicker():
    assert set(settle((BELL, LIKELY, 5), (TAILS, SUSPECT, 2), (BELL, LIKELY, 5))) == {Shape.GAUSSIAN}


def test_a_single_likely_step_between_others_stands():
    # A batch of activations may well have a shape of its own.
    assert settle((BELL, LIKELY, 5), (TAILS, LIKELY, 1), (BELL, LIKELY, 5)).count(Shape.HEAVY_TAILED) == 1


def test_undecided_steps_are_no_change():
    assert set(settle((BELL, LIKELY, 5), (OPEN, SUSPECT, 50), (BELL, LIKELY, 5))) == {Shape.GAUSSIAN}


def test_what_follows_from_the_data_stands():
    found = settle((BELL, LIKELY, 5), (ZERO, CERTAIN, 1), (BELL, LIKELY, 5))
    assert found[5] is Shape.COLLAPSED and found.count(Shape.GAUSSIAN) == 10


def test_what_lasts_stands():
    assert settle((BELL, LIKELY, 5), (TAILS, SUSPECT, 3), (BELL, LIKELY, 5)).count(Shape.HEAVY_TAILED) == 3
    assert settle((BELL, LIKELY, 5), (TAILS, LIKELY, 2), (BELL, LIKELY, 5)).count(Shape.HEAVY_TAILED) == 2


def test_the_last_step_may_be_the_first_of_a_new_shape():
    assert settle((BELL, LIKELY, 5), (TAILS, LIKELY, 1))[-1] is Shape.HEAVY_TAILED
    assert settle((BELL, LIKELY, 5), (TAILS, SUSPECT, 1))[-1] is Shape.GAUSSIAN


def test_spans_cover_every_step_and_neighbours_differ():
    steps = np.array([0, 7, 8, 20, 21])
    spans = spans_of(np.array([BELL, BELL, ZERO, TAILS, TAILS]), steps)
    assert [(s.shape, s.first_step, s.last_step) for s in spans] == [
        (Shape.GAUSSIAN, 0, 7),
        (Shape.COLLAPSED, 8, 8),
        (Shape.HEAVY_TAILED, 20, 21),
    ]
    assert spans_of(np.empty(0, np.int64), steps[:0]) == ()


@pytest.mark.parametrize("encoding", ["tf2", "old"])
@pytest.mark.parametrize("draw", ["normal", "uniform", "laplace", "exponential"])
def test_three_hundred_samples_of_one_distribution_are_one_span(draw, encoding):
    rng = np.random.default_rng(11)
    series = series_of([getattr(rng, draw)(size=1500) for _ in range(300)], encoding)
    timeline = shape_timeline(series, series_stats(series), Role.WEIGHT)
    assert len(timeline.spans) == 1
    assert len(timeline.labels) == 300


def test_a_kernel_that_turns_from_a_bell_into_zeros_is_followed():
    rng = np.random.default_rng(12)
    steps = [rng.normal(size=3000)] * 4 + [rng.normal(size=3000) * (rng.random(3000) < 0.3)] * 4 + [np.zeros(3000)] * 3
    series = series_of(steps, "old")
    timeline = shape_timeline(series, series_stats(series), Role.WEIGHT)
    assert [span.shape for span in timeline.spans] == [Shape.GAUSSIAN, Shape.SPARSE, Shape.COLLAPSED]
    assert [span.first_step for span in timeline.spans] == [0, 40, 80]

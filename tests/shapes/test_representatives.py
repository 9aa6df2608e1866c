"""Most steps take over the shape of those beside them; what is different is seen all the same."""

import numpy as np
import pytest

from benchmarks.accuracy.writers import series_of
from tb_histinsight.core.histogram import RawHistograms, normalise
from tb_histinsight.core.joined import join
from tb_histinsight.core.labels import Role, Shape
from tb_histinsight.core.stats import series_stats
from tb_histinsight.shapes import judgement, shape_kinds, shape_timeline, shape_timelines
from tb_histinsight.shapes.timeline import settled, spans_of
from tb_histinsight.shapes.view import view_of

STEPS, VALUES = 100, 2000
ENCODINGS = ["tf2", "old"]
DRAWN = {
    "bell": lambda rng: rng.normal(size=VALUES),
    "plateau": lambda rng: rng.uniform(-1, 1, VALUES),
    "tails": lambda rng: rng.laplace(size=VALUES),
    "leaning": lambda rng: rng.exponential(size=VALUES),
    "zeros and a bell": lambda rng: rng.normal(size=VALUES) * (rng.random(VALUES) < 0.4),
    "two hills": lambda rng: rng.normal(size=VALUES) + 3 * rng.choice([-1, 1], VALUES),
    "few values": lambda rng: rng.choice([-0.5, 0.1, 0.7], VALUES),
    "saturated": lambda rng: np.clip(rng.normal(0, 3, VALUES), -1, 1),
}


def draw(*parts, seed=0, encoding="tf2"):
    """A series whose steps are drawn from these, given as (name, number of steps)."""
    rng = np.random.default_rng(seed)
    return series_of([DRAWN[name](rng) for name, count in parts for _ in range(count)], encoding)


def timeline(series):
    return shape_timeline(series, series_stats(series), Role.WEIGHT)


def judged_one_by_one(series):
    """The spans that come out where every step is judged on its own."""
    found = judgement.Judgement(view_of(series, series_stats(series), np.zeros(len(series), bool)), shape_kinds())
    with np.errstate(all="ignore"):
        found.by_data(np.ones(len(series), bool))
        found.fully(found.open)
    return spans_of(settled(found.shape, found.code), series.steps)


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("name", DRAWN)
def test_a_new_shape_begins_at_the_step_at_which_it_begins(name, encoding):
    before = "plateau" if name == "bell" else "bell"
    for seed, first in enumerate((7, 31, 32, 61)):
        series = draw((before, first), (name, STEPS - first), seed=seed, encoding=encoding)
        spans = timeline(series).spans
        assert spans == judged_one_by_one(series)
        assert [series.steps.tolist().index(span.first_step) for span in spans] == [0, first]


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("name", [name for name in DRAWN if name != "bell"])
def test_two_steps_that_are_different_are_found_among_a_hundred(name, encoding):
    for seed, first in enumerate((5, 33, 78)):
        series = draw(("bell", first), (name, 2), ("bell", STEPS - first - 2), seed=seed, encoding=encoding)
        shapes = [label.shape for label in timeline(series).labels]
        there = shapes[first]
        assert there is not Shape.GAUSSIAN
        assert shapes == [Shape.GAUSSIAN] * first + [there] * 2 + [Shape.GAUSSIAN] * (STEPS - first - 2)


def odd_step(kind, values):
    if kind is Shape.COLLAPSED:
        return np.zeros_like(values)
    if kind is Shape.CONSTANT:
        return np.full_like(values, 0.25)
    if kind is Shape.NON_FINITE:
        return np.where(np.arange(len(values)) == 7, np.nan, values)
    return np.append(values[1:], 1000 * np.abs(values).max())


@pytest.mark.parametrize("at", [1, 40, 98])
@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("kind", [Shape.COLLAPSED, Shape.CONSTANT, Shape.NON_FINITE, Shape.UNRESOLVED])
def test_a_single_step_that_is_broken_is_found(kind, encoding, at):
    if (kind, encoding) == (Shape.UNRESOLVED, "old"):
        pytest.skip("exponential buckets bear an outlier")
    rng = np.random.default_rng(3)
    values = [rng.normal(size=VALUES) for _ in range(STEPS)]
    values[at] = odd_step(kind, values[at])
    shapes = [label.shape for label in timeline(series_of(values, encoding)).labels]
    assert shapes == [Shape.GAUSSIAN] * at + [kind] + [Shape.GAUSSIAN] * (STEPS - at - 1)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_slow_change_is_followed(encoding):
    rng = np.random.default_rng(4)
    parts = np.linspace(0, 1, STEPS)
    series = series_of([rng.uniform(-1, 1, VALUES) + part * rng.normal(size=VALUES) for part in parts], encoding)
    spans = timeline(series).spans
    assert [span.shape for span in spans] == [Shape.UNIFORM, Shape.GAUSSIAN]
    alone = judged_one_by_one(series)
    assert [span.shape for span in alone if span.shape is not Shape.UNRESOLVED] == [Shape.UNIFORM, Shape.GAUSSIAN]
    assert abs(spans[1].first_step - alone[-1].first_step) <= 80  # of 1000


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("name", ["bell", "plateau", "tails"])
def test_few_of_many_steps_alike_are_judged(name, encoding, monkeypatch):
    judged = []
    real = judgement.Judgement.fully
    monkeypatch.setattr(judgement.Judgement, "fully", lambda self, rows: (judged.extend(rows), real(self, rows)))
    cut = []
    series = draw((name, 400), encoding=encoding)
    monkeypatch.setattr("tb_histinsight.shapes.view.cells_of", spy(cut))
    timeline(series)
    assert len(judged) < 100
    assert sum(cut) == len(judged)
    assert {0, 399} <= set(judged)


def spy(cut):
    from tb_histinsight.shapes.cells import cells_of

    def counting(rows, offsets, layout):
        cut.append(len(offsets) - 1)
        return cells_of(rows, offsets, layout)

    return counting


def test_small_tensors_are_told_without_cells(monkeypatch):
    cut = []
    monkeypatch.setattr("tb_histinsight.shapes.view.cells_of", spy(cut))
    rng = np.random.default_rng(5)
    found = timeline(series_of([rng.normal(size=40) for _ in range(200)], "tf2"))
    assert {label.shape for label in found.labels} == {Shape.UNRESOLVED}
    assert sum(cut) == 0


@pytest.mark.parametrize("encoding", [*ENCODINGS, "tf2-1000", "doane"])
def test_steps_beside_do_not_matter(encoding):
    """Wide and narrow, full and empty ones: what they have in common is one matrix."""
    rng = np.random.default_rng(6)
    alike = [draw((name, 40), seed=seed, encoding=encoding) for seed, name in enumerate(DRAWN)]
    alike += [series_of([rng.normal(size=n) for n in (60, 300, 1, 5000, 16)], encoding)]
    alike += [series_of([rng.normal(size=900) * 10.0**power for power in (-9, 0, 6)], encoding)]
    layout = alike[0].layout
    for one in alike:
        one.__dict__["layout"] = layout
    roles = [[Role.WEIGHT, Role.ACTIVATION][i % 2] for i in range(len(alike))]
    alone = [shape_timeline(one, series_stats(one), role) for one, role in zip(alike, roles, strict=True)]
    for order in (range(len(alike)), rng.permutation(len(alike)), [0, 9], [9, 3, 8]):
        together = join([alike[i] for i in order])
        together.__dict__["layout"] = layout
        found = shape_timelines(
            together, series_stats(together), [roles[i] for i in order], [alike[i].steps for i in order]
        )
        assert found == [alone[i] for i in order]


@pytest.mark.parametrize("name", DRAWN)
def test_a_valley_is_the_same_beside_wider_steps(name):
    """Twelve buckets: few enough that what lies beyond them in a wider matrix could be taken for buckets."""
    rng = np.random.default_rng(7)
    narrow = [np.histogram(DRAWN[name](rng), 12) for _ in range(12)]
    rows = np.concatenate([np.column_stack([edges[:-1], edges[1:], count]) for count, edges in narrow])
    steps = np.arange(12)
    alone = normalise(RawHistograms("run", "tag", steps, steps * 1.0, rows, np.append(12 * steps, len(rows))))
    wide = draw(("bell", 3))
    for one in (alone, wide):
        one.__dict__["layout"] = wide.layout
    together = join([alone, wide])
    together.__dict__["layout"] = wide.layout
    found = shape_timelines(together, series_stats(together), [Role.WEIGHT] * 2, [alone.steps, wide.steps])
    assert found[0] == timeline(alone)

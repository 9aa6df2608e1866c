"""What an exported file holds of a tag: which steps, and packed how tightly."""

import numpy as np
import pytest

from tb_histinsight.core.histogram import RawHistograms, normalise
from tb_histinsight.page.series import packed_entry
from tb_histinsight.report import TimelineEntry

RNG = np.random.default_rng(3)
RUNGS = 1e-12 * 1.1 ** np.arange(300)


def series(rows, steps=None):
    rows = [np.asarray(step, float).reshape(-1, 3) for step in rows]
    return normalise(
        RawHistograms(
            run="r",
            tag="t",
            steps=np.arange(len(rows)) * 10 if steps is None else np.asarray(steps),
            wall_times=np.arange(len(rows), dtype=float),
            rows=np.concatenate(rows),
            offsets=np.concatenate(([0], np.cumsum([len(step) for step in rows]))),
        )
    )


def equal(scale=1.0):
    counts, edges = np.histogram(RNG.normal(0, scale, 500), 30)
    return np.stack([edges[:-1], edges[1:], counts], axis=1)


def flat(count=20):
    return series([equal() for _ in range(count)])


@pytest.mark.parametrize(
    ("rows", "kind"),
    [
        ([equal(), equal(2)], "equal"),
        ([np.stack([RUNGS[:-1], RUNGS[1:], np.ones(299)], axis=1)], "ladder"),
        ([[[-1, 0, 3], [0, 0.3, 2], [0.3, 5, 1]]], "touching"),
        ([[[-1, -0.5, 3], [0, 0.3, 2], [0.3, 5, 1]]], "any"),
    ],
)
def test_edges_are_packed_as_tightly_as_they_allow(rows, kind):
    assert packed_entry(series(rows), [], 10)["edges"] == kind


def test_the_ends_are_kept_and_what_is_notable_before_others():
    timeline = [
        TimelineEntry(shape="uniform", first_step=0, last_step=20),
        TimelineEntry(shape="gaussian", first_step=30, last_step=990),
    ]
    entry = packed_entry(flat(100), timeline, 10, notable=[770])
    assert {0, 30, 770, 990} <= set(entry["steps"])
    assert len(entry["steps"]) <= 10
    assert entry["steps"] == sorted(entry["steps"])
    assert entry["total_steps"] == 100
    assert entry["shapes"] == ["uniform" if step < 30 else "gaussian" for step in entry["steps"]]


def test_few_steps_are_all_kept():
    assert packed_entry(flat(5), [], 10)["steps"] == [0, 10, 20, 30, 40]


def test_numbers_beyond_float32_are_packed_as_float64():
    assert packed_entry(series([equal(1e-200)]), [], 10)["low"][0] == "d"
    assert packed_entry(series([equal(1e-20)]), [], 10)["low"][0] == "f"


def test_steps_without_buckets_stay_without():
    nothing = np.concatenate([np.full((30, 2), np.nan), np.zeros((30, 1))], axis=1)
    entry = packed_entry(series([equal(), nothing, equal()]), [], 10)
    assert entry["lengths"] == [30, 0, 30]

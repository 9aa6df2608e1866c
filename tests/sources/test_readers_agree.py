"""TensorBoard's loaders and the event files themselves: the same histograms, the same labels."""

import numpy as np
import pytest
from tensorboards import Log

from tb_histinsight.analysis import analyse_series
from tb_histinsight.core.histogram import HistogramSeries
from tb_histinsight.core.names import read_tags
from tb_histinsight.sources.data_provider import DataProviderSource
from tb_histinsight.sources.event_files import EventFileSource

STEPS = 110  # more than the data server keeps, fewer than the Python loader does

FLOAT32 = 1e-6
"""Relative: the Python loader keeps old-style histograms as float32."""


def values_of(step, rng):
    """Tensors of a network that learns, dies and explodes, by tag."""
    return {
        "dense/kernel": rng.normal(size=800) * (1 + 0.02 * step),
        "dense/bias": np.full(400, 0.1) if step < 20 else rng.normal(size=400) * 0.01,
        "frozen/kernel": np.sin(np.arange(600.0)),
        "flat/kernel": rng.uniform(-0.2, 0.2, 900),
        "relu/activations": np.maximum(rng.normal(size=700) - 0.02 * step, 0),
        "tails/kernel_grad": rng.laplace(size=800) * 1e-4,
        "few": rng.normal(size=16),
        "exploding": rng.normal(size=300) * 10.0 ** (step / 200),
    }


@pytest.fixture(scope="module")
def logdir(tmp_path_factory):
    folder = tmp_path_factory.mktemp("agree")
    rng = np.random.default_rng(5)
    with Log(folder / "tf2") as new, Log(folder / "torch") as old:
        for step in range(STEPS):
            for tag, values in values_of(step * 10, rng).items():
                new.histogram(tag, step * 10, values)
                old.old_style(tag, step * 10, values)
        new.rows("nan", 10 * STEPS - 10, [[np.nan, np.nan, 0.0]] * 30)
    return folder


def at_steps(series, steps):
    """Some steps of a series, without what only the event files know."""
    index = np.searchsorted(series.steps, steps)
    assert series.steps[index].tolist() == list(steps)
    rows = [series.buckets[series.offsets[i] : series.offsets[i + 1]] for i in index]
    return HistogramSeries(
        run=series.run,
        tag=series.tag,
        steps=series.steps[index],
        wall_times=series.wall_times[index],
        buckets=np.concatenate(rows),
        offsets=np.cumsum([0, *map(len, rows)]),
        non_finite=series.non_finite[index],
        uncounted=np.zeros(len(index)),
    )


def same_of_both(held, written, keeps):
    """Holds every tag of a run as TensorBoard has it against the same steps of the files."""
    assert list(held.tags()) == list(written.tags())
    names = {name.tag: name for name in read_tags(written.tags())}
    from_file = {series.tag: series for series in written.read()}
    for series in held.read():
        whole = from_file[series.tag]
        same = at_steps(whole, series.steps)
        assert len(series) == (1 if series.tag == "nan" else keeps)
        assert series.wall_times == pytest.approx(same.wall_times, abs=1e-3)
        assert series.offsets.tolist() == same.offsets.tolist()
        np.testing.assert_allclose(series.buckets, same.buckets, rtol=FLOAT32)
        assert series.layout is same.layout
        if series.total_steps is not None:
            assert series.total_steps == len(whole) == STEPS
        ours, theirs = analyse_series(series, names[series.tag]), analyse_series(same, names[series.tag])
        assert [label.shape for label in ours.shapes.labels] == [label.shape for label in theirs.shapes.labels]
        assert ours.change.label is theirs.change.label
        if theirs.change.movement is None:
            assert ours.change.movement is None
        else:
            assert ours.change.movement == pytest.approx(theirs.change.movement, rel=1e-3, abs=FLOAT32)


@pytest.mark.parametrize(("loader", "keeps"), [("data server", 100), ("python loader", STEPS)])
def test_the_tab_says_what_the_command_line_says_of_the_same_steps(logdir, tensorboard, loader, keeps):
    files = EventFileSource(logdir)
    tags = {run: len(files.open_run(run).tags()) for run in files.runs()}
    board = tensorboard(logdir, loader)
    board.wait_until(lambda board: {run: len(found) for run, found in board.listing().items()} == tags)
    for run in tags:
        board.wait_until(
            lambda board, run=run: {tag.max_step for tag in board.listing()[run].values()} == {STEPS * 10 - 10}
        )
        same_of_both(DataProviderSource(board.provider).open_run(run), files.open_run(run), keeps)

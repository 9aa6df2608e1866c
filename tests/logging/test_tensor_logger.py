"""Logging from a training without a framework: names that are understood, and no harm whatever happens."""

import logging

import numpy as np
import pytest

from tb_histinsight import analyze
from tb_histinsight.core.labels import Role
from tb_histinsight.core.names import read_tags
from tb_histinsight.logging.buckets import ladder, places_on_ladder
from tb_histinsight.logging.findings import Watcher
from tb_histinsight.logging.tensors import TensorLogger, is_due, places_of_sample

RNG = np.random.default_rng(2)


def test_every_name_of_the_convention_is_understood_without_a_guess(tmp_path):
    with TensorLogger(tmp_path) as logger:
        for step in range(3):
            logger.log(
                step,
                weights={"block.0.conv/weight": RNG.normal(size=300), "block.0.conv/bias": RNG.normal(size=9)},
                gradients={"block.0.conv/weight": RNG.normal(size=300)},
                updates={"block.0.conv/weight": RNG.normal(size=300)},
                activations={"block.0.conv": RNG.normal(size=300)},
            )
    assert logger.broken is None
    names = {name.tag: name for name in read_tags([tag.tag for tag in analyze(tmp_path).runs[0].tags])}
    assert {name.layer for name in names.values()} == {"block.0.conv"}
    assert all(name.certain for name in names.values())
    assert {tag: (name.role, name.subject) for tag, name in names.items()} == {
        "block.0.conv/weight": (Role.WEIGHT, Role.WEIGHT),
        "block.0.conv/bias": (Role.BIAS, Role.BIAS),
        "gradients/block.0.conv/weight": (Role.GRADIENT, Role.WEIGHT),
        "updates/block.0.conv/weight": (Role.UPDATE, Role.WEIGHT),
        "block.0.conv/activations": (Role.ACTIVATION, Role.ACTIVATION),
    }


@pytest.mark.parametrize(
    ("values", "bad"),
    [([np.nan, 1, 2], 1), ([np.inf, -np.inf, 3], 2), ([np.nan] * 4, 4), ([np.inf], 1)],
)
def test_what_is_not_finite_is_counted_and_raises_nothing(tmp_path, values, bad):
    with TensorLogger(tmp_path) as logger:
        logger.log(0, weights={"dense/kernel": np.array(values, np.float32)})
        logger.log(1, weights={"dense/kernel": RNG.normal(size=50)})
        logger.log(2, weights={"dense/kernel": np.empty(0)})
    assert logger.broken is None
    run = analyze(tmp_path).runs[0]
    (finding,) = (finding for finding in run.findings if finding.rule == "non-finite")
    assert finding.evidence[0].value == bad
    assert run.tags[0].step_count == 3


def test_a_folder_that_cannot_be_written_is_one_warning(tmp_path, caplog):
    (tmp_path / "file").write_text("in the way")
    with caplog.at_level(logging.WARNING, "tb_histinsight"), TensorLogger(tmp_path / "file") as logger:
        for step in range(3):
            logger.log(step, weights={"w": [1.0]})
    assert isinstance(logger.broken, OSError)
    assert len(caplog.records) == 1
    assert "the training goes on" in caplog.text


def test_a_disk_that_gets_full_is_one_warning_and_what_was_logged_stays(tmp_path, caplog):
    logger = TensorLogger(tmp_path)
    logger.log(0, weights={"dense/kernel": RNG.normal(size=100)})

    class Full:
        def write(self, data):
            raise OSError(28, "No space left on device")

        flush = close = lambda self: None

    stream, logger._writer._stream = logger._writer._stream, Full()
    with caplog.at_level(logging.WARNING, "tb_histinsight"):
        logger.log(1, weights={"dense/kernel": RNG.normal(size=100)})
        logger.log(2, weights={"dense/kernel": RNG.normal(size=100)})
    stream.close()
    assert caplog.text.count("No space left on device") == 1
    assert analyze(tmp_path).runs[0].tags[0].step_count == 1


def test_two_loggers_at_once_do_not_share_a_file(tmp_path):
    first, second = TensorLogger(tmp_path), TensorLogger(tmp_path)
    for logger in (first, second):
        logger.log(0, weights={"w": [1.0, 2.0]})
        logger.close()
    assert len(list(tmp_path.iterdir())) == 2


def test_places_are_those_of_a_search():
    limits = ladder()
    near = np.concatenate([limits, np.nextafter(limits, np.inf)[:-1], np.nextafter(limits, -np.inf)[1:]])
    spread = RNG.normal(size=50_000) * 10.0 ** RNG.uniform(-14, 19, 50_000)
    values = np.concatenate([near, spread, [0.0, -0.0, 5e-324, -5e-324]])
    expected = np.minimum(np.searchsorted(limits, values, side="right") - 1, len(limits) - 2)
    np.testing.assert_array_equal(places_on_ladder(values), expected)


def test_findings_are_told_once_and_remarks_are_not(tmp_path):
    told = []
    logger = TensorLogger(tmp_path)
    watcher = Watcher(logger, told.append)
    for step in range(12):
        values = RNG.normal(size=300)
        values[0] = np.nan if step > 3 else 0
        logger.log(step, weights={"dense_1/kernel": values, "dense_2/kernel": RNG.normal(size=300)})
        watcher.look()
    logger.close()
    assert [finding.rule for finding in told] == ["non-finite"]


def test_looks_become_rarer():
    class Counting(Watcher):
        pass

    looks = []
    watcher = Watcher(type("Logger", (), {"broken": None, "logdir": "nowhere"})(), looks.append)
    times = []
    for logged in range(1, 200):
        before = watcher._next
        try:
            watcher.look()
        except Exception:
            times.append(logged)
        assert watcher._next >= before
    assert times[0] == 3
    assert len(times) < 15


@pytest.mark.parametrize(("step", "due"), [(0, True), (99, False), (100, True), (150, False), (200, True)])
def test_steps_that_are_logged(step, due):
    assert is_due(step, 100) is due


@pytest.mark.parametrize(("size", "count"), [(101, 100), (1000, 100), (12_345_678, 1 << 16)])
def test_a_sample_has_one_value_of_each_equal_part_and_none_twice(size, count):
    places = places_of_sample(size, count)
    assert len(np.unique(places)) == count
    borders = [part * size // count for part in range(count + 1)]
    assert all(start <= place < end for start, place, end in zip(borders, places, borders[1:], strict=False))
    assert places[0] >= 0 and places[-1] < size
    assert (places == places_of_sample(size, count)).all()

import numpy as np
import pytest
from tensorboards import LOADERS, Log

from tb_histinsight.core.histogram import Layout
from tb_histinsight.sources.data_provider import DataProviderSource, reading, source

both_loaders = pytest.mark.parametrize("loader", LOADERS)


def open_when_loaded(board, run, tags, last_step):
    """The reader of a run, once all its tags are there with the last step."""

    def loaded(board):
        listed = board.listing().get(run, {})
        return len(listed) == tags and all(series.max_step == last_step for series in listed.values())

    board.wait_until(loaded)
    source = DataProviderSource(board.provider)
    return source.open_run(run)


def only(reader):
    (series,) = reader.read()
    return series


@both_loaders
def test_buckets_arrive_as_they_were_written(tmp_path, tensorboard, loader):
    rng = np.random.default_rng(1)
    written = [rng.normal(size=200) for _ in range(4)]
    with Log(tmp_path / "a") as log:
        for step, values in enumerate(written):
            log.histogram("w", step * 10, values)
    series = only(open_when_loaded(tensorboard(tmp_path, loader), "a", 1, 30))
    assert series.run == "a"
    assert series.steps.tolist() == [0, 10, 20, 30]
    assert series.layout is Layout.EQUAL
    for i, values in enumerate(written):
        count, edges = np.histogram(values, 30)
        histogram = series.at(i)
        assert histogram.count.tolist() == count.tolist()
        assert histogram.left.tolist() == edges[:-1].tolist()
    assert series.total_steps is None
    assert (np.diff(series.wall_times) > 0).all()


@both_loaders
def test_both_loaders_give_the_same_normal_form_of_old_style_histograms(tmp_path, tensorboard, loader):
    """The data server keeps an empty backwards first row; the Python loader drops it and rounds to float32."""
    values = np.random.default_rng(2).normal(size=500)
    with Log(tmp_path) as log:
        for step in range(3):
            log.old_style("w", step, values * (step + 1))
    series = only(open_when_loaded(tensorboard(tmp_path, loader), ".", 1, 2))
    assert series.layout is Layout.EXPONENTIAL
    for step in range(3):
        histogram = series.at(step)
        assert histogram.total == 500
        assert histogram.left[0] == pytest.approx(values.min() * (step + 1), rel=1e-6)
        assert histogram.right[-1] == pytest.approx(values.max() * (step + 1), rel=1e-6)
        assert histogram.count[0] > 0
        assert histogram.count[-1] > 0
        assert (histogram.left < histogram.right).all()


@both_loaders
def test_odd_histograms_of_tf2(tmp_path, tensorboard, loader):
    odd = {
        "empty": np.zeros((30, 3)),
        "no rows": np.empty((0, 3)),
        "constant": [[2.0, 2.0, 0.0]] * 29 + [[2.0, 2.0, 7.0]],
        "NaN": [[np.nan, np.nan, 0.0]] * 30,
    }
    with Log(tmp_path / "odd") as log:
        for tag, rows in odd.items():
            log.rows(tag, 0, rows)
            log.rows(tag, 1, [[0.0, 1.0, 3.0], [1.0, 2.0, 4.0]])
    reader = open_when_loaded(tensorboard(tmp_path, loader), "odd", len(odd), 1)
    found = {series.tag: series for series in reader.read()}
    assert {tag: series.lengths.tolist() for tag, series in found.items()} == {
        "empty": [0, 2],
        "no rows": [0, 2],
        "constant": [1, 2],
        "NaN": [0, 2],
    }
    assert [tag for tag, series in found.items() if np.isnan(series.non_finite[0])] == ["NaN"]
    assert found["constant"].buckets[0].tolist() == [2.0, 2.0, 7.0]


@both_loaders
def test_float32_rows_are_read(tmp_path, tensorboard, loader):
    with Log(tmp_path / "a") as log:
        log.rows("w", 0, [[0.0, 0.5, 3.0], [0.5, 1.0, 4.0]], np.float32)
    series = only(open_when_loaded(tensorboard(tmp_path, loader), "a", 1, 0))
    assert series.buckets.dtype == np.float64
    assert series.buckets.tolist() == [[0.0, 0.5, 3.0], [0.5, 1.0, 4.0]]


@both_loaders
def test_what_is_no_histogram_is_said_and_left_out(tmp_path, tensorboard, loader):
    with Log(tmp_path / "a") as log:
        log.rows("image", 0, np.zeros((2, 2)))
        log.rows("w", 0, [[0.0, 1.0, 3.0]] * 2)
    reader = open_when_loaded(tensorboard(tmp_path, loader), "a", 2, 0)
    assert [series.tag for series in reader.read()] == ["w"]
    (skipped,) = reader.skipped()
    assert (skipped.reason, skipped.tag, skipped.count) == ("not_a_histogram", "image", 1)


@both_loaders
def test_tags_come_in_the_order_of_their_appearance(tmp_path, tensorboard, loader):
    names = ["input/kernel", "b", "a", "conv10", "conv9", "out/kernel", "z", "y"]
    with Log(tmp_path / "a") as log:
        for step in range(3):
            for name in names:
                log.rows(name, step, [[0.0, 1.0, 1.0], [1.0, 2.0, 1.0]])
    reader = open_when_loaded(tensorboard(tmp_path, loader), "a", len(names), 2)
    assert reader.tags() == names
    assert [series.tag for series in reader.read(["y", "a", "b"])] == ["b", "a", "y"]


@both_loaders
def test_runs_come_in_the_order_of_tensorboard(tmp_path, tensorboard, loader):
    names = [".", "../x".replace("/", "⁄"), "run2", "run10", "run10/inner", "Ünï <script>'\""]
    for name in names:
        with Log(tmp_path / name) as log:
            log.rows("w", 0, [[0.0, 1.0, 1.0], [1.0, 2.0, 1.0]])
    with Log(tmp_path / "scalars only") as log:
        log.scalar("loss", 0, 1.0)
    board = tensorboard(tmp_path, loader).wait_until(lambda board: len(board.listing()) == len(names))
    found = DataProviderSource(board.provider).runs()
    assert set(found) == set(names)
    assert found.index("run2") < found.index("run10") < found.index("run10/inner")
    with pytest.raises(KeyError):
        DataProviderSource(board.provider).open_run("scalars only")


@both_loaders
def test_many_small_requests_and_one_large_one_give_the_same(tmp_path, tensorboard, loader, monkeypatch):
    rng = np.random.default_rng(3)
    names = [f"layer{i}/kernel" for i in range(20)]
    with Log(tmp_path / "a") as log:
        for step in range(5):
            for name in names:
                log.histogram(name, step, rng.normal(size=50))
    board = tensorboard(tmp_path, loader)
    reader = open_when_loaded(board, "a", 20, 4)
    at_once = list(reader.read())
    monkeypatch.setattr(reading, "BATCH_BYTES", 3 * 5 * 30 * 24)
    monkeypatch.setattr(reading, "FIRST_BATCH", 7)
    requests = []
    way = "ask_data_server" if loader == "data server" else "ask_provider"
    ask = getattr(source, way)
    monkeypatch.setattr(source, way, lambda *args: requests.append(len(args[-1])) or ask(*args))
    piecewise = list(reader.read())
    assert requests == [7, 3, 3, 3, 3, 1]
    assert [series.tag for series in piecewise] == names
    for left, right in zip(at_once, piecewise, strict=True):
        assert left.buckets.tolist() == right.buckets.tolist()


def test_the_short_way_to_the_data_server_gives_what_tensorboards_own_gives(tmp_path, tensorboard):
    rng = np.random.default_rng(4)
    with Log(tmp_path / "a") as log:
        for step in range(7):
            log.histogram("equal", step, rng.normal(size=50))
            log.old_style("ladder", step, rng.normal(size=50))
            log.rows("single", step, [[0.0, 0.5, 3.0], [0.5, 1.0, 4.0]], np.float32)
            log.rows("empty", step, np.empty((0, 3)) if step % 2 else np.zeros((30, 3)))
            log.rows("image", step, np.zeros((2, 2)))
            log.rows("text", step, [b"words"], object)
            log.rows("flat", step, np.zeros(3))
    board = tensorboard(tmp_path, "data server")
    short = open_when_loaded(board, "a", 7, 6)
    long = DataProviderSource(AnotherProvider(board.provider)).open_run("a")
    for left, right in zip(short.read(), long.read(), strict=True):
        assert left.tag == right.tag
        assert left.steps.tolist() == right.steps.tolist()
        assert left.wall_times.tolist() == right.wall_times.tolist()
        assert left.offsets.tolist() == right.offsets.tolist()
        assert left.buckets.tolist() == right.buckets.tolist()
    assert short.skipped() == long.skipped()
    assert [(entry.tag, entry.count) for entry in short.skipped()] == [("image", 7), ("text", 7), ("flat", 7)]


class AnotherProvider:
    """A provider that is not recognised."""

    def __init__(self, provider):
        self.list_tensors, self.read_tensors = provider.list_tensors, provider.read_tensors


@pytest.mark.parametrize("fits", [1, 3], ids=["one fits", "three fit"])
def test_answers_that_tensorboard_refuses_for_their_size_are_asked_for_in_parts(tmp_path, tensorboard, fits):
    names = [f"w{i}" for i in range(10)]
    with Log(tmp_path / "a") as log:
        for name in names:
            log.rows(name, 0, [[0.0, 1.0, 1.0], [1.0, 2.0, 1.0]])
    board = tensorboard(tmp_path, "data server")
    reader = open_when_loaded(board, "a", 10, 0)
    provider = RefusesLargeAnswers(board.provider, fits, hopeless="w4")
    reader = DataProviderSource(provider).open_run("a")
    assert [series.tag for series in reader.read()] == [name for name in names if name != "w4"]
    assert [(entry.reason, entry.tag) for entry in reader.skipped()] == [("too_large", "w4")]


class RefusesLargeAnswers:
    """Fails as gRPC does when an answer is above its limit."""

    def __init__(self, provider, fits, hopeless):
        self._provider, self._fits, self._hopeless = provider, fits, hopeless

    def list_tensors(self, *args, **options):
        return self._provider.list_tensors(*args, **options)

    def read_tensors(self, *args, run_tag_filter, **options):
        if len(run_tag_filter.tags) > self._fits or self._hopeless in run_tag_filter.tags:
            raise ResourceExhausted
        return self._provider.read_tensors(*args, run_tag_filter=run_tag_filter, **options)


class ResourceExhausted(Exception):
    def code(self):
        import grpc

        return grpc.StatusCode.RESOURCE_EXHAUSTED


@both_loaders
def test_a_restart_replaces_what_was_written_after_it(tmp_path, tensorboard, loader):
    with Log(tmp_path / "a") as log:
        for step in (0, 10, 20, 30):
            log.rows("w", step, [[0.0, 1.0, 1.0], [1.0, 2.0, 1.0]])
        log.new_file()
        for step in (20, 30, 40):
            log.rows("w", step, [[0.0, 1.0, 5.0], [1.0, 2.0, 5.0]])
    series = only(open_when_loaded(tensorboard(tmp_path, loader), "a", 1, 40))
    assert series.steps.tolist() == [0, 10, 20, 30, 40]
    assert series.element_count.tolist() == [2, 2, 10, 10, 10]
    assert series.restarts.tolist() in ([], [20])
    assert series.collisions.tolist() == []


def test_the_python_loader_shows_several_histograms_of_one_step(tmp_path, tensorboard):
    """As some releases of Keras write them: every layer in one tag. (The data server keeps one of them, silently.)"""
    with Log(tmp_path / "a") as log:
        for step in (0, 1, 2):
            for size in (10, 20, 30):
                log.rows("kernel", step, [[0.0, 1.0, size], [1.0, 2.0, size]])
            log.wall_time += 60
    series = only(open_when_loaded(tensorboard(tmp_path, "python loader"), "a", 1, 2))
    assert series.steps.tolist() == [0, 1, 2]
    assert series.element_count.tolist() == [60, 60, 60]
    assert series.collisions.tolist() == [0, 1, 2]


@pytest.mark.parametrize(("loader", "keeps"), [("data server", 100), ("python loader", 500)])
def test_a_sample_says_of_how_many_steps(tmp_path, tensorboard, loader, keeps):
    with Log(tmp_path / "a") as log:
        for step in range(0, 7000, 10):
            log.rows("sampled", step, [[0.0, 1.0, step + 1], [1.0, 2.0, 1.0]])
        log.rows("complete", 6990, [[0.0, 1.0, 1], [1.0, 2.0, 1.0]])
    reader = open_when_loaded(tensorboard(tmp_path, loader), "a", 2, 6990)
    found = {series.tag: series for series in reader.read()}
    assert len(found["sampled"]) == keeps
    assert found["sampled"].total_steps == 700
    assert found["complete"].total_steps is None


@both_loaders
def test_keeping_everything_leaves_nothing_out(tmp_path, tensorboard, loader):
    with Log(tmp_path / "a") as log:
        for step in range(600):
            log.rows("w", step, [[0.0, 1.0, step + 1], [1.0, 2.0, 1.0]])
    board = tensorboard(tmp_path, loader, flags=["--samples_per_plugin=histograms=0"])
    open_when_loaded(board, "a", 1, 599)
    series = only(DataProviderSource(board.provider, sample_hint=0).open_run("a"))
    assert series.steps.tolist() == list(range(600))
    assert series.total_steps is None


@both_loaders
def test_scalars_are_read_with_the_last_value_of_a_step(tmp_path, tensorboard, loader):
    with Log(tmp_path / "a") as log:
        log.rows("w", 0, [[0.0, 1.0, 1.0], [1.0, 2.0, 1.0]])
        for step in (0, 1, 2):
            log.scalar("loss", step, 3.0 - step)
            log.scalar("acc", step, 0.5)
    board = tensorboard(tmp_path, loader)
    reader = open_when_loaded(board, "a", 1, 0)
    board.wait_until(lambda board: [len(series.steps) for series in reader.scalars()] == [3, 3])
    accuracy, loss = reader.scalars()
    assert (accuracy.tag, loss.tag) == ("acc", "loss")
    assert loss.values.tolist() == [3.0, 2.0, 1.0]
    assert loss.steps.tolist() == [0, 1, 2]


@both_loaders
def test_the_version_changes_with_new_data_only(tmp_path, tensorboard, loader):
    log = Log(tmp_path / "a")
    log.rows("w", 0, [[0.0, 1.0, 1.0], [1.0, 2.0, 1.0]])
    log.rows("v", 0, [[0.0, 1.0, 1.0], [1.0, 2.0, 1.0]])
    log.flush()
    board = tensorboard(tmp_path, loader, flags=["--reload_interval=1"])
    board.wait_until(lambda board: len(board.listing().get("a", {})) == 2)
    first = DataProviderSource(board.provider).open_run("a")
    again = DataProviderSource(board.provider).open_run("a")
    assert again.version == first.version
    log.rows("w", 1, [[0.0, 1.0, 1.0], [1.0, 2.0, 1.0]])
    log.close()
    board.wait_until(lambda board: board.listing()["a"]["w"].max_step == 1)
    later = DataProviderSource(board.provider).open_run("a")
    assert later.version != first.version
    assert later.tag_version("w") != first.tag_version("w")
    assert later.tag_version("v") == first.tag_version("v")

"""One log read three ways: the event files, TensorBoard's data server, and its Python loader.

They must agree on each run, tag, step and bucket, float32 rounding allowed for. What they are known to differ in is
named where it is expected: what the loaders do with files that are damaged, with repeated steps, and with ranks.
"""

import numpy as np
import pytest
from agreement import assert_agree
from event_logs import count_of, event, file_bytes, history, old_style, rows, scalar, version, write
from tensorboards import LOADERS, Log

from tb_histinsight.sources.data_provider import DataProviderSource
from tb_histinsight.sources.event_files import EventFileSource

FILE = "events.out.tfevents.1.host"
KEEP_ALL = ("--samples_per_plugin=histograms=0",)
TF1_END = 1.7976931348623157e308
nan, inf = np.nan, np.inf

both_loaders = pytest.mark.parametrize("loader", LOADERS)


def read(source):
    return {run: {series.tag: series for series in source.open_run(run).read()} for run in source.runs()}


def by_tensorboard(tensorboard, folder, loader, expected):
    """What TensorBoard holds, once it holds all that is expected."""
    board = tensorboard(folder, loader, flags=KEEP_ALL)

    def loaded(board):
        listing = board.listing()
        return all(
            tag in listing.get(run, {}) and listing[run][tag].max_step == int(series.steps[-1])
            for run, tags in expected.items()
            for tag, series in tags.items()
        )

    board.wait_until(loaded)
    return read(DataProviderSource(board.provider, sample_hint=0))


def assert_all_agree(tensorboard, folder, loader):
    ours = read(EventFileSource(folder))
    theirs = by_tensorboard(tensorboard, folder, loader, ours)
    assert theirs.keys() == ours.keys()
    for run, tags in ours.items():
        assert theirs[run].keys() == tags.keys()
        for tag, series in tags.items():
            assert_agree(series, theirs[run][tag], f"{run} {tag}")
    return ours, theirs


@both_loaders
def test_tensors_of_every_kind(tmp_path, tensorboard, loader):
    rng = np.random.default_rng(0)
    tables = {
        "normal": lambda: np.column_stack([*_edges(rng.normal(size=300))]),
        "constant": lambda: [[2.5, 2.5, 0]] * 29 + [[2.5, 2.5, 9]],
        "constant of TF 2.1": lambda: [[0.2, 1.2, 9]],
        "zeros": lambda: np.zeros((30, 3)),
        "no rows": lambda: np.empty((0, 3)),
        "NaN": lambda: [[nan, nan, 0]] * 30,
        "infinity": lambda: [[nan, inf, 4]] + [[inf, inf, 0]] * 28 + [[inf, inf, 1]],
        "narrow": lambda: np.column_stack([*_edges(1e8 + rng.normal(size=300))]),
        "huge": lambda: [[-1e300, 0, 1e15], [0, 1e300, 3]],
        "tiny": lambda: [[0, 5e-324, 3], [5e-324, 1e-310, 4]],
        "unsorted": lambda: [[1, 2, 3], [0, 1, 2]],
    }
    for run, dtype in (("double", np.float64), ("single", np.float32)):
        with Log(tmp_path / run) as log:
            for step in range(3):
                for tag, table in tables.items():
                    if dtype is np.float64 or tag not in {"huge", "tiny"}:
                        log.rows(tag, step, table(), dtype)
    assert_all_agree(tensorboard, tmp_path, loader)


def _edges(values):
    count, edges = np.histogram(values, 30)
    return edges[:-1], edges[1:], count


OLD_STYLE = {
    "pytorch": old_style("pytorch", [0.9, 1.0, 1.1, 1.21], [0, 2, 0, 4], 0.95, 1.2),
    "constant": old_style("constant", [0.9, 1.1], [0, 7], 1.0, 1.0),
    "zeros": old_style("zeros", [0.0, 1e-12], [0, 7], 0.0, 0.0),
    "tf1": old_style("tf1", [-1.0, 0.0, 1.0, TF1_END], [0, 2, 3, 0], -0.5, 0.75),
    "tf1 open": old_style("tf1 open", [-1.0, 0.0, 1.0, TF1_END], [4, 2, 3, 5], -7.5, 1e22),
    "empty": old_style("empty", [TF1_END], [0], TF1_END, -TF1_END, num=0),
    "partly NaN": old_style("partly NaN", [0.0, 1e-12, 1.1e-12], [0, 2, 3], nan, nan, num=9, total=nan),
    "partly infinite": old_style("partly infinite", [0.0, 1e-12, 1.1e-12], [0, 2, 3], 1e-13, inf, num=9, total=inf),
    "beyond 1e20": old_style("beyond 1e20", [1e18, 1.1e18], [0, 3], 1.05e18, 1e25, num=9, total=1e26),
    "below -1e20": old_style("below -1e20", [-1e18, -9e17], [0, 3], -1e25, -9.5e17, num=9, total=-1e26),
    "all beyond": old_style("all beyond", [1e20], [0], 1e21, 1e25, num=9, total=1e26),
    "min on its limit": old_style("min on its limit", [1.0, 2.0, 3.0], [0, 2, 3], 1.0, 3.0),
    "contradiction": old_style("contradiction", [0.0, 1.0, 2.0], [0, 2, 3], 1.5, 1.7),
    "huge counts": old_style("huge counts", [0.0, 1.0, 2.0], [0, 1e12, 3e12], 0.5, 1.7),
}


@both_loaders
def test_old_style_summaries_of_every_kind(tmp_path, tensorboard, loader):
    with Log(tmp_path / "dense") as log:
        rng = np.random.default_rng(1)
        for step in range(4):
            log.old_style("normal", step, rng.normal(size=400))
            log.old_style("sparse", step, np.maximum(rng.normal(size=400), 0))
    write(tmp_path / "odd" / FILE, version(), *(event(step, *OLD_STYLE.values()) for step in range(3)))
    assert_all_agree(tensorboard, tmp_path, loader)


@both_loaders
def test_a_writer_of_its_own(tmp_path, tensorboard, loader):
    tensorboard_x = pytest.importorskip("tensorboardX")
    rng = np.random.default_rng(2)
    with tensorboard_x.SummaryWriter(str(tmp_path / "x")) as writer:
        for step in range(3):
            writer.add_histogram("tensorflow", rng.normal(size=500), step)
            writer.add_histogram("doane", rng.gamma(2.0, size=500), step, bins="doane")
            writer.add_histogram("auto", rng.uniform(size=500), step, bins="auto")
            writer.add_histogram("constant", np.full(50, 0.3), step)
            writer.add_histogram("nan", np.append(rng.normal(size=50), nan), step)
    ours, _ = assert_all_agree(tensorboard, tmp_path, loader)
    assert ours["x"]["nan"].non_finite.tolist() == [1, 1, 1]


VALUES = {
    "normal": np.random.default_rng(3).normal(size=500),
    "constant": np.full(50, 0.3),
    "zeros": np.zeros(50),
    "one NaN": np.array([1.0, 2.0, nan, 3.0]),
    "all NaN": np.full(4, nan),
    "infinity": np.array([1.0, 2.0, inf, 0.0]),
    "-infinity": np.array([1.0, 2.0, -inf, 0.0]),
    "nothing": np.array([]),
    "beyond 1e20": np.array([1e25, 1.0, 2e25]),
    "whole": np.array([20.0, 21.0, 20.0]),
    "tiny": np.array([1e-30, 2e-30, -1e-13]),
    "narrow": 1e6 + np.arange(5) / 10,
}


def log_with_pytorch(folder):
    tensorboard_of_torch = pytest.importorskip("torch.utils.tensorboard")
    with tensorboard_of_torch.SummaryWriter(str(folder)) as writer:
        for step in range(2):
            for tag, values in VALUES.items():
                if np.isfinite(values).any():  # PyTorch raises otherwise
                    writer.add_histogram(tag.replace(" ", "_"), values, step)


def log_with_tensorflow2(folder):
    tensorflow = pytest.importorskip("tensorflow")
    with tensorflow.summary.create_file_writer(str(folder)).as_default():
        for step in range(2):
            for tag, values in VALUES.items():
                tensorflow.summary.histogram(tag, values, step)


def log_with_tensorflow1(folder):
    tensorflow = pytest.importorskip("tensorflow").compat.v1
    with tensorflow.Graph().as_default(), tensorflow.Session() as session:
        writer = tensorflow.summary.FileWriter(str(folder))
        for tag, values in VALUES.items():
            if np.isfinite(values).all():  # TF 1 raises otherwise
                summary = session.run(tensorflow.summary.histogram(tag.replace(" ", "_"), values))
                for step in range(2):
                    writer.add_summary(summary, step)
        writer.close()


@pytest.mark.writers
@pytest.mark.parametrize("log", [log_with_pytorch, log_with_tensorflow2, log_with_tensorflow1])
@both_loaders
def test_real_writers(tmp_path, tensorboard, loader, log):
    log(tmp_path / "run")
    ours, _ = assert_all_agree(tensorboard, tmp_path, loader)
    assert {"normal", "constant", "zeros", "narrow"} <= ours["run"].keys()
    for tag, series in ours["run"].items():
        values = VALUES[tag.replace("_", " ")]
        assert (series.non_finite == 0).all() == bool(np.isfinite(values).all())
        if np.isfinite(values).all() and len(values):
            assert series.minimum == pytest.approx(values.min(), rel=1e-12)
            assert series.maximum == pytest.approx(values.max(), rel=1e-12)


@both_loaders
def test_non_finite_values_are_known_to_all(tmp_path, tensorboard, loader):
    names = ["partly NaN", "partly infinite"]
    write(tmp_path / FILE, version(), event(0, *(OLD_STYLE[name] for name in names), rows("n", [[nan, nan, 0]] * 3)))
    ours, theirs = assert_all_agree(tensorboard, tmp_path, loader)
    assert [ours["."][name].non_finite.tolist() for name in names] == [[4], [4]]  # the file says how many
    assert all(np.isnan(theirs["."][name].non_finite).all() for name in [*names, "n"])


@both_loaders
def test_runs_in_runs_with_names_of_any_kind(tmp_path, tensorboard, loader):
    for run in ["", "a", "a/b", "train", "validation", "Ünï <script>", "run 10", "run 9"]:
        history(tmp_path / run / FILE, range(3), tag="l/<b>w</b> 名前")
    (tmp_path / "link").symlink_to(tmp_path / "a", target_is_directory=True)
    ours, _ = assert_all_agree(tensorboard, tmp_path, loader)
    assert {"link", "link/b", "."} <= ours.keys()


@both_loaders
def test_many_files_and_a_restart(tmp_path, tensorboard, loader):
    for i, steps in enumerate([range(10), range(10, 20), range(15, 30)]):
        name = f"events.out.tfevents.{100 + i}.host.{i}.0"
        history(tmp_path / name, steps, start=1.7e9 + 100 * i, first_count=1 + 100 * i)
    ours, theirs = assert_all_agree(tensorboard, tmp_path, loader)
    assert ours["."]["w"].restarts.tolist() == [15]
    assert theirs["."]["w"].restarts.tolist() in ([], [15])  # the data server drops what was replaced, and says nothing


@both_loaders
def test_a_file_that_is_still_being_written(tmp_path, tensorboard, loader):
    path = history(tmp_path / FILE, range(10))
    path.write_bytes(path.read_bytes()[:-20])
    ours, _ = assert_all_agree(tensorboard, tmp_path, loader)
    assert ours["."]["w"].steps.tolist() == list(range(9))


@both_loaders
def test_several_histograms_of_one_step(tmp_path, tensorboard, loader):
    write(
        tmp_path / FILE,
        version(),
        *(event(step, count_of("w", 5), count_of("w", 9), wall_time=1.7e9 + 60 * step) for step in range(3)),
    )
    ours, theirs = assert_all_agree(tensorboard, tmp_path, loader)
    assert ours["."]["w"].collisions.tolist() == [0, 1, 2]
    assert theirs["."]["w"].collisions.tolist() == ([0, 1, 2] if loader == "python loader" else [])


@both_loaders
def test_after_damage_only_the_event_files_themselves_go_on(tmp_path, tensorboard, loader):
    events = [version(), *(event(step, count_of("w", 1 + step), scalar("loss", 1.0)) for step in range(6))]
    data = bytearray(file_bytes(*events))
    data[len(file_bytes(*events[:4])) + 30] ^= 1  # in the record of step 3
    (tmp_path / FILE).write_bytes(bytes(data))
    source = EventFileSource(tmp_path)
    reader = source.open_run(".")
    (series,) = reader.read()
    assert series.steps.tolist() == [0, 1, 2, 4, 5]
    assert [entry.reason for entry in reader.skipped()] == ["bad_checksum"]
    theirs = by_tensorboard(tensorboard, tmp_path, loader, {".": {"w": series.select(0, 3)}})
    assert_agree(series.select(0, 3), theirs["."]["w"])


@both_loaders
def test_ranks_are_mixed_by_both_loaders_and_not_by_the_event_files_themselves(tmp_path, tensorboard, loader):
    for rank in (0, 1):
        name = f"events.out.tfevents.100.host{rank}.7.0"
        history(tmp_path / name, range(5), start=1.7e9 + rank / 10, first_count=1 + 100 * rank)
    ((series,),) = (list(EventFileSource(tmp_path).open_run(".").read()),)
    assert series.buckets[::2, 2].tolist() == [1, 2, 3, 4, 5]
    theirs = by_tensorboard(tensorboard, tmp_path, loader, {".": {"w": series}})
    assert theirs["."]["w"].buckets[::2, 2].tolist() == [101, 102, 103, 104, 105]

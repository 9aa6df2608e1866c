"""More runs than are kept in memory: the report is the same, byte by byte, as that of few."""

import io
import shutil

import numpy as np
import pytest

from tb_histinsight.api import analyze, report_of, sharing, stored, work
from tb_histinsight.api.digest import Digester
from tb_histinsight.api.many import ManyFound
from tb_histinsight.core.labels import Severity
from tb_histinsight.core.run import RunAnalysis, Skipped
from tb_histinsight.formats import Options, by_name, checks
from tb_histinsight.gate import judge
from tb_histinsight.logging.event_writer import EventWriter
from tb_histinsight.ranking import ManyRuns, ranked, worst_findings
from tb_histinsight.report import encode

QUESTION = dict.fromkeys(("run", "tag", "select", "names")) | {"steps": (None, None), "ignore": (), "language": "en"}


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    """Nine runs of two networks; in every third the first layer gets no gradient, and two differ in their seed."""
    folder = tmp_path_factory.mktemp("many")
    rng = np.random.default_rng(7)
    for number in range(9):
        name = f"lr_0.1/seed_{number}" if number in (4, 5) else f"trial_{number}"
        with EventWriter(folder / name / "events.out.tfevents.1", clock=lambda: 1e9) as writer:
            kernels = [rng.normal(0, 0.1, (20, 30)) for _ in range(2 + (number == 8))]
            for step in range(6):
                writer.scalar("loss", 1 / (1 + step), step)
                for place, kernel in enumerate(kernels):
                    wrong = number % 3 == 0 and place == 0
                    gradient = rng.normal(0, 1e-12 if wrong else 0.01 * (1 + number), kernel.shape)
                    writer.histogram(f"dense_{place}/kernel", kernel, step)
                    writer.histogram(f"gradients/dense_{place}/kernel", gradient, step)
                    kernels[place] = kernel if wrong else kernel - gradient
    (folder / "broken").mkdir()
    (folder / "broken" / "notes.tfevents").write_text("These are my notes.")
    (folder / "tb-histinsight.notes.jsonl").write_text(
        '{"mark": "intended", "rule": "frozen-layer", "run": "trial_0", "reason": "meant"}\n'
        '{"text": "a note", "run": "trial_1", "id": "1"}\n'
    )
    return folder


@pytest.fixture
def on_disk(monkeypatch):
    """Keeps no run in memory."""
    monkeypatch.setattr(sharing, "MANY", 0)
    monkeypatch.setattr(stored, "IN_MEMORY", 1)


@pytest.fixture(scope="module")
def few(log):
    """The report with all runs in memory."""
    return analyze(log, jobs=1)


@pytest.fixture(scope="module")
def lazily(log):
    """The report with none."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sharing, "MANY", 0)
        patch.setattr(stored, "IN_MEMORY", 1)
        report = report_of(log, **QUESTION, jobs=1)
    assert isinstance(report.runs, ManyRuns)
    return report


def test_the_report_is_the_same_from_the_disk(few, lazily):
    assert encode(lazily) == encode(few)
    assert lazily.to_dict() == few.to_dict()


def test_several_processes_put_the_same_on_the_disk(log, few, on_disk):
    assert encode(analyze(log, jobs=2)) == encode(few)


@pytest.mark.parametrize("form", ["text", "markdown", "json"])
@pytest.mark.parametrize("top", [None, 2])
def test_every_format_writes_the_same_from_the_disk(few, lazily, form, top):
    written = []
    for one in (lazily, few):
        stream = io.StringIO()
        by_name(form).write(one, stream, Options(top=top))
        written.append(stream.getvalue())
    assert written[0] == written[1]
    assert "trial_3" in written[0]


@pytest.mark.parametrize("form", checks.names())
def test_every_format_of_a_check_writes_the_same_from_the_disk(few, lazily, form):
    written = []
    for one in (lazily, few):
        stream = io.StringIO()
        checks.by_name(form).write(judge(one, Severity.WARNING), stream, Options())
        written.append(stream.getvalue())
    assert written[0] == written[1]


def test_findings_of_many_runs_are_ranked_like_those_of_few(few, lazily):
    of_many, of_few = ranked(lazily), ranked(few)
    assert [(run.run, finding) for run, finding in of_many] == [(run.run, finding) for run, finding in of_few]
    assert len(of_many) == len(of_few) > 3
    assert [finding for _, finding in of_many[:2]] == [finding for _, finding in of_few[:2]]


def test_only_the_worst_findings_are_left_of_every_run(few, lazily):
    worst = worst_findings(lazily, 1)
    assert list(worst.runs) == list(worst_findings(few, 1).runs)
    assert worst.runs[1:3] == list(worst.runs)[1:3]
    assert worst.runs[-1] == list(worst.runs)[-1]


def test_runs_in_memory_do_not_grow_with_the_log(log, on_disk, monkeypatch, tmp_path):
    """What is kept of a run after it was told are its name, and what it shares with others."""
    for number in range(40):
        shutil.copytree(log / "trial_1", tmp_path / f"run_{number}")
    held = []
    add = stored.Store.add

    def watched(self, digest):
        add(self, digest)
        held.append(self)

    monkeypatch.setattr(stored.Store, "add", watched)
    report_of(tmp_path, **QUESTION)
    (store,) = set(held)
    assert len(store._places) == 40
    assert len({id(place.comparable) for place in store._places.values()}) == 1


def test_a_run_that_was_lost_is_told_beside_many(log, on_disk, monkeypatch):
    do = work.Work.together

    def together(self, run, parts):
        if run == "trial_2":
            raise ValueError("odd")
        return do(self, run, parts)

    monkeypatch.setattr(work.Work, "together", together)
    report = report_of(log, **QUESTION)
    assert [(entry.run, entry.reason) for entry in report.skipped if entry.run] == [
        ("trial_2", "Run “trial_2” could not be read: ValueError: odd.")
    ]
    assert "trial_2" not in [run.run for run in report.runs]


def test_names_that_no_run_has_are_told_of_many_runs_too(log, on_disk, tmp_path):
    names = tmp_path / "names.toml"
    names.write_text('[[tags]]\ntag = "no/such/tag"\nlayer = "x"\n\n[[tags]]\ntag = "dense_2/kernel"\nlayer = "y"\n')
    (sentence,) = report_of(log, **{**QUESTION, "names": names}).names_unused
    assert "no/such/tag" in sentence


def test_why_nothing_can_be_read_does_not_depend_on_which_run_was_done_first():
    def nothing(run):
        told = RunAnalysis(run, (), {}, skipped=(Skipped("not_a_histogram", tag=run),))
        return run, Digester("en", {})(told)

    found = [ManyFound(map(nothing, arrived), ["a", "b"], {}) for arrived in ("ab", "ba")]
    assert [[entry.tag for entry in one.left_out] for one in found] == [["a", "b"]] * 2

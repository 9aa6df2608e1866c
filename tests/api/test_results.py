"""A report in Python: saved, loaded, as tables, in a notebook."""

import builtins
import html
import re

import numpy as np
import pytest

from tb_histinsight import InsightError, Report, UsageError, analyze, analyze_tensors
from tb_histinsight.logging.event_writer import EventWriter

RNG = np.random.default_rng(5)


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    folder = tmp_path_factory.mktemp("log")
    with EventWriter(folder / "events.out.tfevents.1") as writer:
        for step in range(4):
            for tag in ("dense_1/kernel", "dense_2/kernel"):
                writer.histogram(tag, RNG.normal(size=300) * (1 + step), step)
    return folder


@pytest.fixture(scope="module")
def report(log):
    return analyze(log)


def test_a_saved_report_is_the_same_when_it_is_loaded(report, tmp_path):
    report.save(tmp_path / "report.json")
    loaded = Report.load(tmp_path / "report.json")
    assert isinstance(loaded, Report)
    assert loaded.to_dict() == report.to_dict()


@pytest.mark.parametrize(("name", "begins"), [("r.html", "<!doctype html>"), ("r.md", "## "), ("r.txt", "The log")])
def test_the_ending_of_its_name_says_how_it_is_saved(report, tmp_path, name, begins):
    report.save(tmp_path / name)
    assert (tmp_path / name).read_text("utf-8").startswith(begins)


@pytest.mark.parametrize(
    ("text", "said"), [("{}", "no report"), ("x", "no report"), ('{"schema_version": 9, "runs": []}', "version 9")]
)
def test_what_is_no_report_is_refused(tmp_path, text, said):
    (tmp_path / "file.json").write_text(text)
    with pytest.raises(UsageError, match=said):
        Report.load(tmp_path / "file.json")


def test_the_histograms_come_with_it(report, log):
    packed = list(report.packed_series(report))
    assert [entry["tag"] for entry in packed] == ["dense_1/kernel", "dense_2/kernel"]
    assert packed[0]["steps"] == [0, 1, 2, 3]


def test_tables(report):
    pytest.importorskip("pandas")
    tags = report.to_pandas()
    assert tags["tag"].tolist() == ["dense_1/kernel", "dense_2/kernel"]
    assert tags["rms"].tolist() == [tag.stats.rms for tag in report.runs[0].tags]
    assert (report.to_pandas("shapes")["last_step"] == 3).any()
    assert list(report.to_pandas("findings")["rule"]) == [f.rule for f in report.runs[0].findings]
    assert len(report.to_pandas("comparisons")) == 0
    with pytest.raises(UsageError, match="no table 'tag'"):
        report.to_pandas("tag")


def test_without_pandas_it_says_what_to_install(report, monkeypatch):
    real = builtins.__import__

    def missing(name, *args, **kwargs):
        if name == "pandas":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(InsightError, match="pip install pandas"):
        report.to_pandas()


def test_a_notebook_shows_the_page_in_a_frame_that_reaches_nothing():
    report = analyze_tensors({"</script><b>dense/kernel": RNG.normal(size=300)})
    shown = report._repr_html_()
    assert shown.startswith("<iframe srcdoc=")
    assert re.search(r'sandbox="allow-scripts"', shown)
    page = html.unescape(re.search(r'srcdoc="([^"]*)"', shown)[1])
    assert page.startswith("<!doctype html>")
    assert "<b>dense" not in shown

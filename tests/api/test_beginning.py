"""A log is looked at while the analysis is imported; nothing of that is seen but the time."""

import threading

import pytest
from event_logs import history

from tb_histinsight.api.beginning import Beginning
from tb_histinsight.core.errors import NothingToReadError
from tb_histinsight.sources.event_files import EventFileSource
from tb_histinsight.sources.event_files.scan import FileScanner

FILE = "events.out.tfevents.1.host"


@pytest.fixture
def scanned(monkeypatch):
    """Names of the folders whose files were scanned."""
    found = []
    advance = FileScanner.advance
    monkeypatch.setattr(FileScanner, "advance", lambda self: found.append(self.path.parent.name) or advance(self))
    return found


def test_the_run_that_is_most_of_the_log_is_scanned_and_that_once(tmp_path, scanned):
    history(tmp_path / "small" / FILE, range(3))
    history(tmp_path / "large" / FILE, range(30))
    source = Beginning(lambda: EventFileSource(tmp_path)).source()
    assert scanned == ["large"]
    assert source.runs() == ["large", "small"]
    assert scanned == ["large", "small"]


def test_of_many_runs_none_is_scanned_before_they_are_shared_out(tmp_path, scanned):
    for number in range(3):
        history(tmp_path / f"run{number}" / FILE, range(10))
    assert list(Beginning(lambda: EventFileSource(tmp_path)).source().sizes()) == ["run0", "run1", "run2"]
    assert scanned == []


def test_what_goes_wrong_is_raised_where_it_is_waited_for(tmp_path):
    beginning = Beginning(lambda: EventFileSource(tmp_path / "nowhere"))
    with pytest.raises(NothingToReadError):
        beginning.source()


def test_no_thread_is_left_so_that_processes_can_be_forked(tmp_path):
    history(tmp_path / FILE, range(3))
    before = threading.active_count()
    Beginning(lambda: EventFileSource(tmp_path)).source()
    assert threading.active_count() == before

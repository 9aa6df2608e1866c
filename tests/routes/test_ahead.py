"""Work on the first runs begins when the log is loaded, and before anybody asks for it."""

from collections import namedtuple
from types import SimpleNamespace

import pytest

from tb_histinsight import plugin
from tb_histinsight.routes import ahead

Reader = namedtuple("Reader", "run version tags")


class Source:
    def __init__(self, runs):
        self._runs = runs

    def runs(self):
        return list(self._runs)

    def open_run(self, run):
        tags, version = self._runs[run]
        return Reader(run, version, lambda: ["w"] * tags)


@pytest.fixture
def kept(monkeypatch):
    monkeypatch.setattr(ahead, "SETTLED_SECONDS", 0.0)
    done = []
    return SimpleNamespace(
        analyses=SimpleNamespace(run=lambda experiment, reader, settings: done.append((reader.run, reader.version))),
        settings=SimpleNamespace(of=lambda run: None),
        done=done,
    )


def test_it_waits_until_the_log_is_loaded(kept):
    looks = [{}, {"a": (3, "1")}, {"a": (3, "2")}, {"a": (3, "2"), "b": (3, "1")}, {"a": (3, "2"), "b": (3, "1")}]
    ahead.look_ahead(lambda: Source(looks.pop(0)), kept)
    assert kept.done == [("a", "2"), ("b", "1")]
    assert looks == []


def test_a_log_that_goes_on_growing_is_left_to_the_requests(kept):
    versions = iter(range(1000))
    ahead.look_ahead(lambda: Source({"a": (3, str(next(versions)))}), kept)
    assert kept.done == []
    assert next(versions) == ahead.LOOKS


def test_two_looks_are_further_apart_than_a_list_is_taken_to_hold():
    assert ahead.SETTLED_SECONDS > plugin.LISTING_SECONDS


def test_only_the_first_runs_are_analysed(kept):
    ahead.analyse_first(Source({run: (1, "1") for run in "abcdefgh"}), kept, "")
    assert [run for run, _ in kept.done] == list("abcdefgh")[: ahead.RUNS_AHEAD]


def test_large_runs_are_left_to_the_requests(kept):
    ahead.analyse_first(Source({"a": (1200, "1"), "b": (1200, "1")}), kept, "")
    assert [run for run, _ in kept.done] == ["a"]

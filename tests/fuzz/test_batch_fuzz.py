"""The same for logs that are long enough to be read in batches."""

import random

import pytest
from damage import Maker, assert_normal, assert_read_alike
from event_logs import open_run
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tb_histinsight.sources.event_files import scan
from tb_histinsight.sources.event_files.scan import FileScanner


@pytest.fixture
def by_batch(monkeypatch):
    """Makes the scanner read short logs in batches too, of a few records each."""
    monkeypatch.setattr(scan, "LEAST_BATCH", 1)
    monkeypatch.setattr(scan, "RECORDS_PER_BATCH", 25)
    monkeypatch.setattr(FileScanner, "_old_style", property(lambda self: True, lambda self, value: None), raising=False)


@settings(
    max_examples=300, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(seed=st.integers(0, 2**48))
def test_damaged_logs_are_read_in_batches_as_far_as_they_can_be(tmp_path, by_batch, seed):
    path = tmp_path / "events.out.tfevents.1.host"
    path.write_bytes(Maker(random.Random(seed).randrange).file())
    assert_read_alike(path)
    for series in open_run(path).read():
        assert_normal(series)


def test_what_a_tag_is_its_first_record_says_even_if_that_one_is_odd(tmp_path, by_batch):
    """Found by the test above: the odd record was read after the regular one that contradicts it."""
    path = tmp_path / "events.out.tfevents.1.host"
    path.write_bytes(Maker(random.Random(729).randrange).file())
    assert_read_alike(path)

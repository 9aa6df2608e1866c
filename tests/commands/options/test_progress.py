"""Progress: a line that goes away on a terminal, a line now and then in the log of a job, silence while it is short."""

import io

import pytest

from tb_histinsight.commands.options import output


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def clock(monkeypatch):
    """The time, which a test sets."""
    now = [1000.0]
    monkeypatch.setattr(output.time, "monotonic", lambda: now[0])
    return now


def test_the_log_of_a_job_gets_a_line_a_minute_and_no_controls(clock):
    stream = io.StringIO()
    with output.Progress(stream) as progress:
        for second in range(200):
            clock[0] = 1000.0 + second
            progress(8 * second, second, 10_000)
    assert stream.getvalue() == (
        "tb-histinsight: 480 tags, 60 of 10000 runs\n"
        "tb-histinsight: 960 tags, 120 of 10000 runs\n"
        "tb-histinsight: 1440 tags, 180 of 10000 runs\n"
    )


def test_what_is_done_within_a_minute_is_not_told_to_a_job(clock):
    stream = io.StringIO()
    with output.Progress(stream) as progress:
        clock[0] += 59
        progress(1, 1, 2)
    assert stream.getvalue() == ""


def test_a_terminal_shows_one_line_that_goes_away(clock):
    stream = Terminal()
    with output.Progress(stream) as progress:
        progress(1, 0, 2)
        clock[0] += 1.5
        progress(2, 1, 2)
        progress(3, 1, 2)  # too soon after the last
    assert stream.getvalue() == "\r2 tags, 1 of 2 runs\x1b[K\r\x1b[K"

"""The report for a terminal in languages whose characters are two columns wide."""

import io
import re

import numpy as np
import pytest

from tb_histinsight.api import analyze
from tb_histinsight.formats import Options, markdown, text
from tb_histinsight.formats.terminal.characters import columns
from tb_histinsight.locales import catalogue, english, languages
from tb_histinsight.logging.event_writer import EventWriter

TRANSLATIONS = [code for code in languages() if code != "en"]
TAGS = ("dense_1/kernel", "dense_1/bias", "層/kernel", "gradients/dense_1/kernel")


@pytest.fixture(scope="module")
def logdir(tmp_path_factory):
    """A layer that is not updated, one that is, a bias, a gradient that ends in NaN."""
    folder = tmp_path_factory.mktemp("logs")
    rng = np.random.default_rng(3)
    kernel = rng.uniform(-0.15, 0.15, 4000)
    with EventWriter(folder / "events.out.tfevents.1") as writer:
        for step in range(0, 200, 10):
            writer.histogram("dense_1/kernel", kernel, step)
            writer.histogram("dense_1/bias", np.full(40, 0.001 * step), step)
            writer.histogram("層/kernel", rng.normal(0, 0.1 + 0.01 * step, 2000), step)
            gradient = rng.normal(size=4000)
            gradient[:5] = np.nan if step > 150 else 1.0
            writer.histogram("gradients/dense_1/kernel", gradient, step)
    return folder


def written(logdir, code, form=text, **options):
    stream = io.StringIO()
    form.write(analyze(logdir, language=code, jobs=1), stream, Options(**options))
    return stream.getvalue()


def place(line, index):
    """The column of the terminal at which a character of a line stands."""
    return columns(line[:index])


@pytest.mark.parametrize("width", [60, 100])
@pytest.mark.parametrize("code", TRANSLATIONS)
def test_the_columns_of_the_table_stand_below_each_other(logdir, code, width):
    words = catalogue(code)
    lines = written(logdir, code, width=width).splitlines()
    top = next(number for number, line in enumerate(lines) if re.match(rf"\s+{words.text('text.tag')}\s", line))
    head, rows = lines[top], lines[top + 1 : top + 1 + len(TAGS)]
    changes = {words.text(f"change.{label}.name") for label in ("frozen", "growing", "changing", "steady", "drifting")}
    column = place(head, head.index(words.text("text.change")))
    for row in rows:
        at = next(row.rindex(name) for name in changes if name in row)
        assert place(row, at) == column, row
    ends = {columns(row) for row in rows} | {columns(head)}
    assert len(ends) == 1, "the numbers end in one column"


@pytest.mark.parametrize("code", TRANSLATIONS)
def test_no_line_is_wider_than_the_terminal(logdir, code):
    for line in written(logdir, code, width=80).splitlines():
        assert columns(line) <= 81, line  # closing punctuation may hang


@pytest.mark.parametrize("form", [text, markdown], ids=["text", "markdown"])
@pytest.mark.parametrize("code", TRANSLATIONS)
def test_nothing_of_the_report_is_left_in_english(logdir, code, form):
    shown = written(logdir, code, form)
    fixed = {part.strip() for sentence in english().values() for part in re.split(r"{[^}]*}", sentence)}
    sentences = {part for part in fixed if re.fullmatch(r"[A-Za-z][a-z]+( [a-z]+){2,}[^{}]*", part)}
    assert {part for part in sentences if part in shown} == set()
    assert "{" not in shown

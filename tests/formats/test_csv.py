"""The table of the numbers: read back by a CSV reader, and harmless in a spreadsheet."""

import csv
import io

from tb_histinsight.formats import Options, by_name
from tb_histinsight.report import StatsEntry


def rows(report):
    stream = io.StringIO()
    by_name("csv").write(report, stream, Options())
    return list(csv.DictReader(io.StringIO(stream.getvalue())))


def test_every_tag_is_a_row_with_its_labels_and_numbers(make):
    numbers = StatsEntry(min=-1.0, max=1.5, rms=None)
    report = make.report(make.run("a", tags=[make.tag("x/kernel", stats=numbers), make.tag("y/kernel")]))
    first, second = rows(report)
    assert (first["run"], first["tag"], first["shape"], first["change"]) == ("a", "x/kernel", "gaussian", "growing")
    assert (first["min"], first["max"], first["rms"]) == ("-1.0", "1.5", "")
    assert second["tag"] == "y/kernel"


def test_names_from_a_log_are_quoted_and_computed_by_no_spreadsheet(make):
    names = ['=HYPERLINK("http://evil")', "a,b", 'say "hi"', "line\nbreak", "+1", "@x", "＝1", "\n=1"]
    report = make.report(make.run("a", tags=[make.tag(name) for name in names]))
    assert [row["tag"] for row in rows(report)] == [f"'{names[0]}", *names[1:4], "'+1", "'@x", "'＝1", "'\n=1"]


def test_no_tag_leaves_the_head(make):
    stream = io.StringIO()
    by_name("csv").write(make.report(), stream, Options())
    assert stream.getvalue().startswith("run,tag,layer,")
    assert stream.getvalue().count("\n") == 1

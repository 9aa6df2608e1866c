"""The report as Markdown."""

import io
import re

import pytest

from tb_histinsight.formats import Options
from tb_histinsight.formats import markdown as markdown_format
from tb_histinsight.report import ComparisonEntry


@pytest.fixture
def written():
    def write(report, **options):
        stream = io.StringIO()
        markdown_format.write(report, stream, Options(**options))
        return stream.getvalue()

    return write


def test_it_says_what_the_text_report_says(make, written):
    follows = make.finding("two", cause="one", rule="exploding", title="Exploding values")
    text = written(make.report(make.run("s3/run", [make.finding("one"), follows]), make.run("fine")))
    lines = text.splitlines()
    assert lines[:3] == ["## s3/run", "", "Verdict on s3/run."]
    assert "### 🟠 Layer not updated (warning)" in lines
    assert "Message of one." in lines
    assert "1. First this." in lines
    assert "> From this follows: Exploding values (exploding). Message of two." in lines
    assert "| dense/kernel | Gaussian | growing | 25 % | 0.5 |" in lines
    assert "## fine" in lines


def test_findings_that_say_the_same_of_several_layers_share_their_advice(make, written):
    text = written(make.report(make.run(findings=[make.finding("one"), make.finding("two")])))
    assert text.count("First this.") == 1
    assert "\n- Message of one.\n- Message of two.\n" in text


@pytest.mark.parametrize(
    "name",
    [
        "<img src=x onerror=alert(1)>",
        "a|b",
        "[x](javascript:alert(1))",
        "**b** _i_ `c` $x$ @all #1",
        "a\n\n# heading",
        "https://example.org",
        "- item",
        "\u202e\x1b[31m",
    ],
)
def test_names_of_a_log_show_as_they_stand_and_format_nothing(make, written, name):
    finding = make.finding(message=name, layer=name, tags=[name])
    text = written(make.report(make.run(name, [finding], [make.tag(name)], verdict=name)))
    (row,) = (line for line in text.splitlines() if line.startswith("| ") and "Gaussian" in line)
    assert len(re.findall(r"(?<!\\)\|", row)) == 6
    plain = re.sub(r"</?(details|summary)>", "", text)
    assert not re.search(
        r"(?<!\\)[<\[`$@*]|(?<!\\)://|\b_i_\b", re.sub(r"`frozen-layer`|\*\*What.*|^\*.*", "", plain, flags=re.M)
    )
    assert not [line for line in plain.splitlines() if line.startswith(("# ", "- item"))]
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_top_limits_the_findings_and_says_so(make, written):
    findings = [make.finding(name, rule=f"rule-{name}") for name in "abc"]
    text = written(make.report(make.run(findings=findings)), top=1)
    assert "Message of a." in text
    assert "Message of b." not in text
    assert "2 more findings are not shown" in text


def test_comparisons_stand_at_the_end(make, written):
    comparison = ComparisonEntry(
        run="a",
        other="b",
        layer="W",
        tags=[],
        step=1,
        quantity="rms",
        ratio=0.1,
        distance=None,
        message="W is smaller.",
    )
    assert written(make.report(make.run(), comparisons=[comparison])).endswith("- W is smaller.\n")


def test_names_of_code_in_advice_are_code_and_nothing_else_is(make, written):
    finding = make.finding("one", advice=["Check `requires_grad` of “a`<b>`c”."])
    assert "1. Check `requires_grad` of “a\\`\\<b\\>\\`c”." in written(make.report(make.run("run", [finding])))

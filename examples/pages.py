"""Writes docs/stories/ from what tb-histinsight really says of the examples' logs.

    python -m examples.pages                                    # the pages, from what was quoted last time
    python -m examples.pages s3_one_more_layer --train          # trains the example and quotes its report
    python -m examples.pages s3_one_more_layer --logdir LOGS --printed TEXT     # the same from a log that is there

A page is `examples/<story>/page.<language>.md` with lines that ask for quotes; what they ask for is taken from the
report in that language and kept in `examples/<story>/quotes.<language>.json`, for every language that the report can
be had in: a page in one more of them is a template more, and needs no training as long as it asks for the same.

    {{printed REGEX}}              lines that the training printed
    {{verdicts}}                   a line per run
    {{remarks RUN}}                what is said of the run as a whole
    {{findings RUN RULE [LAYER]}}  what a rule says of it
    {{advice RUN RULE}}            what it says to try
    {{tag RUN TAG}}                what is said of one histogram
    {{table RUN [REGEX]}}          the layer table, tags that match
    {{comparison RUN OTHER TAG}}   the tag in one run against another, whichever is told first
"""

from __future__ import annotations

import argparse
import io
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec

from tb_histinsight.api import analyze
from tb_histinsight.formats import Options, text
from tb_histinsight.locales import catalogue, languages
from tb_histinsight.report import Report, RunEntry

EXAMPLES = Path(__file__).parent
PAGES = EXAMPLES.parent / "docs" / "stories"
WIDTH = 100
ASKED = re.compile(r"^\{\{(.+?)\}\}$", re.MULTILINE)


def stories() -> list[str]:
    """Names of the examples that have a page."""
    return sorted({template.parent.name for template in EXAMPLES.glob("*/page.*.md")})


def templates(story: str) -> dict[str, str]:
    """Language -> template."""
    return {file.suffixes[-2][1:]: file.read_text("utf-8") for file in sorted((EXAMPLES / story).glob("page.*.md"))}


def asked(story: str) -> list[str]:
    """What any language's template asks for, each once."""
    return list(dict.fromkeys(one for template in templates(story).values() for one in ASKED.findall(template)))


def refresh(story: str, logdir: Path, printed: str) -> None:
    """Takes the quotes in every language that there is from a log."""
    wanted = asked(story)
    for language in languages():
        report = analyze(logdir, language=language)
        quotes = {one: "\n".join(_quote(report, printed, *one.split())) for one in wanted}
        file = EXAMPLES / story / f"quotes.{language}.json"
        file.write_text(json.dumps(quotes, ensure_ascii=False, indent=1) + "\n", "utf-8")


def page(story: str, language: str, template: str) -> str:
    """The finished page."""
    quotes = json.loads((EXAMPLES / story / f"quotes.{language}.json").read_text("utf-8"))
    return ASKED.sub(lambda match: quotes[match.group(1)], template)


def target(story: str, language: str) -> Path:
    """Where a page lies."""
    return PAGES / (f"{story}.md" if language == "en" else f"{story}.{language}.md")


def write_pages(story: str) -> None:
    """Writes the story's page in every language that has a template."""
    for language, template in templates(story).items():
        target(story, language).parent.mkdir(parents=True, exist_ok=True)
        target(story, language).write_text(page(story, language, template), "utf-8")


def _quote(report: Report, printed: str, kind: str, *words: str) -> list[str]:
    """One quote as lines of Markdown.

    Raises:
      LookupError: the report does not say what is asked for.
    """
    lines = list(_lines(report, printed, kind, *words))
    if not lines:
        raise LookupError(f"Nothing to quote for {kind} {' '.join(words)}.")
    if kind in ("printed", "verdicts", "table"):
        return ["```", *lines, "```"]
    return [(f"> {line}" if line else ">") for line in lines]


def _lines(report: Report, printed: str, kind: str, *words: str) -> Iterator[str]:
    runs = {run.run: run for run in report.runs}
    if kind == "printed":
        yield from (line for line in printed.splitlines() if re.search(" ".join(words), line))
    elif kind == "verdicts":
        yield from _text(report).split("\n\n", 1)[0].splitlines()
    elif kind == "table":
        yield from _table(report, runs[words[0]], words[1] if len(words) > 1 else "")
    else:
        yield from _apart(_sentences(report, runs, kind, *words))


def _apart(sentences: Iterator[str]) -> Iterator[str]:
    for number, sentence in enumerate(sentences):
        if number:
            yield ""
        yield sentence


def _sentences(report: Report, runs: dict[str, RunEntry], kind: str, *words: str) -> Iterator[str]:
    if kind == "remarks":
        yield from runs[words[0]].remarks
    elif kind == "tag":
        yield from (tag.text for tag in runs[words[0]].tags if tag.tag == words[1])
    elif kind == "comparison":
        for one in report.comparisons:
            if {one.run, one.other} == set(words[:2]) and one.tags[0] == words[2]:
                yield one.message
    else:
        found = [one for one in runs[words[0]].findings if one.rule == words[1]]
        found = [one for one in found if len(words) < 3 or one.layer == words[2]]
        if kind == "advice":
            yield from (f"{place}. {one}" for place, one in enumerate(found[0].advice if found else (), start=1))
            return
        severity = catalogue(report.language)
        for one in found:
            yield f"**{severity.text(f'severity.{one.severity}')} · {one.title}** (`{one.rule}`) — {one.message}"


def _text(report: Report) -> str:
    stream = io.StringIO()
    text.write(report, stream, Options(width=WIDTH, top=1000))
    return stream.getvalue()


def _table(report: Report, run: RunEntry, pattern: str) -> Iterator[str]:
    """Heading and rows of one run's table."""
    alone = _text(msgspec.structs.replace(report, runs=[run], comparisons=[])).splitlines()
    tags = {tag.tag for tag in run.tags}
    heading = "  " + catalogue(report.language).text("text.tag")
    inside = False
    for line in alone:
        if inside and not line:
            return
        name = next((word for word in line.split() if word in tags), None)
        if not inside and line.strip().startswith(heading.strip()) and name is None:
            inside = True
            yield line
        elif inside and name is not None and re.search(pattern, name):
            yield line


def main(argv: list[str] | None = None) -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("story", nargs="*", help="folder below examples/ (default: all)")
    parser.add_argument("--train", action="store_true", help="train the example and quote its report")
    parser.add_argument("--logdir", type=Path, help="quote the report on this log of the one story given")
    parser.add_argument("--printed", type=Path, help="what its training printed")
    args = parser.parse_args(argv)
    if args.logdir and len(args.story) != 1:
        parser.error("--logdir belongs to one story: name it.")
    for story in args.story or stories():
        if args.logdir:
            refresh(story, args.logdir, args.printed.read_text("utf-8") if args.printed else "")
        elif args.train:
            with tempfile.TemporaryDirectory() as folder:
                command = [sys.executable, str(EXAMPLES / story / "train.py"), "--logdir", folder]
                done = subprocess.run(command, capture_output=True, text=True, check=True)
                refresh(story, Path(folder), done.stdout)
        write_pages(story)


if __name__ == "__main__":
    main()

"""One self-contained HTML file: the tab's own code, a report, and a sample of its histograms. It needs no network.

The modules become `data:` URLs under an import map, since a file has nothing that relative imports could be resolved
against. A policy in the file itself forbids every connection, whatever the log's names contain.
"""

from __future__ import annotations

import base64
import gzip
import html
import json
import re
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import Any

import msgspec

from tb_histinsight import __version__
from tb_histinsight.locales import Catalogue
from tb_histinsight.page.files import frontend_files, frontend_folder
from tb_histinsight.page.words import page_words
from tb_histinsight.report import Report

STYLES = ("style.css",)
ENTRY = "page.js"
TENSORBOARD_ONLY = {"index.js"}
"""Modules that an exported file does not load."""
PREFIX = "insight/"
"""Stands before the names of modules in the import map."""
POLICY = (
    "default-src 'none'; script-src 'unsafe-inline' data:; style-src 'unsafe-inline'; img-src data: blob:; "
    "base-uri 'none'; form-action 'none'"
)
"""Content-Security-Policy: nothing is fetched from anywhere."""

_IMPORT = re.compile(r"((?:\bfrom|^import)\s+)'(\.{1,2}/[^']+)'", re.MULTILINE)


def document(report: Report, series: Iterable[Mapping[str, Any]], words: Catalogue) -> Iterable[str]:
    """The file in parts, to be written one after the other.

    Args:
      series: of tags, as `page.series.packed_entry` packs them; a tag without is shown without its picture.
    """
    data = msgspec.json.encode(
        {
            "runs": {
                "runs": [_run_info(run.run, report) for run in report.runs],
                "skipped": report.skipped,
                "plugin_version": __version__,
            },
            "report": report,
            "words": {**page_words(words), "languages": {words.language: words.text("language")}},
            "series": list(series),
        }
    )
    title = html.escape(_title(report, words))
    folder = frontend_files(frontend_folder())
    yield f'<!doctype html>\n<html lang="{html.escape(words.language)}">\n<head>\n<meta charset="utf-8">\n'
    yield f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    yield f'<meta name="generator" content="tb-histinsight {__version__}">\n<title>{title}</title>\n'
    for name in STYLES:
        yield f"<style>\n{folder[name].read_text('utf-8')}\n</style>\n"
    yield f'<script type="importmap">{_import_map()}</script>\n</head>\n<body>\n<div id="insight"></div>\n'
    yield f"<noscript>{_plain(report, words)}</noscript>\n"
    # Base64 of gzip: no character of the log can end the element early.
    packed = base64.b64encode(gzip.compress(data, 9, mtime=0)).decode("ascii")
    yield f'<script type="text/plain" id="insight-data">{packed}</script>\n'
    yield f"<script type=\"module\">import '{PREFIX}{ENTRY}';</script>\n</body>\n</html>\n"


def _run_info(run: str, report: Report) -> dict[str, Any]:
    (entry,) = (entry for entry in report.runs if entry.run == run)
    steps = [tag.last_step for tag in entry.tags if tag.last_step is not None]
    return {"run": run, "tags": len(entry.tags), "last_step": max(steps, default=None), "version": "exported"}


def _title(report: Report, words: Catalogue) -> str:
    runs = [words.text("text.logdir") if run.run == "." else run.run for run in report.runs]
    return "Insight: " + (runs[0] if len(runs) == 1 else words.text("text.run_count", {"count": len(runs)}))


def _plain(report: Report, words: Catalogue) -> str:
    """What a reader without JavaScript gets: the verdict on each run."""
    lines = (f"<p><b>{html.escape(run.run)}</b> {html.escape(run.verdict)}</p>" for run in report.runs)
    return f"<p>{html.escape(words.text('text.needs_script'))}</p>" + "".join(lines)


def _import_map() -> str:
    """Every module by its name, as JSON that is safe within a script element."""
    files = frontend_files(frontend_folder())
    modules = {
        PREFIX + name: "data:text/javascript;base64," + _module(name, file.read_text("utf-8"))
        for name, file in sorted(files.items())
        if file.suffix == ".js" and name not in TENSORBOARD_ONLY
    }
    return json.dumps({"imports": modules}).replace("<", "\\u003c")


def _module(name: str, source: str) -> str:
    """Base64 of a module whose relative imports are names of the import map."""

    def named(match: re.Match[str]) -> str:
        return f"{match[1]}'{PREFIX}{_resolved(PurePosixPath(name).parent, match[2])}'"

    return base64.b64encode(_IMPORT.sub(named, source).encode("utf-8")).decode("ascii")


def _resolved(folder: PurePosixPath, relative: str) -> str:
    parts: list[str] = list(folder.parts)
    for part in relative.split("/"):
        if part == "..":
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)

"""The report as Python hands it out: to be saved, loaded, shown in a notebook, and put into tables."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Literal, TypeAlias

import msgspec

from tb_histinsight import report as wire
from tb_histinsight.core.errors import InsightError, UsageError

Pictures: TypeAlias = Callable[["Report"], Iterable[Mapping[str, Any]]]
"""Gives packed histograms (`page.series`) of a report's tags."""
Table: TypeAlias = Literal["tags", "shapes", "findings", "comparisons"]

FRAME_HEIGHT = 720
"""Pixels of the report in a notebook."""


class Report(wire.Report, kw_only=True, dict=True):
    """What was found in a log; fields as in the JSON report, schema version 1."""

    @classmethod
    def of(cls, report: wire.Report, pictures: Pictures | None = None) -> Report:
        """The same report with these methods, and with a way to its histograms."""
        made = cls(**{name: getattr(report, name) for name in wire.Report.__struct_fields__})
        made.__dict__["pictures"] = pictures
        return made

    @classmethod
    def load(cls, file: str | os.PathLike[str]) -> Report:
        """Reads a report that `save` or `tb-histinsight report --format json` wrote.

        Raises:
          OSError: the file cannot be read.
          UsageError: it is no such report, or one of another schema version.
        """
        try:
            loaded = msgspec.json.decode(Path(file).read_bytes(), type=wire.Report)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise UsageError(f"{file} is no report of tb-histinsight ({error}).") from None
        if loaded.schema_version != wire.SCHEMA_VERSION:
            raise UsageError(
                f"{file} has schema version {loaded.schema_version}; this tb-histinsight reads {wire.SCHEMA_VERSION}."
            )
        return cls.of(loaded)

    def save(self, file: str | os.PathLike[str]) -> None:
        """Writes the report in the format that the file's name ends in: .json, .html, .md, .csv or .txt.

        Raises:
          OSError: the file cannot be written.
          UsageError: no format has this ending.
        """
        from tb_histinsight.formats import Options, for_file

        path = Path(file)
        chosen = for_file(path)
        with path.open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as stream:
            chosen.write(self, stream, Options(series=self.packed_series))

    def to_pandas(self, table: Table = "tags") -> Any:
        """One of the report's tables as a data frame; the first column is the run.

        Args:
          table: "tags" (a row per tag: labels, statistics at the last step), "shapes" (a row per span of steps with
            one shape), "findings" or "comparisons".

        Raises:
          InsightError: pandas is not installed.
          UsageError: no such table.
        """
        tables: dict[str, Callable[[], Any]] = {
            "tags": self._tag_rows,
            "shapes": self._shape_rows,
            "findings": self._finding_rows,
            "comparisons": lambda: msgspec.to_builtins(self.comparisons),
        }
        rows = tables.get(table)
        if rows is None:
            raise UsageError(f"There is no table {table!r}. There are: tags, shapes, findings, comparisons.")
        try:
            import pandas  # type: ignore[import-untyped, unused-ignore]
        except ImportError:
            raise InsightError("Tables need pandas: pip install pandas.") from None
        return pandas.DataFrame(rows())

    def _repr_html_(self) -> str:
        """The report as a notebook shows it: the page of the export, in a frame that can reach nothing."""
        import html

        from tb_histinsight.locales import catalogue
        from tb_histinsight.page.document import document

        page = "".join(document(self, self.packed_series(self), catalogue(self.language)))
        return (
            f'<iframe srcdoc="{html.escape(page)}" sandbox="allow-scripts" width="100%" height="{FRAME_HEIGHT}" '
            'style="border: 0" title="tb-histinsight"></iframe>'
        )

    def packed_series(self, shown: wire.Report) -> Iterable[Mapping[str, Any]]:
        """The histograms of the tags of a report, this one or a part of it, for a format that draws them.

        They are read anew; a report that was loaded from a file has none.
        """
        pictures: Pictures | None = self.__dict__.get("pictures")
        return () if pictures is None else pictures(Report.of(shown))

    def _tag_rows(self) -> list[dict[str, Any]]:
        from tb_histinsight.formats.csv import tag_rows

        return list(tag_rows(self))

    def _shape_rows(self) -> list[dict[str, Any]]:
        return [
            {"run": run.run, "tag": tag.tag, **msgspec.to_builtins(span)}
            for run in self.runs
            for tag in run.tags
            for span in tag.timeline
        ]

    def _finding_rows(self) -> list[dict[str, Any]]:
        names = ("id", "cause", "rule", "severity", "confidence", "layer", "tags", "first_step", "last_step", "message")
        return [
            {"run": run.run, **{name: getattr(finding, name) for name in names}}
            for run in self.runs
            for finding in run.findings
        ]

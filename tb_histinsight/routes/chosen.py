"""A part of a report: what it says of some of the tags."""

from __future__ import annotations

from collections.abc import Collection

import msgspec

from tb_histinsight.core.labels import Role
from tb_histinsight.report import Report, RunEntry
from tb_histinsight.routes.answer import RequestError


def known_roles(roles: Collection[str]) -> list[str]:
    """The roles, once each.

    Raises:
      RequestError: there is no such role.
    """
    known = [role.value for role in Role]
    for role in roles:
        if role not in known:
            raise RequestError(400, f"No role {role!r}. There are: {', '.join(known)}.")
    return list(dict.fromkeys(roles))


def only(report: Report, roles: Collection[str], text: str) -> Report:
    """The report with some tags, and with what is found on any of them or on a run as a whole.

    Args:
      roles: what the tags may be; none given: anything.
      text: what their names contain, in whatever case.
    """
    if not roles and not text:
        return report
    runs = [_only(run, roles, text.casefold()) for run in report.runs]
    kept = {(run.run, tag.tag) for run in runs for tag in run.tags}
    comparisons = [
        entry for entry in report.comparisons if kept & set(zip((entry.run, entry.other), entry.tags, strict=False))
    ]
    return msgspec.structs.replace(report, runs=runs, comparisons=comparisons)


def _only(run: RunEntry, roles: Collection[str], text: str) -> RunEntry:
    tags = [tag for tag in run.tags if (not roles or tag.role in roles) and text in tag.tag.casefold()]
    kept = {tag.tag for tag in tags}
    findings = [finding for finding in run.findings if not finding.tags or kept.intersection(finding.tags)]
    notes = [note for note in run.notes if note.tag is None or note.tag in kept]
    return msgspec.structs.replace(run, tags=tags, findings=findings, notes=notes)

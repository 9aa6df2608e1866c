"""Why something in a log was left out, in English; placeholders: where, tag, step, count, detail."""

from __future__ import annotations

from collections.abc import Mapping

RUN_LOST = frozenset({"run_failed", "run_killed"})
"""Reasons for which a run was left out as a whole, though it may hold histograms; `where` is its name."""
REASONS: Mapping[str, str] = {
    "not_a_histogram": "{tag}: what is logged as a histogram but is none was left out (records: {count}).",
    "too_large": "{tag} was left out: TensorBoard does not send so much at once. Keep fewer steps of it with "
    "--samples_per_plugin histograms=100, or read the log with tb-histinsight report.",
    "bad_note": "{where} is not understood in full: {detail}.",
    "run_failed": "Run “{where}” could not be read: {detail}.",
    "run_killed": "Run “{where}” could not be read: the process that read it was killed, perhaps for want of memory.",
    "missing": "{where} does not exist.",
    "unreadable": "{where} cannot be opened: {detail}.",
    "replaced": "{where} was cut, replaced or deleted while it was read: what it does not hold any more was left out. "
    "Read the log once more.",
    "no_events": "{where} is no event file, or its beginning is damaged.",
    "bad_beginning": "The beginning of {where} is damaged: it was read from byte {count} on.",
    "bad_length": "{where} is damaged: from one place on, no further record could be found.",
    "damaged": "{where} is damaged: records were lost, and what follows them was read again (places: {count}).",
    "bad_checksum": "{where}: damaged records were left out (records: {count}).",
    "bad_record": "{where}: records that are no events were left out (records: {count}).",
    "other_rank": "{where} was left out where another file, {detail}, holds the same tags and steps (tags: {count}): "
    "both were written at the same time, as the processes of a distributed training do.",
}

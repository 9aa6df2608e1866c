"""Why something in a log was left out, in English; placeholders: where, tag, step, count, detail."""

from __future__ import annotations

from collections.abc import Mapping

REASONS: Mapping[str, str] = {
    "not_a_histogram": "{count} records of {tag} were left out: no histogram, although they are logged as one.",
    "too_large": "{tag} was left out: TensorBoard does not send so much at once. Keep fewer steps of it with "
    "--samples_per_plugin histograms=100, or read the log with tb-histinsight report.",
    "no_events": "{where} is no event file, although its name says so.",
    "bad_length": "{where} is damaged: from one place on, no further record could be found.",
    "bad_checksum": "{where}: a record is damaged and was left out.",
    "bad_record": "{where}: a record that is no event was left out.",
    "other_rank": "{tag}: what another process of the same job wrote to {where} at the same time was left out; the "
    "first one's history is shown.",
    "unreadable": "{where} could not be read: {detail}.",
}

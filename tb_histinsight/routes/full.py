"""Route `full`: reads runs at full resolution from their event files, says how far that is, and gives it up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tb_histinsight.notes.lines import shown_time
from tb_histinsight.routes.answer import Answer, RequestError, digest, to_json
from tb_histinsight.routes.reading.readings import FullReadings
from tb_histinsight.routes.report import no_such_run
from tb_histinsight.routes.sender import Sender, check, decoded


def full_impl(readings: FullReadings, present: Sequence[str], token: str) -> Answer:
    """Which runs have been read in full, which can be, and how far a reading under way has come."""
    body = to_json(_body(readings, present, token))
    return Answer(("full",), digest(body.decode()), lambda: body)


def read_fully_impl(
    readings: FullReadings, present: Sequence[str], token: str, sender: Sender, body: bytes | None
) -> bytes:
    """Begins to read runs, or gives up what is under way; says what `full_impl` does.

    Args:
      body: what was sent: `{"read": [names of runs]}` or `{"cancel": true}`; None: too much of it.

    Raises:
      RequestError: this sender may not, or it cannot be done.
    """
    check(sender, token)
    if body is None:
        raise RequestError(413, "This is too long.")
    said = decoded(body)
    runs = said.get("read")
    if said == {"cancel": True}:
        readings.cancel()
    elif set(said) == {"read"} and isinstance(runs, list) and runs:
        for run in runs:
            if not isinstance(run, str) or run not in present:
                raise no_such_run(str(run))
        readings.ask(list(dict.fromkeys(runs)))
    else:
        raise RequestError(400, 'Send {"read": [names of runs]} or {"cancel": true}.')
    return to_json(_body(readings, present, token))


def _body(readings: FullReadings, present: Sequence[str], token: str) -> dict[str, Any]:
    found = {run: read for run in present if (read := readings.found(run)) is not None}
    trouble = readings.trouble
    return {
        "bytes": {run: size for run in present if (size := readings.size(run)) is not None},
        "read": {
            run: {"time": shown_time(read.time), "bytes": read.file_bytes, "stale": readings.is_stale(run)}
            for run, read in found.items()
        },
        "job": readings.progress(),
        "trouble": None if trouble is None else dict(zip(("kind", "run", "detail"), trouble, strict=True)),
        "token": token,
    }

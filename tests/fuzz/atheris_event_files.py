"""Endless fuzzing of the event-file reader with Atheris; not part of the test suite.

    pip install atheris
    PYTHONPATH=.:tests:tests/fuzz python tests/fuzz/atheris_event_files.py -max_total_time=600 corpus/

`corpus/` is a folder that keeps inputs worth trying again; it may be empty or missing. An input's first byte decides
how the others are used: as a file, as the records of a file, or as choices that make up a file (`damage.Maker`), each
of which reaches deeper. A crash is written to `crash-...`; give that file instead of `corpus/` to see it again.
"""

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["tb_histinsight"]):
    from damage import Maker, assert_normal, assert_read_alike
    from event_logs import frame, open_run

FILE = Path(tempfile.mkdtemp()) / "events.out.tfevents.1.host"


def one_input(data):
    provider = atheris.FuzzedDataProvider(data)
    kind = provider.ConsumeIntInRange(0, 2)
    if kind == 0:
        content = provider.ConsumeBytes(provider.remaining_bytes())
    elif kind == 1:
        records = []
        while provider.remaining_bytes():
            records.append(frame(provider.ConsumeBytes(provider.ConsumeIntInRange(0, 200))))
        content = b"".join(records)
    else:
        content = Maker(lambda below: provider.ConsumeIntInRange(0, below - 1)).file()
    FILE.write_bytes(content)
    assert_read_alike(FILE)
    for series in open_run(FILE).read():
        assert_normal(series)


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()

"""The framing of an event file: length, checksum of the length, record, checksum of the record."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

import google_crc32c

_LENGTH = struct.Struct("<Q")
_CHECKSUM = struct.Struct("<I")


def masked_crc32c(data: bytes) -> int:
    """The checksum that event files carry: CRC-32C, rotated and shifted so that it can itself be checksummed."""
    crc: int = google_crc32c.value(data)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def read_records(file: Path) -> Iterator[bytes | str]:
    """The records of a file; in the place of one that cannot be read, the reason.

    A cut last record is normal (the file is still being written) and ends the file silently. Reasons: `no_events`
    (not an event file), `bad_length` (nothing after it can be found), `bad_checksum` (the next record still can).
    """
    with file.open("rb") as stream:
        first = True
        while len(head := stream.read(12)) == 12:
            length = _LENGTH.unpack_from(head)[0]
            if masked_crc32c(head[:8]) != _CHECKSUM.unpack_from(head, 8)[0]:
                yield "no_events" if first else "bad_length"
                return
            body = stream.read(length + 4)
            if len(body) < length + 4:
                return
            record = body[:length]
            yield record if masked_crc32c(record) == _CHECKSUM.unpack_from(body, length)[0] else "bad_checksum"
            first = False

"""CRC-32C, alone and of many records at once.

Event files carry a checksum per record. One call of the C library per record costs more than the checksum itself
(0.35 µs against 0.15 µs for the 850 bytes of a 30-bucket histogram), so a block of records whose lengths are known is
checked with one call: a CRC is linear over GF(2), so the checksum that the block must have follows from the ones that
its records carry. Appending a chunk B to A gives crc(AB) = M(|B|) crc(A) ^ crc(B), where M(n) is the 32 x 32 matrix
that n zero bytes apply to the register (zlib's crc32_combine rests on the same identity).
"""

from __future__ import annotations

from functools import lru_cache

import google_crc32c
import numpy as np
import numpy.typing as npt

MASK_DELTA = 0xA282EAD8
"""Added to a rotated checksum, so that a record that holds checksums can itself be checked (TFRecord format)."""

Words = npt.NDArray[np.uint32]
Flags = npt.NDArray[np.bool_]

crc32c = google_crc32c.value
"""The CRC-32C of some bytes (or of an array of them that lie side by side), as an int."""


def masked_crc32c(data: bytes) -> int:
    """The checksum that an event file carries for these bytes."""
    crc: int = crc32c(data)
    return ((crc >> 15 | crc << 17) + MASK_DELTA) & 0xFFFFFFFF


def unmasked(stored: Words) -> Words:
    """The CRC-32C behind stored checksums; uint32, any shape."""
    rotated = stored - np.uint32(MASK_DELTA)
    plain: Words = (rotated << np.uint32(15)) | (rotated >> np.uint32(17))
    return plain


def masked(crc: Words) -> Words:
    """The stored form of checksums; uint32, any shape."""
    stored: Words = ((crc >> np.uint32(15)) | (crc << np.uint32(17))) + np.uint32(MASK_DELTA)
    return stored


def length_checksums(lengths: npt.NDArray[np.uint64]) -> Words:
    """The checksums that stand behind these record lengths; uint32 [n]."""
    table = _crc_table()
    crc = np.full(len(lengths), 0xFFFFFFFF, np.uint32)
    for byte in range(8):
        this = (lengths >> np.uint64(8 * byte)).astype(np.uint32)
        crc = table[(crc ^ this) & np.uint32(0xFF)] ^ (crc >> np.uint32(8))
    return masked(~crc)


def intact(
    data: npt.NDArray[np.uint8], starts: npt.NDArray[np.int64], ends: npt.NDArray[np.int64], stored: Words
) -> Flags:
    """Which of the records data[start:end] fit the checksums that they carry; bool [n]."""
    pieces = map(data.__getitem__, map(slice, starts.tolist(), ends.tolist()))
    found = np.fromiter(map(crc32c, pieces), np.uint32, len(starts))
    return np.asarray(masked(found) == stored)


@lru_cache(maxsize=1)
def _crc_table() -> Words:
    """What one byte does to the register of CRC-32C (reflected polynomial 0x82F63B78); uint32 [256]."""
    table = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        table = np.where(table & np.uint32(1), (table >> np.uint32(1)) ^ np.uint32(0x82F63B78), table >> np.uint32(1))
    return table


@lru_cache(maxsize=4096)
def zero_bytes_table(length: int) -> Words:
    """M(length) as four tables, one per byte of the register: uint32 [4, 256]."""
    zeros = bytes(length)
    nothing = google_crc32c.extend(0, zeros)
    basis = np.array([google_crc32c.extend(1 << bit, zeros) ^ nothing for bit in range(32)], np.uint32)
    table = np.zeros((4, 256), np.uint32)
    for byte in range(4):
        for bit in range(8):
            table[byte, 1 << bit : 2 << bit] = table[byte, : 1 << bit] ^ basis[8 * byte + bit]
    return table


def advance(registers: Words, length: int) -> Words:
    """M(length) applied to each of these registers; uint32 [n]."""
    table = zero_bytes_table(length)
    low, high = registers & np.uint32(0xFF), registers >> np.uint32(24)
    second, third = (registers >> np.uint32(8)) & np.uint32(0xFF), (registers >> np.uint32(16)) & np.uint32(0xFF)
    moved: Words = table[0][low] ^ table[1][second] ^ table[2][third] ^ table[3][high]
    return moved


def expected_difference(stored: Words, reference: Words, frame_lengths: list[int]) -> Words:
    """By how much (XOR) the checksums of whole rows must differ from that of a reference row.

    A row is a run of framed records (length, checksum, record, checksum); rows have the same lengths and the same
    heads, and differ in the records and their checksums only.

    Args:
      stored: checksums that the rows carry, uint32 [rows, records].
      reference: those of the reference row, whose records are known to agree with them, uint32 [records].
      frame_lengths: bytes of each record with its frame.

    Returns:
      uint32 [rows]; if the row's own checksum differs by anything else, one of its records is damaged.
    """
    # A record's data ends where its stored checksum begins: both differences enter the register at that place.
    change = (unmasked(stored) ^ unmasked(reference)) ^ (stored ^ reference)
    register = change[:, 0]
    for index in range(1, len(frame_lengths)):
        register = advance(register, frame_lengths[index]) ^ change[:, index]
    return advance(register, 4)


def fold_rows(differences: Words, row_length: int) -> Words:
    """The differences of blocks' checksums from the differences of their rows.

    Args:
      differences: uint32 [rows, blocks]; a block with fewer rows than others has zeros before them.
      row_length: bytes of a row.

    Returns:
      uint32 [blocks]
    """
    register = np.zeros(differences.shape[1:], np.uint32)
    for difference in differences:
        register = advance(register, row_length) ^ difference
    return register

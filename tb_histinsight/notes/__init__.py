"""What people say of a log: notes, and marks that a finding is intended; kept beside the log in one file.

The file only grows, line by line (docs/notes.md), so that it can be written by several at once, merged and mailed.
"""

from __future__ import annotations

from tb_histinsight.notes.entries import Accused, Entry, Kind, NotesError
from tb_histinsight.notes.file import FILE_NAME, append
from tb_histinsight.notes.history import NOTHING_NOTED, Notes, read_notes
from tb_histinsight.notes.lines import added, edited, removed

__all__ = [
    "FILE_NAME",
    "NOTHING_NOTED",
    "Accused",
    "Entry",
    "Kind",
    "Notes",
    "NotesError",
    "added",
    "append",
    "edited",
    "read_notes",
    "removed",
]

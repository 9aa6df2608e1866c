"""Findings while a training still runs: what has been logged so far is looked at now and then."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tb_histinsight.logging.tensors import TensorLogger

if TYPE_CHECKING:
    from tb_histinsight.report import FindingEntry

FIRST_LOOK = 3
"""Logged steps before which no change can be told."""
RATIO = 1.5
"""Each look comes after half again as many logged steps as the one before, so that all looks together cost about three
times the last one, however long the training."""


class Watcher:
    """Tells each finding once, when it first holds. Remarks are not told."""

    def __init__(self, logger: TensorLogger, tell: Callable[[FindingEntry], None]) -> None:
        self._logger = logger
        self._tell = tell
        self._told: set[str] = set()
        self._logged = 0
        self._next = FIRST_LOOK

    def look(self) -> None:
        """To be called after each logged step; looks when it is time."""
        self._logged += 1
        if self._logged < self._next or self._logger.broken is not None:
            return
        self._next = max(self._logged + 1, int(self._logged * RATIO))
        from tb_histinsight.api import analyze

        for run in analyze(self._logger.logdir, jobs=1).runs:
            for finding in run.findings:
                if finding.severity != "info" and finding.cause is None and finding.id not in self._told:
                    self._told.add(finding.id)
                    self._tell(finding)

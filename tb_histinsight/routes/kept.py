"""What is kept between requests."""

from __future__ import annotations

import os

from tb_histinsight.routes.answer import Body, digest
from tb_histinsight.routes.notes import NotesOfRuns
from tb_histinsight.routes.reading.readings import FullReadings
from tb_histinsight.routes.settings import SettingsOfRuns
from tb_histinsight.routes.shelf import Shelf
from tb_histinsight.routes.store import AnalysisStore
from tb_histinsight.sources.data_provider import DataProviderSource

ANSWER_BYTES = 64 << 20
"""Bound of the answers kept ready to be sent."""
EXPERIMENTS = 8
"""Of which the runs and tags are kept; a TensorBoard on a logdir has one."""


class Kept:
    """Analyses, answers, settings, and what there was when TensorBoard was last asked."""

    def __init__(self, logdir: str = "", patience: float = 0.0) -> None:
        self.log = digest("log", os.getcwd() if logdir and not os.path.isabs(logdir) else "", logdir) if logdir else ""
        """Tells this log from others, wherever TensorBoard listens, without saying where it is"""
        self.settings = SettingsOfRuns(logdir, patience)
        self.notes = NotesOfRuns(self.settings.home, patience)
        self.analyses = AnalysisStore()
        self.readings = FullReadings(logdir, self.settings.of)
        self.bodies: Shelf[Body] = Shelf(ANSWER_BYTES, lambda body: body.size)
        self.sources: Shelf[DataProviderSource] = Shelf(EXPERIMENTS, lambda source: 1)

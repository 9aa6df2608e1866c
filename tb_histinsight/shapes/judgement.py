"""All shapes held against the steps of a view, in the order of precedence."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from tb_histinsight.core.histogram import BoolArray, IntArray
from tb_histinsight.core.labels import Reason, Shape
from tb_histinsight.shapes.apart import separate_peaks
from tb_histinsight.shapes.base import CERTAIN, MIN_ELEMENTS, NO, SUSPECT, UNDECIDED, ShapeKind
from tb_histinsight.shapes.cells import FINE, rows_at
from tb_histinsight.shapes.unresolved import KEYS, Unresolved
from tb_histinsight.shapes.view import View

OPEN = -1
"""In place of a shape: not found yet."""
_ORDER = list(Shape)
_UNRESOLVED = _ORDER.index(Shape.UNRESOLVED)
_WORTH_A_COPY = 0.75
"""Share of the rows still open at which they are copied into a view of their own."""
BLOCK = 1 << 15
"""Buckets that are judged at once: so many that calls cost little, so few that matrices stay in the cache."""


class Judgement:
    """The shape of every step of a view, as it is being found.

    First what follows from the data; then, where there are too few values or buckets, what is overwhelming; then the
    other shapes on the steps that are left, each on fewer steps than the one before.
    """

    def __init__(self, view: View, kinds: Sequence[ShapeKind]) -> None:
        self.view = view
        self._kinds = kinds
        self._gradual = [kind for kind in kinds if not kind.always]
        self.shape: IntArray = np.full(len(view), OPEN)
        """Index into Shape, or OPEN"""
        self.code: IntArray = np.full(len(view), NO)
        self.reason: IntArray = np.full(len(view), -1)
        """Index into `reasons`, -1 where there is none"""
        self.reasons: list[Reason] = []

    @property
    def open(self) -> IntArray:
        """Which steps have no shape yet."""
        return np.flatnonzero(self.shape == OPEN)

    def by_data(self, perhaps_apart: BoolArray) -> None:
        """What follows from the data, and needs no cells.

        Args:
          perhaps_apart: where the values may stand in separate peaks; of fewer than MIN_ELEMENTS values, nothing
            else is claimed (`ShapeKind.judge_blocked`).
        """
        every = np.arange(len(self.view))
        for kind in self._kinds:
            if kind.always:
                self._take(kind, every, kind.judge(self.view))
        view = self.view
        few = (self.shape == OPEN) & (view.values < MIN_ELEMENTS) & (view.lengths > 0)
        asked = np.flatnonzero(few & perhaps_apart)
        few[asked] = ~self._perhaps_apart(asked)
        self._leave_few(every, np.flatnonzero(few), view)

    def _perhaps_apart(self, rows: IntArray) -> BoolArray:
        """Whether steps of few values stand in separate peaks, or are so wide that only their cells tell."""
        out = self.view.lengths[rows] > FINE
        narrow = np.flatnonzero(~out)
        out[narrow] = separate_peaks(*rows_at(self.view.series, rows[narrow]))
        return np.asarray(out)

    def fully(self, rows: IntArray) -> None:
        """Judges some of the open steps."""
        block = np.cumsum(self.view.lengths[rows]) // BLOCK
        cuts = np.flatnonzero(np.diff(block, prepend=-1)).tolist()
        for start, stop in pairwise([*cuts, len(rows)]):
            self._block(rows[start:stop])

    def _block(self, rows: IntArray) -> None:
        whole = self.view.subset(rows)
        self._blocked(whole, rows)
        keep = np.flatnonzero(self.shape[rows] == OPEN)
        view, rows = whole.subset(keep), rows[keep]
        for kind in self._gradual:
            still = self.shape[rows] == OPEN
            if not still.any():
                return
            if still.mean() <= _WORTH_A_COPY:
                keep = np.flatnonzero(still)
                rows, view = rows[keep], view.subset(keep)
            verdict = kind.judge(view)
            self._undecided(kind, rows, verdict, view)
            self._take(kind, rows, verdict)
        for at in np.flatnonzero(self.shape[rows] == OPEN):  # not reached while `other` takes whatever has a range
            self._leave(int(rows[at]), "few_buckets", view, int(at), CERTAIN)

    def _take(self, kind: ShapeKind, rows: IntArray, verdict: IntArray) -> None:
        new = (self.shape[rows] == OPEN) & (verdict > NO)
        self.shape[rows[new]] = _ORDER.index(kind.shape)
        self.code[rows[new]] = verdict[new]

    def _blocked(self, view: View, rows: IntArray) -> None:
        key = Unresolved().blocked(view)
        stuck = np.flatnonzero(key >= 0)
        if not len(stuck):
            return
        part = view.subset(stuck)
        for kind in self._gradual:
            if type(kind).judge_blocked is not ShapeKind.judge_blocked:
                self._take(kind, rows[stuck], kind.judge_blocked(part))
        left = np.flatnonzero(self.shape[rows[stuck]] == OPEN)
        few = key[stuck[left]] == KEYS.index("few_values")
        for at in left[~few].tolist():
            self._leave(int(rows[stuck[at]]), KEYS[int(key[stuck[at]])], part, at, CERTAIN)
        self._leave_few(rows[stuck], left[few], part)

    def _leave_few(self, rows: IntArray, at: IntArray, view: View) -> None:
        """Steps with too few values: most of a series have the same number, and one reason serves them all."""
        self.shape[rows[at]], self.code[rows[at]] = _UNRESOLVED, CERTAIN
        count = view.values[at]
        some = np.flatnonzero(count >= MIN_ELEMENTS)
        if len(some):  # of these most are zeros; what is not takes cells to know
            count[some] = -view.total[at[some]]
        counts = count.tolist()
        first: dict[float, int] = {}
        for i, one in enumerate(counts):
            first.setdefault(one, i)
        number = {one: len(self.reasons) + place for place, one in enumerate(first)}
        self.reason[rows[at]] = [number[one] for one in counts]
        self.reasons += [Unresolved().reason(view, int(at[i]), "few_values") for i in first.values()]

    def _undecided(self, kind: ShapeKind, rows: IntArray, verdict: IntArray, view: View) -> None:
        for at in np.flatnonzero((verdict == UNDECIDED) & (self.shape[rows] == OPEN)).tolist():
            self._leave(int(rows[at]), kind.undecided, view, at, SUSPECT)

    def _leave(self, i: int, key: str, view: View, at: int, code: int) -> None:
        self.shape[i], self.code[i] = _UNRESOLVED, code
        self.reason[i] = len(self.reasons)
        self.reasons.append(Unresolved().reason(view, at, key))

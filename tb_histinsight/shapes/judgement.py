"""All shapes held against the steps of a view, in the order of precedence."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tb_histinsight.core.histogram import IntArray
from tb_histinsight.core.labels import Reason, Shape
from tb_histinsight.shapes.base import CERTAIN, NO, SUSPECT, UNDECIDED, ShapeKind
from tb_histinsight.shapes.unresolved import KEYS, Unresolved
from tb_histinsight.shapes.view import View

_ORDER = list(Shape)
_OPEN, _UNRESOLVED = -1, _ORDER.index(Shape.UNRESOLVED)
_WORTH_A_COPY = 0.75
"""Share of the rows still open at which they are copied into a view of their own."""


class Judgement:
    """The shape of every step of a view, as it is being found.

    First what follows from the data; then, where there are too few values or buckets, what is overwhelming; then the
    other shapes on the steps that are left, each on fewer steps than the one before.
    """

    def __init__(self, view: View) -> None:
        self.view = view
        self.shape: IntArray = np.full(len(view), _OPEN)
        """Index into Shape"""
        self.code: IntArray = np.full(len(view), NO)
        self.reasons: dict[int, Reason] = {}

    def run(self, kinds: Sequence[ShapeKind]) -> Judgement:
        """Judges every step; returns itself."""
        for kind in kinds:
            if kind.always:
                self._take(kind, np.arange(len(self.view)), kind.judge(self.view))
        self._blocked([kind for kind in kinds if not kind.always])
        rows = self._open()
        view = self.view.subset(rows)
        for kind in kinds:
            still = self.shape[rows] == _OPEN
            if not still.any():
                break
            if still.mean() <= _WORTH_A_COPY:
                keep = np.flatnonzero(still)
                rows, view = rows[keep], view.subset(keep)
            if not kind.always:
                verdict = kind.judge(view)
                self._undecided(kind, rows, verdict, view)
                self._take(kind, rows, verdict)
        for i in self._open():  # not reached while `other` takes whatever has a range
            self._leave(int(i), "few_buckets", self.view, int(i), CERTAIN)
        return self

    def _open(self) -> IntArray:
        return np.flatnonzero(self.shape == _OPEN)

    def _take(self, kind: ShapeKind, rows: IntArray, verdict: IntArray) -> None:
        new = (self.shape[rows] == _OPEN) & (verdict > NO)
        self.shape[rows[new]] = _ORDER.index(kind.shape)
        self.code[rows[new]] = verdict[new]

    def _blocked(self, kinds: Sequence[ShapeKind]) -> None:
        rows = self._open()
        if not len(rows):
            return
        view = self.view.subset(rows)
        key = Unresolved().blocked(view)
        stuck = np.flatnonzero(key >= 0)
        if not len(stuck):
            return
        part = view.subset(stuck)
        for kind in kinds:
            if type(kind).judge_blocked is not ShapeKind.judge_blocked:
                self._take(kind, rows[stuck], kind.judge_blocked(part))
        left = np.flatnonzero(self.shape[rows[stuck]] == _OPEN)
        few = key[stuck[left]] == KEYS.index("few_values")
        for at in left[~few].tolist():
            self._leave(int(rows[stuck[at]]), KEYS[int(key[stuck[at]])], part, at, CERTAIN)
        self._leave_few(rows[stuck], left[few], part)

    def _leave_few(self, rows: IntArray, at: IntArray, part: View) -> None:
        """Steps with too few values: most of a series have the same number, and one reason serves them all."""
        self.shape[rows[at]], self.code[rows[at]] = _UNRESOLVED, CERTAIN
        shown = np.array([part.values[at], part.total[at]])
        for pair in np.unique(shown, axis=1).T:
            same = at[(shown == pair[:, None]).all(axis=0)]
            reason = Unresolved().reason(part, int(same[0]), "few_values")
            self.reasons.update(dict.fromkeys(rows[same].tolist(), reason))

    def _undecided(self, kind: ShapeKind, rows: IntArray, verdict: IntArray, view: View) -> None:
        for at in np.flatnonzero((verdict == UNDECIDED) & (self.shape[rows] == _OPEN)).tolist():
            self._leave(int(rows[at]), kind.undecided, view, at, SUSPECT)

    def _leave(self, i: int, key: str, view: View, at: int, code: int) -> None:
        self.shape[i], self.code[i] = _UNRESOLVED, code
        self.reasons[i] = Unresolved().reason(view, at, key)

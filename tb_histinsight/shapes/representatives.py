"""Which steps are judged in full, and which take over the verdict of those that stand for them.

Neighbouring steps of a training are mostly alike. So every sixteenth is judged, and the first and the last; a step
between two of one shape that is like them, as far as counting noise lets one tell (`survey`), has that shape as well.
A step that is like neither is judged itself, and where two that were judged differ, so is every step between them.
"""

from __future__ import annotations

import numpy as np

from tb_histinsight.core.histogram import BoolArray, IntArray
from tb_histinsight.core.labels import Shape
from tb_histinsight.shapes.base import CERTAIN, SUSPECT
from tb_histinsight.shapes.judgement import Judgement
from tb_histinsight.shapes.survey import Survey
from tb_histinsight.shapes.timeline import PERSISTENT

EVERY = 16
"""One of so many steps is judged in long series."""
PARTS = 8
"""Short series have at least so many steps judged."""
_UNRESOLVED = list(Shape).index(Shape.UNRESOLVED)


def judge_by_representatives(found: Judgement, survey: Survey, starts: IntArray) -> None:
    """Gives every step that is still open its shape.

    Args:
      starts: where each of the joined series begins, and where the last one ends.
    """
    rows = found.open
    if not len(rows):
        return
    chosen, run = _chosen(rows, starts)
    found.fully(rows[chosen])
    # Every other step lies between two that were judged.
    pair = np.cumsum(chosen) - 1
    judged, others = rows[chosen], np.flatnonzero(~chosen)
    shape, code, reason = _common(found, judged, run[chosen])
    others = others[shape[pair[others]] >= 0]
    alike = survey.alike(rows[others], judged[:-1], judged[1:], pair[others])
    heirs, pair = rows[others[alike]], pair[others[alike]]
    found.shape[heirs], found.code[heirs], found.reason[heirs] = shape[pair], code[pair], reason[pair]
    found.fully(found.open)


def _chosen(rows: IntArray, starts: IntArray) -> tuple[BoolArray, IntArray]:
    """Which of the open steps are judged first: the ends of every run of them, and some between; and the runs.

    bool [m], and a number per run of neighbouring open steps of one series, int64 [m].
    """
    series = np.searchsorted(starts, rows, side="right") - 1
    first = np.ones(len(rows), bool)
    first[1:] = (rows[1:] != rows[:-1] + 1) | (series[1:] != series[:-1])
    last = np.append(first[1:], True)
    run = np.cumsum(first) - 1
    begin = rows[np.flatnonzero(first)[run]]
    spacing = np.clip((starts[1:] - starts[:-1])[series] // PARTS, 1, EVERY)
    # The last steps decide whether a new shape at the end is one (`timeline.settled`).
    near_end = rows >= starts[1:][series] - PERSISTENT
    return first | last | near_end | ((rows - begin) % spacing == 0), run


def _common(found: Judgement, judged: IntArray, run: IntArray) -> tuple[IntArray, IntArray, IntArray]:
    """What the steps between each judged one and the next inherit: shape (-1: nothing), confidence, reason."""
    shape, code, reason = found.shape[judged], found.code[judged], found.reason[judged]
    names = list(dict.fromkeys(entry.key for entry in found.reasons))
    key = np.array([-1, *(names.index(entry.key) for entry in found.reasons)])[reason + 1]
    # Undecided is no evidence: between two steps of one shape it says nothing against it.
    decided = (shape != _UNRESOLVED) | (code == CERTAIN)
    place = np.arange(len(judged))
    before = np.maximum.accumulate(np.where(decided, place, -1))
    after = np.append(np.minimum.accumulate(np.where(decided, place, len(judged))[::-1])[::-1][1:], len(judged))
    known = (before >= 0) & (after < len(judged))
    one, two = np.where(known, before, 0), np.where(known, after, 0)
    known &= (run[one] == run) & (run[two] == run) & (shape[one] == shape[two]) & (key[one] == key[two])
    following = np.minimum(place + 1, len(judged) - 1)
    open_still = ~decided & ~decided[following] & (key == key[following]) & ~known
    both = decided & decided[following]
    least = np.where(both | open_still, np.minimum(code, code[following]), SUSPECT)
    return (
        np.where(known, shape[one], np.where(open_still, _UNRESOLVED, -1)),
        least,
        np.where(known, reason[one], np.where(open_still, reason, -1)),
    )

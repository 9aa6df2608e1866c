"""Whether numbers that are logged as counts can be counts."""

from __future__ import annotations

from collections.abc import Iterable

from tb_histinsight.core.histogram import FloatArray


def only_negative(rows: Iterable[FloatArray]) -> bool:
    """Whether there are counts below 0 and none above: then these are no histograms.

    Args:
      rows: float64 [k, 3] each: left, right, count.
    """
    lowest = highest = 0.0
    for part in rows:
        if len(part):
            lowest = min(lowest, float(part[:, 2].min()))
            highest = max(highest, float(part[:, 2].max()))
    return lowest < 0 and highest <= 0

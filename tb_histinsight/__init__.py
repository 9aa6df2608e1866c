"""tb_histinsight: says what the histograms of a training run mean.

    report = tb_histinsight.analyze("runs")
    report.save("report.html")

This module stays light: TensorBoard imports it at start-up, whether or not the Insight tab is ever opened. What it
offers is loaded when it is asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tb_histinsight.api import analyze
    from tb_histinsight.api.arrays import analyze_histograms, analyze_tensors
    from tb_histinsight.api.results import Report
    from tb_histinsight.core.errors import InsightError, NothingToReadError, UsageError

__version__ = "0.1.0"
__all__ = [
    "InsightError",
    "NothingToReadError",
    "Report",
    "UsageError",
    "analyze",
    "analyze_histograms",
    "analyze_tensors",
]

_PLACES = {
    "analyze": "tb_histinsight.api",
    "analyze_histograms": "tb_histinsight.api.arrays",
    "analyze_tensors": "tb_histinsight.api.arrays",
    "Report": "tb_histinsight.api.results",
    "InsightError": "tb_histinsight.core.errors",
    "NothingToReadError": "tb_histinsight.core.errors",
    "UsageError": "tb_histinsight.core.errors",
}


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_PLACES[name]), name)

"""Histograms from a running TensorBoard, through its `DataProvider`.

TensorBoard has the data loaded and its users expect the tab to follow reloads, run names and
`--samples_per_plugin`. What it holds is less than what was logged: a random sample of the steps (100 of a tag by
default under the data server, 500 under the Python loader), and no exact sums.
"""

from __future__ import annotations

from tb_histinsight.sources.data_provider.source import DataProviderRun, DataProviderSource

__all__ = ["DataProviderRun", "DataProviderSource"]

"""tb_histinsight: says what the histograms of a training run mean.

This module stays light: TensorBoard imports it at start-up, whether or not the Insight tab is ever opened.
"""

__version__ = "0.1.0"

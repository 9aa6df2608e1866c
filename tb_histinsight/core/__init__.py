"""The pure core: histograms, statistics with bounds, names, findings. It sees NumPy alone."""

"""How often the labels are right: histograms and histories of which the truth is known."""

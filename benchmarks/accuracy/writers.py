"""Buckets as the writers make them, with NumPy alone.

`tf2` follows tf.summary.histogram (TensorFlow 2; float64, equal widths, the maximum in the last bucket), `old` and
`doane` torch.utils.tensorboard (np.histogram on the ladder of limits, or with bins="doane"; one empty bucket kept on
the left; exact sums beside the buckets).
"""

from collections.abc import Sequence

import numpy as np

from tb_histinsight.core.histogram import HistogramSeries, Moments, RawHistograms, normalise


def _ladder():
    limit, positive = 1e-12, []
    while limit < 1e20:
        positive.append(limit)
        limit *= 1.1
    return np.array([-x for x in reversed(positive)] + [0.0] + positive)


LADDER = _ladder()
ENCODINGS = ("tf2", "old", "doane", "tf2-1000")


def tf2_rows(values, buckets=30):
    values = values[np.isfinite(values)] if np.isfinite(values).all() else None
    if values is None:
        return np.stack([np.full(buckets, np.nan), np.full(buckets, np.nan), np.zeros(buckets)], axis=1)
    low, high = values.min(), values.max()
    if low == high:
        rows = np.full((buckets, 3), low)
        rows[:, 2] = 0
        rows[-1, 2] = len(values)
        return rows
    width = (high - low) / buckets
    index = np.minimum(np.floor((values - low) / width).astype(np.int64), buckets - 1)
    edges = np.linspace(low, high, buckets + 1)
    return np.stack([edges[:-1], edges[1:], np.bincount(index, minlength=buckets)], axis=1)


def torch_rows(values, bins):
    count, limits = np.histogram(values[np.isfinite(values)], bins)
    filled = np.flatnonzero(count)
    first, last = filled[0], filled[-1]
    right = limits[first : last + 2]
    left = np.concatenate([[-np.inf], right[:-1]])
    return np.stack([left, right, np.concatenate([[0], count[first : last + 1]])], axis=1)


def series_of(samples: Sequence[np.ndarray], encoding: str, tag: str = "tag") -> HistogramSeries:
    """One histogram per sample, steps 0, 10, 20, ..."""
    samples = [np.asarray(sample, np.float64) for sample in samples]
    steps = 10 * np.arange(len(samples))
    exact = {}
    if encoding.startswith("tf2"):
        buckets = int(encoding[4:] or 30)
        rows = [tf2_rows(sample, buckets) for sample in samples]
    else:
        bins = LADDER if encoding == "old" else encoding
        rows = [torch_rows(sample, bins) for sample in samples]
        exact = {
            "minimum": np.array([sample.min() for sample in samples]),
            "maximum": np.array([sample.max() for sample in samples]),
            "moments": Moments(
                np.array([float(len(sample)) for sample in samples]),
                np.array([sample.sum() for sample in samples]),
                np.array([sample @ sample for sample in samples]),
            ),
        }
    offsets = np.concatenate([[0], np.cumsum([len(part) for part in rows])]).astype(np.int64)
    return normalise(RawHistograms("run", tag, steps, steps * 1.0, np.concatenate(rows), offsets, **exact))

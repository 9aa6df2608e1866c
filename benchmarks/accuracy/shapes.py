"""Shapes of samples of known distributions, over encodings, sizes, scales and centres."""

import numpy as np

from benchmarks.accuracy.families import FAMILIES
from benchmarks.accuracy.sweeps import SWEEPS
from benchmarks.accuracy.writers import ENCODINGS, series_of
from tb_histinsight.core.histogram import Layout
from tb_histinsight.core.labels import Role
from tb_histinsight.core.percentiles import quantiles
from tb_histinsight.core.stats import series_stats
from tb_histinsight.shapes import shape_timeline

SIZES = {1: 2, 2: 2, 16: 4, 100: 6, 256: 12, 512: 12, 1024: 12, 10**4: 8, 10**5: 4, 10**6: 1}
"""Values per sample, and samples of each"""
SWEEP_SIZES = {100: 2, 256: 4, 1024: 6, 10**4: 4, 10**5: 2}
"""The same for families over a parameter, which are many"""
LARGE = {10**7: 1}
OF_LARGE = {"uniform", "normal", "normal cut at 2 sigma", "Laplace", "Student t3", "exponential", "two hills", "relu"}
"""Families of which very large tensors are drawn too"""
QUICK = {16: 2, 256: 4, 1024: 4, 10**4: 4}
CENTRES = (0.0, 0.0, 1.0, 3.0, 10.0, 30.0, 100.0)
"""What is added to families that can be moved, in their own unit"""
ENOUGH_BUCKETS = 7
"""Buckets under the middle 95 % of the values from which on a label can be demanded"""


def run(score, first_seed, quick=False):
    """Asks for every family, encoding and size; every sample has a scale (and a centre) of its own."""
    for number, family in enumerate([*FAMILIES, *SWEEPS]):
        sizes = QUICK if quick else SIZES if number < len(FAMILIES) else SWEEP_SIZES
        if family.name in OF_LARGE and not quick:
            sizes = sizes | LARGE
        for n, samples in sizes.items():
            rng = np.random.default_rng([first_seed, number, n])
            drawn = []
            for _ in range(samples):
                values = family.draw(rng, n)
                if family.movable:
                    values = values + rng.choice(CENTRES)
                # Squashing functions have a scale of their own.
                drawn.append(values if family.role == "activation" else values * 10 ** rng.uniform(-8, 6))
            for encoding in ENCODINGS:
                # One sample is one series: neighbouring steps must not help.
                for values in drawn:
                    _ask(score, family, n, encoding, values)


def _ask(score, family, n, encoding, values):
    series = series_of([values], encoding)
    label = shape_timeline(series, series_stats(series), Role(family.role)).last
    right = family.rule(values, encoding) if family.rule else set(family.right)
    if len(values) == 0:
        right = {"empty"}
    elif values.min() == values.max():
        right = {"constant"} if values[0] else {"collapsed"}
    elif (values == 0).mean() >= 0.99:
        right |= {"collapsed"}
    if "spiky" in right and encoding == "doane":
        right |= {"multimodal"}  # its few buckets are wider than the gaps: hills are what is left of the peaks
    if "pruned" in family.name and encoding == "doane" and n < 10**4:
        right |= {"heavy_tailed"}  # the spike is one of ten buckets: a bell with a high middle
    if family.name == "two initialisations" and encoding == "doane":
        right |= {"sparse"}  # the narrow one is a single bucket at 0, as zeros would be
    demanded = n >= family.demanded_from and (len(right & {"constant", "collapsed"}) > 0 or _resolved(series, family))
    score.add(
        (family.name, encoding, n),
        label.shape.value,
        label.confidence.value,
        right=right,
        decidable=demanded,
        open_label="unresolved",
    )


def _resolved(series, family):
    """Whether enough buckets lie under the values; separate peaks need gaps instead: two buckets and more."""
    if "spiky" in family.right:
        return series.layout is Layout.EQUAL
    rows = series.buckets
    low, high = quantiles(rows, series.offsets, np.array([0.025, 0.975]))[0][0]
    return ((rows[:, 1] > low) & (rows[:, 0] < high)).sum() >= ENOUGH_BUCKETS

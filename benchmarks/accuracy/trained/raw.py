"""Numbers of raw tensors, from which follows what may be said of their histograms; no bucket takes part."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import ndimage, optimize, stats

TINY = 1e-12
"""The first limit of old-style buckets: what is nearer to 0 is counted with the zeros."""
OUTLIERS = 2000
"""One value of so many may lie anywhere."""


def facts_of(values: np.ndarray) -> dict[str, Any]:
    """The facts about one tensor; numbers that do not exist are left out."""
    x = np.sort(np.asarray(values, np.float64).ravel())
    n = len(x)
    facts: dict[str, Any] = {"n": n, "non_finite": int(n - np.isfinite(x).sum())}
    if n == 0 or facts["non_finite"]:
        return facts
    facts |= {"min": x[0], "max": x[-1], "mean": x.mean(), "std": x.std(), "abs": np.abs(x).mean()}
    facts["distinct"] = 1 + int((np.diff(x) > 0).sum())
    facts["zeros"] = float((x == 0).mean())
    facts["tiny"] = float((np.abs(x) < TINY).mean())
    span = x[-1] - x[0]
    if not span > 1e-6 * max(abs(x[0]), abs(x[-1])) or n < 8:
        return facts
    facts |= _ends(x, span) | _gaps(x, span) | _zero(x, span) | _moments(x) | _distances(x, span) | _valley(x)
    return {key: float(value) if isinstance(value, np.floating) else value for key, value in facts.items()}


def _ends(x: np.ndarray, span: float) -> dict[str, Any]:
    cells = np.minimum((30 * (x - x[0]) / span).astype(int), 29)
    return {
        "low_end": float((x <= x[0] + 0.05 * span).mean()),
        "high_end": float((x >= x[-1] - 0.05 * span).mean()),
        "filled": len(np.unique(cells)) / 30,
        "crowded": float(np.bincount(cells).max() / len(x)),
    }


def _gaps(x: np.ndarray, span: float) -> dict[str, Any]:
    """Groups of values between gaps of more than 4 % of the range; groups of under 1 % of the values left out."""
    parts = np.split(x, np.flatnonzero(np.diff(x) > 0.04 * span) + 1)
    parts = [part for part in parts if len(part) >= 0.01 * len(x)]
    return {"groups": len(parts), "group_width": sum(part[-1] - part[0] for part in parts) / span}


def _zero(x: np.ndarray, span: float) -> dict[str, Any]:
    """How far the zeros stand out of a thirtieth of the range, and how crowded the nearest to zero are."""
    rest, width = x[x != 0], span / 30
    beside = max(((rest > a) & (rest <= a + width)).sum() for a in (-1.5 * width, -width / 2, width / 2))
    near = 0.02 * np.quantile(np.abs(x), 0.95)
    inner = (np.abs(x) <= near).mean()
    outer = ((np.abs(x) > near) & (np.abs(x) <= 3 * near)).mean() / 2
    return {
        "zero_contrast": float((x == 0).sum() / max(1, beside)),
        "near_zero": float(inner),
        "near_contrast": float(inner / max(outer, 1 / len(x))),
    }


def _moments(x: np.ndarray) -> dict[str, Any]:
    """Skewness and excess kurtosis with standard errors from their influence functions (no model is assumed)."""
    n = len(x)
    out: dict[str, Any] = {}
    keep = np.argsort(np.abs(x - np.median(x)))[: n - max(1, n // OUTLIERS)]
    for name, part in (("", x), ("_trim", x[np.sort(keep)])):
        spread = part.std()
        if not spread > 0:
            return {}
        z = (part - part.mean()) / spread
        skew, kurt = (z**3).mean(), (z**4).mean()
        skew_error = (z**3 - skew - 1.5 * skew * (z**2 - 1) - 3 * z).std() / np.sqrt(n)
        kurt_error = (z**4 - kurt - 2 * kurt * (z**2 - 1) - 4 * skew * z).std() / np.sqrt(n)
        out |= {f"skew{name}": skew, f"skew_se{name}": skew_error}
        out |= {f"kurt{name}": kurt - 3, f"kurt_se{name}": kurt_error}
    t = np.sort(np.abs(x - np.median(x)))[:: max(1, n // 2000)]
    middle = np.median(x)
    above = 1 - np.searchsorted(x, middle + t, side="right") / n
    below = np.searchsorted(x, middle - t, side="left") / n
    out["asymmetry"] = float(np.abs(above - below).max())
    return out


def _distances(x: np.ndarray, span: float) -> dict[str, Any]:
    """Kolmogorov-Smirnov distances to the fitted uniform, normal, cut normal and Laplace."""
    z = (x - x.mean()) / x.std()
    middle, half = 0.5 * (x[0] + x[-1]), 0.5 * span
    low, high = np.quantile(x, [0.01, 0.99])
    inner = x[(x >= low) & (x <= high)]
    scale = np.abs(x - np.median(x)).mean()
    return {
        "ks_uniform": _ks((x - x[0]) / span),
        "ks_plateau": _ks((inner - low) / max(high - low, 1e-300)) if len(inner) > 7 else 1.0,
        "ks_normal": _ks(stats.norm.cdf(z)),
        "ks_cut": _ks(_cut_cdf((x - middle) / half, x.std() / half)),
        "ks_laplace": _ks(stats.laplace.cdf((x - np.median(x)) / scale)) if scale > 0 else 1.0,
    }


def _ks(cdf: np.ndarray) -> float:
    n = len(cdf)
    return float(max((np.arange(1, n + 1) / n - cdf).max(), (cdf - np.arange(n) / n).max()))


def _cut_cdf(u: np.ndarray, ratio: float) -> np.ndarray:
    """Cumulative distribution of a normal cut at -1 and 1 whose standard deviation is `ratio`."""
    if ratio >= 0.57:
        return 0.5 * (u + 1)

    def excess(cut: float) -> float:
        return float(np.sqrt(1 - 2 * cut * stats.norm.pdf(cut) / (2 * stats.norm.cdf(cut) - 1)) / cut - ratio)

    cut = optimize.brentq(excess, 0.05, 1 / ratio * 3 + 5)
    low = stats.norm.cdf(-cut)
    return np.asarray((stats.norm.cdf(u * cut) - low) / (1 - 2 * low))


def _valley(x: np.ndarray) -> dict[str, Any]:
    """The deepest valley of a fine kernel density: its depth against the lower hill, and that in standard errors.

    Source of the error: Silverman (1986), Density Estimation, 3.3: var f(x) = f(x) / (2 sqrt(pi) n h).
    """
    n = len(x)
    low, high = np.quantile(x, [0.002, 0.998])
    spread = min(x.std(), (np.quantile(x, 0.75) - np.quantile(x, 0.25)) / 1.34)
    if not high > low or not spread > 0:
        return {}
    best = {"valley": 1.0, "valley_se": 0.0}
    for factor in (0.4, 0.8):
        h = factor * spread * n**-0.2
        bins = int(np.clip(4 * (high - low) / h, 64, 4096))
        count, edges = np.histogram(x, bins, (low, high))
        width = edges[1] - edges[0]
        density = ndimage.gaussian_filter1d(count / (n * width), h / width, mode="constant")
        left, right = np.maximum.accumulate(density), np.maximum.accumulate(density[::-1])[::-1]
        hill = np.minimum(left, right)
        below = np.cumsum(count) / n
        error = np.sqrt((hill + density) / (2 * np.sqrt(np.pi) * n * h))
        inside = (below > 0.05) & (below < 0.95) & (hill > 0)
        depth = np.where(inside, (hill - density) / np.maximum(error, 1e-300), 0.0)
        at = int(np.argmax(depth))
        if depth[at] > best["valley_se"]:
            best = {"valley": float(density[at] / hill[at]), "valley_se": float(depth[at])}
    return best

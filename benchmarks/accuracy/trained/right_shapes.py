"""Which shapes the raw numbers of a tensor allow, and whether they allow one alone.

Each shape has two tests: `fits`, so lenient that what fails it is clearly wrong, and `sharp`, so strict that no other
shape can be meant. One sharp shape and no other that fits: the case is decidable. Else every shape that fits is right.
"""

from __future__ import annotations

from typing import Any

HILLS = ("multimodal", "uniform", "gaussian", "heavy_tailed", "skewed")
ENOUGH = 256
"""Values below which no shape is demanded; the contract of `unresolved`"""


def right_shapes(f: dict[str, Any], role: str, encoding: str) -> tuple[set[str], bool]:
    """The shapes that are right (`unresolved` always is where none is demanded), and whether one is demanded."""
    if f["n"] == 0:
        return {"empty"}, True
    if f["non_finite"]:
        return {"non_finite"}, True
    if f["distinct"] == 1 and not f["zeros"]:
        # Below 1e-12 the old-style buckets have no way to tell a value from 0.
        return ({"constant", "collapsed"} if f["tiny"] else {"constant"}), True
    if f["zeros"] >= 0.99:
        # Thirty buckets show a spike at zero, not that it is exact; old-style ones have a bucket of their own for it.
        exact = encoding == "old" or f["zeros"] == 1
        return ({"collapsed"}, True) if exact else ({"collapsed", "sparse", "spiky"}, False)
    if "ks_uniform" not in f:
        return {"spiky", "constant", *HILLS, "other", "collapsed", "sparse"}, False  # no range that float32 resolves
    lenient, sharp = tests(f, role, encoding)
    demanded = len(sharp) == 1 and sharp == lenient and f["n"] >= ENOUGH
    # A definition (saturated, sparse, spiky) goes before the hills, as in the contract.
    for i, first in enumerate(definitions := ("saturated", "sparse", "spiky")):
        if first in sharp:
            # What goes before it and fits leniently is right as well.
            also = lenient & {"collapsed", *definitions[:i]}
            if first == "spiky" and f["filled"] > 0.5:
                also.add("multimodal")  # peaks nearer to each other than buckets: hills are what is left of them
            return {first} | also, f["n"] >= ENOUGH and not also
    if not sharp & set(HILLS):
        lenient.add("other")
    return lenient or {"other"}, demanded


def tests(f: dict[str, Any], role: str, encoding: str) -> tuple[set[str], set[str]]:
    """The shapes that fit leniently, and those that fit sharply."""
    fits: dict[str, bool] = {}
    sharp: dict[str, bool] = {}
    noise = f["n"] ** -0.5
    few = f["n"] < ENOUGH

    both, lesser = f["low_end"] + f["high_end"], min(f["low_end"], f["high_end"])
    squashed = role == "activation" and any(
        abs(f["min"] - low) < 0.03 * (1 - low) and abs(f["max"] - 1) < 0.03 * (1 - low) for low in (0.0, -1.0)
    )
    fits["saturated"] = both > 0.42 and lesser > 0.03 and (f["filled"] > 0.6 or squashed)
    sharp["saturated"] = both > 0.55 and lesser > 0.07 and (f["filled"] > 0.9 or squashed)

    fits["spiky"] = f["groups"] >= 2 and f["group_width"] < 0.7
    sharp["spiky"] = 2 <= f["groups"] <= 20 and f["group_width"] < 0.3 and not few

    zeros = max(f["zeros"], f["tiny"])
    # Within a fiftieth of the 95 % point of |x| a normal has 3 % of its values, Student's t3 5 %, a Laplace 6 %: twice
    # that is a spike beside a broad rest, whether or not its values are exactly 0.
    fits["sparse"] = zeros > 0.03 or f["near_zero"] > 0.12 or (f["near_zero"] > 0.04 and f["near_contrast"] > 2)
    # In equal buckets zeros must stand out of those that share their bucket.
    shown = encoding == "old" or f["zero_contrast"] > 4
    sharp["sparse"] = f["zeros"] > 0.08 and shown and f["n"] * (1 - zeros) > 100 and f["groups"] <= 1
    fits["collapsed"] = f["tiny"] >= 0.98 or (encoding == "tf2" and f["crowded"] >= 0.98)

    if "valley" in f and "kurt_trim" in f:
        _hills(f, noise, fits, sharp)
    else:
        fits |= dict.fromkeys(HILLS, True)
    sharp["heavy_tailed"] = sharp.get("heavy_tailed", False) and zeros < 0.02
    return {key for key, yes in fits.items() if yes}, {key for key, yes in sharp.items() if yes}


def _hills(f: dict[str, Any], noise: float, fits: dict[str, bool], sharp: dict[str, bool]) -> None:
    fits["multimodal"] = f["valley"] < 0.9 and f["valley_se"] > 2
    sharp["multimodal"] = f["valley"] < 0.6 and f["valley_se"] > 6

    kurt, error, asymmetry = f["kurt_trim"], 2 * f["kurt_se_trim"], f["asymmetry"]
    # -1.2 a plateau, -0.9 one that moved by a third of its spread, -0.63 a normal cut at two sigmas, 0 a normal,
    # 1.2 a logistic, 3 a Laplace.
    symmetric, lopsided = asymmetry < 0.08 + 1.5 * noise, asymmetry > 0.03 + 0.6 * noise
    bell = min(f["ks_normal"], f["ks_cut"])
    fits["uniform"] = symmetric and kurt - error < -0.8 and f["ks_plateau"] < 0.1 + 1.2 * noise
    flat = f["ks_plateau"] < 0.03 + noise and f["ks_uniform"] < 0.06 + 1.2 * noise
    sharp["uniform"] = symmetric and kurt + error < -0.8 and flat
    fits["gaussian"] = symmetric and kurt + error > -0.95 and kurt - error < 1.2 and bell < 0.045 + noise
    sharp["gaussian"] = symmetric and kurt - error > -0.75 and kurt + error < 0.2 and bell < 0.02 + 0.8 * noise
    # A peaked centre is as much a sign of them as far values are.
    peaked = f["ks_laplace"] < f["ks_normal"]
    fits["heavy_tailed"] = symmetric and (max(kurt, f["kurt"]) + error > 0.2 or peaked)
    sharp["heavy_tailed"] = symmetric and kurt > 1.2 and f["ks_normal"] > 0.04 + noise
    # Between two hills alike the median may lie anywhere in the valley.
    fits["skewed"] = lopsided and not (sharp["multimodal"] and abs(f["skew_trim"]) < 0.1)
    sharp["skewed"] = asymmetry > 0.1 + 2 * noise and abs(f["skew_trim"]) > 0.3

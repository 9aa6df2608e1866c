"""The tensors that every writer is given, and the truth about them: name -> one array per step.

Names are what people, and attackers, call tags. The arrays come from a fixed seed, so that a test can draw the same
ones as the process that wrote them.
"""

import numpy as np

STEPS = (0, 1, 2, 5)
RUNS = (".", "a", "nested/b", "läuft 重", "<script>x")
"""The first holds all cases, the others only `normal`."""


def with_at(values, step, wanted_step, odd):
    """The values with odd ones at the start, in one step only."""
    values = values.copy()
    if step == wanted_step:
        values[: len(odd)] = odd
    return values


def cases():
    rng = np.random.default_rng(20)

    def per_step(draw):
        return [np.asarray(draw(step)) for step in STEPS]

    def normal(size, scale=1.0):
        return (rng.normal(size=size) * scale).astype(np.float32)

    found = {
        "normal": per_step(lambda step: normal(2000, 1 + step)),
        "uniform": per_step(lambda step: rng.uniform(-0.15, 0.15, 1200).astype(np.float32)),
        "constant": per_step(lambda step: np.full(300, 0.7, np.float32)),
        "negative constant": per_step(lambda step: np.full((20, 3), -2.5, np.float32)),
        "zeros": per_step(lambda step: np.zeros(500, np.float32)),
        "empty": per_step(lambda step: np.empty(0, np.float32)),
        "one element": per_step(lambda step: np.array([0.3 + step], np.float32)),
        "two elements": per_step(lambda step: np.array([-1.0, 2.0 + step], np.float32)),
        "one nan": per_step(lambda step: with_at(normal(400), step, 2, [np.nan])),
        "plus inf": per_step(lambda step: with_at(normal(400), step, 1, [np.inf])),
        "minus inf": per_step(lambda step: with_at(normal(400), step, 1, [-np.inf, -np.inf])),
        "all nan": per_step(lambda step: with_at(normal(400), step, 2, [np.nan] * 400)),
        "huge": per_step(lambda step: with_at(normal(400), step, 2, [1e21] * 30 + [-3e22] * 10)),
        "outliers": per_step(lambda step: with_at(normal(5000), step, 2, [1e4])),
        "sparse": per_step(lambda step: np.maximum(normal(1500) - 0.5, 0)),
        "near constant": per_step(lambda step: (0.97 + normal(800, 0.005)).astype(np.float32)),
        "tiny": per_step(lambda step: normal(300, 1e-15)),
        "float16": per_step(lambda step: normal(300).astype(np.float16)),
        "integers": per_step(lambda step: rng.integers(-4, 9, 300)),
        "all negative": per_step(lambda step: (-3 - np.abs(normal(300))).astype(np.float32)),
        "größe/重み": per_step(lambda step: normal(300)),
        "<script>alert(1)</script>": per_step(lambda step: normal(300)),
    }
    return {name: dict(zip(STEPS, arrays, strict=True)) for name, arrays in found.items()}

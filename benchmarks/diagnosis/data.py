"""Small data sets, generated: nothing is downloaded and nothing is large."""

from __future__ import annotations

import numpy as np


def blobs(rng: np.random.Generator, count: int, inputs: int = 32, classes: int = 5) -> tuple[np.ndarray, np.ndarray]:
    """Points around class centres that overlap a little; float32 [count, inputs] and int64 [count]."""
    centres = rng.normal(size=(classes, inputs))
    label = rng.integers(0, classes, count)
    return (centres[label] + rng.normal(0, 1.2, (count, inputs))).astype(np.float32), label


def images(rng: np.random.Generator, count: int, size: int = 12) -> tuple[np.ndarray, np.ndarray]:
    """Noisy bars, crosses, frames and discs; float32 [count, size, size, 1] within 0 and 1 and int64 [count]."""
    y, x = np.mgrid[:size, :size]
    label = rng.integers(0, 4, count)
    out = np.empty((count, size, size, 1), np.float32)
    for i, kind in enumerate(label):
        cy, cx = rng.integers(4, size - 4, 2)
        dy, dx = np.abs(y - cy), np.abs(x - cx)
        if kind == 0:
            drawn = dy <= 1
        elif kind == 1:
            drawn = (dy <= 1) | (dx <= 1)
        elif kind == 2:
            drawn = np.maximum(dy, dx) == 3
        else:
            drawn = dy**2 + dx**2 <= 9
        out[i, :, :, 0] = np.clip(drawn + rng.normal(0, 0.25, (size, size)), 0, 1)
    return out, label


def sentences(
    rng: np.random.Generator, count: int, words: int = 200, length: int = 12
) -> tuple[np.ndarray, np.ndarray]:
    """Word numbers, the frequent ones far more often, and whether the good words outweigh the bad ones."""
    worth = rng.normal(size=words)
    frequency = 1.0 / np.arange(1, words + 1)
    text = rng.choice(words, size=(count, length), p=frequency / frequency.sum())
    return text.astype(np.int64), (worth[text].sum(axis=1) > 0).astype(np.int64)


def waves(rng: np.random.Generator, count: int, length: int = 20) -> tuple[np.ndarray, np.ndarray]:
    """Noisy sines, float32 [count, length, 1], and the value that comes next, float32 [count, 1]."""
    phase, speed = rng.uniform(0, 6.28, (count, 1)), rng.uniform(0.2, 0.6, (count, 1))
    line = np.sin(phase + speed * np.arange(length + 1)) + rng.normal(0, 0.05, (count, length + 1))
    return line[:, :length, None].astype(np.float32), line[:, length:].astype(np.float32)

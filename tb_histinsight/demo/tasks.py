"""What the demonstration networks learn; the data is drawn by NumPy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tb_histinsight.demo.network import Tensor

ACTIONS = ("wait", "left", "right", "down", "up")
"""What the controller of `Steering` can do."""


@dataclass(frozen=True)
class SteeringBatch:
    """What the sensors read, what the controller does about it, and what the situation costs."""

    sensors: Tensor
    """[batch, 60]"""
    actions: npt.NDArray[np.int64]
    """[batch], indices into ACTIONS"""
    costs: Tensor
    """[batch, 1]: squared distance and speed, scaled to a standard deviation of about 1"""


class Steering:
    """A vehicle in the plane steers to a target; a controller (proportional-derivative) shows how.

    Sixty noisy sensors mix position and velocity; the action is the axis along which most thrust is wanted, or to
    wait where little is wanted.
    """

    SENSORS = 60
    GAIN, DAMPING, DEAD_ZONE = 1.0, 0.6, 0.35
    NOISE = 0.1

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        self._mixing = rng.standard_normal((4, self.SENSORS)) * 1.2
        self._offset = rng.uniform(-1, 1, self.SENSORS)

    def batch(self, rng: np.random.Generator, size: int) -> SteeringBatch:
        """Situations that were never seen before, with the controller's answers."""
        state = rng.uniform(-1, 1, (size, 4))
        position, velocity = state[:, :2], state[:, 2:]
        thrust = -self.GAIN * position - self.DAMPING * velocity
        axis = np.abs(thrust).argmax(axis=1)
        strongest = thrust[np.arange(size), axis]
        actions = np.where(np.abs(strongest) < self.DEAD_ZONE, 0, 1 + 2 * axis + (strongest > 0))
        sensors = np.sin(state @ self._mixing + self._offset) * np.sqrt(2)
        sensors += self.NOISE * rng.standard_normal(sensors.shape)
        costs = ((position**2).sum(axis=1) + (velocity**2).sum(axis=1) - 4 / 3) / 0.6
        return SteeringBatch(sensors.astype(np.float32), actions.astype(np.int64), costs[:, None].astype(np.float32))


class Triangle:
    """Is a point of the plane inside a triangle? Three straight edges decide, so three hidden units are enough."""

    CORNERS = np.array([[-1.5, -1.1], [1.6, -0.8], [-0.2, 1.7]])

    def batch(self, rng: np.random.Generator, size: int) -> tuple[Tensor, Tensor]:
        """Points [size, 2] and whether they lie inside [size, 1], 0 or 1."""
        points = rng.uniform(-2, 2, (size, 2))
        inside = np.ones(size, bool)
        for start, end in zip(self.CORNERS, np.roll(self.CORNERS, -1, axis=0), strict=True):
            edge, to_point = end - start, points - start
            inside &= edge[0] * to_point[:, 1] - edge[1] * to_point[:, 0] > 0
        return points.astype(np.float32), inside[:, None].astype(np.float32)

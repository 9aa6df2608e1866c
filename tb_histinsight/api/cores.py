"""How many processor cores this process may really use."""

from __future__ import annotations

import os
from pathlib import Path

CGROUP = Path("/sys/fs/cgroup")
"""Where Linux shows a container its limits (version 2 of control groups)."""


def available_cores(cgroup: Path = CGROUP) -> int:
    """Cores that the process may run on, and that its container grants it; at least 1."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(allowed, _granted(cgroup, allowed)))


def _granted(cgroup: Path, allowed: int) -> int:
    try:
        quota, period = (cgroup / "cpu.max").read_text("ascii").split()
        return allowed if quota == "max" else int(quota) // int(period)
    except (OSError, ValueError):
        return allowed

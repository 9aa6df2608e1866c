"""How many processor cores this process may really use."""

from __future__ import annotations

import os
from pathlib import Path

CGROUP = Path("/sys/fs/cgroup")
"""Where Linux shows a container its limits (control groups)."""


def available_cores(cgroup: Path = CGROUP) -> int:
    """Cores that the process may run on, and that its container grants it; at least 1."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(allowed, _granted(cgroup, allowed)))


def _granted(cgroup: Path, allowed: int) -> int:
    """Whole cores' worth of processor time per period; `allowed` where there is no limit."""
    for read in (_version_2, _version_1):
        try:
            quota, period = read(cgroup)
            return allowed if quota < 0 else quota // period
        except (OSError, ValueError, ZeroDivisionError):
            continue
    return allowed


def _version_2(cgroup: Path) -> tuple[int, int]:
    """Quota and period in microseconds; a negative quota: no limit."""
    quota, period = (cgroup / "cpu.max").read_text("ascii").split()
    return -1 if quota == "max" else int(quota), int(period)


def _version_1(cgroup: Path) -> tuple[int, int]:
    """The same, from version 1 of control groups."""
    quota = (cgroup / "cpu" / "cpu.cfs_quota_us").read_text("ascii")
    period = (cgroup / "cpu" / "cpu.cfs_period_us").read_text("ascii")
    return int(quota), int(period)

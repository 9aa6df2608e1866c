"""Memory that was freed stays at hand, and costs nothing before it is needed."""

import pytest

from tb_histinsight.api.memory import LARGEST, keep_freed_memory

resource = pytest.importorskip("resource")


def test_no_page_is_touched():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    keep_freed_memory()
    faults = resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
    assert faults < LARGEST // resource.getpagesize() // 4

"""A container's limit counts, not only the machine's cores."""

import pytest

from tb_histinsight.api.cores import available_cores


@pytest.mark.parametrize(
    ("limit", "cores"), [("100000 100000", 1), ("50000 100000", 1), ("nonsense", None), ("max 1", None)]
)
def test_the_quota_of_a_container_limits_the_cores(tmp_path, limit, cores):
    (tmp_path / "cpu.max").write_text(limit)
    without_limit = available_cores(tmp_path / "nowhere")
    assert without_limit >= 1
    assert available_cores(tmp_path) == (without_limit if cores is None else cores)


@pytest.mark.parametrize(("quota", "cores"), [("100000", 1), ("-1", None), ("rubbish", None)])
def test_an_older_container_grants_its_cores_elsewhere(tmp_path, quota, cores):
    (tmp_path / "cpu").mkdir()
    (tmp_path / "cpu" / "cpu.cfs_quota_us").write_text(quota + "\n")
    (tmp_path / "cpu" / "cpu.cfs_period_us").write_text("100000\n")
    without_limit = available_cores(tmp_path / "nowhere")
    assert available_cores(tmp_path) == (without_limit if cores is None else cores)

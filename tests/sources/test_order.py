import pytest

from tb_histinsight.sources.order import natural_key


@pytest.mark.parametrize(
    "ascending",
    [
        ["run2", "run10"],
        ["a/b", "ab"],
        ["a_b", "ab"],
        ["lr0.01", "lr0.1", "lr1"],
        ["1e-3", "1e-2"],
        [".", "a", "b"],
        ["a", "a/1", "a1"],
        ["", "a"],
    ],
)
def test_names_sort_as_in_tensorboard(ascending):
    assert sorted(reversed(ascending), key=natural_key) == ascending

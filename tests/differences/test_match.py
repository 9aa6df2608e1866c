"""Which tensors of two runs belong together."""

import pytest
from summaries import dense, summary

from tb_histinsight.differences.match import match_tags


def pairs(first, second):
    """Pairs of tag names, and whether they were found by name."""
    one, two = summary(first), summary(second)
    return {(one.names[m.first], two.names[m.second], m.by_name) for m in match_tags(one, two)}


def layers(first, second):
    return {(a.split("/")[-2], b.split("/")[-2], by_name) for a, b, by_name in pairs(first, second)}


def test_equal_names_are_pairs_whatever_their_order_in_the_log():
    tags = dense(("a", 5, 7), ("b", 7, 3))
    turned = dict(reversed(tags.items()))
    assert pairs(tags, turned) == {(tag, tag, True) for tag in tags}


def test_a_counter_that_goes_on_in_the_next_run_is_seen_by_the_sizes():
    """Keras counts layers per process: `dense_1` is the second layer of one run and the first of the other."""
    first = dense(("dense", 784, 128), ("dense_1", 128, 64), ("dense_2", 64, 10))
    second = dense(("dense_1", 784, 128), ("dense_2", 128, 64), ("dense_3", 64, 10))
    assert layers(first, second) == {
        ("dense", "dense_1", False),
        ("dense_1", "dense_2", False),
        ("dense_2", "dense_3", False),
    }


def test_other_names_throughout_are_paired_in_depth_order():
    first = dense(("dense", 784, 128), ("dense_1", 128, 10))
    second = dense(("dense_28", 784, 128), ("dense_29", 128, 10))
    assert layers(first, second) == {("dense", "dense_28", False), ("dense_1", "dense_29", False)}


def test_what_was_put_in_leaves_the_outer_layers_their_partners():
    two = dense(("encoder", 4, 4), ("decoder", 4, 4))
    three = dense(("first", 4, 4), ("middle", 4, 4), ("last", 4, 4))
    assert layers(two, three) == {("encoder", "first", False), ("decoder", "last", False)}


def test_a_layer_that_was_put_in_with_names_kept_has_no_partner():
    two = dense(("fc1", 784, 128), ("out", 128, 10))
    three = dense(("fc1", 784, 128), ("fc2", 128, 128), ("out", 128, 10))
    assert layers(two, three) == {("fc1", "fc1", True), ("out", "out", True)}


def test_one_renamed_layer_is_found_between_the_others():
    first = dense(("stem", 9, 8), ("old", 8, 8), ("head", 8, 2))
    second = dense(("stem", 9, 8), ("new", 8, 8), ("head", 8, 2))
    assert ("old", "new", False) in layers(first, second)
    assert ("stem", "stem", True) in layers(first, second)


def test_another_width_keeps_its_name():
    first = dense(("fc1", 784, 128), ("fc2", 128, 10))
    second = dense(("fc1", 784, 256), ("fc2", 256, 10))
    assert layers(first, second) == {("fc1", "fc1", True), ("fc2", "fc2", True)}


def test_two_networks_that_share_a_size_by_chance_are_no_pair():
    first = dense(*((f"a{i}", 11 + i, 10 + i) for i in range(6)))
    second = dense(*((f"b{i}", 31 + i, 30 + i) for i in range(5)), ("b9", 11, 10))
    assert pairs(first, second) == set()


def test_gradients_pair_with_gradients_of_the_same_parameter():
    first = {"W_0": 16, "b_0": 4, "W_0_grad": 16, "b_0_grad": 4}
    second = {"W_0": 16, "W_0_grad": 16}
    assert pairs(first, second) == {("W_0", "W_0", True), ("W_0_grad", "W_0_grad", True)}


@pytest.mark.parametrize("count", [2, 500])
def test_every_layer_of_a_large_network_finds_its_partner(count):
    first = dense(*((f"a{i}", 10 + i, 9) for i in range(count)))
    second = dense(*((f"b{i}", 10 + i, 9) for i in range(count)))
    assert len(layers(first, second)) == count


def test_nothing_pairs_with_nothing():
    assert pairs({}, {}) == set()
    assert pairs(dense(("a", 2, 2)), {}) == set()

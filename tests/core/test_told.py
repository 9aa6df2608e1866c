"""What the user says of tags overrules what their names say, and what was said is known."""

from tb_histinsight.core.labels import Role
from tb_histinsight.core.names import Guess, read_tags
from tb_histinsight.core.told import Names, Telling, UnusedName, overrule, unused_names

TAGS = ["enc/w", "enc/c", "dec/w", "dec/c", "head.weight", "head.weight.grad"]


def told(*tellings):
    return {name.tag: name for name in overrule(read_tags(TAGS), Names(tellings))}


def by_depth(names):
    return list(dict.fromkeys(name.layer for name in sorted(names.values(), key=lambda name: name.depth)))


def test_nothing_told_changes_nothing():
    assert told() == {name.tag: name for name in read_tags(TAGS)}


def test_a_tag_a_glob_and_a_regex_say_what_tags_are():
    names = told(
        Telling("tag", "enc/w", role=Role.WEIGHT),
        Telling("glob", "*/c", role=Role.BIAS),
        Telling("regex", r"(dec)/.*", layer=r"the \1"),
    )
    assert names["enc/w"].role is Role.WEIGHT
    assert names["enc/w"].kernel
    assert {names["enc/c"].role, names["dec/c"].role} == {Role.BIAS}
    assert {names["dec/w"].layer, names["dec/c"].layer} == {"the dec"}
    assert names["dec/w"].depth == names["dec/c"].depth


def test_patterns_must_fit_all_of_a_name_and_brackets_of_an_exact_one_mean_themselves():
    assert not told(Telling("regex", "enc", role=Role.WEIGHT))["enc/w"].told
    assert not told(Telling("glob", "enc", role=Role.WEIGHT))["enc/w"].told
    (name,) = overrule(read_tags(["a[0].*"]), Names((Telling("tag", "a[0].*", layer="x"),)))
    assert name.layer == "x"


def test_a_later_line_wins_word_by_word():
    names = told(
        Telling("glob", "*", layer="all", role=Role.OTHER), Telling("tag", "enc/w", role=Role.WEIGHT),
    )  # fmt: skip
    assert (names["enc/w"].layer, names["enc/w"].role) == ("all", Role.WEIGHT)
    assert (names["enc/c"].layer, names["enc/c"].role) == ("all", Role.OTHER)


def test_what_was_told_and_what_would_have_been_guessed_is_known():
    names = told(Telling("tag", "enc/c", layer="stem", role=Role.BIAS), Telling("tag", "head.weight", role=Role.WEIGHT))
    guessed = {name.tag: name for name in read_tags(TAGS)}["enc/c"]
    assert names["enc/c"].told == ("layer", "role")
    assert names["enc/c"].guess == Guess(guessed.layer, guessed.role)
    assert names["enc/c"].certain
    assert names["head.weight"].told == ("role",)
    assert names["head.weight"].guess is None
    assert names["dec/w"].told == ()


def test_a_layer_can_be_put_before_behind_and_between_others():
    first = by_depth(told())
    assert by_depth(told(Telling("glob", "head.*", order=-1)))[0] == "head"
    assert by_depth(told(Telling("glob", "enc/*", order=99)))[-1] in ("enc", "enc/c")
    moved = by_depth(told(Telling("tag", "head.weight", order=0.5)))
    assert moved.index("head") == 1
    assert sorted(moved) == sorted(first)


def test_the_order_can_be_a_number_in_the_name():
    tags = ["b9x3/kernel", "b9x1/kernel", "b9x2/kernel", "bx/kernel"]
    names = overrule(read_tags(tags), Names((Telling("regex", r"b\d*x(\d*)/.*", order=r"\1"),)))
    assert [name.layer for name in sorted(names, key=lambda name: name.depth)] == ["b9x1", "b9x2", "b9x3", "bx"]
    assert {name.tag: name.told for name in names}["bx/kernel"] == ()


def test_a_gradient_belongs_to_what_is_said_and_kernels_can_be_told_from_tables():
    names = told(
        Telling("tag", "enc/c", role=Role.GRADIENT, of=Role.WEIGHT, layer="enc"),
        Telling("tag", "dec/c", role=Role.GRADIENT),
        Telling("tag", "head.weight", kernel=False),
    )
    assert (names["enc/c"].subject, names["enc/c"].kernel) == (Role.WEIGHT, True)
    assert (names["dec/c"].subject, names["dec/c"].kernel) == (Role.OTHER, False)
    assert not names["head.weight"].kernel
    assert names["head.weight.grad"].subject is Role.WEIGHT


def test_what_fits_no_tag_is_found_with_the_nearest_for_exact_names():
    names = Names((Telling("tag", "enc/ww", line=2), Telling("glob", "nope*", line=5), Telling("glob", "e*")), "n.toml")
    assert unused_names(names, TAGS) == [
        UnusedName("n.toml", 2, "enc/ww", "enc/w"),
        UnusedName("n.toml", 5, "nope*", None),
    ]

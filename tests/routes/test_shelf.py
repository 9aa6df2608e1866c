import threading

from tb_histinsight.routes.shelf import Shelf


def shelf(budget=100):
    return Shelf(budget, len)


def test_a_value_is_made_once_per_version():
    made = []
    kept = shelf()
    for version in ("1", "1", "2", "2"):
        kept.get("a", version, lambda old: made.append(old) or "value")
    assert made == [None, "value"]


def test_all_who_ask_at_once_wait_for_one_making():
    kept = shelf()
    started, release = threading.Event(), threading.Event()
    made, got = [], []

    def make(old):
        made.append(1)
        started.set()
        assert release.wait(10)
        return "value"

    threads = [threading.Thread(target=lambda: got.append(kept.get("a", "1", make))) for _ in range(8)]
    for thread in threads:
        thread.start()
    assert started.wait(10)
    # Another key is not held up by the one that is being made.
    assert kept.get("b", "1", lambda old: "other") == "other"
    release.set()
    for thread in threads:
        thread.join(10)
    assert got == ["value"] * 8
    assert made == [1]


def test_the_least_recently_used_go_first():
    kept = shelf(budget=25)
    for key in "abc":
        kept.get(key, "1", lambda old: "x" * 10)
        kept.get("a", "1", lambda old: "x" * 10)
    assert kept.peek("a") is not None
    assert kept.peek("b") is None
    assert kept.peek("c") is not None
    assert kept.held == 20


def test_one_value_above_the_budget_is_kept_until_the_next():
    kept = shelf(budget=25)
    kept.get("large", "1", lambda old: "x" * 1000)
    assert kept.peek("large") is not None
    kept.get("small", "1", lambda old: "x")
    assert kept.peek("large") is None
    assert kept.held == 1


def test_what_breaks_is_tried_again():
    kept = shelf()

    def broken(old):
        raise OSError

    for _ in range(2):
        try:
            kept.get("a", "1", broken)
        except OSError:
            continue
        raise AssertionError
    assert kept.get("a", "1", lambda old: "value") == "value"

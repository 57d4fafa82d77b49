"""One at a time for each key, and no lock is left behind."""

import threading

import pytest

from core.keyed import Keyed


def test_one_waits_for_the_other_and_other_keys_do_not():
    keyed, entered, go_on = Keyed(), threading.Event(), threading.Event()
    order: list[str] = []

    def first() -> None:
        with keyed.held("a"):
            entered.set()
            go_on.wait(10)
            order.append("first")

    def second() -> None:
        with keyed.held("a"):
            order.append("second")

    threads = [threading.Thread(target=first), threading.Thread(target=second)]
    threads[0].start()
    assert entered.wait(10)
    threads[1].start()
    with keyed.held("b"):
        order.append("b")
    go_on.set()
    for thread in threads:
        thread.join()
    assert order == ["b", "first", "second"]
    assert keyed._locks == {}


def test_an_error_gives_the_turn_back():
    keyed = Keyed()
    with pytest.raises(ValueError, match="x"), keyed.held(1):
        raise ValueError("x")
    assert keyed._locks == {}

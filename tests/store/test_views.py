"""Saved views: each person their own, by name."""

from __future__ import annotations

import pytest

from core import views
from core.errors import BadInput, NotFound
from core.runtime import Runtime


def names(runtime: Runtime, viewer: str = "ana") -> list[str]:
    return [one.name for one in views.saved(runtime, viewer)]


def refusal(runtime: Runtime, name: str, asked: str = "q=x") -> tuple[str, str]:
    with pytest.raises(BadInput) as refused:
        views.save(runtime, "ana", name, asked)
    return refused.value.field, refused.value.problem


def test_views_are_listed_by_name_and_are_of_one_person(runtime: Runtime) -> None:
    for name in ("unread", "Big ones", "  from\n Ana  "):
        views.save(runtime, "ana", name, f"q={name.strip()}")
    views.save(runtime, "bia", "mine", "unread=1")
    assert names(runtime) == ["Big ones", "from Ana", "unread"]
    assert names(runtime, "bia") == ["mine"]
    assert views.saved(runtime, "bia")[0].asked == "unread=1"


def test_a_name_that_is_taken_can_be_replaced(runtime: Runtime) -> None:
    first = views.save(runtime, "ana", "big", "larger=1")
    assert refusal(runtime, "big") == ("view_name", "view_taken")
    assert views.saved(runtime, "ana")[0].asked == "larger=1"
    again = views.save(runtime, "ana", "big", "larger=2", replace=True)
    assert again == first
    assert [one.asked for one in views.saved(runtime, "ana")] == ["larger=2"]
    views.save(runtime, "bia", "big", "larger=3")  # another person's name is free


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("", "empty"),
        (" \n ", "empty"),
        ("x" * 81, "too_long"),
        ("a\u202eb", "control"),
        ("a\x00b", "control"),
        ("a\ud800", "control"),
    ],
)
def test_a_name_that_cannot_be_used(runtime: Runtime, name: str, problem: str) -> None:
    assert refusal(runtime, name) == ("view_name", problem)
    assert names(runtime) == []


def test_what_is_far_too_long_is_not_kept(runtime: Runtime) -> None:
    assert refusal(runtime, "long", "q=" + "x" * 9_000) == ("view", "too_long")
    with pytest.raises(BadInput):
        views.set_own_way(runtime, "ana", "x" * 9_000)


def test_there_are_at_most_fifty(runtime: Runtime) -> None:
    views.set_own_way(runtime, "ana", "date,from")  # does not count
    for number in range(50):
        views.save(runtime, "ana", f"view {number}", "q=x")
    assert refusal(runtime, "one more") == ("view_name", "views_most")
    views.save(runtime, "ana", "view 7", "q=y", replace=True)
    views.save(runtime, "bia", "one more", "q=x")


def test_a_deleted_view_can_be_saved_again(runtime: Runtime) -> None:
    made = views.save(runtime, "ana", "big", "larger=1")
    with pytest.raises(NotFound):
        views.delete(runtime, "bia", made)
    gone = views.delete(runtime, "ana", made)
    assert names(runtime) == []
    with pytest.raises(NotFound):
        views.delete(runtime, "ana", made)
    views.save(runtime, "ana", gone.name, gone.asked)
    assert views.saved(runtime, "ana")[0].asked == "larger=1"


def test_ones_own_way_is_no_view(runtime: Runtime) -> None:
    assert views.own_way(runtime, "ana") == ""
    views.set_own_way(runtime, "ana", "date,from")
    views.set_own_way(runtime, "ana", "from,date")
    assert views.own_way(runtime, "ana") == "from,date"
    assert views.own_way(runtime, "bia") == ""
    assert names(runtime) == []
    views.set_own_way(runtime, "ana", "")
    assert views.own_way(runtime, "ana") == ""


@pytest.mark.parametrize("name", ["'); DROP TABLE saved_view; --", "%_", "**b**"])
def test_a_name_is_only_a_text(runtime: Runtime, name: str) -> None:
    views.save(runtime, "ana", name, "q='; --")
    assert names(runtime) == [name]

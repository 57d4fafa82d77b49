"""Conversations from their beginning: who answers whom, across folders."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, strategies as st

from core import browse
from core.clock import to_ms
from core.conversation import (
    DEEPEST,
    Conversation,
    conversation,
    depths,
    who_answers,
)
from core.model import Fetched
from core.runtime import Runtime
from core.store.conversations import Headers
from tests.store.building import START, connected, listed, made, put
from tests.store.mailbox_made import take_all_in


def letter(uid: int, answers: str = "", references: str = "", **more: str) -> Fetched:
    at = to_ms(START + timedelta(hours=uid))
    return Fetched(
        uid,
        0,
        made(
            identity=f"i{uid}",
            message_id=f"<{uid}@x>",
            in_reply_to=answers,
            references=references,
            written_ms=at,
            received_ms=at,
            **more,
        ),
    )


@pytest.fixture
def one(runtime: Runtime) -> int:
    """Keep a conversation of five, in two folders, and a message beside it."""
    one = connected(runtime)
    ids = listed(runtime, one, "Inbox", "Sent")
    put(
        runtime,
        one,
        ids["Inbox"],
        [
            letter(1),
            letter(3, "<2@x>", "<1@x> <2@x>"),
            letter(4, "", "<1@x>"),
            letter(5, "<unknown@y>", "<1@x> <2@x> <gone@y>"),
            letter(9),
        ],
    )
    put(runtime, one, ids["Sent"], [letter(2, "<1@x>", from_address="me@example.org")])
    take_all_in(runtime)
    return one


def thread_of(runtime: Runtime, one: int, subject_uid: int) -> int:
    rows = browse.page(runtime, browse.Question((one,))).rows
    at = START + timedelta(hours=subject_uid)
    return int(rows.loc[rows["at"] == at, "thread"].iloc[0])


def told(found: Conversation) -> list[tuple[int, int, int]]:
    hours = (found.rows["at"] - START).dt.total_seconds() // 3600
    return [
        (int(hour), int(answers), int(depth))
        for hour, answers, depth in zip(
            hours, found.rows["answers"], found.rows["depth"], strict=True
        )
    ]


def test_it_is_told_from_its_beginning_across_folders(
    runtime: Runtime, one: int
) -> None:
    found = conversation(runtime, one, thread_of(runtime, one, 5))
    assert told(found) == [(1, 0, 0), (2, 1, 1), (3, 2, 2), (4, 1, 1), (5, 2, 2)]
    assert found.count == 5
    assert list(found.rows["direction"]) == [
        "received", "sent", "received", "received", "received",
    ]  # fmt: skip
    assert set(found.rows["folders"]) == {"Inbox", "Sent"}


def test_a_long_one_is_cut_and_says_so(runtime: Runtime, one: int) -> None:
    found = conversation(runtime, one, thread_of(runtime, one, 1), most=2)
    assert told(found) == [(1, 0, 0), (2, 1, 1)]
    assert found.count == 5


def test_a_conversation_that_was_joined_to_another_is_found_by_its_old_name(
    runtime: Runtime,
) -> None:
    one = connected(runtime)
    ids = listed(runtime, one, "Inbox")
    put(runtime, one, ids["Inbox"], [letter(1), letter(2)])
    take_all_in(runtime)
    old = thread_of(runtime, one, 2)
    put(runtime, one, ids["Inbox"], [letter(3, "<2@x>", "<1@x> <2@x>")])
    take_all_in(runtime)
    assert thread_of(runtime, one, 2) != old
    assert told(conversation(runtime, one, old)) == [(1, 0, 0), (2, 0, 0), (3, 2, 1)]


def test_what_lies_nowhere_any_more_is_still_part_of_it(
    runtime: Runtime, one: int
) -> None:
    thread = thread_of(runtime, one, 1)
    listed(runtime, one, "Inbox")  # Sent is gone
    found = conversation(runtime, one, thread)
    assert found.count == len(found.rows) == 5
    assert list(found.rows["folders"]).count("") == 1


@pytest.mark.parametrize("thread", [0, 999, 2**31 - 1])
def test_there_is_none_of_that_name(runtime: Runtime, one: int, thread: int) -> None:
    found = conversation(runtime, one, thread)
    assert found.rows.empty
    assert found.count == 0


def test_it_is_not_found_in_another_mailbox(runtime: Runtime, one: int) -> None:
    other = connected(runtime, "Bia", "bia@example.org")
    assert conversation(runtime, other, thread_of(runtime, one, 1)).rows.empty


def test_equal_message_ids_are_answered_where_they_came_first() -> None:
    same, answer = Headers("<a>", (), ()), Headers("<b>", ("<a>",), ())
    assert who_answers([same, same, answer]) == [0, 0, 1]
    assert who_answers([Headers("", (), ()), Headers("<c>", ("",), ())]) == [0, 0]


def test_who_answers_in_a_circle_does_not_go_deeper() -> None:
    ring = [Headers("<a>", ("<b>",), ()), Headers("<b>", ("<a>",), ())]
    assert who_answers(ring) == [2, 1]
    assert depths([2, 1]) == [0, 0]
    assert depths([1]) == [0]
    assert max(depths(list(range(600)))) == DEEPEST


@given(
    st.lists(st.integers(0, 30), max_size=30).map(
        lambda some: [n if n <= len(some) else 0 for n in some]
    )
)
def test_depths_end_whatever_answers_whom(answers: list[int]) -> None:
    found = depths(answers)
    assert len(found) == len(answers)
    assert all(0 <= depth <= DEEPEST for depth in found)
    assert all(
        depth == 0 for depth, parent in zip(found, answers, strict=True) if not parent
    )

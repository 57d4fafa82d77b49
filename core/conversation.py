"""Use case: read a conversation from its beginning, and see who answers whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from core.runtime import Runtime
from core.store import conversations, pages
from core.store.conversations import Headers
from core.store.engine import reading

MOST = 500
DEEPEST = 20  # steps of indentation; who answers whom is told beyond it, too


@dataclass(frozen=True, slots=True)
class Conversation:
    """Its messages, oldest first, as rows of a page, with `answers` and `depth`.

    `answers` is the number (from 1) of the row that a message answers; 0: of none that
    is here. `count` is how many messages it has; there may be more than rows.
    """

    thread: int
    rows: pd.DataFrame
    count: int


def conversation(
    runtime: Runtime, integration_id: int, thread: int, most: int = MOST
) -> Conversation:
    """Give the conversation of a mailbox that is called so; of none: without rows.

    Messages that lie in no folder any more are among them: others answer them.
    """
    with reading(runtime.engine) as conn:
        thread = conversations.current(conn, integration_id, thread)
        positions, count = conversations.positions(conn, integration_id, thread, most)
        rows = pages.rows(conn, positions)
        ids = [int(one) for one in rows["message_id"]]
        headers = conversations.headers(conn, ids)
    answers = who_answers([headers[one] for one in ids])
    return Conversation(
        thread, rows.assign(answers=answers, depth=depths(answers)), count
    )


def who_answers(letters: Sequence[Headers]) -> list[int]:
    """Tell which letter, by its number from 1, each answers; 0: none of these.

    By In-Reply-To; else by the nearest of References (RFC 5322 §3.6.4) that is here.
    """
    numbers: dict[str, int] = {}
    for number, one in enumerate(letters, 1):
        if one.own:
            numbers.setdefault(one.own, number)
    return [_parent(one, number, numbers) for number, one in enumerate(letters, 1)]


def depths(answers: Sequence[int]) -> list[int]:
    """Give how many answers lie before each; whoever goes round in circles begins."""
    return [_depth(number, answers) for number in range(1, len(answers) + 1)]


def _parent(one: Headers, number: int, numbers: Mapping[str, int]) -> int:
    for named in (*one.answers, *reversed(one.references)):
        if numbers.get(named, number) != number:
            return numbers[named]
    return 0


def _depth(number: int, answers: Sequence[int]) -> int:
    seen = {number}
    while (number := answers[number - 1]) and len(seen) <= DEEPEST:
        if number in seen:
            return 0
        seen.add(number)
    return len(seen) - 1

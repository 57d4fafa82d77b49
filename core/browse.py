"""Use case: look through the messages of an integration."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pandas as pd

from core.clock import from_ms
from core.errors import NotFound
from core.model import Flags
from core.positions import END, first_at, key_of
from core.question import (
    FIRST_DAY,
    LAST_DAY,
    Filters,
    Question,
    day_ms,
    typed,
    wanted,
)
from core.runtime import Runtime
from core.store import frames, indexing, pages
from core.store.engine import reading
from core.store.walks import Reach

__all__ = [
    "FIRST_DAY", "LAST_DAY", "Count", "Filters", "Page", "Question", "before_day",
    "count", "everything", "formula_safe", "message", "moment_of", "page", "typed",
    "waiting", "whose",
]  # fmt: skip

PAGE = 50
SCAN_MOST = pages.SCAN_MOST
EXPORT_CHUNK = 5_000
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")  # noqa: RUF001 - full-width on purpose


@dataclass(frozen=True, slots=True)
class Page:
    """One page, newest first. `older` and `newer` are keys; empty: no such page.

    `unfinished`: much was looked through for little; the key goes on from there.
    """

    rows: pd.DataFrame
    newer: str
    older: str
    unfinished: bool = False


@dataclass(frozen=True, slots=True)
class Count:
    """How many messages: `exact`, or at least so many; then maybe `about` how many."""

    found: int
    exact: bool
    about: int | None = None


def page(
    runtime: Runtime,
    question: Question,
    *,
    before: str = "",
    after: str = "",
    size: int = PAGE,
) -> Page:
    """Give a page older than one key, or newer than another; else the first page.

    A key that makes no sense, or behind which there is nothing, gives the first page.
    """
    asked = wanted(question)
    low, high = _key(after), _key(before)
    back = low is not None
    reach = Reach(-1 if low is None else low, END, not back)
    if not back and high is not None:
        reach = reach._replace(high=high)
    with reading(runtime.engine) as conn:
        found = pages.find(conn, asked, reach, size + 1)
        positions = found.positions[:size]
        positions = positions[::-1] if back else positions
        rows = pages.rows(conn, positions)
    more = found.seen_to is not None
    unfinished = more and len(found.positions) <= size
    if rows.empty and not unfinished and (before or after):
        return page(runtime, question, size=size)
    # Without any rows, the way back begins where this one began.
    first = positions[0] if positions else reach.high - 1
    last = positions[-1] if positions else reach.low + 1
    if unfinished and found.seen_to is not None:
        first, last = (found.seen_to, last) if back else (first, found.seen_to)
    return Page(
        rows,
        str(first) if (more if back else high is not None) else "",
        str(last) if back or more else "",
        unfinished,
    )


def count(runtime: Runtime, question: Question) -> Count:
    """Count what is asked for: exactly up to 10,000 messages."""
    asked = wanted(question)
    with reading(runtime.engine) as conn:
        found, exact = pages.count(conn, asked)
        about = None if exact else pages.about(conn, asked)
    return Count(found, exact, about)


def before_day(day: date, zone: str) -> str:
    """Give the key from which a page begins with the messages of a day, or older."""
    return str(first_at(day_ms(min(day, LAST_DAY) + timedelta(days=1), zone)))


def moment_of(key: str) -> datetime | None:
    """Give the instant at which a key stands; None: it is none."""
    position = _key(key)
    return None if position is None else from_ms(key_of(position)[0])


def waiting(runtime: Runtime) -> int:
    """Give how many messages wait to be taken into the index of words."""
    with reading(runtime.engine) as conn:
        return indexing.behind(conn)


def message(runtime: Runtime, integration_id: int, message_id: int) -> dict[str, Any]:
    """Give everything that is known of one message of an integration.

    Raises:
        NotFound: it has no such message.

    """
    with reading(runtime.engine) as conn:
        found = pages.one(conn, message_id)
    if found.empty or int(found["integration_id"].iloc[0]) != integration_id:
        raise NotFound(what="message", id=message_id)
    return {str(k): v for k, v in found.iloc[0].to_dict().items()}


def whose(runtime: Runtime, message_ids: Collection[int]) -> dict[int, int]:
    """Give the integration of each message, by id; those that do not exist lack."""
    with reading(runtime.engine) as conn:
        return pages.integrations_of(conn, message_ids)


def everything(runtime: Runtime, integration_id: int) -> Iterator[pd.DataFrame]:
    """Yield every placement with its message, in frames of at most 5,000 rows."""
    with reading(runtime.engine) as conn:
        query = frames.everything(conn, integration_id)
        streamed = conn.execution_options(yield_per=EXPORT_CHUNK).execute(query)
        for some in streamed.partitions(EXPORT_CHUNK):
            yield _readable(pd.DataFrame([r._asdict() for r in some]))


def formula_safe(text: str) -> str:
    """Keep a spreadsheet from taking a text for a formula (THREATS T17)."""
    return (
        f"'{text}"
        if text.lstrip("\"' ").startswith(FORMULA) or text.startswith(FORMULA)
        else text
    )


def _readable(rows: pd.DataFrame) -> pd.DataFrame:
    rows["flags"] = [
        " ".join(f"\\{f.name.title()}" for f in Flags(n) if f.name)
        for n in rows["flags"]
    ]
    for name in ("at", "received_at", "written_at"):
        rows[name] = pd.to_datetime(rows[name], utc=True).astype("datetime64[ms, UTC]")
    return rows


def _key(text: str) -> int | None:
    digits = text.isdecimal() and len(text) < len(str(END)) + 1
    return int(text) if digits and int(text) < END else None

"""Numbers of chosen mailboxes, as frames, read a part at a time."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby, islice, product
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from sqlalchemy import Engine

from core import metrics
from core.analysis.whose import Part, Whose
from core.availability import MATRIX
from core.business import Calendar, first_day, month_number
from core.columns import (
    AT,
    AVAILABILITY,
    CORRESPONDENTS,
    DELIVERIES,
    RESPONSES,
    TEXT,
    VOLUME,
    WAITING,
    WHOLE,
    empty,
    typed,
)
from core.deliveries import EPOCH, STEPS, shifts
from core.metrics import Step
from core.question import FIRST_DAY, LAST_DAY
from core.store import (
    by_month,
    calendars,
    deliveries as sent,
    frames,
    questions,
    totals,
)
from core.store.by_month import Month
from core.store.engine import reading
from core.store.instants import from_ms, to_ms
from core.store.questions import After, Asked

ROWS = 2_000  # of a frame
START = (-1, -1)
PIECE_MS = 100 * 86_400_000  # of which quarters of an hour are read at a time
SLOTS = ["at", "direction", "messages", "size_bytes"]
NO_SLOTS = empty({"at": AT, "direction": TEXT, "messages": WHOLE, "size_bytes": WHOLE})


@dataclass(frozen=True, slots=True)
class Days:
    """Days of a zone, both included; None: from the first, or to the last, there is."""

    first: date | None
    last: date | None
    zone: str

    def between(self) -> tuple[int, int]:
        """Give the instants between which they lie, in milliseconds since 1970."""
        first, last = self.first or FIRST_DAY, self.last or LAST_DAY
        start, end = metrics.bounds(first, last, ZoneInfo(self.zone))
        return to_ms(start), to_ms(end)

    def months(self) -> tuple[int, int]:
        """Give the numbers of the months in which the first and the last lie."""
        first, last = self.first or FIRST_DAY, self.last or LAST_DAY
        return month_number(first), month_number(last)


@dataclass(frozen=True, slots=True)
class Counted:
    """What of the volume is wanted. `internal` None: it is all the same."""

    step: Step
    kinds: tuple[str, ...]
    asides: tuple[str, ...]
    internal: bool | None = None
    folder: int | None = None


def volume(
    engine: Engine, parts: list[Part], first: date, last: date, zone: str, of: Counted
) -> Iterator[pd.DataFrame]:
    """Yield the volume of each part, every step of it."""
    between = Days(first, last, zone).between()
    for part in parts:
        slots = pd.concat([NO_SLOTS, *_slots(engine, part, between, of)])
        days, place = metrics.Days(first, last), ZoneInfo(zone)
        found = metrics.per_step(slots, days, of.step, place)
        yield typed(_of(part, _placed(found, place)), VOLUME)


def _slots(
    engine: Engine, part: Part, between: tuple[int, int], of: Counted
) -> Iterator[pd.DataFrame]:
    """Yield messages and bytes per quarter of an hour and direction, some days each."""
    start, end = between
    with reading(engine) as conn:
        if of.folder is not None:
            found = frames.folder_slots(conn, of.folder, start, end)
            yield metrics.chosen(found, of.kinds, of.asides)[SLOTS]
            return
        for scope, first in product(part.scopes, range(start, end, PIECE_MS)):
            found = totals.read(conn, scope, first, min(first + PIECE_MS, end))
            found = metrics.chosen(found, of.kinds, of.asides, of.internal)
            sums = found.groupby(SLOTS[:2], observed=True)[SLOTS[2:]].sum()
            yield sums.reset_index().astype({"direction": "str"})


def correspondents(
    engine: Engine,
    parts: list[Part],
    what: str,
    directions: tuple[str, ...],
    days: Days,
) -> Iterator[pd.DataFrame]:
    """Yield messages with each correspondent in each month, of each part."""
    for part in parts:
        for direction in directions:
            streams = [
                _months(engine, (scope, what, direction), days.months())
                for scope in part.scopes
            ]
            merged = groupby(heapq.merge(*streams), lambda one: one.key)
            summed = (_sum(list(some)) for _, some in merged)
            while some := list(islice(summed, ROWS)):
                found = pd.DataFrame(some)
                found["month"] = [first_day(month) for month in found["month"]]
                found["name"] = found["name"].str.removeprefix("@")
                found = found.assign(what=what, direction=direction)
                yield typed(_of(part, found), CORRESPONDENTS)


def responses(
    engine: Engine, whose: Whose, sides: tuple[str, ...], days: Days
) -> Iterator[pd.DataFrame]:
    """Yield questions with their answers: by mailbox and side, oldest first."""
    between = days.between()
    for one in whose.ids:
        for side in sides:
            after = After()
            while True:
                with reading(engine) as conn:
                    calendar = calendars.kept(conn)
                    found = questions.rows(conn, one, side, between, after, ROWS)
                if not found:
                    break
                after = After(found[-1].asked_ms, found[-1].message_id)
                rows = [_timed(asked, calendar) for asked in found]
                yield typed(pd.DataFrame(rows), RESPONSES)


def waiting(
    engine: Engine, whose: Whose, side: str, now: datetime, days: Days, most: int
) -> pd.DataFrame:
    """Give questions that wait for an answer, the oldest first."""
    ids = None if whose.whole else whose.ids
    with reading(engine) as conn:
        calendar = calendars.kept(conn)
        found = questions.waiting(conn, ids, side, days.between(), most)
    until = [one._replace(answered_ms=to_ms(now)) for one in found]
    return typed(pd.DataFrame([_timed(one, calendar) for one in until]), WAITING)


def deliveries(
    engine: Engine, parts: list[Part], first: date, last: date, zone: str
) -> Iterator[pd.DataFrame]:
    """Yield what became of the mail planned for each day, of each part."""
    place = ZoneInfo(zone)
    clocks = shifts(*metrics.bounds(first, last, place), place)
    start, end = Days(first, last, zone).between()
    days = pd.RangeIndex((first - EPOCH).days, (last - EPOCH).days + 1, name="day")
    for part in parts:
        sums = pd.DataFrame(0, days, list(STEPS))
        with reading(engine) as conn:
            for scope in part.scopes:
                which = sent.Question(scope, start, end)
                found = sent.by_day(conn, which, clocks).set_index("day")
                sums = sums.add(found, fill_value=0)
        found = sums.reset_index()
        found["day"] = pd.to_datetime(found["day"], unit="D")
        yield typed(_of(part, found), DELIVERIES)


def availability() -> pd.DataFrame:
    """Give how sure each number is by each method."""
    rows = [
        {"metric": str(metric), "method": str(method), "level": str(level)}
        for method, levels in MATRIX.items()
        for metric, level in levels.items()
    ]
    return typed(pd.DataFrame(rows), AVAILABILITY)


def _of(part: Part, found: pd.DataFrame) -> pd.DataFrame:
    return found.assign(team=part.team, integration_id=part.mailbox)


def _placed(found: pd.DataFrame, zone: ZoneInfo) -> pd.DataFrame:
    """Tell of each step the day on which it begins, and the instant."""
    start = found["start"]
    if start.dt.tz is not None:
        return found.assign(
            day=start.dt.tz_convert(zone).dt.tz_localize(None).dt.floor("D")
        )
    # Midnight may come twice, or not at all: then the day begins at one.
    first = np.ones(len(start), dtype=bool)
    at = start.dt.tz_localize(zone, ambiguous=first, nonexistent="shift_forward")
    return found.assign(day=start, start=at.dt.tz_convert("UTC"))


def _months(
    engine: Engine, of: tuple[int, str, str], months: tuple[int, int]
) -> Iterator[Month]:
    after = START
    while True:
        with reading(engine) as conn:
            some = by_month.rows(conn, of, months, after, ROWS)
        yield from some
        if len(some) < ROWS:
            return
        after = some[-1].key


def _sum(some: list[Month]) -> Month:
    return some[0]._replace(messages=sum(one.messages for one in some))


def _timed(one: Asked, calendar: Calendar) -> dict[str, Any]:
    """Add how long the answer took, by the clock and in working time."""
    row = {**one._asdict(), "asked_at": from_ms(one.asked_ms)}
    if (end := one.answered_ms) is None:
        return row
    return row | {
        "answered_at": from_ms(end),
        "calendar_s": max(end - one.asked_ms, 0) // 1000,  # clocks may be wrong
        "business_s": calendar.business_seconds(one.asked_ms, end),
    }

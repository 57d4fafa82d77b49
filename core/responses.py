"""Use case: how long answers take, ours and theirs, and who waits for one.

METRICS, "response time": percentiles, never means; what is not answered is counted
apart, and is in the share answered within a time (Kaplan and Meier).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from sqlalchemy import Connection

from core.business import Calendar, first_day
from core.clock import to_ms
from core.durations import (
    DAY,
    EDGES,
    HOUR,
    MINUTE,
    WITHIN,
    Numbers,
    share_within,
    waiting_share,
)
from core.response_frames import (
    COLUMNS,
    Group,
    frame,
    most_first,
    of_times,
    row,
    summed,
    together,
)
from core.runtime import Runtime
from core.scopes import Scope
from core.store import calendars, response_reading as read, scoping
from core.store.engine import reading
from core.store.response_reading import Asked

TIMES = (15 * MINUTE, HOUR, 4 * HOUR, DAY, 2 * DAY, 7 * DAY)
EXACT_MOST = 10_000  # questions of one mailbox that are looked at one by one
DOMAINS_MOST, WAITING_MOST = 50, 100
DAY_MS = DAY * 1000


class Side(StrEnum):
    """Whose answers: our own, or those of others to us."""

    OURS = "ours"
    THEIRS = "theirs"


class By(StrEnum):
    """Which time: that of the calendar, or that in which people work."""

    CALENDAR = "calendar"
    BUSINESS = "business"


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: months by number, of the organisation, both ends included."""

    scope: Scope
    first_month: int
    last_month: int
    side: Side = Side.OURS
    by: By = By.CALENDAR

    @property
    def asked(self) -> Asked:
        """Give it as the store is asked."""
        return Asked(self.side, self.by, self.first_month, self.last_month)


@dataclass(frozen=True, slots=True)
class Report:
    """What is known of the response times of a scope.

    Frames have answered, waiting, reply_rate, and p50, p75, p90 in seconds (missing:
    nothing was answered). `within`: by which share of itself a percentile may be off; 0
    of those of `total` says that they are exact. `curve`: seconds, answered (a share);
    `shares`: the same at the times that people ask for.
    """

    total: dict[str, Any]
    within: float
    curve: pd.DataFrame
    shares: pd.DataFrame
    months: pd.DataFrame  # month
    weekdays: pd.DataFrame  # weekday: 1 is Monday
    people: pd.DataFrame  # owner; of one mailbox: empty
    teams: pd.DataFrame  # team, scope; of a team or a mailbox: empty
    domains: pd.DataFrame  # domain
    newest_only: bool  # domains are of the newest questions of a large mailbox


class _Mine(NamedTuple):
    """Questions of one mailbox, one by one; `whole`: they are all."""

    domains: pd.DataFrame
    took_s: Numbers
    whole: bool


def calendar(runtime: Runtime) -> Calendar:
    """Give the calendar by which months and working time are counted."""
    with reading(runtime.engine) as conn:
        return calendars.kept(conn)


def today(runtime: Runtime) -> date:
    """Give the day that it is for the organisation."""
    return calendar(runtime).local(to_ms(runtime.clock())).date()


def report(runtime: Runtime, question: Question) -> Report:
    """Give everything that a page shows of a scope but those who wait."""
    scope, asked = question.scope.id, question.asked
    with reading(runtime.engine) as conn:
        by = calendars.kept(conn)
        months = read.by_month(conn, scope, asked)
        weekdays = read.by_weekday(conn, scope, asked)
        open_days = read.open_days(conn, scope, asked)
        people, teams = _people(conn, scope, asked), _teams(conn, scope, asked)
        mine = _one_by_one(conn, by, question) if scope > 0 else None
        domains = mine.domains if mine else _domains(conn, scope, asked)
    total = summed([*months.values()])
    left = _left(total, open_days, by, question, to_ms(runtime.clock()))
    exact = mine is not None and mine.whole
    return Report(
        total=row(total, mine.took_s if mine and exact else None),
        within=0.0 if exact else WITHIN,
        curve=_drawn(left),
        shares=_shares(left),
        months=frame(dict(sorted(months.items())), "month"),
        weekdays=frame(weekdays, "weekday"),
        people=people,
        teams=teams,
        domains=domains,
        newest_only=mine is not None and not mine.whole,
    )


def waiting(
    runtime: Runtime, question: Question, most: int = WAITING_MOST
) -> pd.DataFrame:
    """Give what waits for an answer, oldest first.

    integration_id, message_id, owner, address, who (wrote it, or was written to),
    subject (empty, too, where none is kept), domain, asked_at (UTC), waited_s.
    """
    scope, now_ms = question.scope.id, to_ms(runtime.clock())
    with reading(runtime.engine) as conn:
        by = calendars.kept(conn)
        ids = scoping.integrations(conn, scope) if scope else None
        start, end = _bounds(by, question)
        found = read.waiting(conn, ids, question.side, start, end, most)
    asked = found["asked_ms"].astype("int64")
    ours = question.side is Side.OURS
    waited = [_took(by, question.by, one, now_ms) for one in asked.tolist()]
    return found.assign(
        who=found["from_address" if ours else "recipients"].astype("str"),
        asked_at=pd.to_datetime(asked, unit="ms", utc=True),
        waited_s=np.array(waited, "int64"),
    ).drop(columns=["from_address", "recipients", "asked_ms"])


def _took(by: Calendar, which: By, start_ms: int, end_ms: int) -> int:
    """Give how long it took, in seconds; an answer dated before took no time."""
    if which is By.BUSINESS:
        return by.business_seconds(start_ms, end_ms)
    return max(end_ms - start_ms, 0) // 1000


def _each_took(
    by: Calendar, which: By, starts: pd.Series[int], ends: pd.Series[int]
) -> Numbers:
    """Give the same of many, in seconds; NaN: it waits."""
    answered = ends.notna().to_numpy()
    took_s = np.full(len(starts), np.nan)
    start, end = (one[answered].to_numpy("int64") for one in (starts, ends))
    if which is By.BUSINESS:
        pairs = zip(start.tolist(), end.tolist(), strict=True)
        took_s[answered] = [by.business_seconds(*pair) for pair in pairs]
    else:
        took_s[answered] = np.maximum(end - start, 0) // 1000
    return took_s


def _bounds(by: Calendar, question: Question) -> tuple[int, int]:
    first, after = question.first_month, question.last_month + 1
    return by.start_of(first_day(first)), by.start_of(first_day(after))


def _people(conn: Connection, scope: int, asked: Asked) -> pd.DataFrame:
    owners = dict[int, str]()
    if scope <= 0:
        owners = read.owners(conn, scoping.integrations(conn, scope))
    found = together(read.by_scope(conn, owners, asked), owners)
    return most_first(frame(found, "owner"))


def _teams(conn: Connection, scope: int, asked: Asked) -> pd.DataFrame:
    teams = dict[int, tuple[str, int]]()
    if not scope:
        teams = {-id_: (name, -id_) for id_, name in scoping.teams(conn)}
    found = together(read.by_scope(conn, teams, asked), teams)
    return most_first(frame(found, "team", "scope"))


def _domains(conn: Connection, scope: int, asked: Asked) -> pd.DataFrame:
    return frame(read.by_domain(conn, scope, asked, DOMAINS_MOST), "domain")


def _one_by_one(conn: Connection, by: Calendar, question: Question) -> _Mine:
    start, end = _bounds(by, question)
    one, side = question.scope.id, question.side
    rows = read.questions(conn, one, side, start, end, EXACT_MOST)
    took_s = _each_took(by, question.by, rows["asked_ms"], rows["answered_ms"])
    of = rows.assign(took_s=took_s)
    most = of["domain"].value_counts().sort_index().nlargest(DOMAINS_MOST).index
    each = of[of["domain"].isin(most)].groupby("domain")["took_s"]
    times = [(name, some.to_numpy("float64")) for name, some in each]
    found = [{"domain": name, **row(of_times(some), some)} for name, some in times]
    domains = pd.DataFrame(found, columns=["domain", *COLUMNS])
    whole = len(rows) < EXACT_MOST
    return _Mine(most_first(domains), took_s, whole)


def _left(
    total: Group,
    open_days: list[tuple[int, int, int]],
    by: Calendar,
    question: Question,
    now_ms: int,
) -> Numbers:
    """Give the share that waits still at the end of each bucket.

    Of what waits the day is known: each is as old as from the middle of it till now.
    """
    ages = []
    for month, day, _ in open_days:
        start = by.start_of(first_day(month).replace(day=day))
        middle = (start + min(start + DAY_MS, max(now_ms, start))) // 2
        ages.append(_took(by, question.by, middle, now_ms))
    many = np.array([n for _, _, n in open_days], np.int64)
    return waiting_share(total.counts, np.array(ages, np.float64), many)


def _drawn(left: Numbers) -> pd.DataFrame:
    """Give the curve to where it says something."""
    found = pd.DataFrame({"seconds": EDGES, "answered": 1 - left[: len(EDGES)]})
    return found.dropna().reset_index(drop=True)


def _shares(left: Numbers) -> pd.DataFrame:
    shares = [share_within(left, one) for one in TIMES]
    return pd.DataFrame({"seconds": TIMES, "answered": shares})

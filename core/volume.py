"""Use case: how much mail was received and sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pandas as pd
from sqlalchemy import Connection

from core import metrics
from core.clock import to_ms
from core.metrics import Against, Change, Days, Step
from core.model import Role
from core.positions import first_at
from core.runtime import Runtime
from core.scopes import Scope
from core.store import frames, totals, volumes
from core.store.engine import reading
from core.store.volumes import Wanted

HOURS_MOST = 31  # days that are shown hour by hour
DAY = timedelta(days=1)
SUMS = ["messages", "size_bytes"]
AGES = ("today", "two_days", "week", "month", "older")
AGE_DAYS = (0, 2, 7, 30)  # days before today; the last of `AGES` is older


@dataclass(frozen=True, slots=True)
class Question:
    """What to count. No folder and no role: every message once, wherever it went.

    `folder_id` and `role` are of one mailbox: what lies there now. `internal` True:
    from (or to) the mailbox's own domain only; None: all.
    """

    scope: Scope
    days: Days
    zone: ZoneInfo
    step: Step = Step.DAY
    kinds: tuple[str, ...] = metrics.DEFAULT_KINDS
    asides: tuple[str, ...] = metrics.DEFAULT_ASIDES
    internal: bool | None = None
    folder_id: int | None = None
    role: Role | None = None

    @property
    def of_folders(self) -> bool:
        """Tell whether it asks what lies in some folders."""
        return self.scope.is_mailbox and (
            self.folder_id is not None or self.role is not None
        )


@dataclass(frozen=True, slots=True)
class Volume:
    """What was counted.

    `slots`: at (UTC, quarters of an hour), direction, messages, size_bytes. `steps`
    and `daily` as `metrics.per_step` gives; `daily` begins six days early, so that the
    first day of the period has its average. `held_since`: the first day of which
    anything is held; None: nothing at all is.
    """

    question: Question
    slots: pd.DataFrame
    steps: pd.DataFrame
    daily: pd.DataFrame
    held_since: date | None = None
    before: pd.DataFrame | None = None
    compared: Days | None = None

    @property
    def changes(self) -> dict[str, Change]:
        """Compare received, sent, and their bytes, with the compared period."""
        return {
            name: metrics.change(
                self.steps[name], None if self.before is None else self.before[name]
            )
            for name in ("received", "sent", "received_bytes", "sent_bytes")
        }

    @property
    def nothing(self) -> bool:
        """Tell whether no message was counted."""
        return not self.slots["messages"].sum()


@dataclass(frozen=True, slots=True)
class Backlog:
    """Unread mail in the inbox. `ages`: by `AGES`, of one mailbox only."""

    unread: int
    mailboxes: int
    ages: dict[str, int] | None = None


def counted(runtime: Runtime, question: Question, against: Against) -> Volume:
    """Count what is asked for, and what it is compared with."""
    days, zone = question.days, question.zone
    early = Days(days.first - (metrics.WINDOW - 1) * DAY, days.last)
    other = metrics.compared(days, against)
    with reading(runtime.engine) as conn:
        found = totals.extent(conn, question.scope.id)
        since = None if found is None else date(1970, 1, 1) + found[0] * DAY
        if other is not None and (since is None or since > other.last):
            other = None  # nothing is held of that time: no nought to compare with
        wider = _slots(conn, question, early)
        past = None if other is None else _slots(conn, question, other)
    start, _ = metrics.bounds(days.first, days.last, zone)
    slots = wider[wider["at"] >= start].reset_index(drop=True)
    return Volume(
        question,
        slots,
        metrics.per_step(slots, days, question.step, zone),
        metrics.per_step(wider, early, Step.DAY, zone),
        since,
        None if past is None or other is None
        else metrics.per_step(past, other, question.step, zone),
        other,
    )  # fmt: skip


def backlog(runtime: Runtime, scope: Scope, zone: ZoneInfo) -> Backlog:
    """Count unread mail: of one mailbox by age, of several as their servers state."""
    today = runtime.clock().astimezone(zone).date()
    if not scope.is_mailbox:
        with reading(runtime.engine) as conn:
            return Backlog(*volumes.unread(conn, scope.id))
    since = [midnight(today - days * DAY, zone) for days in AGE_DAYS]
    with reading(runtime.engine) as conn:
        counts = volumes.unread_ages(conn, scope.id, since)
    return Backlog(sum(counts), 1, dict(zip(AGES, counts, strict=True)))


def received_on(
    runtime: Runtime, integration_ids: list[int], day: date, zone: ZoneInfo
) -> int:
    """Count what some mailboxes received on a day, at once: persons and lists."""
    start, end = metrics.bounds(day, day, zone)
    with reading(runtime.engine) as conn:
        slots = frames.slots(conn, integration_ids, to_ms(start), to_ms(end))
    return int(metrics.per_day(slots, day, day, zone)["received"].sum())


def roles(runtime: Runtime, integration_id: int) -> list[Role]:
    """Give the roles that the folders of a mailbox have, in the order of `Role`."""
    with reading(runtime.engine) as conn:
        found = volumes.roles(conn, integration_id)
    return [role for role in Role if role in found]


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """Give the instant at which a day begins."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def page_before(at: datetime) -> str:
    """Give the key from which a page of messages begins with what is older."""
    return str(first_at(to_ms(at)))


def _slots(conn: Connection, question: Question, days: Days) -> pd.DataFrame:
    """Give what is asked for of some days: at, direction, messages, size_bytes."""
    start, end = map(to_ms, metrics.bounds(days.first, days.last, question.zone))
    if not question.of_folders:
        wanted = Wanted(question.kinds, question.asides, question.internal)
        return volumes.slots(conn, question.scope.id, start, end, wanted)
    # Folder 0 is none: so there is a frame, though an empty one.
    found = pd.concat(
        frames.folder_slots(conn, one, start, end)
        for one in _folders(conn, question) or [0]
    )
    some = metrics.chosen(found, question.kinds, question.asides)
    return some.groupby(["at", "direction"], as_index=False)[SUMS].sum()


def _folders(conn: Connection, question: Question) -> list[int]:
    if not question.of_folders:
        return []
    if question.folder_id is not None:
        return [question.folder_id]
    role = str(question.role)
    return volumes.folders_of_role(conn, question.scope.id, role)

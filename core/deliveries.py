"""Use case: see what became of the mail that was sent, by template, owner and day.

METRICS, "delivery ladder of a sent message": every step is evidence. A mail counts once
a step, and belongs to the day for which it was planned.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pandas as pd

from core import metrics
from core.clock import to_ms
from core.ladder import STEPS
from core.runtime import Runtime
from core.scopes import Scope
from core.store import deliveries as kept, templates
from core.store.deliveries import NO_TEMPLATE, Shift
from core.store.engine import reading

__all__ = ["NO_TEMPLATE", "STEPS", "Shift"]
EPOCH = date(1970, 1, 1)
QUARTER = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Question:
    """Which mails: of a scope, planned for the days `first` to `last` of a zone.

    `template`: made from this one; `NO_TEMPLATE`: from none; None: whichever.
    """

    scope: Scope
    first: date
    last: date
    zone: ZoneInfo
    template: int | None = None


@dataclass(frozen=True, slots=True)
class Deliveries:
    """What became of mails. Each table has the columns `STEPS`.

    `templates`: template_id, template (empty: none), most first. `mailboxes`:
    integration_id, owner, address, most first. `days`: day, each of the period.
    `activities`: of model E-mail that are due in the period, and how many are done.
    """

    totals: Mapping[str, int]
    templates: pd.DataFrame
    mailboxes: pd.DataFrame
    days: pd.DataFrame
    activities: tuple[int, int]


def deliveries(runtime: Runtime, asked: Question) -> Deliveries:
    """Count the mails of a question."""
    start, end = metrics.bounds(asked.first, asked.last, asked.zone)
    which = kept.Question(asked.scope.id, to_ms(start), to_ms(end), asked.template)
    with reading(runtime.engine) as conn:
        by_template = kept.by_template(conn, which)
        by_mailbox = kept.by_mailbox(conn, which)
        found = kept.by_day(conn, which, shifts(start, end, asked.zone))
        planned = kept.planned(conn, asked.scope.id, asked.first, asked.last)
    totals = {step: int(by_template[step].sum()) for step in STEPS}
    days = _every_day(found, asked.first, asked.last)
    return Deliveries(totals, by_template, by_mailbox, days, planned)


def template_names(runtime: Runtime) -> dict[int, str]:
    """List the templates by name."""
    with reading(runtime.engine) as conn:
        return {one.id: one.name for one in templates.listed(conn)}


def shifts(start: datetime, end: datetime, zone: ZoneInfo) -> list[Shift]:
    """List how far the clocks of a zone are ahead of UTC between two moments.

    Clocks are changed at quarters of an hour, and not twice a day.
    """
    at, last = start.astimezone(UTC), end.astimezone(UTC)
    found: list[Shift] = []
    offset = _offset_ms(at, zone)
    while at < last:
        day_on = at + timedelta(days=1)
        if _offset_ms(day_on, zone) != offset:
            while (here := _offset_ms(at, zone)) == offset:
                at += QUARTER
            found.append(Shift(to_ms(at), offset))
            offset = here
        else:
            at = day_on
    return [*found, Shift(to_ms(last), offset)]


def _offset_ms(at: datetime, zone: ZoneInfo) -> int:
    ahead = at.astimezone(zone).utcoffset()
    return (ahead or timedelta()) // timedelta(milliseconds=1)


def _every_day(found: pd.DataFrame, first: date, last: date) -> pd.DataFrame:
    """Give each day of a period a row; those without mail have noughts."""
    numbers = range((first - EPOCH).days, (last - EPOCH).days + 1)
    whole = found.set_index("day").reindex(numbers, fill_value=0)
    whole.insert(0, "day", [EPOCH + timedelta(days=n) for n in numbers])
    return whole.reset_index(drop=True)

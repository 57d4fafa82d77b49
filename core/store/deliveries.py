"""Count mails by what was seen of them: each once a step, whoever its recipients are.

A mail belongs to the moment for which it was planned (`not_before`). What was seen of
it stands in `mail.seen`, so that nothing but one index is read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import add
from typing import Any, NamedTuple

import pandas as pd
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Integer,
    and_,
    case,
    cast,
    func,
    or_,
    select,
    type_coerce,
    update,
)

from core.ladder import STEPS
from core.outgoing import Picked, Seen, Source, Step
from core.store import scoping
from core.store.frames import frame
from core.store.schema import activity, integration, owner
from core.store.sending_tables import evidence, mail, template

DAY_MS = 86_400_000
NO_TEMPLATE = 0


class Shift(NamedTuple):
    """Until when (milliseconds since 1970) clocks are how far ahead of UTC."""

    until_ms: int
    offset_ms: int


@dataclass(frozen=True, slots=True)
class Question:
    """Which mails to count: of a scope, planned between two moments.

    `template`: made from this one; `NO_TEMPLATE`: from none; None: whichever.
    """

    scope: int
    start_ms: int
    end_ms: int
    template: int | None = None


def by_template(conn: Connection, asked: Question) -> pd.DataFrame:
    """Count per template: template_id (0: none), template, and the steps."""
    which = func.coalesce(mail.c.template_id, NO_TEMPLATE).label("template_id")
    found = _counted(conn, asked, which)
    names: dict[int, str] = {
        row[0]: row[1] for row in conn.execute(select(template.c.id, template.c.name))
    }
    found.insert(1, "template", [names.get(one, "") for one in found["template_id"]])
    return _most_first(found)


def by_mailbox(conn: Connection, asked: Question) -> pd.DataFrame:
    """Count per mailbox: integration_id, owner, address, and the steps."""
    found = _counted(conn, asked, mail.c.integration_id)
    some = [int(one) for one in found["integration_id"]]
    query = select(integration.c.id, owner.c.name, integration.c.address).join(owner)
    names = {
        row[0]: (row[1], row[2])
        for row in conn.execute(query.where(integration.c.id.in_(some)))
    }
    found.insert(1, "owner", [names[one][0] for one in some])
    found.insert(2, "address", [names[one][1] for one in some])
    return _most_first(found)


def by_day(conn: Connection, asked: Question, shifts: Sequence[Shift]) -> pd.DataFrame:
    """Count per day of a zone: day (number since 1970), and the steps.

    `shifts`: how far its clocks are ahead of UTC in the time asked for.
    """
    at = type_coerce(mail.c.not_before, BigInteger)
    ways = [(at < one.until_ms, one.offset_ms) for one in shifts[:-1]]
    last = shifts[-1].offset_ms
    offset: Any = case(*ways, else_=last) if ways else last
    return _counted(conn, asked, ((at + offset) // DAY_MS).label("day"))


def planned(conn: Connection, scope: int, first: date, last: date) -> tuple[int, int]:
    """Count the activities of model E-mail due in these days: all, and done."""
    c = activity.c
    query = select(func.count(), func.count(c.done_at)).where(
        c.due_on >= first, c.due_on <= last, c.model == "email"
    )
    if scope:
        of = select(integration.c.owner_id).where(_within(conn, scope))
        query = query.where(c.owner_id.in_(of))
    row = conn.execute(query).one()
    return int(row[0]), int(row[1])


def picked(which: Picked) -> list[ColumnElement[bool]]:
    """Say in SQL which mails are picked: they are those that are counted."""
    found: list[ColumnElement[bool]] = []
    if which.template is not None:
        found.append(mail.c.template_id.is_not_distinct_from(which.template or None))
    if which.seen is not None:
        found += [mail.c.sent_at.is_not(None), _has(mail.c.seen, which.seen)]
    if which.seen is Seen.TEMPORARY:
        found.append(~_has(mail.c.seen, Seen.PERMANENT))
    return found


def recount(conn: Connection) -> int:
    """Make `mail.seen` what the evidence says; give of how many mails it was wrong."""
    right = func.coalesce(
        select(_seen_of_evidence())
        .where(evidence.c.mail_id == mail.c.id)
        .correlate(mail)
        .scalar_subquery(),
        0,
    )
    wrong = update(mail).where(mail.c.seen != right).values(seen=right)
    return conn.execute(wrong).rowcount


def _counted(conn: Connection, asked: Question, by: ColumnElement[Any]) -> pd.DataFrame:
    """Count the mails of each value; what came of a mail only where it was sent."""
    seen, was_sent = mail.c.seen, mail.c.sent_at.is_not(None)
    bounced_for_good = _has(seen, Seen.PERMANENT)
    steps = {
        "accepted": _has(seen, Seen.ACCEPTED),
        "permanent": bounced_for_good,
        "temporary": and_(_has(seen, Seen.TEMPORARY), ~bounced_for_good),
        "displayed": _has(seen, Seen.DISPLAYED),
        "answered": _has(seen, Seen.ANSWERED),
    }
    sums = [
        func.sum(case((and_(was_sent, true), 1), else_=0)).label(name)
        for name, true in steps.items()
    ]
    query = select(
        by,
        func.count().label("planned"),
        func.count(mail.c.sent_at).label("sent"),
        *sums,
    ).where(
        type_coerce(mail.c.not_before, BigInteger) >= asked.start_ms,
        type_coerce(mail.c.not_before, BigInteger) < asked.end_ms,
    )
    if asked.scope < 0:
        # "+ 0": the mails of the time are read from their index, and those of others
        # left out; else SQLite reads every mail of each mailbox from its row.
        query = query.where(
            (mail.c.integration_id + 0).in_(scoping.members(asked.scope))
        )
    elif asked.scope:
        query = query.where(mail.c.integration_id == asked.scope)
    query = query.where(*picked(Picked(asked.template)))
    found = frame(conn, query.group_by(by))
    return found.astype(dict.fromkeys([by.name, *STEPS], "int64"))


def _has(seen: ColumnElement[int], bit: Seen) -> ColumnElement[bool]:
    return seen.op("&")(int(bit)) != 0


def _within(conn: Connection, scope: int) -> ColumnElement[bool]:
    return integration.c.id.in_(scoping.integrations(conn, scope))


def _most_first(found: pd.DataFrame) -> pd.DataFrame:
    names = list(found.columns[:2])
    order = found.sort_values(["planned", *names], ascending=[False, True, True])
    return order.reset_index(drop=True)


def _seen_of_evidence() -> ColumnElement[int]:
    """Say in SQL what `core.outgoing.Evidence.seen` says of all evidence of a mail."""
    c = evidence.c
    reported = c.source == str(Source.DSN)
    failed, delayed = c.step == str(Step.FAILED), c.step == str(Step.DELAYED)
    for_good, passing = c.status.like("5%"), c.status.like("4%")
    bits = {
        Seen.ACCEPTED: and_(c.step == str(Step.ACCEPTED), c.source == str(Source.SMTP)),
        Seen.PERMANENT: and_(
            reported, or_(and_(failed, ~passing), and_(delayed, for_good))
        ),
        Seen.TEMPORARY: and_(
            reported, or_(and_(delayed, ~for_good), and_(failed, passing))
        ),
        Seen.DISPLAYED: c.step == str(Step.DISPLAYED),
        Seen.ANSWERED: c.step == str(Step.ANSWERED),
    }
    each = [
        func.coalesce(func.max(case((true, int(bit)), else_=0)), 0)
        for bit, true in bits.items()
    ]
    return cast(reduce(add, each), Integer)

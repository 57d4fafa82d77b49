"""What is counted of mails is what a naive recount of mails and evidence gives."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from sqlalchemy import Connection, delete, select, update

from core import deliveries, scopes
from core.deliveries import NO_TEMPLATE, STEPS, Question
from core.outgoing import Evidence, Source, Step
from core.runtime import Runtime
from core.scopes import ALL, Scope
from core.store import deliveries as kept, recounting
from core.store.counting_tables import team
from core.store.engine import reading, writing
from core.store.schema import owner
from core.store.sending_tables import evidence, mail, mail_recipient, template
from tests.store.building import connected
from tests.store.mails_made import put_mail, put_template
from tests.store.outgoing import Sender

ZONES = [
    *("UTC", "America/Sao_Paulo", "Asia/Kolkata", "Asia/Kathmandu"),
    *("Australia/Lord_Howe", "America/New_York", "America/St_Johns"),
]
# Around both days on which clocks change, in both halves of the world.
AROUND = [
    datetime(2025, m, d, tzinfo=UTC) for m, d in ((3, 9), (4, 5), (10, 4), (11, 2))
]
SOURCES = {
    Step.ACCEPTED: [Source.SMTP, Source.PERSON, Source.SENT_FOLDER],
    Step.FAILED: [Source.SMTP, Source.DSN],
    Step.DELAYED: [Source.DSN],
    Step.DISPLAYED: [Source.MDN],
    Step.ANSWERED: [Source.REPLY],
    Step.AUTO_ANSWERED: [Source.REPLY],
    Step.IN_SENT: [Source.SENT_FOLDER],
}
STATUSES = ["", "5.1.1", "4.4.7", "2.0.0"]


@st.composite
def a_step(draw: st.DrawFn) -> Evidence:
    """Draw something that is seen of a mail."""
    step = draw(st.sampled_from(list(SOURCES)))
    return Evidence(
        step,
        draw(st.sampled_from(SOURCES[step])),
        AROUND[0],
        draw(st.sampled_from(["", "rui@example.net", "eva@example.net"])),
        draw(st.sampled_from(STATUSES)),
        message_id=draw(st.integers(0, 2)) or None,
    )


A_MAIL = st.fixed_dictionaries(
    {
        "of": st.integers(0, 2),
        "template": st.integers(0, 2),
        "around": st.sampled_from(AROUND),
        "minutes": st.integers(-4000, 4000),
        "sent": st.booleans(),
        "seen": st.lists(a_step(), max_size=4),
    }
)


def naive(drawn: pd.DataFrame) -> dict[str, int]:
    """Count as METRICS defines, mail by mail."""
    counts = dict.fromkeys(STEPS, 0)
    for one in drawn.to_dict("records"):
        told = [(e.step, e.source, e.status) for e in one["stored"]]
        bad = [
            (step, status)
            for step, source, status in told
            if source == "dsn" and step in ("failed", "delayed")
        ]
        permanent = any(
            s[:1] == "5" or (s[:1] != "4" and step == "failed") for step, s in bad
        )
        steps = [step for step, _, _ in told]
        was = {
            "sent": True,
            "accepted": any(a == "accepted" and b == "smtp" for a, b, _ in told),
            "permanent": permanent,
            "temporary": bool(bad) and not permanent,
            "displayed": "displayed" in steps,
            "answered": "answered" in steps,
        }
        counts["planned"] += 1
        for step, true in was.items():
            counts[step] += bool(one["sent"] and true)
    return counts


def as_counts(row: Any) -> dict[str, int]:
    return {step: int(row[step]) for step in STEPS}


def empty(conn: Connection) -> None:
    for table in (evidence, mail_recipient, mail, template):
        conn.execute(delete(table))


def put(runtime: Runtime, drawn: list[dict[str, Any]], ids: list[int]) -> pd.DataFrame:
    """Store what was drawn; give it with the ids, and the evidence as it is stored."""
    rows: list[dict[str, Any]] = []
    with writing(runtime.engine) as conn:
        empty(conn)
        made = [0, *(put_template(conn, n, AROUND[0]) for n in ("Ação", "Visita"))]
        for number, one in enumerate(drawn):
            at = one["around"] + timedelta(minutes=one["minutes"])
            mail_id = put_mail(
                conn, number, ids[one["of"]], at, one["seen"],
                template_id=made[one["template"]] or None,
                sent_at=at if one["sent"] else None,
            )  # fmt: skip
            stored = conn.execute(
                select(evidence).where(evidence.c.mail_id == mail_id)
            ).all()
            rows.append(
                {
                    "at": pd.Timestamp(at),
                    "integration_id": ids[one["of"]],
                    "template_id": made[one["template"]],
                    "sent": one["sent"],
                    "stored": stored,
                }
            )
    columns = ["at", "integration_id", "template_id", "sent", "stored"]
    return pd.DataFrame(rows, columns=columns)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    drawn=st.lists(A_MAIL, max_size=12),
    zone=st.sampled_from(ZONES),
    around=st.sampled_from(AROUND),
    days=st.integers(0, 9),
    of=st.integers(-1, 3),
    only=st.sampled_from([None, NO_TEMPLATE, 1]),
)
def test_counts_are_those_of_a_naive_recount(
    runtime: Runtime,
    drawn: list[dict[str, Any]],
    zone: str,
    around: datetime,
    days: int,
    of: int,
    only: int | None,
) -> None:
    ids, sales = three_mailboxes(runtime)
    stored = put(runtime, drawn, ids)
    scope = {-1: sales, 0: ALL}.get(of) or Scope(ids[of - 1], "")
    if only:
        with reading(runtime.engine) as conn:
            only = conn.scalars(select(template.c.id)).first()
    first = around.date() - timedelta(days=3)
    last = first + timedelta(days=days)
    found = deliveries.deliveries(
        runtime, Question(scope, first, last, ZoneInfo(zone), only)
    )
    local = pd.to_datetime(stored["at"], utc=True).dt.tz_convert(zone).dt.date
    within = scopes.mailboxes(runtime, scope)
    stored = stored.assign(day=local)[
        (local >= first) & (local <= last) & stored["integration_id"].isin(within)
    ]
    if only is not None:
        stored = stored[stored["template_id"] == only]
    assert found.totals == naive(stored)
    for table, by in (
        (found.templates, "template_id"),
        (found.mailboxes, "integration_id"),
    ):
        assert sorted(table[by]) == sorted(set(stored[by]))
        for row in table.to_dict("records"):
            assert as_counts(row) == naive(stored[stored[by] == row[by]])
    assert list(found.days["day"]) == [
        first + timedelta(days=n) for n in range(days + 1)
    ]
    for row in found.days.to_dict("records"):
        assert as_counts(row) == naive(stored[stored["day"] == row["day"]])
    with writing(runtime.engine) as conn:
        assert kept.recount(conn) == 0
        conn.execute(update(mail).values(seen=99))  # which no evidence says
    (*_, sums) = recounting.repair(runtime.engine)
    assert sums.wrong["deliveries"] == len(drawn)


def three_mailboxes(runtime: Runtime) -> tuple[list[int], Scope]:
    """Give three mailboxes, two of them of a team."""
    known = list(scopes.mailboxes(runtime, ALL))
    if not known:
        known = [connected(runtime, name) for name in ("Ana", "Bia", "Caio")]
        with writing(runtime.engine) as conn:
            conn.execute(team.insert().values(name="Vendas"))
            sales = owner.c.name.in_(["Ana", "Bia"])
            conn.execute(update(owner).where(sales).values(team="Vendas"))
    (sales_team,) = scopes.teams(runtime)
    return known, sales_team


def test_what_is_wrong_is_counted_and_made_right(runtime: Runtime) -> None:
    one = connected(runtime)
    at = AROUND[0]
    told = [
        Evidence(Step.ACCEPTED, Source.SMTP, at),
        Evidence(Step.FAILED, Source.DSN, at, status="5.1.1"),
        Evidence(Step.DELAYED, Source.DSN, at, status="4.4.1"),
        Evidence(Step.DISPLAYED, Source.MDN, at),
        Evidence(Step.ANSWERED, Source.REPLY, at),
    ]
    with writing(runtime.engine) as conn:
        put_mail(conn, 1, one, at, told, sent_at=at)
        put_mail(conn, 2, one, at)
        conn.execute(update(mail).values(seen=9))
        assert kept.recount(conn) == 2
        assert sorted(conn.scalars(select(mail.c.seen))) == [0, 31]


def test_a_bounce_for_good_counts_once_and_not_as_temporary(runtime: Runtime) -> None:
    one, at = connected(runtime), AROUND[0]
    told = [
        Evidence(Step.DELAYED, Source.DSN, at, "rui@example.net", "4.4.1"),
        Evidence(Step.FAILED, Source.DSN, at, "rui@example.net", "5.1.1"),
        Evidence(Step.FAILED, Source.DSN, at, "eva@example.net", "5.1.1"),
    ]
    with writing(runtime.engine) as conn:
        put_mail(conn, 1, one, at, told, sent_at=at)
    asked = Question(ALL, at.date(), at.date(), ZoneInfo("UTC"))
    found = deliveries.deliveries(runtime, asked).totals
    assert (found["permanent"], found["temporary"]) == (1, 0)


def test_activities_of_model_email_that_are_due(runtime: Runtime) -> None:
    sender = Sender.of(runtime)
    sender.activity()
    sender.activity(subject="Outra", owner="Bia")
    sender.activity(subject="Ligar", model="call")
    sender.activity(subject="Depois", due_on=date(2026, 3, 10))
    day, zone = date(2026, 3, 9), ZoneInfo("UTC")
    all_of = deliveries.deliveries(runtime, Question(ALL, day, day, zone))
    assert all_of.activities == (2, 0)
    mine = Question(Scope(sender.one, "Ana"), day, day, zone)
    assert deliveries.deliveries(runtime, mine).activities == (1, 0)


@pytest.mark.parametrize("zone", ZONES)
def test_shifts_say_how_far_clocks_are_ahead(zone: str) -> None:
    start, end = datetime(2025, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)
    found = deliveries.shifts(start, end, ZoneInfo(zone))
    at = start
    while at < end:
        ms = int(at.timestamp() * 1000)
        offset = next(one.offset_ms for one in found if ms < one.until_ms)
        ahead = at.astimezone(ZoneInfo(zone)).utcoffset()
        assert ahead is not None
        assert offset == ahead.total_seconds() * 1000
        at += timedelta(minutes=30)


def test_more_than_a_month_is_drawn_by_weeks() -> None:
    first = date(2026, 3, 4)  # a Wednesday
    days = pd.DataFrame({"day": [first + timedelta(days=n) for n in range(40)]})
    days = days.assign(**dict.fromkeys(STEPS, 1))
    assert deliveries.bars(days.head(31)).equals(days.head(31))
    weeks = deliveries.bars(days)
    assert weeks["day"].iloc[0] == date(2026, 3, 2)
    assert list(weeks["sent"]) == [5, 7, 7, 7, 7, 7]
    assert list(weeks["answered"]) == list(weeks["sent"])

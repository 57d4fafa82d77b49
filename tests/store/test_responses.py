"""Response times in the store: in whichever order mail comes, as counted naively."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from sqlalchemy import delete, select, update

from core.business import Calendar
from core.clock import to_ms
from core.durations import EDGES
from core.jobs.listing import Indexer
from core.model import Fetched
from core.runtime import Runtime, use_calendar
from core.store import calendars, counting, response_reading, responses, scoping
from core.store.counting_tables import correspondent, response, response_month
from core.store.engine import reading, writing
from core.store.packed import pack, together, unpack
from tests.store.building import START, connected, listed, made, put
from tests.store.mailbox_made import take_all_in
from tests.store.responses_drawn import Mail, put_in_team
from tests.store.responses_naive import Naive, naive

BY = Calendar()
HOUR_MS = 3_600_000


def bucket(seconds: float) -> int:
    return sum(seconds >= edge for edge in EDGES)


def cells(
    runtime: Runtime, found: list[Naive], by: Calendar
) -> Counter[tuple[Any, ...]]:
    """Count questions as rows of months have them, cell by cell."""
    out: Counter[tuple[Any, ...]] = Counter()
    with reading(runtime.engine) as conn:
        boxes = scoping.mailboxes(conn)
    for one in found:
        here = datetime.fromtimestamp(one.asked / 1000, UTC).astimezone(
            ZoneInfo(by.zone)
        )
        month = here.year * 12 + here.month - 1
        team = boxes[one.box].team_id
        for scope in [0, one.box] + ([-team] if team else []):
            facets: list[tuple[str, Any]] = [("all", 0), ("weekday", here.isoweekday())]
            facets += [("domain", one.domain)] if scope <= 0 else []
            for facet, value in facets:
                key = (scope, one.side, facet, month, value)
                if one.answered is None:
                    out[*key, "open_days", here.day] += 1
                    out[*key, "waiting", 0] += 1
                    continue
                took = max(one.answered - one.asked, 0) / 1000
                worked = by.business_seconds(one.asked, one.answered)
                out[*key, "calendar", bucket(took)] += 1
                out[*key, "business", bucket(worked)] += 1
                out[*key, "answered", 0] += 1
    return out


def kept(runtime: Runtime, scopes: set[int]) -> Counter[tuple[Any, ...]]:
    """Give what the rows of months have, cell by cell."""
    out: Counter[tuple[Any, ...]] = Counter()
    with reading(runtime.engine) as conn:
        names = dict(
            conn.execute(select(correspondent.c.id, correspondent.c.name)).all()
        )
        of = response_month.c.scope.in_(scopes)
        for row in conn.execute(select(response_month).where(of)).mappings():
            value = names[row["value"]] if row["facet"] == "domain" else row["value"]
            key = (row["scope"], row["side"], row["facet"], row["month"], value)
            for name in ("answered", "waiting"):
                out[*key, name, 0] += row[name]
            for part in ("calendar", "business", "open_days"):
                _, columns, n = unpack([row[part]])
                for column, many in zip(columns.tolist(), n.tolist(), strict=True):
                    out[*key, part, column] += many
    return +out


def questions(runtime: Runtime) -> dict[int, tuple[Any, ...]]:
    c = response.c
    query = select(c.message_id, c.integration_id, c.side, correspondent.c.name,
                   c.asked_ms, c.answered_ms)  # fmt: skip
    query = query.join(correspondent, correspondent.c.id == c.domain_id)
    with reading(runtime.engine) as conn:
        return {row[0]: tuple(row) for row in conn.execute(query)}


def check(runtime: Runtime, by: Calendar = BY) -> list[Naive]:
    """See that all is as it is counted naively; give the questions."""
    with reading(runtime.engine) as conn:
        boxes = scoping.mailboxes(conn)
    found = naive(runtime, list(boxes))
    assert questions(runtime) == {
        x.message_id: (x.message_id, x.box, x.side, x.domain, x.asked, x.answered)
        for x in found
    }
    scopes = {scope for box in boxes.values() for scope in box.scopes}
    assert kept(runtime, scopes) == cells(runtime, found, by)
    with reading(runtime.engine) as conn:
        other = select(response_month.c.scope).where(
            response_month.c.scope.not_in(scopes)
        )
        assert not conn.scalars(other).all()
    return found


@settings(
    max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture],
    deadline=None,
)  # fmt: skip
@given(st.integers(0, 2**32))
def test_whatever_comes_in_whichever_order(runtime: Runtime, seed: int) -> None:
    mail = Mail(runtime, seed)
    mail.arrive()
    found = check(runtime)
    mine = [one for one in found if one.box in mail.boxes]
    sides = Counter((one.side, one.answered is None) for one in mine)
    assert len(sides) == 4, sides  # of each some, or the test shows nothing
    with writing(runtime.engine) as conn:
        boxes = scoping.mailboxes(conn)
        assert [responses.recount(conn, box, BY) for box in boxes.values()] == (
            [0] * len(boxes)
        )
        assert responses.resum(conn) == 0


def test_what_is_wrong_is_found_and_made_right(runtime: Runtime) -> None:
    Mail(runtime, 7).arrive()
    with writing(runtime.engine) as conn:
        conn.execute(delete(response).where(response.c.side == "ours"))
        conn.execute(update(response_month).values(answered=3))
        (first, *_), boxes = zip(*scoping.mailboxes(conn).items(), strict=True)
        conn.execute(delete(response_month).where(response_month.c.scope == first))
        assert sum(responses.recount(conn, box, BY) for box in boxes) > 10
        assert responses.resum(conn) > 10
    check(runtime)


def test_a_mailbox_that_changes_its_team_takes_its_counts_along(
    runtime: Runtime,
) -> None:
    mail = Mail(runtime, 3)
    mail.arrive()
    for name, team in zip(mail.names, ("Support", "", "Sales"), strict=True):
        with writing(runtime.engine) as conn:
            before = scoping.mailboxes(conn)
            put_in_team(conn, name, team)
            for one, box in scoping.mailboxes(conn).items():
                if box != before[one]:
                    responses.move(conn, before[one], box)
        check(runtime)


def test_another_calendar_counts_all_anew(runtime: Runtime) -> None:
    Mail(runtime, 11, 30).arrive()
    check(runtime)
    other = {
        "zone": "Asia/Kathmandu", "hours": (time(8, 30), time(0)), "holidays": "BR-SP",
        "days_off": frozenset({date(2026, 3, 30)}),
    }  # fmt: skip
    told = replace(runtime, settings=runtime.settings.model_copy(update=other))
    for _ in range(2):  # the second time nothing is to be done
        use_calendar(told)
        Indexer(runtime.engine, lambda: False).tick()
        with reading(runtime.engine) as conn:
            assert calendars.kept(conn) == told.settings.calendar != BY
            assert not counting.left(conn)
        check(runtime, told.settings.calendar)


def test_nothing_is_left_of_what_is_cleared(runtime: Runtime) -> None:
    Mail(runtime, 5, 10).arrive()
    assert questions(runtime)
    with writing(runtime.engine) as conn:
        responses.clear(conn)
        everything = select(response_month.c.scope)
        assert not conn.scalars(everything).all()
    assert not questions(runtime)


def conversation(runtime: Runtime, *letters: tuple[str, str, str, int]) -> list[Naive]:
    """Let letters come, oldest last: folder, Message-ID, what it names, and when."""
    one = connected(runtime)
    folders = listed(runtime, one, "Inbox", "Sent")
    for uid, (folder, own, named, hour) in enumerate(reversed(letters), 1):
        at = to_ms(START) + hour * 3_600_000
        sent = folder == "Sent"
        new = made(
            identity=own, message_id=f"<{own}>",
            in_reply_to=f"<{named}>" if named else "", written_ms=at, received_ms=at,
            from_address="me@example.org" if sent else "ana@example.net",
            recipients="ana@example.net" if sent else "me@example.org",
        )  # fmt: skip
        put(runtime, one, folders[folder], [fetched(uid, new)])
        take_all_in(runtime)
    return check(runtime)


def fetched(uid: int, new: Any) -> Any:
    return Fetched(uid, 0, new)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_first_answer_counts_and_none_takes_less_than_no_time(
    runtime: Runtime,
) -> None:
    found = conversation(
        runtime,
        ("Inbox", "a", "", 0), ("Sent", "b", "a", 5), ("Sent", "c", "a", 2),
        ("Inbox", "d", "c", 1), ("Inbox", "e", "", 9),
    )  # fmt: skip
    hours = {
        one.message_id: None if one.answered is None else (one.answered - one.asked)
        for one in found
    }
    assert sorted(str(h and h // 3_600_000) for h in hours.values()) == [
        "-1", "2", "None", "None", "None",
    ]  # fmt: skip
    counted = kept(runtime, {0})
    took = {key[-1]: n for key, n in counted.items() if key[1:3] == ("theirs", "all")
            and key[-2] == "calendar"}  # fmt: skip
    assert took == {0: 1}  # an answer dated before what it answers


def test_the_oldest_that_wait_are_one_mailbox_if_it_has_them(runtime: Runtime) -> None:
    hours = {"ana": range(12), "bia": [20], "caio": [21]}
    ids = []
    for who, when in hours.items():
        one = connected(runtime, who.title(), f"{who}@example.org")
        inbox = listed(runtime, one, "Inbox")["Inbox"]
        letters = [asking(f"{who}.{hour}", hour) for hour in when]
        put(runtime, one, inbox, [fetched(n, x) for n, x in enumerate(letters, 1)])
        ids.append(one)
    take_all_in(runtime)
    whole = to_ms(START), to_ms(START) + 30 * HOUR_MS
    with reading(runtime.engine) as conn:
        for most, oldest in ((8, [*range(8)]), (13, [*range(12), 20])):
            found = response_reading.waiting(conn, ids, "ours", *whole, most)
            asked = (found["asked_ms"] - to_ms(START)) // HOUR_MS
            assert asked.tolist() == oldest


def asking(own: str, hour: int) -> Any:
    at = to_ms(START) + hour * HOUR_MS
    return made(
        identity=own, message_id=f"<{own}>", written_ms=at, received_ms=at,
        from_address="dora@example.net", recipients="us@example.org",
    )  # fmt: skip


def test_packed_rows_add_up() -> None:
    which, columns = np.array([0, 0, 2]), np.array([1, 130, 5])
    rows = pack(which, columns, np.array([7, 2**31, 3]), 3)
    assert rows[1] == b""
    summed = together(rows, np.array([0, 1, 0]), 2, 200)
    assert summed[0, [1, 130, 5]].tolist() == [7, 2**31, 3]
    assert not summed[1].any()

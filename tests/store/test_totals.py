"""Totals by quarter of an hour: days of every zone can be cut from them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from sqlalchemy import func, select

from core.clock import to_ms
from core.domains import addresses_in
from core.runtime import Runtime
from core.store import totals
from core.store.counted import Change, Fact, Mailbox
from core.store.counting_tables import total_day
from core.store.engine import reading, writing
from core.store.slots import DAY_MS, SLOT_MS, Key, Packed, Sums

ME = Mailbox(1, "me@acme.com.br", 2)
OTHER = Mailbox(3, "you@acme.com", 0)
BOTH = {1: ME, 3: OTHER}
PLAIN = Fact(
    1, 1, 0, "received", "person", "no", 10, "ana@mail.acme.com.br", "", "", 0, ()
)
EVER = (-DAY_MS * 1000, DAY_MS * 40_000)


def counted(runtime: Runtime, *facts: Fact, sign: int = 1) -> None:
    """Count messages, or take them away."""
    with writing(runtime.engine) as conn:
        totals.count(conn, [Change(sign, one) for one in facts], BOTH)


def read(
    runtime: Runtime, scope: int, start: int = EVER[0], end: int = EVER[1]
) -> pd.DataFrame:
    """Read what a scope has."""
    with reading(runtime.engine) as conn:
        return totals.read(conn, scope, start, end)


def quarters(first: datetime, days: int) -> list[int]:
    """Give when the quarters of some days of a zone begin, as clocks there show."""
    zone = first.tzinfo
    end = datetime.combine(first.date() + timedelta(days), first.time(), zone)
    return list(range(to_ms(first), to_ms(end), SLOT_MS))


@pytest.mark.parametrize(
    ("zone", "day", "quarters_of_it"),
    [
        ("Europe/Berlin", date(2026, 3, 29), 92),
        ("Europe/Berlin", date(2026, 10, 25), 100),
        ("America/New_York", date(2026, 3, 8), 92),
        ("America/New_York", date(2026, 11, 1), 100),
        ("Australia/Lord_Howe", date(2026, 4, 5), 98),
        ("Australia/Lord_Howe", date(2026, 10, 4), 94),
        ("Pacific/Chatham", date(2026, 9, 27), 92),
        ("Asia/Kathmandu", date(2026, 3, 29), 96),
        ("Asia/Kolkata", date(2026, 3, 29), 96),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_days_are_cut_where_clocks_say(
    runtime: Runtime, zone: str, day: date, quarters_of_it: int
) -> None:
    """A message in every quarter of three days: each day has as many as it is long."""
    first = datetime.combine(day - timedelta(1), datetime.min.time(), ZoneInfo(zone))
    starts = quarters(first, 3)
    counted(runtime, *(PLAIN._replace(at_ms=at + 14 * 60_000) for at in starts))
    found = read(runtime, 0)
    by_day = found.groupby(found["at"].dt.tz_convert(zone).dt.date)["messages"].sum()
    assert dict(by_day) == {
        day - timedelta(1): 96,
        day: quarters_of_it,
        day + timedelta(1): 96,
    }
    start, end = starts[96], starts[96 + quarters_of_it]
    assert read(runtime, 1, start, end)["messages"].sum() == quarters_of_it
    assert read(runtime, -2, start, start + 1)["messages"].sum() == 1
    assert read(runtime, 0, start + 1, end - SLOT_MS)["messages"].sum() == (
        quarters_of_it - 2
    )


def test_it_is_read_as_it_was_counted(runtime: Runtime) -> None:
    big = 3 * 2**40
    facts = [
        PLAIN._replace(at_ms=at, size_bytes=size, direction=direction, integration_id=i)
        for at in (-1, 0, SLOT_MS - 1, SLOT_MS, 20_000 * DAY_MS + 95 * SLOT_MS)
        for size, direction, i in ((big, "received", 1), (0, "sent", 3))
    ]
    counted(runtime, *facts, *facts[:2])
    mine = read(runtime, 1)
    assert [at.isoformat() for at in mine["at"]] == [
        "1969-12-31T23:45:00+00:00",
        "1970-01-01T00:00:00+00:00",
        "1970-01-01T00:15:00+00:00",
        "2024-10-04T23:45:00+00:00",
    ]
    assert list(mine["messages"]) == [2, 2, 1, 1]
    assert list(mine["size_bytes"]) == [2 * big, 2 * big, big, big]
    assert set(mine["internal"]) == {True}
    assert {s: int(read(runtime, s)["messages"].sum()) for s in (0, 1, 3, -2, 4)} == {
        0: 12, 1: 6, 3: 6, -2: 6, 4: 0,
    }  # fmt: skip
    with reading(runtime.engine) as conn:
        assert totals.extent(conn, 0) == (-1, 20_000)
        assert totals.extent(conn, 4) is None
    assert list(read(runtime, 4).dtypes.astype(str)) == list(mine.dtypes.astype(str))


def test_what_is_taken_away_leaves_nothing(runtime: Runtime) -> None:
    facts = [PLAIN._replace(at_ms=n * SLOT_MS * 7, kind=f"k{n % 3}") for n in range(99)]
    counted(runtime, *facts)
    counted(runtime, *facts[:50], sign=-1)
    assert read(runtime, 0)["messages"].sum() == 49
    counted(runtime, *facts[50:], sign=-1)
    with reading(runtime.engine) as conn:
        assert conn.scalar(select(func.count()).select_from(total_day)) == 0
    counted(runtime, PLAIN, sign=-1)  # was never counted: it does not go below nothing
    assert read(runtime, 0).empty


def test_many_rows_are_walked_through_to_the_end(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(totals, "ROWS", 3)
    facts = [
        PLAIN._replace(at_ms=n * DAY_MS * 100, kind=kind, direction=direction)
        for n in range(9)
        for kind, direction in (("list", "sent"), ("person", "received"), ("x", "sent"))
    ]
    counted(runtime, *facts)
    moved = ME._replace(team_id=9)
    with writing(runtime.engine) as conn:
        totals.move(conn, ME, moved)
        assert totals.extent(conn, -2) is None
        totals.move(conn, moved, ME._replace(team_id=0))
        assert totals.extent(conn, -9) is None
        totals.move(conn, ME._replace(team_id=0), ME)
    assert read(runtime, -2).equals(read(runtime, 1))
    assert len(read(runtime, 1)) == 27


def inside(runtime: Runtime, **changes: object) -> bool:
    """Count one message; tell whether it counts as internal."""
    fact = PLAIN._replace(**changes)  # type: ignore[arg-type]  # fields by name
    counted(runtime, fact)
    (told,) = read(runtime, 1)["internal"]
    counted(runtime, fact, sign=-1)
    return bool(told)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_internal_is_of_one_registered_domain(runtime: Runtime) -> None:
    for address, told in {
        "ana@acme.com.br": True,
        "ana@RH.Acme.com.br": True,
        "ana@acme.com": False,
        "ana@outra.com.br": False,
        "": False,
    }.items():
        assert inside(runtime, from_address=address) == told, address
    for to, cc, told in (
        ("ana@acme.com.br", "", True),
        ("Ana, RH <ana@acme.com.br>, b@x.acme.com.br", "C <c@acme.com.br>", True),
        ("ana@acme.com.br", "eva@acme.com", False),
        ("x@outra.com.br, Ana <ana@acme.com.br>", "", False),
        ("", "", False),
        ("undisclosed-recipients", "", False),
    ):
        told_now = inside(runtime, direction="sent", recipients=to, copied=cc)
        assert told_now == told, (to, cc)


def test_addresses_of_a_list_as_it_is_kept() -> None:
    assert addresses_in("Ana <a@x>, b@x, C, D <c@y>") == ("a@x", "b@x", "c@y")
    assert addresses_in("eu@casa em casa, Zé <z@y>, Fim <f@y>") == ("z@y", "f@y")
    assert addresses_in("nobody, a b@x, <é@y>") == ("é@y",)
    assert addresses_in("") == ()


def test_rows_are_packed_by_quarter() -> None:
    sums = Sums()
    keys = [Key(0, day, "sent", "person", "no", False) for day in range(40)]
    for day, key in enumerate(keys):
        row = sums.row(key)
        sums.add([row * 96 + 95, row * 96, row * 96 + 95], [1, 1, 1], [day, 1, day])
    packed = sums.packed()
    assert list(packed) == keys
    assert packed[keys[7]] == Packed(
        3, 15, bytes([0, 1, 0, 0, 0, 1] + [0] * 7 + [95, 2, 0, 0, 0, 14] + [0] * 7)
    )
    sums.add_packed(keys[1:], [packed[key].slots for key in keys[1:]], -1)
    assert [key for key, one in sums.packed().items() if one.messages] == keys[:1]

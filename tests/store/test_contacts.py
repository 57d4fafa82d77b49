"""Contacts are what a naive recount of the messages says, whatever came in between."""

from __future__ import annotations

import random
from itertools import pairwise, product

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from sqlalchemy import select, text

from core import correspondents
from core.business import Calendar, month_number
from core.correspondents import Question
from core.domains import registered
from core.runtime import Runtime
from core.store import contact_lists, contact_names, contact_sums, contacts, scoping
from core.store.bulk import insert_rows
from core.store.counted import Fact
from core.store.counting_tables import contact, contact_month, correspondent
from core.store.engine import reading, writing
from tests.store.building import START, connected, listed, put, some
from tests.store.contacts_drawn import BOXES, KEYS, Teams, held, naive
from tests.store.mailbox_made import take_all_in

EXAMPLES = settings(
    max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
SPAN = ["messages", "first_month", "last_month"]
NOW = month_number(START.date())


def counts(frame: pd.DataFrame) -> dict[tuple[object, ...], int]:
    return dict(zip(zip(*(frame[key] for key in KEYS)), frame["messages"], strict=True))


def spans(runtime: Runtime) -> dict[tuple[object, ...], tuple[int, ...]]:
    query = select(contact, correspondent.c.name).join(correspondent)
    with reading(runtime.engine) as conn:
        return {
            (r.scope, r.what, r.direction, r.name): tuple(getattr(r, n) for n in SPAN)
            for r in conn.execute(query)
        }


def spans_of(months: pd.DataFrame) -> dict[tuple[object, ...], tuple[int, ...]]:
    found = months.groupby(KEYS[:-1]).agg({"messages": "sum", "month": ["min", "max"]})
    return {key: tuple(map(int, row)) for key, *row in found.itertuples()}


def is_right(world: Teams) -> bool:
    right = naive(world)
    assert counts(held(world)) == counts(right)
    assert spans(world.runtime) == spans_of(right)
    return True


def recounted(world: Teams) -> int:
    with writing(world.runtime.engine) as conn:
        of = scoping.mailboxes(conn)
        wrong = sum(contacts.recount(conn, one, Calendar()) for one in of.values())
        return wrong + contacts.resum(conn)


def emptied(runtime: Runtime) -> None:
    """Forget what another example of the same test left."""
    names = (
        "contact contact_month total_day placement listing thread_link message_words"
        " unlisted index_mark message folder event audit run rollup integration owner"
        " team"
    )
    with writing(runtime.engine) as conn:
        for name in names.split():
            if name == "message_words" and conn.dialect.name == "sqlite":
                conn.execute(
                    text(
                        "INSERT INTO message_words (message_words) VALUES ('delete-all')"
                    )
                )
            else:
                conn.execute(text(f"DELETE FROM {name}"))  # noqa: S608 - ours


@given(st.integers(0, 10**6))
@EXAMPLES
def test_contacts_equal_a_naive_recount(runtime: Runtime, seed: int) -> None:
    emptied(runtime)
    world = Teams(runtime, seed, "T")
    world.live(3)
    world.settle()
    assert is_right(world)
    assert recounted(world) == 0
    one = world.drawn.choice(list(world.boxes))
    with reading(runtime.engine) as conn:
        before = scoping.mailboxes(conn, [one])[one]
    world.join(one, world.drawn.choice([0, 1, None]))
    with writing(runtime.engine) as conn:
        contacts.move(conn, before, scoping.mailboxes(conn, [one])[one])
    assert is_right(world)
    world.live(1)
    world.settle()
    assert is_right(world)


DAMAGE = (
    "UPDATE contact_month SET messages = messages + 2 WHERE scope > 0 AND month % 3 = 0",
    "DELETE FROM contact_month WHERE scope = 0 AND what = 'domain'",
    "DELETE FROM contact WHERE scope > 0 AND direction = 'sent'",
    "UPDATE contact SET first_month = 1 WHERE scope < 0",
    "INSERT INTO contact_month SELECT -999, what, direction, name_id, month, messages"
    " FROM contact_month WHERE scope = 0",
    "INSERT INTO contact_month SELECT scope, what, direction, name_id, 7, 7"
    " FROM contact_month WHERE scope < 0 GROUP BY scope, what, direction, name_id",
)


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_recount_mends_and_tells_how_much(runtime: Runtime, damage: str) -> None:
    world = Teams(runtime, 7, "T")
    world.live(3)
    world.settle()
    assert is_right(world)
    with writing(runtime.engine) as conn:
        assert conn.execute(text(damage)).rowcount
    assert recounted(world)
    assert is_right(world)
    assert recounted(world) == 0


def test_all_of_it_is_counted_again_after_it_was_cleared(runtime: Runtime) -> None:
    world = Teams(runtime, 8, "T")
    world.live(2)
    world.settle()
    with writing(runtime.engine) as conn:
        contacts.clear(conn)
    assert held(world).empty
    assert recounted(world)
    assert is_right(world)


def best(months: pd.DataFrame, of: contact_lists.Period) -> pd.Series:
    mine = months[
        (months["scope"] == of.scope)
        & (months["what"] == of.what)
        & (months["direction"] == of.direction)
        & months["month"].between(of.first, of.last)
    ]
    return mine.groupby("name")["messages"].sum().sort_values(ascending=False)


def fresh(months: pd.DataFrame, of: contact_lists.Period) -> set[str]:
    """Give who was first seen in a period."""
    mine = (months[key] == getattr(of, key) for key in ("scope", "what", "direction"))
    of_it = months[np.logical_and.reduce(list(mine))]
    firsts = of_it.groupby("name")["month"].min()
    return set(firsts[firsts.between(of.first, of.last)].index)


def are_first(
    runtime: Runtime, months: pd.DataFrame, of: contact_lists.Period, most: int
) -> list[bool]:
    """Tell which lists are said to be exact; those are, and all numbers are right."""
    right = best(months, of)
    new_ones = fresh(months, of)
    with reading(runtime.engine) as conn:
        top = contact_lists.top(conn, *of, most)
        new = contact_lists.new(conn, *of, most)
    assert new.count == len(new_ones)
    for found, wanted in ((top, right), (new, right[right.index.isin(new_ones)])):
        frame = found.frame
        assert len(frame) == min(most, len(wanted))
        assert list(frame["messages"]) == list(wanted[list(frame["name"])])
        assert all(a >= b for a, b in pairwise(frame["messages"]))
        if found.exact:
            assert list(frame["messages"]) == list(wanted[:most])
    return [top.exact, new.exact]


def test_the_first_few_of_mailboxes_are_the_first(runtime: Runtime) -> None:
    world = Teams(runtime, 9, "T")
    world.live(6)
    world.settle()
    months = naive(world)
    scopes = sorted(set(months["scope"]))
    asked = product(scopes, ["address", "domain"], ["received", "sent"], [1, 4, 17])
    for (scope, what, direction, length), most in product(asked, [1, 3]):
        of = contact_lists.Period(scope, what, direction, NOW - length, NOW - 1)
        assert are_first(runtime, months, of, most) == [True, True]


@pytest.mark.parametrize(("depth", "candidates"), [(1, 10), (4, 100), (100, 8_000)])
def test_the_first_of_many_alike_are_the_first_whenever_it_says_so(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch, depth: int, candidates: int
) -> None:
    monkeypatch.setattr(contact_lists, "DEPTH", depth)
    monkeypatch.setattr(contact_lists, "CANDIDATES_MOST", candidates)
    months = alike(runtime, random.Random(depth))
    said: list[bool] = []
    for length, most in product([1, 2, 3, 5, 8], [1, 2, 5]):
        for first in range(NOW - 8, NOW - length + 1):
            of = contact_lists.Period(
                0, "address", "received", first, first + length - 1
            )
            said += are_first(runtime, months, of, most)
    assert True in said
    assert (False in said) is (candidates < len(set(months["name"])))


def alike(runtime: Runtime, drawn: random.Random, names: int = 150) -> pd.DataFrame:
    """Count a few messages each, in some of eight months."""
    rows = [
        (0, "address", "received", f"n{id_}", month, drawn.randrange(1, 5))
        for id_ in range(names)
        for month in range(NOW - 8, NOW)
        if drawn.random() < 0.3
    ]
    with writing(runtime.engine) as conn:
        ids = contact_names.ids(conn, {row[3] for row in rows})
        kept = [(*row[:3], ids[row[3]], *row[4:]) for row in rows]
        insert_rows(conn, contact_month, contacts.MONTHS, kept)
        assert contact_sums.follow(conn, 0) == len(ids)
    return pd.DataFrame(rows, columns=[*KEYS, "messages"])


def test_the_silent_are_those_who_used_to_write(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = Teams(runtime, 10, "T")
    world.live(6)
    world.settle()
    firsts = spans(runtime)
    tried = 0
    for month, look in product(range(NOW - 17, NOW), [20_000, 3]):
        monkeypatch.setattr(contact_lists, "LOOK", look)
        wanted = sorted(
            (
                n
                for (scope, what, way, _), (n, _, last) in firsts.items()
                if (scope, what, way) == (0, "address", "received")
                and n >= contact_lists.USED_TO_WRITE
                and last < month
            ),
            reverse=True,
        )
        with reading(runtime.engine) as conn:
            found = contact_lists.silent(conn, 0, "address", month, 2)
        if found.exact:
            assert list(found.frame["messages"]) == wanted[:2]
        assert found.count == len(wanted) or not found.all_counted
        assert found.exact or look < len(firsts)
        tried += bool(len(wanted) and found.exact)
    assert tried


def test_pages_of_months_hold_everybody_once(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contact_lists, "PAGE", 3)
    world = Teams(runtime, 11, "T")
    world.live(4)
    world.settle()
    months = naive(world)
    question = Question(0, "address", NOW - 17, NOW)
    frames = list(correspondents.months(runtime.engine, question, "received"))
    assert max(map(len, frames)) <= contact_lists.PAGE
    found = pd.concat(frames)
    mine = months[(months["scope"] == 0) & (months["direction"] == "received")]
    wanted = mine[mine["what"] == "address"]
    got = [
        (name, day.year * 12 + day.month - 1, n)
        for day, name, n in zip(
            found["month"], found["name"], found["messages"], strict=True
        )
    ]
    assert sorted(got) == sorted(
        wanted[["name", "month", "messages"]].itertuples(index=False, name=None)
    )
    every = mine[mine["what"] == "all"].groupby("month")["messages"].sum()
    for row, (_, month, n) in zip(found.itertuples(), got, strict=True):
        assert row.share == n / every[month]
        assert row.internal is (row.name.endswith(("@acme.example", "filial.com.br")))


def test_shares_are_of_all_messages_and_months_are_days(runtime: Runtime) -> None:
    one = connected(runtime)
    inbox = listed(runtime, one, "Inbox")["Inbox"]
    others = some(3, from_address="bia@sub.example.org")
    put(
        runtime,
        one,
        inbox,
        [*others, *some(9, first=4), *some(1, first=20, from_address="")],
    )
    take_all_in(runtime)
    question = Question(one, "domain", NOW, NOW)
    found = correspondents.top(runtime, question, "received")
    assert found.exact
    assert found.total == 13
    assert [tuple(row) for row in found.frame.itertuples(index=False)] == [
        ("@example.net", 9, 9 / 13, False, pd.Timestamp(2026, 3, 1), pd.Timestamp(2026, 3, 1)),
        ("@example.org", 3, 3 / 13, True, pd.Timestamp(2026, 3, 1), pd.Timestamp(2026, 3, 1)),
    ]  # fmt: skip
    assert correspondents.held_since(runtime, one) == NOW
    assert correspondents.held_since(runtime, one + 1) is None


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_nothing_is_an_empty_frame_of_the_same_columns(runtime: Runtime) -> None:
    question = Question(0, "address", NOW, NOW)
    for found, columns in (
        (correspondents.top(runtime, question, "sent"), correspondents.LISTED),
        (correspondents.new(runtime, question), correspondents.LISTED),
        (correspondents.silent(runtime, question), correspondents.SEEN),
    ):
        assert found.exact
        assert found.frame.empty
        assert dict(found.frame.dtypes.astype(str)) == {
            name: str(pd.Series(dtype=dtype).dtype) for name, dtype in columns.items()
        }
    assert not list(correspondents.months(runtime.engine, question, "sent"))


@pytest.mark.parametrize(
    ("direction", "sender", "recipients", "copied", "wanted"),
    [
        ("received", "Ana@X.example", "b@y.example", "", {"ana@x.example"}),
        ("received", "", "b@y.example", "", set()),
        ("received", BOXES[0].upper(), "b@y.example", "", set()),
        ("sent", "me@z", "", "", set()),
        ("sent", "me@z", "A <a@x>, Souza, B <b@x>", "a@X, c@x", {"a@x", "b@x", "c@x"}),
        ("sent", "me@z", f"Me <{BOXES[0]}>, @, b@, @c, d", "Undisclosed", set()),
    ],
)
def test_with_whom_a_message_is(
    direction: str, sender: str, recipients: str, copied: str, wanted: set[str]
) -> None:
    fact = Fact(
        1, 1, 0, direction, "person", "no", 1, sender, recipients, copied, 0, ()
    )
    assert contact_names.whom(fact, BOXES[0]) == wanted


def test_an_address_of_the_network_is_its_own_domain() -> None:
    assert registered("[10.0.0.1]") == "[10.0.0.1]"
    assert registered("10.0.0.1") == "10.0.0.1"
    assert registered("mail.acme.com.br") == "acme.com.br"

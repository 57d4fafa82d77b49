"""Lists of correspondents: the first few are the first, whenever it is said so."""

from __future__ import annotations

import random
from itertools import pairwise, product

import numpy as np
import pandas as pd
import pytest

from core import correspondents
from core.business import month_number
from core.correspondents import Question
from core.runtime import Runtime
from core.store import contact_lists, contact_names, contact_sums, contacts
from core.store.bulk import insert_rows
from core.store.counting_tables import contact_month
from core.store.engine import reading, writing
from tests.store.building import START, connected, listed, put, some
from tests.store.contacts_drawn import KEYS, Teams, naive, spans
from tests.store.mailbox_made import take_all_in

NOW = month_number(START.date())


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
    assert new.in_all == len(new_ones)
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
        assert found.in_all == len(wanted) or not found.all_counted
        assert found.exact or look < len(firsts)
        tried += bool(wanted and found.exact)
    assert tried


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
    march = pd.Timestamp(2026, 3, 1)
    assert [tuple(row) for row in found.frame.itertuples(index=False)] == [
        ("@example.net", 9, 9 / 13, False, march, march),
        ("@example.org", 3, 3 / 13, True, march, march),
    ]
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

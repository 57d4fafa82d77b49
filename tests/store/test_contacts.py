"""Contacts are what a naive recount of the messages says, whatever came in between."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from sqlalchemy import text

from core.business import Calendar
from core.domains import registered
from core.runtime import Runtime
from core.store import contact_names, contacts, scoping
from core.store.counted import Fact
from core.store.engine import reading, writing
from tests.store.contacts_drawn import BOXES, KEYS, Teams, held, naive, spans

EXAMPLES = settings(
    max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
EMPTY_WORDS = "INSERT INTO message_words (message_words) VALUES ('delete-all')"


def counts(frame: pd.DataFrame) -> dict[tuple[object, ...], int]:
    keys = zip(*(frame[key] for key in KEYS), strict=True)
    return dict(zip(keys, frame["messages"], strict=True))


def spans_of(months: pd.DataFrame) -> dict[object, tuple[int, ...]]:
    of_each = months.groupby(KEYS[:-1])
    parts = [
        of_each["messages"].sum().to_dict(),
        of_each["month"].min().to_dict(),
        of_each["month"].max().to_dict(),
    ]
    return {key: tuple(int(part[key]) for part in parts) for key in parts[0]}


def is_right(world: Teams) -> bool:
    right = naive(world)
    assert counts(held(world)) == counts(right)
    assert spans_of(right) == spans(world.runtime)
    return True


def recounted(world: Teams) -> int:
    with writing(world.runtime.engine) as conn:
        of = scoping.mailboxes(conn)
        wrong = sum(contacts.recount(conn, one, Calendar()) for one in of.values())
        return wrong + contacts.resum(conn)


def emptied(runtime: Runtime) -> None:
    """Forget what another example of the same test left."""
    names = (
        "contact contact_month response answer_link response_month total_day placement"
        " listing thread_link message_words unlisted index_mark message folder event"
        " audit run rollup integration owner team"
    )
    with writing(runtime.engine) as conn:
        for name in names.split():
            if name == "message_words" and conn.dialect.name == "sqlite":
                conn.execute(text(EMPTY_WORDS))
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
    "UPDATE contact_month SET messages = messages + 2 WHERE scope > 0",
    "DELETE FROM contact_month WHERE scope = 0 AND what = 'domain'",
    "DELETE FROM contact WHERE scope > 0 AND direction = 'sent'",
    "UPDATE contact SET first_month = 1 WHERE scope < 0",
    (
        "INSERT INTO contact_month SELECT -999, what, direction, name_id, month,"
        " messages FROM contact_month WHERE scope = 0"
    ),
    (
        "INSERT INTO contact_month SELECT scope, what, direction, name_id, 7, 7"
        " FROM contact_month WHERE scope < 0 GROUP BY scope, what, direction, name_id"
    ),
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

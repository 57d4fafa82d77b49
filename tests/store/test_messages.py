"""Messages are counted once, wherever they lie and wherever they went."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from core.clock import to_ms
from core.model import Fetched, Message
from core.runtime import Runtime
from core.store import messages, placements, rollups
from core.store.engine import reading, writing
from core.store.schema import message, rollup
from tests.store.building import START, connected, listed, made, put, some


def counts(runtime: Runtime, one: int) -> dict[tuple[str, str], int]:
    """Give messages by direction and aside; the totals must equal a recount."""
    with reading(runtime.engine) as conn:
        kept = rollups.held(conn, one)
        assert kept == rollups.counted(conn, one)
    out: dict[tuple[str, str], int] = {}
    for bucket, (n, _) in kept.items():
        key = (bucket.direction, bucket.aside)
        out[key] = out.get(key, 0) + n
    return out


def plain(uid: int = 1, **changes: object) -> Fetched:
    return Fetched(uid, 0, made(**{"identity": "x", **changes}))


def test_a_copy_is_not_another_message(runtime: Runtime) -> None:
    one = connected(runtime)
    ids = listed(runtime, one, "Inbox", "Archive")
    put(runtime, one, ids["Inbox"], some(5))
    put(runtime, one, ids["Archive"], some(5, first=1))
    assert counts(runtime, one) == {("received", "no"): 5}


def test_a_removed_message_stays_counted(runtime: Runtime) -> None:
    one = connected(runtime)
    ids = listed(runtime, one, "Inbox")
    put(runtime, one, ids["Inbox"], some(5))
    with writing(runtime.engine) as conn:
        gone = placements.remove(conn, ids["Inbox"], 1, [1, 2, 99])
        assert len(gone) == 2
        assert placements.count(conn, ids["Inbox"], 1) == 3
        assert conn.scalar(select(func.count()).select_from(message)) == 5
    assert counts(runtime, one) == {("received", "no"): 5}


@pytest.mark.parametrize("order", [("Junk", "Inbox"), ("Inbox", "Junk")])
def test_what_was_ever_in_an_ordinary_folder_is_not_set_aside(
    runtime: Runtime, order: tuple[str, str]
) -> None:
    one = connected(runtime)
    ids = listed(runtime, one, "Inbox", "Junk")
    for name in order:
        put(runtime, one, ids[name], [plain()])
    assert counts(runtime, one) == {("received", "no"): 1}


@pytest.mark.parametrize("order", [("Sent", "Inbox"), ("Inbox", "Sent")])
def test_a_copy_in_sent_makes_it_sent_in_either_order(
    runtime: Runtime, order: tuple[str, str]
) -> None:
    one = connected(runtime)
    ids = listed(runtime, one, "Inbox", "Sent")
    for name in order:
        put(runtime, one, ids[name], [plain()])
    assert counts(runtime, one) == {("sent", "no"): 1}


def test_from_ones_own_address_is_sent(runtime: Runtime) -> None:
    one = connected(runtime)
    ids = listed(runtime, one, "Inbox")
    put(runtime, one, ids["Inbox"], [plain(from_address="me@example.org")])
    assert counts(runtime, one) == {("sent", "no"): 1}


@pytest.mark.parametrize(("hours", "believed"), [(47, True), (49, False)])
def test_the_date_of_a_sent_message_is_believed_within_48_hours(
    runtime: Runtime, hours: int, *, believed: bool
) -> None:
    one = connected(runtime)
    ids = listed(runtime, one, "Sent")
    written = START - timedelta(hours=hours)
    put(runtime, one, ids["Sent"], [plain(written_ms=to_ms(written))])
    with reading(runtime.engine) as conn:
        at = conn.scalar(select(message.c.at))
    assert at == (written if believed else START)


def test_putting_the_same_again_changes_nothing(runtime: Runtime) -> None:
    one = connected(runtime)
    ids = listed(runtime, one, "Inbox")
    for _ in range(2):
        put(runtime, one, ids["Inbox"], some(20))
    assert counts(runtime, one) == {("received", "no"): 20}


def test_repair_mends_totals_that_someone_broke(runtime: Runtime) -> None:
    one = connected(runtime)
    ids = listed(runtime, one, "Inbox")
    put(runtime, one, ids["Inbox"], some(8))
    with writing(runtime.engine) as conn:
        broken = update(rollup).where(rollup.c.slot % 2 == 0)
        conn.execute(broken.values(messages=rollup.c.messages + 1))
        assert rollups.repair(conn, one) > 0
        assert rollups.repair(conn, one) == 0
    assert counts(runtime, one) == {("received", "no"): 8}


def test_hostile_texts_are_only_texts(runtime: Runtime) -> None:
    one = connected(runtime)
    ids = listed(runtime, one, "Inbox", "']; drop table message; --")
    nasty = "'); DROP TABLE message; -- %_ 🙂"
    put(runtime, one, ids["Inbox"], [plain(subject=nasty)])
    with reading(runtime.engine) as conn:
        assert conn.scalar(select(message.c.subject)) == nasty


def test_message_has_every_column_of_the_table() -> None:
    fields = set(Message._fields)
    assert {"identity", "kind", "subject", "size_bytes"} <= fields
    assert len(messages.COLUMNS) == len(message.columns)

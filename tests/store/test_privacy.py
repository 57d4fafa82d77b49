"""Where no subject may be kept none is stored, and what was stored is erased."""

from __future__ import annotations

import pytest
from sqlalchemy import inspect, select, text

from core import browse, watch
from core.imap.fetch import Batch
from core.jobs.listing import Indexer
from core.model import Fetched, Poison, Privacy
from core.question import Question
from core.runtime import Runtime
from core.store import integrations, rollups, subjects
from core.store.engine import reading, writing
from core.store.schema import audit, event, message, metadata, poison
from core.sync.copy import NOT_ANSWERED, Copy, Ledger, cursor_of
from tests.planted import Planted, files
from tests.store.building import connected, listed, made, put, some

SECRET = "Zqcanaryofsalaries"


@pytest.fixture
def one(runtime: Runtime) -> int:
    """Store an integration with five messages, one with the planted subject."""
    one = connected(runtime, "Ana")
    folder = listed(runtime, one, "Inbox")["Inbox"]
    put(runtime, one, folder, [*some(4), planted(5)])
    return one


def planted(uid: int, subject: str = SECRET) -> Fetched:
    return Fetched(uid, 0, made(identity=f"m{uid}", subject=subject))


def take_in(runtime: Runtime) -> None:
    Indexer(runtime.engine, lambda: False).tick()


def found(runtime: Runtime, one: int, search: str) -> int:
    return len(browse.page(runtime, Question((one,), search=search)).rows)


def subjects_of(runtime: Runtime, one: int) -> list[str]:
    query = select(message.c.subject).where(message.c.integration_id == one)
    with reading(runtime.engine) as conn:
        return list(conn.scalars(query.order_by(message.c.identity)))


def rows(runtime: Runtime) -> dict[str, bytes]:
    """Give what stands in every table, the words of the index among them."""
    names = [table.name for table in metadata.sorted_tables]
    if runtime.engine.dialect.name == "postgresql":
        names.append("message_words")
    with reading(runtime.engine) as conn:
        return {
            name: repr(conn.execute(text(f"SELECT * FROM {name}")).all()).encode()  # noqa: S608 - ours
            for name in names
        }


def identities(runtime: Runtime, one: int) -> tuple[list[str], object]:
    """Give the identities of all messages, and the totals, which a recount gives."""
    with reading(runtime.engine) as conn:
        mine = message.c.integration_id == one
        found = conn.scalars(select(message.c.identity).where(mine).order_by(text("1")))
        kept = rollups.held(conn, one)
        assert kept == rollups.counted(conn, one)
        return list(found), kept


def lower(runtime: Runtime, one: int, level: Privacy) -> None:
    """Change the level and no more, as when a process dies before it erases."""
    with writing(runtime.engine) as conn:
        integrations.change(conn, one, privacy=str(level))


@pytest.mark.parametrize("level", list(Privacy))
def test_the_level_decides_what_is_written(runtime: Runtime, level: Privacy) -> None:
    one = connected(runtime)
    lower(runtime, one, level)
    folder = listed(runtime, one, "Inbox")["Inbox"]
    put(runtime, one, folder, [planted(1)])
    take_in(runtime)
    kept = subjects_of(runtime, one)
    assert kept == ([SECRET] if level.allows_subject else [""])
    assert found(runtime, one, SECRET) == int(level.allows_subject)
    assert found(runtime, one, "conceicao") == 1
    places = files(runtime.settings.data, "key") | rows(runtime)
    assert bool(Planted(SECRET).found(places)) is level.allows_subject


def test_lowering_erases_every_subject_and_nothing_else(
    runtime: Runtime, one: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subjects, "BATCH", 2)
    other = connected(runtime, "Bia")
    folder = listed(runtime, other, "Archive")["Archive"]
    put(runtime, other, folder, some(3))
    before = identities(runtime, one)
    take_in(runtime)
    assert found(runtime, one, SECRET) == 1
    told: list[tuple[int, int]] = []
    erased = watch.set_privacy(
        runtime, one, Privacy.METADATA, "test", lambda *n: told.append(n)
    )
    assert erased == 5
    assert told == [(2, 5), (4, 5), (5, 5)]
    assert identities(runtime, one) == before
    assert set(subjects_of(runtime, one)) == {""}
    assert Planted(SECRET).found(rows(runtime)) == set()
    assert all(subjects_of(runtime, other))
    for _ in range(2):  # waiting to be taken in again, and taken in
        assert found(runtime, one, SECRET) == found(runtime, one, "reuniao") == 0
        assert found(runtime, one, "conceicao") == 5
        assert found(runtime, other, "reuniao") == 3
        take_in(runtime)
    with reading(runtime.engine) as conn:
        (row,) = conn.execute(select(audit)).all()
        assert (row.act, row.actor, row.integration_id) == ("privacy", "test", one)
        assert row.facts == {"before": "body", "after": "metadata"}
        assert conn.scalar(select(event.c.what)) == "privacy"
        assert subjects.waiting(conn) == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("taken_in", [True, False])
def test_what_was_erased_is_in_no_file(
    runtime: Runtime, one: int, *, taken_in: bool
) -> None:
    if taken_in:
        take_in(runtime)
    folder = listed(runtime, one, "Inbox")["Inbox"]
    long = f"{SECRET} " * 3_000  # on pages of its own, which are given back
    put(runtime, one, folder, [planted(9, long), *some(2_000, first=10)])
    if taken_in:
        take_in(runtime)
    assert Planted(SECRET).found(files(runtime.settings.data, "key"))
    watch.set_privacy(runtime, one, Privacy.METADATA, "test")
    assert Planted(SECRET).found(files(runtime.settings.data, "key")) == set()
    take_in(runtime)
    assert Planted(SECRET).found(files(runtime.settings.data, "key")) == set()


def test_a_word_that_others_have_stays_to_be_found(runtime: Runtime, one: int) -> None:
    indexer = Indexer(runtime.engine, lambda: False)  # it remembers what it wrote
    other = connected(runtime, "Bia")
    folder = listed(runtime, other, "Archive")["Archive"]
    put(runtime, other, folder, [planted(1, "Zqcanary again")])
    indexer.tick()
    watch.set_privacy(runtime, one, Privacy.METADATA, "test")
    assert found(runtime, other, "again") == found(runtime, other, "zqcan") == 1
    put(runtime, other, folder, [planted(2, SECRET)])  # a word that was forgotten
    indexer.tick()
    assert found(runtime, other, SECRET[:-3]) == 1
    with reading(runtime.engine) as conn:
        held = set(conn.scalars(text("SELECT word FROM word")))
    assert {"zqcanary", "again", SECRET.lower(), "conceicao"} <= held


def test_a_run_that_began_before_keeps_to_the_new_level(
    runtime: Runtime, one: int
) -> None:
    watch.set_privacy(runtime, one, Privacy.METADATA, "test")
    folder = listed(runtime, one, "Inbox")["Inbox"]
    put(runtime, one, folder, [planted(5), planted(6)])  # as a batch that was fetched
    assert set(subjects_of(runtime, one)) == {""}
    assert identities(runtime, one)[0] == ["m1", "m2", "m3", "m4", "m5", "m6"]


@pytest.mark.parametrize("level", list(Privacy))
def test_why_a_message_cannot_be_read_may_quote_its_subject(
    runtime: Runtime, one: int, level: Privacy
) -> None:
    lower(runtime, one, level)
    copy = Copy(runtime.engine, runtime.clock, Ledger(), frozenset(), lambda _: None)
    bad = Batch((7, 8), [], [Poison(7, f"ValueError: Subject: {SECRET}")])
    inbox = copy.folder(listed(runtime, one, "Inbox")["Inbox"])
    copy.write(inbox, inbox.generation, bad, cursor_of(inbox))
    with reading(runtime.engine) as conn:
        reasons = dict(conn.execute(select(poison.c.uid, poison.c.reason)).all())
    assert reasons[8] == NOT_ANSWERED
    assert (SECRET in reasons[7]) is level.allows_subject
    assert reasons[7]


def test_what_was_begun_is_ended_by_the_worker(
    runtime: Runtime, one: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subjects, "BATCH", 2)
    lower(runtime, one, Privacy.METADATA)
    with writing(runtime.engine) as conn:
        subjects.begin(conn, one)
    with subjects.erasing(runtime.engine) as conn:
        assert subjects.erase_some(conn, one) == 2
    assert subjects_of(runtime, one).count("") == 2
    watch.finish_erasing(runtime)
    assert set(subjects_of(runtime, one)) == {""}
    with reading(runtime.engine) as conn:
        assert subjects.waiting(conn) == []


def test_raising_shows_the_subjects_of_what_is_new(runtime: Runtime, one: int) -> None:
    watch.set_privacy(runtime, one, Privacy.METADATA, "test")
    assert watch.set_privacy(runtime, one, Privacy.BODY, "test") == 0
    assert watch.privacy_of(runtime, one) is Privacy.BODY
    folder = listed(runtime, one, "Inbox")["Inbox"]
    put(runtime, one, folder, [planted(6)])
    assert subjects_of(runtime, one) == [""] * 5 + [SECRET]


def test_the_same_level_again_is_no_act(runtime: Runtime, one: int) -> None:
    for _ in range(2):
        watch.set_privacy(runtime, one, Privacy.BODY, "test")
    with reading(runtime.engine) as conn:
        assert conn.execute(select(audit)).all() == []


def test_a_reconnection_keeps_the_level(runtime: Runtime, one: int) -> None:
    watch.set_privacy(runtime, one, Privacy.METADATA, "test")
    with writing(runtime.engine) as conn:
        again = integrations.get(conn, one)
        assert again.privacy is Privacy.METADATA
        integrations.reconnect(conn, again, runtime.clock())
    assert watch.privacy_of(runtime, one) is Privacy.METADATA


def test_what_was_there_before_levels_keeps_subjects_and_shows_no_body(
    runtime: Runtime,
) -> None:
    columns = inspect(runtime.engine).get_columns("integration")
    (default,) = [c["default"] for c in columns if c["name"] == "privacy"]
    assert str(default).startswith(f"'{Privacy.SUBJECT}'")

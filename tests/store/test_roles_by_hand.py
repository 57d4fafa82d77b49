"""A role that a person chose stays, and what was read is told by it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from core import watch
from core.errors import BadInput
from core.folder_roles import settled
from core.imap.features import Features
from core.model import (
    Cursor,
    Fetched,
    Integration,
    Listed,
    Method,
    Role,
    Server,
    Status,
    Sweep,
)
from core.runtime import Runtime
from core.store import folders, rollups
from core.store.engine import reading
from core.store.known import KnownFolder, KnownMailbox
from core.store.schema import audit, folder, message, placement
from core.sync.look import is_quiet
from tests.store.building import START, connected, listed, made, put, some

FOLDERS = ("Inbox", "Sent", "Feitos", "Junk")


@pytest.fixture
def one(runtime: Runtime) -> int:
    return connected(runtime)


@pytest.fixture
def ids(runtime: Runtime, one: int) -> dict[str, int]:
    """Store folders, of which Sent and Junk are guessed by their names."""
    return listed(runtime, one, *FOLDERS)


def roles(runtime: Runtime, one: int) -> dict[str, str]:
    with reading(runtime.engine) as conn:
        return {f.name: str(f.role) for f in folders.current(conn, one)}


def told(runtime: Runtime, one: int) -> dict[str, tuple[str, str]]:
    """Give direction and aside by identity; totals equal a recount."""
    c = message.c
    with reading(runtime.engine) as conn:
        assert rollups.held(conn, one) == rollups.counted(conn, one)
        moved = select(placement.c.at).join(message).where(placement.c.at != c.at)
        assert not list(conn.scalars(moved))
        rows = conn.execute(select(c.identity, c.direction, c.aside))
        return {row[0]: (row[1], row[2]) for row in rows}


@pytest.mark.parametrize(
    ("by_hand", "after"),
    [
        ({}, "inbox sent other junk"),
        ({"Feitos": Role.SENT}, "inbox other sent junk"),
        ({"Feitos": Role.OTHER, "Junk": Role.OTHER}, "inbox sent other other"),
        ({"Inbox": Role.SENT}, "inbox sent other junk"),
        ({"Feitos": Role.SENT, "Sent": Role.JUNK}, "inbox junk sent other"),
        ({"Gone": Role.SENT}, "inbox sent other junk"),
    ],
)
def test_what_was_chosen_comes_before_guesses(
    by_hand: dict[str, Role], after: str
) -> None:
    guessed = (Role.INBOX, Role.SENT, Role.OTHER, Role.JUNK)
    found = [
        Listed(name, name, "/", role, selectable=True)
        for name, role in zip(FOLDERS, guessed, strict=True)
    ]
    assert [str(f.role) for f in settled(found, by_hand)] == after.split()


def test_it_stays_for_ever_and_is_taken_from_the_other(
    runtime: Runtime, one: int, ids: dict[str, int]
) -> None:
    watch.set_role(runtime, ids["Feitos"], Role.SENT, "Ana")
    for _ in range(2):
        assert roles(runtime, one)["Feitos"] == "sent"
        assert roles(runtime, one)["Sent"] == "other"
        listed(runtime, one, *FOLDERS)  # as a sync would
    watch.set_role(runtime, ids["Junk"], Role.SENT, "Ana")
    listed(runtime, one, *FOLDERS)
    assert roles(runtime, one)["Junk"] == "sent"
    assert roles(runtime, one)["Feitos"] == "other"
    with reading(runtime.engine) as conn:
        acts = conn.execute(select(audit.c.act, audit.c.actor, audit.c.facts)).all()
    assert [(a.act, a.actor, a.facts["role"]) for a in acts] == [
        ("folder_role", "Ana", "sent")
    ] * 2


def test_back_to_the_guess(runtime: Runtime, one: int, ids: dict[str, int]) -> None:
    watch.set_role(runtime, ids["Feitos"], Role.SENT, "Ana")
    watch.set_role(runtime, ids["Feitos"], None, "Ana")
    with reading(runtime.engine) as conn:
        by_hand = conn.scalars(select(folder.c.role_by_hand)).all()
    assert set(by_hand) == {""}
    listed(runtime, one, *FOLDERS)
    assert roles(runtime, one) == {
        "Inbox": "inbox", "Sent": "sent", "Feitos": "other", "Junk": "junk",
    }  # fmt: skip


def test_the_inbox_is_the_inbox(runtime: Runtime, ids: dict[str, int]) -> None:
    for name, role in (("Inbox", Role.SENT), ("Inbox", None), ("Junk", Role.INBOX)):
        with pytest.raises(BadInput):
            watch.set_role(runtime, ids[name], role, "Ana")


def test_what_lies_there_was_sent_and_is_not_any_more(
    runtime: Runtime, one: int, ids: dict[str, int]
) -> None:
    later = START.timestamp() * 1000 + 3_600_000
    mine = made(identity="mine", from_address="me@example.org")
    alias = made(identity="alias", from_address="sales@example.org")
    both = made(
        identity="both", written_ms=round(later) - 60_000, received_ms=round(later)
    )
    put(runtime, one, ids["Sent"], [Fetched(1, 0, both)])
    put(
        runtime,
        one,
        ids["Feitos"],
        [Fetched(n, 0, m) for n, m in ((1, mine), (2, alias), (3, both))],
    )
    before = told(runtime, one)
    assert before["alias"][0] == "received"
    watch.set_role(runtime, ids["Feitos"], Role.SENT, "Ana")
    assert {d for d, _ in told(runtime, one).values()} == {"sent"}
    watch.set_role(runtime, ids["Feitos"], Role.ARCHIVE, "Ana")
    assert told(runtime, one)["alias"][0] == "received"
    assert told(runtime, one)["mine"][0] == "sent"


def test_no_junk_after_all_and_what_was_counted_stays(
    runtime: Runtime, one: int, ids: dict[str, int]
) -> None:
    put(runtime, one, ids["Junk"], some(2, identity="junk"))
    put(runtime, one, ids["Feitos"], [Fetched(1, 0, made(identity="plain"))])
    watch.set_role(runtime, ids["Junk"], Role.TRASH, "Ana")
    assert told(runtime, one)["junk"][1] == "trash"
    watch.set_role(runtime, ids["Junk"], Role.OTHER, "Ana")
    assert told(runtime, one)["junk"][1] == "no"
    watch.set_role(runtime, ids["Feitos"], Role.JUNK, "Ana")
    assert told(runtime, one)["plain"][1] == "no"


def test_a_guess_that_changes_is_told_of_too(
    runtime: Runtime, one: int, ids: dict[str, int]
) -> None:
    """When a person takes a choice back, the sync finds the guess and tells by it."""
    put(runtime, one, ids["Junk"], some(1, identity="x"))
    watch.set_role(runtime, ids["Junk"], Role.OTHER, "Ana")
    watch.set_role(runtime, ids["Junk"], None, "Ana")
    listed(runtime, one, *FOLDERS)
    assert roles(runtime, one)["Junk"] == "junk"
    assert told(runtime, one)["x"][1] == "no"


@pytest.mark.parametrize(("by_hand", "quiet"), [(Role.SENT, True), (None, False)])
def test_a_look_at_a_mailbox_knows_what_was_chosen(
    by_hand: Role | None, quiet: bool
) -> None:
    """Else each look would find another role, and a sync would follow each time."""
    guessed = Listed("Feitos", "Feitos", "/", Role.OTHER, selectable=True)
    kept, cursor = replace(guessed, role=Role.SENT), Cursor(1, 1, 5, 9, 4)
    known = KnownFolder(1, kept, "", cursor, settled=True, by_hand=by_hand)
    server = Server("imap.example.org", 993)
    one = Integration(1, "Ana", "a@b.c", "a@b.c", Method.IMAP, server, server)
    mailbox = KnownMailbox(one, b"", {"Feitos": known}, None)
    swept = Sweep([guessed], {"Feitos": Status(1, 5, 9, 4)}, {})
    assert is_quiet(mailbox, swept, Features(condstore=True)) == quiet

"""Whatever happens to a mailbox, one run makes our copy equal to it.

The real sync and the real store, against a server in memory; histories are made by
hypothesis and broken off at any call.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, strategies as st
from sqlalchemy import Engine, func, select

from core.imap.features import Features
from core.model import (
    Acknowledgement,
    Flags,
    Integration,
    Method,
    Outcome,
    Role,
    Server,
    Trigger,
)
from core.store import integrations, rollups
from core.store.engine import open_engine, reading, writing
from core.store.schema import folder, message, metadata, placement
from core.sync import folder as folder_sync
from core.sync.run import Report, Syncer, sync
from tests.unit.mailbox_in_memory import MemoryFolder, MemoryServer, mail

NOW = datetime(2026, 6, 1, tzinfo=UTC)
FOLDERS = {"INBOX": Role.INBOX, "Sent": Role.SENT, "Junk": Role.JUNK, "Old": Role.OTHER}
ACTIONS = [
    "arrive", "arrive", "arrive and go", "flag", "expunge", "move", "copy", "recreate",
    "rename", "delete folder", "sync", "cut",
]  # fmt: skip
HISTORIES = st.lists(
    st.tuples(st.sampled_from(ACTIONS), st.integers(0, 63), st.integers(0, 63)),
    max_size=40,
)


class World:
    """A server, our copy of it, and what must be true of the two."""

    def __init__(self, features: Features) -> None:
        self.server = MemoryServer(features)
        self.server.folders_ = {n: MemoryFolder(r) for n, r in FOLDERS.items()}
        self.engine = store()
        self.integration_id = integrate(self.engine)
        self.now = NOW
        self.made = 0

    def act(self, action: str, a: int, b: int) -> None:  # noqa: C901 - a flat match
        """Let something happen on the server, or sync."""
        folders = list(self.server.folders_.values())
        here, there = folders[a % len(folders)], folders[b % len(folders)]
        uids = sorted(here.held)
        uid = uids[b % len(uids)] if uids else 0
        match action:
            case "arrive":
                self.made += 1
                here.arrive(mail(self.made), Flags(b % 32))
            case "arrive and go":
                here.uidnext += 1
                here.modseq += 1
            case "flag" if uids:
                here.flag(uid, Flags(a % 32))
            case "expunge" if uids:
                here.expunge(uid)
            case "move" if uids:
                there.arrive(here.expunge(uid))
            case "copy" if uids:
                there.arrive(here.held[uid][0], Flags(a % 32))
            case "recreate":
                here.recreate()
            case "rename" | "delete folder":
                self._change_folders(action, a, b)
            case "sync":
                self.check(self.sync())
            case "cut":
                self.sync(calls=a % 24)

    def _change_folders(self, action: str, a: int, b: int) -> None:
        names = [n for n in self.server.folders_ if n != "INBOX"]
        if names:
            gone = self.server.folders_.pop(names[a % len(names)])
            if action == "rename":
                self.server.folders_[f"New {b % 3}"] = gone

    def sync(self, calls: int = 1 << 30) -> Report:
        """Run the real sync; it may be cut off after some calls."""
        self.server.calls_left = calls
        self.now += timedelta(minutes=5)
        syncer = Syncer(self.engine, self.server.opener, "test", clock=lambda: self.now)
        return sync(syncer, self.integration_id, Trigger.COMMAND)

    def check(self, report: Report) -> None:
        """Say that our copy equals the server, and the totals equal the messages."""
        assert report.outcome is Outcome.OK, report.error
        assert held(self.engine) == self.stated()
        with reading(self.engine) as conn:
            kept = rollups.held(conn, self.integration_id)
            assert kept == rollups.counted(conn, self.integration_id)
            known = set(conn.scalars(select(message.c.identity)))
            assert conn.scalar(select(func.count()).select_from(message)) == len(known)
        there = {
            m.identity
            for f in self.server.folders_.values()
            for m, _ in f.held.values()
        }
        assert there <= known

    def stated(self) -> dict[str, dict[int, tuple[str, int]]]:
        """Give what lies on the server: folder, UID, identity and flags."""
        return {
            name: {uid: (m.identity, int(flags)) for uid, (m, flags) in f.held.items()}
            for name, f in self.server.folders_.items()
        }


def store() -> Engine:
    """Make an empty store in memory."""
    engine = open_engine("sqlite://")
    metadata.create_all(engine)
    return engine


def integrate(engine: Engine) -> int:
    """Store an integration."""
    server = Server("imap.example.org", 993)
    one = Integration(
        0, "Me", "me@example.org", "me@example.org", Method.IMAP, server, server
    )
    with writing(engine) as conn:
        return integrations.create(conn, one, Acknowledgement("1", "me", NOW), NOW)


def held(engine: Engine) -> dict[str, dict[int, tuple[str, int]]]:
    """Give our copy: folder, UID, identity and flags; the counts must agree."""
    out: dict[str, dict[int, tuple[str, int]]] = {}
    with reading(engine) as conn:
        for f in conn.execute(select(folder).where(folder.c.missing_since.is_(None))):
            rows = conn.execute(
                select(placement.c.uid, message.c.identity, placement.c.flags)
                .join(message)
                .where(
                    placement.c.folder_id == f.id,
                    placement.c.generation == f.generation,
                )
            )
            out[f.name] = {uid: (identity, flags) for uid, identity, flags in rows}
            assert f.held == len(out[f.name])
            assert f.on_server == len(out[f.name])
    return out


@pytest.mark.soak_sized
@pytest.mark.parametrize("batch", [1, 3, 1000])
@pytest.mark.parametrize(
    "features", [Features(), Features(condstore=True)], ids=["plain", "condstore"]
)
def test_one_run_is_enough(
    features: Features, batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder_sync, "BATCH", batch)

    @given(history=HISTORIES)
    def holds(history: list[tuple[str, int, int]]) -> None:
        world = World(features)
        for action, a, b in history:
            world.act(action, a, b)
        world.check(world.sync())
        again = world.sync()
        world.check(again)
        assert again.changes.added == again.changes.gone == again.changes.flagged == 0
        world.engine.dispose()

    holds()


def test_a_moved_message_is_seen_as_moved() -> None:
    world = World(Features(condstore=True))
    world.act("arrive", 0, 1)
    world.sync()
    inbox, old = world.server.folders_["INBOX"], world.server.folders_["Old"]
    old.arrive(inbox.expunge(1))
    report = world.sync()
    world.check(report)
    assert (report.changes.moved, report.changes.added, report.changes.gone) == (
        1,
        0,
        0,
    )
    with reading(world.engine) as conn:
        assert conn.scalar(select(func.count()).select_from(message)) == 1


def test_a_folder_made_anew_keeps_its_old_rows_until_the_new_ones_are_complete(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(folder_sync, "BATCH", 2)
    world = World(Features())
    inbox = world.server.folders_["INBOX"]
    for number in range(10):
        inbox.arrive(mail(number))
    world.check(world.sync())
    before = held(world.engine)
    inbox.recreate()
    calls = 0
    while world.sync(calls).outcome is not Outcome.OK:
        if inbox.uidvalidity not in _validities(world.engine):
            assert held(world.engine) == before
        calls += 1
    world.check(world.sync())
    with reading(world.engine) as conn:
        assert conn.scalar(select(func.count()).select_from(message)) == 10


def _validities(engine: Engine) -> set[int]:
    with reading(engine) as conn:
        return set(conn.scalars(select(folder.c.uidvalidity)))

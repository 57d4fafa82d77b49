"""A server in memory, our copy of it, and what must be true of the two."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, func, select

from core.errors import MailError, ServerContradicts
from core.imap.features import Features
from core.model import (
    Acknowledgement,
    Integration,
    Message,
    Method,
    Outcome,
    Role,
    Server,
    Trigger,
)
from core.store import integrations, rollups
from core.store.engine import open_engine, reading, writing
from core.store.schema import folder, message, metadata, placement, poison
from core.sync import diff
from core.sync.run import sync
from core.sync.syncer import Report, Syncer
from tests.unit.mailbox_in_memory import FOREVER, MemoryFolder, MemoryServer, mail

NOW = datetime(2026, 6, 1, tzinfo=UTC)
DAY = timedelta(days=1)
MANY = 30  # at once: enough for the guard against deletions
FOLDERS = {"INBOX": Role.INBOX, "Sent": Role.SENT, "Junk": Role.JUNK, "Old": Role.OTHER}
KINDS = {
    "plain": Features(),
    "condstore": Features(condstore=True),
    "qresync": Features(condstore=True, qresync=True),
}
HAPPENINGS = [
    "arrive", "arrive", "arrive and go", "arrive many", "flag", "expunge",
    "expunge many", "move", "copy", "recreate", "rename", "delete folder", "phantom",
    "forget", "keep no modseq", "withhold", "poison", "give",
]  # fmt: skip
RUNS = ["sync", "sync", "cut", "meanwhile", "lie", "notice", "count again", "next day"]
Action = tuple[str, int, int]
Held = dict[str, dict[int, tuple[str, int]]]


class World:
    """A server, our copy of it, and what must be true of the two."""

    def __init__(self, features: Features, *, says_uidnext: bool = True) -> None:
        self.server = MemoryServer(features, says_uidnext=says_uidnext)
        self.server.folders_ = {n: MemoryFolder(r) for n, r in FOLDERS.items()}
        self.every = list(self.server.folders_.values())
        self.engine = store()
        self.integration_id = integrate(self.engine)
        self.now = NOW
        self.made = 0

    def act(self, action: str, a: int, b: int) -> None:
        """Let something happen on the server, or sync."""
        if action in RUNS:
            self.look(action, a, b)
        else:
            self.happen(action, a, b)

    def happen(self, action: str, a: int, b: int) -> None:  # noqa: C901, PLR0912 - a flat match
        """Let something happen on the server."""
        here, there, uid = self._pick(a, b)
        match action:
            case "arrive":
                here.arrive(self._new(), b % 32)
            case "arrive many":
                for _ in range(MANY):
                    here.arrive(self._new(), b % 32)
            case "arrive and go":
                here.uidnext += 1
                here.modseq += 1
                here.vanished[here.uidnext - 1] = here.modseq
            case "flag" if uid:
                here.flag(uid, a % 32)
            case "expunge" if uid:
                here.expunge(uid)
            case "expunge many":
                for some in sorted(here.held)[b % 4 :]:
                    here.expunge(some)
            case "move" if uid:
                there.arrive(here.expunge(uid))
            case "copy" if uid:
                there.arrive(here.held[uid][0], a % 32)
            case "recreate":
                here.recreate()
            case "rename" | "delete folder":
                self._change_folders(action, a, b)
            case "phantom":
                here.phantom = not here.phantom
            case "forget":
                here.forgotten = here.modseq
            case "keep no modseq":
                here.keeps_modseq = not here.keeps_modseq
            case "withhold" if uid:
                here.withheld.add(uid)
                here.odd.add(uid)
            case "poison" if uid:
                here.poisoned.add(uid)
                here.odd.add(uid)
            case "give":
                self.give_all()

    def look(self, action: str, a: int, b: int) -> None:
        """Sync, undisturbed or not."""
        match action:
            case "sync":
                self.check(self.sync())
            case "cut":
                self.sync(calls=a % 24)
            case "meanwhile":
                happening = HAPPENINGS[b % len(HAPPENINGS)]
                self.server.meanwhile = (a % 24, lambda: self.happen(happening, b, a))
                self.sync()
                self.server.meanwhile = None
            case "lie":
                self._lie(a)
            case "notice":
                self._notice(list(self.server.folders_)[a % len(self.server.folders_)])
            case "count again":
                here, _, _ = self._pick(a, b)
                here.count_again(b % 8)
                self.check(self.sync())
            case "next day":
                self.now += DAY
                self.check(self.sync())
        self.check_rows()

    def give_all(self) -> None:
        """Withhold nothing any more."""
        for f in self.server.folders_.values():
            f.withheld, f.poisoned = set(), set()

    def _pick(self, a: int, b: int) -> tuple[MemoryFolder, MemoryFolder, int]:
        folders = list(self.server.folders_.values())
        here, there = folders[a % len(folders)], folders[b % len(folders)]
        uids = sorted(here.held)
        return here, there, uids[b % len(uids)] if uids else 0

    def _new(self) -> Message:
        self.made += 1
        return mail(self.made)

    def _change_folders(self, action: str, a: int, b: int) -> None:
        names = [n for n in self.server.folders_ if n != "INBOX"]
        if names:
            gone = self.server.folders_.pop(names[a % len(names)])
            if action == "rename":
                self.server.folders_[f"New {b % 3}"] = gone

    def _lie(self, a: int) -> None:
        """Say that a folder is empty, on one connection: it is not believed."""
        self.sync()
        name, f = list(self.server.folders_.items())[a % len(self.server.folders_)]
        before = held(self.engine).get(name, {})
        self.server.lie = f
        report = self.sync()
        self.server.lie = None
        if diff.many(len(before), len(before)) and not f.phantom:
            assert isinstance(report.error, ServerContradicts), report.error
            assert held(self.engine)[name] == before

    def _notice(self, name: str) -> None:
        """Sync one folder alone: it is equal after that, if we knew of it."""
        known = name in held(self.engine)
        report = self.sync(only={name})
        assert report.outcome is Outcome.OK, report.error
        if known and not self.server.folders_[name].phantom:
            self.check_folder(name)

    def sync(self, calls: int = FOREVER, only: Collection[str] | None = None) -> Report:
        """Run the real sync; it may be cut off after some calls."""
        self.server.calls_left = calls
        self.now += timedelta(minutes=5)
        syncer = Syncer(self.engine, self.server.opener, "test", clock=lambda: self.now)
        report = sync(syncer, self.integration_id, Trigger.COMMAND, only)
        assert report.error is None or isinstance(report.error, MailError)
        return report

    def check(self, report: Report) -> None:
        """Say that our copy equals the server, and the totals equal the messages."""
        assert report.outcome is Outcome.OK, report.error
        assert held(self.engine).keys() == self.server.folders_.keys()
        for name, f in self.server.folders_.items():
            if not f.phantom:
                self.check_folder(name)
        self.check_rows()

    def check_folder(self, name: str) -> None:
        """Say that our copy of a folder equals the server's, and so do its numbers.

        What cannot be read may be lacking, and is set aside then.
        """
        f = self.server.folders_[name]
        there = {uid: (m.identity, flags) for uid, (m, flags) in f.held.items()}
        ours = held(self.engine)[name]
        aside = there.keys() - ours.keys()
        assert ours == {uid: one for uid, one in there.items() if uid in ours}
        assert aside <= f.odd
        with reading(self.engine) as conn:
            mine = folder.c.name == name, folder.c.missing_since.is_(None)
            row = conn.execute(select(folder).where(*mine)).one()
            bad = conn.scalars(
                select(poison.c.uid).where(
                    poison.c.folder_id == row.id, poison.c.generation == row.generation
                )
            )
            assert set(bad) == aside
        assert (row.held, row.on_server) == (len(ours), len(there))

    def aside(self) -> list[int]:
        """List the UIDs that are set aside in folders that can be opened."""
        opened = [n for n, f in self.server.folders_.items() if not f.phantom]
        query = (
            select(poison.c.uid)
            .join(folder, poison.c.folder_id == folder.c.id)
            .where(
                folder.c.name.in_(opened), poison.c.generation == folder.c.generation
            )
        )
        with reading(self.engine) as conn:
            return list(conn.scalars(query))

    def check_rows(self) -> None:
        """Say that nothing is wrong or counted twice, however a run ended."""
        ever = {k: v for f in self.every for k, v in f.ever.items()}
        with reading(self.engine) as conn:
            kept = rollups.held(conn, self.integration_id)
            assert kept == rollups.counted(conn, self.integration_id)
            known = set(conn.scalars(select(message.c.identity)))
            assert conn.scalar(select(func.count()).select_from(message)) == len(known)
            lies = (
                select(folder.c.uidvalidity, placement.c.uid, message.c.identity)
                .join(message)
                .join(folder, placement.c.folder_id == folder.c.id)
                .where(placement.c.generation == folder.c.generation)
            )
            for uidvalidity, uid, identity in conn.execute(lies):
                assert ever[uidvalidity, uid] == identity


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


def held(engine: Engine) -> Held:
    """Give our copy: folder, UID, identity and flags."""
    out: Held = {}
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
    return out

"""Carry out the plan of one folder: each batch and its cursor in one transaction.

No transaction is open while we wait for a server. A run that is cut off loses
nothing: the next one goes on from the cursor.
"""

from __future__ import annotations

from collections.abc import (
    Callable,
    Collection,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection, Engine

from core.clock import Clock
from core.errors import FolderRefused
from core.imap.mailbox import Mailbox
from core.model import Changes, Cursor, Flags, Folder, Poison, Status
from core.store import folders, messages, poisons
from core.store.bulk import chunks
from core.store.engine import reading, writing
from core.store.messages import Place
from core.sync import diff
from core.sync.plan import (
    Build,
    CompareFlags,
    FetchChanged,
    FetchNew,
    Fill,
    Step,
    Swap,
    Verify,
    plan,
    unchanged,
)

BATCH = 1_000
NOT_ANSWERED = "the server lists this message and does not give it"


@dataclass(slots=True)
class Ledger:
    """What a run did so far; ids of messages tell moves from new and gone."""

    changes: Changes = field(default_factory=Changes)
    arrived: set[int] = field(default_factory=set)
    left: set[int] = field(default_factory=set)
    fetched: int = 0

    def total(self) -> Changes:
        """Add up: what left one folder and arrived in another was moved."""
        moved = len(self.arrived & self.left)
        return self.changes + Changes(moved=moved, gone=len(self.left) - moved)


@dataclass(frozen=True, slots=True)
class FolderSync:
    """One folder of one run. `guard` runs first in each transaction."""

    mailbox: Mailbox
    engine: Engine
    clock: Clock
    ledger: Ledger
    own: frozenset[str]
    guard: Callable[[Connection], None]

    def sync(self, folder: Folder) -> tuple[Step, ...]:
        """Make our copy equal to the server's; give the steps that it took."""
        if self._unchanged(folder):
            return ()
        now = self.mailbox.examine(folder.name)
        if now.uidnext == 0:  # INTEROP 35: servers without UIDNEXT
            now = replace(now, uidnext=max(self.mailbox.uids(), default=0) + 1)
        steps = plan(folder.cursor, folder.building, now, self.mailbox.features)
        for step in steps:
            self._apply(step, folder.id)
        self._close(folder.id, now)
        return steps

    def _unchanged(self, folder: Folder) -> bool:
        """Ask STATUS, where its MODSEQ can prove that nothing happened."""
        if folder.cursor is None or not self.mailbox.features.condstore:
            return False
        now = self.mailbox.status(folder.name)
        same = unchanged(folder.cursor, now, self.mailbox.features)
        if same:
            with self._transaction() as conn:
                folders.compared(conn, folder.id, now, self.clock())
        return same

    def _apply(self, step: Step, folder_id: int) -> None:
        with reading(self.engine) as conn:
            folder = folders.get(conn, folder_id)
        match step:
            case Fill(cursor):
                self._fill(folder, folder.cursor or cursor, folder.generation)
            case Build(cursor):
                self._build(folder, cursor)
            case Swap():
                self._swap(folder)
            case FetchNew(first, end):
                self._fetch_new(folder, first, end)
            case FetchChanged(since, upto):
                self._write_changed(folder, self.mailbox.flags(since, upto))
            case CompareFlags(upto):
                self._compare_flags(folder, upto)
            case Verify(stated):
                self._verify(folder, stated)

    def _fill(self, folder: Folder, cursor: Cursor, generation: int) -> None:
        wanted = [u for u in self.mailbox.uids() if u < cursor.low]
        wanted.reverse()  # newest first, so that a page has rows at once
        for some in chunks(wanted, BATCH):
            cursor = replace(cursor, low=some[-1])
            cursor = self._fetch(folder, generation, some, cursor)
        self._save(folder, generation, replace(cursor, low=1))

    def _build(self, folder: Folder, cursor: Cursor) -> None:
        generation = folder.generation + 1
        if cursor != folder.building:  # another beginning: nothing of it is held
            with self._transaction() as conn:
                messages.forget_generation(conn, folder.id, generation)
        self._fill(folder, cursor, generation)

    def _swap(self, folder: Folder) -> None:
        with self._transaction() as conn:
            gone = folders.swap(conn, folder)
        self.ledger.changes += Changes(gone=gone)

    def _fetch_new(self, folder: Folder, first: int, end: int) -> None:
        cursor = _cursor(folder)
        wanted: Iterable[int] = range(first, end)
        if end - first > BATCH:  # a gap in the UIDs may be wide: ask which exist
            wanted = [u for u in self.mailbox.uids() if first <= u < end]
        for some in chunks(wanted, BATCH):
            cursor = replace(cursor, high=some[-1] + 1)
            cursor = self._fetch(folder, folder.generation, some, cursor)
        self._save(folder, folder.generation, replace(cursor, high=end))

    def _fetch(
        self, folder: Folder, generation: int, some: Sequence[int], cursor: Cursor
    ) -> Cursor:
        """Fetch some UIDs and write them with the cursor; give it, counted."""
        batch = self.mailbox.metadata(some)
        cursor = replace(cursor, held=cursor.held + len(batch.messages))
        place = Place(
            folder.integration_id, folder.id, generation, folder.role, self.own
        )
        with self._transaction() as conn:
            placed = messages.put(conn, place, batch.messages)
            poisons.set_aside(conn, folder.id, generation, batch.poisoned, self.clock())
            self._set_cursor(conn, folder, generation, cursor)
        self.ledger.fetched += len(batch.messages)
        self.ledger.arrived |= placed.known
        self.ledger.changes += Changes(added=placed.new, poisoned=len(batch.poisoned))
        return cursor

    def _write_changed(self, folder: Folder, now: Mapping[int, Flags]) -> None:
        with self._transaction() as conn:
            known = messages.known_flags(conn, folder.id, folder.generation)
            changed = diff.changed(known, now)
            messages.set_flags(conn, folder.id, folder.generation, changed)
        self.ledger.changes += Changes(flagged=len(changed))

    def _compare_flags(self, folder: Folder, upto: int) -> None:
        now = self.mailbox.flags(0, upto)
        self._write_changed(folder, now)
        with self._transaction() as conn:
            known = messages.known_flags(conn, folder.id, folder.generation)
            below = {uid for uid in known if uid <= upto}
            self._remove(conn, folder, diff.gone(below, now.keys()))

    def _verify(self, folder: Folder, stated: int) -> None:
        cursor, generation = _cursor(folder), folder.generation
        with reading(self.engine) as conn:
            bad = poisons.poisoned(conn, folder.id, generation)
        if cursor.held + len(bad) == stated:
            return
        listed = {u for u in self.mailbox.uids() if u < cursor.high}
        with self._transaction() as conn:
            known = messages.known_flags(conn, folder.id, generation).keys()
            self._remove(conn, folder, diff.gone(known, listed))
            poisons.unpoison(conn, folder.id, generation, bad.keys() - listed)
        for some in chunks(diff.lacking(known | bad.keys(), listed), BATCH):
            self._fetch_lacking(folder, some)

    def _fetch_lacking(self, folder: Folder, some: Sequence[int]) -> None:
        """Fetch what the server lists and we lack; what it withholds is set aside."""
        with reading(self.engine) as conn:
            fresh = folders.get(conn, folder.id)
        before = _cursor(fresh).held
        after = self._fetch(fresh, fresh.generation, some, _cursor(fresh))
        if after.held - before < len(some):
            with self._transaction() as conn:
                held = messages.known_flags(conn, folder.id, folder.generation).keys()
                bad = poisons.poisoned(conn, folder.id, folder.generation).keys()
                missing = [Poison(u, NOT_ANSWERED) for u in some if u not in held | bad]
                self._set_aside(conn, folder, missing)

    def _set_aside(self, conn: Connection, folder: Folder, bad: list[Poison]) -> None:
        poisons.set_aside(conn, folder.id, folder.generation, bad, self.clock())
        self.ledger.changes += Changes(poisoned=len(bad))

    def _remove(self, conn: Connection, folder: Folder, uids: Collection[int]) -> None:
        if not uids:
            return
        ids = messages.remove(conn, folder.id, folder.generation, uids)
        self.ledger.left |= ids
        cursor = _cursor(folders.get(conn, folder.id))
        held = messages.count(conn, folder.id, folder.generation)
        folders.set_cursor(conn, folder.id, replace(cursor, held=held))

    def _close(self, folder_id: int, now: Status) -> None:
        with self._transaction() as conn:
            folder = folders.get(conn, folder_id)
            cursor = replace(_cursor(folder), modseq=now.highestmodseq)
            folders.set_cursor(conn, folder_id, cursor)
            folders.compared(conn, folder_id, now, self.clock())

    def _save(self, folder: Folder, generation: int, cursor: Cursor) -> None:
        with self._transaction() as conn:
            self._set_cursor(conn, folder, generation, cursor)

    def _set_cursor(
        self, conn: Connection, folder: Folder, generation: int, cursor: Cursor
    ) -> None:
        if generation == folder.generation:
            folders.set_cursor(conn, folder.id, cursor)
        else:
            folders.set_building(conn, folder.id, cursor)

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        with writing(self.engine) as conn:
            self.guard(conn)
            yield conn


def _cursor(folder: Folder) -> Cursor:
    if folder.cursor is None:
        raise FolderRefused("no cursor", folder=folder.title, server_says="")
    return folder.cursor

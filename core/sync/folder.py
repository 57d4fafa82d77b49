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
from datetime import timedelta

from sqlalchemy import Connection, Engine

from core.clock import Clock
from core.errors import FolderRefused, ServerContradicts
from core.imap.fetch import Batch
from core.imap.mailbox import Mailbox
from core.model import Changes, Cursor, Folder, Poison, Status
from core.store import folders, messages, poisons
from core.store.bulk import chunks
from core.store.engine import reading, writing
from core.store.messages import Place
from core.sync import diff
from core.sync.plan import (
    Build,
    CompareFlags,
    FetchChanged,
    FetchDelta,
    FetchNew,
    Fill,
    Step,
    Swap,
    Verify,
    plan,
)

FIRST_BATCH, BATCH = 250, 4_000  # messages a command and a transaction
WINDOW = 100_000  # flags compared at a time: bounds memory, whatever the folder's size
GAP = 1_000  # new UIDs that are asked for without asking first which exist
RETRY_POISON = timedelta(days=1)
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
    """One folder of one run.

    `guard` runs first in each transaction. `paused` tells that a first sync should let
    other folders have their turn. `second_look` gives a folder's numbers and UIDs over
    another connection.
    """

    mailbox: Mailbox
    engine: Engine
    clock: Clock
    ledger: Ledger
    own: frozenset[str]
    guard: Callable[[Connection], None]
    paused: Callable[[], bool]
    second_look: Callable[[str], tuple[Status, frozenset[int]]]

    def sync(self, folder: Folder, stated: Status | None) -> tuple[Step, ...]:
        """Make our copy equal to the server's; give the steps that it took.

        `stated` is what STATUS said: more messages than EXAMINE shows means that the
        server shows a part only (INTEROP 1).
        """
        now = self.mailbox.examine(folder.name)
        if now.uidnext == 0:  # INTEROP 35: servers without UIDNEXT
            now = replace(now, uidnext=max(self.mailbox.uids(), default=0) + 1)
        steps = plan(folder.cursor, folder.building, now, self.mailbox.features)
        for step in steps:
            self._apply(step, folder.id)
        self._try_poisoned_again(folder.id)
        self._close(folder, now, stated)
        return steps

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
            case FetchDelta(since, upto):
                self._fetch_delta(folder, since, upto)
            case FetchChanged(since, upto):
                self._write_changed(folder, self.mailbox.flags(upto, since).flags)
            case CompareFlags(upto):
                self._compare_flags(folder, upto)
            case Verify(stated):
                self._verify(folder, stated)

    def _fill(self, folder: Folder, cursor: Cursor, generation: int) -> None:
        wanted = [u for u in self.mailbox.uids() if u < cursor.low]
        wanted.reverse()  # newest first, so that a page has rows at once
        for batch in self.mailbox.fetch(self._until_paused(growing(wanted))):
            cursor = replace(cursor, low=batch.asked[-1])
            cursor = self._write(folder, generation, batch, cursor)
        if not wanted or cursor.low == wanted[-1]:
            self._save(folder, generation, replace(cursor, low=1))

    def _until_paused(
        self, batches: Iterable[Sequence[int]]
    ) -> Iterator[Sequence[int]]:
        """Give batches until others should have their turn; the first in any case."""
        for number, batch in enumerate(batches):
            if number and self.paused():
                return
            yield batch

    def _build(self, folder: Folder, cursor: Cursor) -> None:
        generation = folder.generation + 1
        if cursor != folder.building:  # another beginning: nothing of it is held
            with self._transaction() as conn:
                messages.forget_generation(conn, folder.id, generation)
                folders.set_building(conn, folder.id, cursor)
        self._fill(folder, cursor, generation)

    def _swap(self, folder: Folder) -> None:
        built = folder.building
        if built is None or built.low > 1:
            return  # not complete yet: the old one stays
        held = folder.cursor.held if folder.cursor else 0
        if diff.many(held - built.held, held):
            seen, uids = self.second_look(folder.name)
            if seen.uidvalidity != built.uidvalidity or len(uids) > built.held:
                raise _contradiction(folder, held - built.held)
        with self._transaction() as conn:
            gone = folders.swap(conn, folder)
        self.ledger.changes += Changes(gone=gone)

    def _fetch_new(self, folder: Folder, first: int, end: int) -> None:
        cursor = _cursor(folder)
        wanted: Sequence[int] = range(first, end)
        if end - first > GAP:  # a gap in the UIDs may be wide: ask which exist
            wanted = [u for u in self.mailbox.uids(first) if u < end]
        for batch in self.mailbox.fetch(chunks(wanted, BATCH)):
            cursor = replace(cursor, high=batch.asked[-1] + 1)
            cursor = self._write(folder, folder.generation, batch, cursor)
        self._save(folder, folder.generation, replace(cursor, high=end))

    def _write(
        self, folder: Folder, generation: int, batch: Batch, cursor: Cursor
    ) -> Cursor:
        """Write a batch with the cursor in one transaction; give it, counted."""
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

    def _fetch_delta(self, folder: Folder, since: int, upto: int) -> None:
        news = self.mailbox.flags(upto, since)
        self._write_changed(folder, news.flags)
        if news.vanished:
            with reading(self.engine) as conn:
                gone = messages.lying_within(
                    conn, folder.id, folder.generation, news.vanished
                )
            self._remove(folder, gone)

    def _write_changed(self, folder: Folder, now: Mapping[int, int]) -> None:
        with reading(self.engine) as conn:
            known = messages.flags_of(conn, folder.id, folder.generation, now.keys())
        self._write_flags(folder, known, now)

    def _write_flags(
        self, folder: Folder, known: Mapping[int, int], now: Mapping[int, int]
    ) -> None:
        changed = diff.changed(known, now)
        if not changed:
            return
        with self._transaction() as conn:
            messages.set_flags(conn, folder.id, folder.generation, changed)
        read = diff.read(known, changed)
        self.ledger.changes += Changes(read=read, flagged=len(changed) - read)

    def _compare_flags(self, folder: Folder, upto: int) -> None:
        """Compare every flag, a window of UIDs at a time; find what is gone, too."""
        gone: list[int] = []
        first = _cursor(folder).low
        while first <= upto:
            with reading(self.engine) as conn:
                end = messages.window(
                    conn, folder.id, folder.generation, first - 1, WINDOW
                )
                last = min(end or upto, upto)
                known = messages.known_flags(
                    conn, folder.id, folder.generation, first, last
                )
            now = self.mailbox.flags(last, first=first).flags
            self._write_flags(folder, known, now)
            gone += diff.gone(known.keys(), now.keys())
            first = last + 1
        self._remove(folder, gone)

    def _verify(self, folder: Folder, stated: int) -> None:
        cursor, generation = _cursor(folder), folder.generation
        if cursor.low > 1:
            return  # the first sync is not at its end
        with reading(self.engine) as conn:
            bad = poisons.poisoned(conn, folder.id, generation)
            if cursor.held + len(bad) == stated:
                return
            known = messages.known_flags(conn, folder.id, generation).keys()
        listed = {u for u in self.mailbox.uids() if u < cursor.high}
        self._remove(folder, diff.gone(known, listed))
        with self._transaction() as conn:
            poisons.unpoison(conn, folder.id, generation, bad.keys() - listed)
        self._fetch_lacking(folder, diff.lacking(known | bad.keys(), listed))

    def _fetch_lacking(self, folder: Folder, wanted: Sequence[int]) -> None:
        """Fetch what the server lists and we lack; what it withholds is set aside."""
        with reading(self.engine) as conn:
            cursor = _cursor(folders.get(conn, folder.id))
        for batch in self.mailbox.fetch(chunks(wanted, BATCH)):
            answered = {m.uid for m in batch.messages}
            withheld = [
                Poison(uid, NOT_ANSWERED)
                for uid in batch.asked
                if uid not in answered | {p.uid for p in batch.poisoned}
            ]
            whole = replace(batch, poisoned=[*batch.poisoned, *withheld])
            cursor = self._write(folder, folder.generation, whole, cursor)

    def _try_poisoned_again(self, folder_id: int) -> None:
        """Fetch once a day what could not be read (fault 31)."""
        with reading(self.engine) as conn:
            folder = folders.get(conn, folder_id)
            before = self.clock() - RETRY_POISON
            due = poisons.due(conn, folder_id, folder.generation, before)
        if not due or folder.cursor is None:
            return
        cursor = folder.cursor
        for batch in self.mailbox.fetch(chunks(due, BATCH)):
            read = {m.uid for m in batch.messages}
            again = [Poison(u, NOT_ANSWERED) for u in batch.asked if u not in read]
            named = {p.uid: p for p in [*again, *batch.poisoned]}
            with self._transaction() as conn:
                poisons.unpoison(conn, folder_id, folder.generation, read)
            told = replace(batch, poisoned=list(named.values()))
            cursor = self._write(folder, folder.generation, told, cursor)

    def _remove(self, folder: Folder, uids: Collection[int]) -> None:
        """Drop what is gone; a large share only if another connection says so too."""
        if not uids:
            return
        held = _cursor(folder).held
        if diff.many(len(uids), held):
            _, there = self.second_look(folder.name)
            if there.intersection(uids):
                raise _contradiction(folder, len(uids))
        with self._transaction() as conn:
            ids = messages.remove(conn, folder.id, folder.generation, uids)
            cursor = _cursor(folders.get(conn, folder.id))
            left = replace(cursor, held=cursor.held - len(uids))
            folders.set_cursor(conn, folder.id, left)
        self.ledger.left |= ids

    def _close(self, folder: Folder, now: Status, stated: Status | None) -> None:
        capped = stated is not None and stated.messages > now.messages
        if capped:  # unless messages went between the two commands
            again = self.mailbox.sweep([folder.name]).numbers.get(folder.name)
            capped = again is not None and again.messages > now.messages
        shown = stated if capped and stated is not None else now
        if stated is not None:
            shown = replace(shown, unseen=stated.unseen)
        with self._transaction() as conn:
            kept = folders.get(conn, folder.id).cursor
            if kept is not None:  # none while the first generation is being built
                kept = replace(kept, modseq=self._baseline(kept, now))
                folders.set_cursor(conn, folder.id, kept)
            folders.compared(conn, folder.id, shown, self.clock(), capped=capped)

    def _baseline(self, kept: Cursor, now: Status) -> int:
        """Give the modseq as of which the folder is known."""
        return now.highestmodseq if kept.uidvalidity == now.uidvalidity else kept.modseq

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


def growing(wanted: Sequence[int]) -> Iterator[Sequence[int]]:
    """Cut into batches: a small one, so that there is something to see, then larger."""
    first, size = 0, min(FIRST_BATCH, BATCH)
    while first < len(wanted):
        yield wanted[first : first + size]
        first, size = first + size, min(size * 4, BATCH)


def _cursor(folder: Folder) -> Cursor:
    if folder.cursor is None:
        raise FolderRefused("no cursor", folder=folder.title, server_says="")
    return folder.cursor


def _contradiction(folder: Folder, gone: int) -> ServerContradicts:
    return ServerContradicts(
        f"{gone} messages gone on one connection, there on another",
        folder=folder.title,
        gone=gone,
    )

"""Our copy of one folder: what is written of it, each batch with its cursor.

No transaction is open while we wait for a server, so a run that is cut off loses
nothing: the next one goes on from the cursor.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection, Engine

from core.clock import Clock
from core.errors import FolderRefused
from core.imap.fetch import Batch
from core.model import Changes, Cursor, Folder, Poison, Status
from core.store import (
    folders,
    integrations,
    mail_acts,
    messages,
    placements,
    poisons,
)
from core.store.engine import reading, writing
from core.store.placements import Place
from core.sync import diff

NOT_ANSWERED = "the server was asked for this message and does not give it"
NOT_KEPT = "it cannot be read; at this level of privacy nothing more is kept"


@dataclass(slots=True)
class Ledger:
    """What a run did so far; ids of messages tell moves from new and gone.

    `silent`: what was asked for and not answered, as (folder, generation, UID).
    """

    changes: Changes = field(default_factory=Changes)
    arrived: set[int] = field(default_factory=set)
    left: set[int] = field(default_factory=set)
    silent: set[tuple[int, int, int]] = field(default_factory=set)
    fetched: int = 0

    def total(self) -> Changes:
        """Add up: what left one folder and arrived in another was moved."""
        moved = len(self.arrived & self.left)
        gone, aside = len(self.left) - moved, len(self.silent)
        return self.changes + Changes(moved=moved, gone=gone, poisoned=aside)


@dataclass(frozen=True, slots=True)
class Copy:
    """One folder in the store. `guard` runs first in each transaction."""

    engine: Engine
    clock: Clock
    ledger: Ledger
    own: frozenset[str]
    guard: Callable[[Connection], None]

    def write(
        self, folder: Folder, generation: int, batch: Batch, cursor: Cursor
    ) -> Cursor:
        """Write a batch with the cursor in one transaction; give it, counted.

        What was not answered is set aside with it: so whatever the server has below the
        cursor is held or set aside, and equal counts prove equal contents.
        """
        cursor = replace(cursor, held=cursor.held + len(batch.messages))
        silent = _silent(batch)
        aside = [*batch.poisoned, *(Poison(uid, NOT_ANSWERED) for uid in silent)]
        with self.transaction() as conn:
            role = folders.get(conn, folder.id).role  # a person may have changed it
            place = Place(folder.integration_id, folder.id, generation, role, self.own)
            at = (folder.id, generation)
            fetched = mail_acts.over_fetched(
                conn, folder.integration_id, at, batch.messages
            )
            placed = messages.put(conn, place, fetched)
            if batch.poisoned:
                aside = _as_kept(conn, folder, aside)
            poisons.set_aside(conn, folder.id, generation, aside, self.clock())
            _set_cursor(conn, folder, generation, cursor)
        self.ledger.silent |= {(folder.id, generation, uid) for uid in silent}
        self.ledger.fetched += len(batch.messages)
        self.ledger.arrived |= placed.known
        self.ledger.changes += Changes(added=placed.new, poisoned=len(batch.poisoned))
        return cursor

    def save(self, folder: Folder, generation: int, cursor: Cursor) -> None:
        """Write the cursor of a generation."""
        with self.transaction() as conn:
            _set_cursor(conn, folder, generation, cursor)

    def begin_building(self, folder: Folder, cursor: Cursor) -> None:
        """Begin the next generation anew: nothing of it is held."""
        with self.transaction() as conn:
            placements.forget_generation(conn, folder.id, folder.generation + 1)
            folders.set_building(conn, folder.id, cursor)

    def forget_building(self, folder: Folder) -> None:
        """Give up the next generation; what is held stays."""
        with self.transaction() as conn:
            placements.forget_generation(conn, folder.id, folder.generation + 1)
            folders.set_building(conn, folder.id, None)

    def swap(self, folder: Folder) -> None:
        """Let the built generation take the place of the old one."""
        with self.transaction() as conn:
            gone = folders.swap(conn, folder)
        self.ledger.changes += Changes(gone=gone)

    def write_changed(self, folder: Folder, now: Mapping[int, int]) -> None:
        """Write the flags, as bits by UID, that differ from what is held."""
        at = (folder.id, folder.generation)
        with reading(self.engine) as conn:
            held = placements.flags_of(conn, *at, now.keys())
            known = mail_acts.told_before(conn, folder.integration_id, at, held)
        self.write_flags(folder, known, now)

    def write_flags(
        self, folder: Folder, known: Mapping[int, int], now: Mapping[int, int]
    ) -> None:
        """Write the flags of UIDs that are held and differ, under acts on their way."""
        changed = diff.changed(known, now)
        if not changed:
            return
        at = (folder.id, folder.generation)
        with self.transaction() as conn:
            shown = mail_acts.shown(conn, folder.integration_id, at, changed)
            placements.set_flags(conn, *at, shown)
        read = diff.read(known, changed)
        self.ledger.changes += Changes(read=read, flagged=len(changed) - read)

    def remove(self, folder: Folder, uids: Collection[int]) -> None:
        """Drop what is gone from the folder."""
        with self.transaction() as conn:
            ids = placements.remove(conn, folder.id, folder.generation, uids)
            cursor = cursor_of(folders.get(conn, folder.id))
            left = replace(cursor, held=cursor.held - len(uids))
            folders.set_cursor(conn, folder.id, left)
        self.ledger.left |= ids

    def unpoison(self, folder: Folder, uids: Collection[int]) -> None:
        """Forget that messages could not be read: they were read, or are gone."""
        if uids:
            with self.transaction() as conn:
                poisons.unpoison(conn, folder.id, folder.generation, uids)
            at = (folder.id, folder.generation)
            self.ledger.silent -= {(*at, uid) for uid in uids}

    def silent(self, folder: Folder) -> set[int]:
        """Give the UIDs that this run asked for in vain."""
        at = (folder.id, folder.generation)
        return {uid for *where, uid in self.ledger.silent if tuple(where) == at}

    def close(
        self, folder: Folder, now: Status, shown: Status, *, capped: bool
    ) -> None:
        """Remember as of which numbers the folder is known, and what was stated."""
        with self.transaction() as conn:
            kept = folders.get(conn, folder.id).cursor
            if kept is not None and kept.uidvalidity == now.uidvalidity:
                cursor = replace(kept, modseq=now.highestmodseq)
                folders.set_cursor(conn, folder.id, cursor)
            folders.compared(conn, folder.id, shown, self.clock(), capped=capped)

    def folder(self, folder_id: int) -> Folder:
        """Give the folder as it is kept now."""
        with reading(self.engine) as conn:
            return folders.get(conn, folder_id)

    def flags(self, folder: Folder, first: int, last: int) -> dict[int, int]:
        """Give flags, as the server told them, of what is held of [first, last]."""
        at = (folder.id, folder.generation)
        with reading(self.engine) as conn:
            held = placements.known_flags(conn, *at, first, last)
            return mail_acts.told_before(conn, folder.integration_id, at, held)

    def window(self, folder: Folder, first: int, size: int) -> int | None:
        """Give the UID that ends a window of `size` messages; None for the last."""
        at = (folder.id, folder.generation)
        with reading(self.engine) as conn:
            return placements.window(conn, *at, first - 1, size)

    def within(self, folder: Folder, ranges: Collection[tuple[int, int]]) -> list[int]:
        """List what is held within ranges of UIDs."""
        at = (folder.id, folder.generation)
        with reading(self.engine) as conn:
            return placements.lying_within(conn, *at, ranges)

    def poisoned(self, folder: Folder, before: datetime | None = None) -> set[int]:
        """Give the UIDs that were set aside; only those of before a moment."""
        at = (folder.id, folder.generation)
        with reading(self.engine) as conn:
            return poisons.poisoned(conn, *at, before)

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Give a transaction, if the integration is still ours to write."""
        with writing(self.engine) as conn:
            self.guard(conn)
            yield conn


def cursor_of(folder: Folder) -> Cursor:
    """Give the cursor of a folder that must have one."""
    if folder.cursor is None:
        raise FolderRefused("no cursor", folder=folder.title, server_says="")
    return folder.cursor


def _as_kept(conn: Connection, folder: Folder, aside: list[Poison]) -> list[Poison]:
    """Drop words about messages that may quote a subject, where none is kept."""
    if integrations.privacy_of(conn, folder.integration_id).allows_subject:
        return aside
    return [p if p.reason == NOT_ANSWERED else Poison(p.uid, NOT_KEPT) for p in aside]


def _silent(batch: Batch) -> list[int]:
    """List what was asked for and is in no answer."""
    if len(batch.messages) + len(batch.poisoned) == len(batch.asked):
        return []
    answered = {m.uid for m in batch.messages} | {p.uid for p in batch.poisoned}
    return [uid for uid in batch.asked if uid not in answered]


def _set_cursor(
    conn: Connection, folder: Folder, generation: int, cursor: Cursor
) -> None:
    if generation == folder.generation:
        folders.set_cursor(conn, folder.id, cursor)
    else:
        folders.set_building(conn, folder.id, cursor)

"""Carry out the plan of one folder: ask the server, and write what it says."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from core.errors import ServerContradicts
from core.imap.mailbox import Mailbox
from core.model import Cursor, Folder, Status
from core.store.bulk import chunks
from core.sync import diff
from core.sync.copy import Copy, cursor_of
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

FIRST_BATCH, BATCH = 250, 1_500  # messages a command and a transaction
WINDOW = 100_000  # flags compared at a time: bounds memory, whatever the folder's size
GAP = 1_000  # new UIDs that are asked for without asking first which exist
RETRY_POISON = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class FolderSync:
    """One folder of one run.

    `paused` tells that a first sync should let other folders have their turn.
    `second_look` gives a folder's numbers and UIDs over another connection.
    """

    mailbox: Mailbox
    copy: Copy
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
        steps = self._follow_plan(folder, now)
        after = self.copy.folder(folder.id)
        if after.generation != folder.generation:  # what happened while it was built
            steps += self._follow_plan(after, now)
        self._try_poisoned_again(self.copy.folder(folder.id))
        self._close(folder, now, stated)
        return steps

    def _follow_plan(self, folder: Folder, now: Status) -> tuple[Step, ...]:
        steps = plan(folder.cursor, folder.building, now, self.mailbox.features)
        for step in steps:
            self._apply(step, self.copy.folder(folder.id))
        return steps

    def _apply(self, step: Step, folder: Folder) -> None:
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
                self.copy.write_changed(folder, self.mailbox.flags(upto, since).flags)
            case CompareFlags(upto):
                self._compare_flags(folder, upto)
            case Verify(stated):
                self._verify(folder, stated)

    def _fill(self, folder: Folder, cursor: Cursor, generation: int) -> None:
        wanted = [u for u in self.mailbox.uids() if u < cursor.low]
        wanted.reverse()  # newest first, so that a page has rows at once
        batches = self._until_paused(growing(wanted))
        for batch in self.mailbox.fetch(batches, len(wanted)):
            cursor = replace(cursor, low=batch.asked[-1])
            cursor = self.copy.write(folder, generation, batch, cursor)
        if not wanted or cursor.low == wanted[-1]:
            self.copy.save(folder, generation, replace(cursor, low=1))

    def _until_paused(
        self, batches: Iterable[Sequence[int]]
    ) -> Iterator[Sequence[int]]:
        """Give batches until others should have their turn; the first in any case."""
        for number, batch in enumerate(batches):
            if number and self.paused():
                return
            yield batch

    def _build(self, folder: Folder, cursor: Cursor) -> None:
        if cursor != folder.building:
            self.copy.begin_building(folder, cursor)
        self._fill(folder, cursor, folder.generation + 1)

    def _swap(self, folder: Folder) -> None:
        built = folder.building
        if built is None or built.low > 1:
            return  # not complete yet: the old one stays
        held = folder.cursor.held if folder.cursor else 0
        if diff.many(held - built.held, held):
            seen, uids = self.second_look(folder.name)
            fewer = diff.many(held - len(uids), held)
            if seen.uidvalidity != built.uidvalidity or not fewer:
                self.copy.forget_building(folder)  # or it would be swapped in later
                raise _contradiction(folder, held - built.held)
        self.copy.swap(folder)

    def _fetch_new(self, folder: Folder, first: int, end: int) -> None:
        cursor = cursor_of(folder)
        wanted: Sequence[int] = range(first, end)
        if end - first > GAP:  # a gap in the UIDs may be wide: ask which exist
            wanted = [u for u in self.mailbox.uids(first) if u < end]
        for batch in self.mailbox.fetch(chunks(wanted, BATCH)):
            cursor = replace(cursor, high=batch.asked[-1] + 1)
            cursor = self.copy.write(folder, folder.generation, batch, cursor)
        self.copy.save(folder, folder.generation, replace(cursor, high=end))
        if silent := self.copy.silent(folder):  # there was none, or it is withheld
            self.copy.unpoison(folder, silent.difference(self.mailbox.uids(first)))

    def _fetch_delta(self, folder: Folder, since: int, upto: int) -> None:
        news = self.mailbox.flags(upto, since)
        self.copy.write_changed(folder, news.flags)
        if news.vanished:
            self._remove(folder, self.copy.within(folder, news.vanished))

    def _compare_flags(self, folder: Folder, upto: int) -> None:
        """Compare every flag, a window of UIDs at a time; find what is gone, too."""
        gone: list[int] = []
        cursor = cursor_of(folder)
        first, small = cursor.low, cursor.held <= WINDOW
        while first <= upto:
            end = None if small else self.copy.window(folder, first, WINDOW)
            last = min(end or upto, upto)
            known = self.copy.flags(folder, first, last)
            now = self.mailbox.flags(last, first=first).flags
            self.copy.write_flags(folder, known, now)
            gone += diff.gone(known.keys(), now.keys())
            first = last + 1
        self._remove(folder, gone)

    def _verify(self, folder: Folder, stated: int) -> None:
        cursor = cursor_of(folder)
        if cursor.low > 1:
            return  # the first sync is not at its end
        bad = self.copy.poisoned(folder)
        if cursor.held + len(bad) == stated:
            return
        known = self.copy.flags(folder, 1, cursor.high).keys()
        listed = {u for u in self.mailbox.uids() if u < cursor.high}
        self._remove(folder, diff.gone(known, listed))
        self.copy.unpoison(folder, bad - listed)
        self._fetch_lacking(folder, diff.lacking(known | bad, listed))

    def _fetch_lacking(self, folder: Folder, wanted: Sequence[int]) -> None:
        """Fetch what the server lists and we lack; what it withholds is set aside."""
        cursor = cursor_of(self.copy.folder(folder.id))
        for batch in self.mailbox.fetch(chunks(wanted, BATCH)):
            cursor = self.copy.write(folder, folder.generation, batch, cursor)
            self.copy.unpoison(folder, {m.uid for m in batch.messages})

    def _try_poisoned_again(self, folder: Folder) -> None:
        """Fetch once a day what could not be read (fault 31)."""
        if folder.cursor is not None:
            before = self.copy.clock() - RETRY_POISON
            due = sorted(self.copy.poisoned(folder, before))
            self._fetch_lacking(folder, due)

    def _remove(self, folder: Folder, uids: Collection[int]) -> None:
        """Drop what is gone; a large share only if another connection says so too."""
        if not uids:
            return
        if diff.many(len(uids), cursor_of(folder).held):
            _, there = self.second_look(folder.name)
            if there.intersection(uids):
                raise _contradiction(folder, len(uids))
        self.copy.remove(folder, uids)

    def _close(self, folder: Folder, now: Status, stated: Status | None) -> None:
        shown, capped = now, False
        if stated is not None:
            shown = replace(now, unseen=stated.unseen)
            if stated.messages > now.messages:  # or some went between the two commands
                again = self.mailbox.sweep([folder.name]).numbers.get(folder.name)
                capped = again is not None and again.messages > now.messages
                shown = again if capped and again is not None else shown
        self.copy.close(folder, now, shown, capped=capped)


def growing(wanted: Sequence[int]) -> Iterator[Sequence[int]]:
    """Cut into batches: a small one, so that there is something to see, then larger."""
    first, size = 0, min(FIRST_BATCH, BATCH)
    while first < len(wanted):
        yield wanted[first : first + size]
        first, size = first + size, min(size * 4, BATCH)


def _contradiction(folder: Folder, gone: int) -> ServerContradicts:
    return ServerContradicts(
        f"{gone} messages gone on one connection, there on another",
        folder=folder.title,
        gone=gone,
    )

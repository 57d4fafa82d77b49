"""Look at many mailboxes in which probably nothing happened, at the least cost.

What is known of all of them is read at once; each look is a login and a sweep. Where
the sweep proves that nothing happened, nothing more is asked, and many such looks are
written in one transaction. Where it does not, a sync follows on the same connection.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Collection
from datetime import timedelta

from core.errors import MailError
from core.folder_roles import settled
from core.imap.features import Features
from core.model import Changes, Outcome, Sweep, Trigger
from core.store import known
from core.store.engine import reading, writing
from core.store.known import KnownFolder, KnownMailbox, Look
from core.sync.access import FIELDS
from core.sync.folder import RETRY_POISON
from core.sync.plan import unchanged
from core.sync.run import sync
from core.sync.syncer import Report, Syncer

MOST_UNWRITTEN = 500


def is_quiet(mailbox: KnownMailbox, swept: Sweep, features: Features) -> bool:
    """Tell whether a sweep proves that nothing happened in a mailbox. Pure."""
    folders = mailbox.folders
    if swept.refused or folders.keys() != {f.name for f in swept.folders}:
        return False
    by_hand = {name: f.by_hand for name, f in folders.items() if f.by_hand}
    return all(
        folders[f.name].listed == f
        and (not f.selectable or _is_quiet(folders[f.name], swept, features))
        for f in (settled(swept.folders, by_hand) if by_hand else swept.folders)
    )


def _is_quiet(folder: KnownFolder, swept: Sweep, features: Features) -> bool:
    now = swept.numbers.get(folder.listed.name)
    return (
        now is not None
        and folder.settled
        and folder.cursor is not None
        and folder.mailbox_id == now.mailbox_id
        and unchanged(folder.cursor, now, features)
    )


class Looks:
    """Looks and syncs; `sync` may be called from many threads."""

    def __init__(self, syncer: Syncer) -> None:
        """Take how to sync."""
        self._syncer = syncer
        self._known: dict[int, KnownMailbox] = {}
        self._unwritten: list[Look] = []
        self._lock, self._writing = threading.Lock(), threading.Lock()

    def prepare(self, ids: Collection[int]) -> None:
        """Read at once what is known of mailboxes that are to be looked at soon."""
        due = self._syncer.clock() - RETRY_POISON
        with reading(self._syncer.engine) as conn:
            self._known.update(known.mailboxes(conn, ids, FIELDS, due))

    def sync(
        self, integration_id: int, trigger: Trigger, syncer: Syncer | None = None
    ) -> Report:
        """Look at a mailbox that was prepared, and sync if that does not settle it.

        `syncer`: how this one is to be synced, if not as all.

        Raises:
            Overtaken, Ended: as of a sync.

        """
        how = syncer or self._syncer
        mailbox = self._known.pop(integration_id, None)
        if mailbox is None:
            return sync(how, integration_id, trigger)
        began, clock, since = how.clock(), time.monotonic(), mailbox.credentials_at
        try:
            with how.opener(mailbox.integration, mailbox.sealed) as opened:
                login_ok_at = how.clock()
                swept = opened.sweep()
                if not is_quiet(mailbox, swept, opened.features):
                    return sync(
                        how, integration_id, trigger, opened=opened, as_of=since
                    )
        except MailError as error:
            return sync(how, integration_id, trigger, failed=error, as_of=since)
        ended = how.clock()
        self._note(
            Look(
                integration_id,
                trigger,
                began,
                ended,
                login_ok_at,
                ended + timedelta(seconds=how.every_s),
                tuple(f.id for f in mailbox.folders.values()),
                since,
            )
        )
        seconds = time.monotonic() - clock
        return Report(integration_id, Outcome.OK, Changes(), seconds)

    def unwritten(self) -> set[int]:
        """Give the mailboxes that were looked at and seem to be due until written."""
        with self._lock:
            return {look.integration_id for look in self._unwritten}

    def write(self) -> None:
        """Write what was looked at since the last time; one thread at a time.

        Raises:
            StoreUnavailable: nothing is lost, it is for the next time.

        """
        with self._writing:
            with self._lock:
                looks = list(self._unwritten)
            if looks:
                with writing(self._syncer.engine) as conn:
                    known.write_looks(conn, looks)
                with self._lock:
                    del self._unwritten[: len(looks)]

    def _note(self, look: Look) -> None:
        with self._lock:
            self._unwritten.append(look)
            many = len(self._unwritten) >= MOST_UNWRITTEN
        if many:
            self.write()

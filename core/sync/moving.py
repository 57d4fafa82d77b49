"""Move messages on a server, so that what is cut off can be done again.

Before the first attempt it is written down where the target ends; what came after that
and is of a message that is to be moved, an earlier attempt took there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from core.acting import Place
from core.errors import FolderRefused, ProtocolBroken, Throttled
from core.imap import changing, fetch, listing, search
from core.imap.session import Session
from core.model import Flags
from core.store import mail_acts, messages
from core.store.mail_acts import Where
from core.sync.doing import Doing, is_of_the_act

Transaction = Callable[[], AbstractContextManager[Connection]]


@dataclass(frozen=True, slots=True)
class Moving:
    """Moves over a session; `transaction` makes sure that the mailbox is ours."""

    session: Session
    transaction: Transaction

    def aim(self, doing: Doing) -> None:
        """See, before the first attempt, that there is a target, and where it ends."""
        target = doing.target
        if doing.act.target_uidvalidity:
            return
        doing.at = target.title
        now = listing.examine(self.session, target.name)
        with self.transaction() as conn:
            doing.act = mail_acts.aim(conn, doing.act, now.uidvalidity, now.uidnext)

    def arrived(self, doing: Doing) -> dict[str, list[int]]:
        """Find what came to the target since the first attempt, by identity."""
        act, target = doing.act, doing.target
        now = listing.examine(self.session, target.name)
        found: dict[str, list[int]] = defaultdict(list)
        if now.uidvalidity != act.target_uidvalidity or not now.messages:
            return found
        uids = search.uids(self.session, max(1, act.target_uidnext))
        for batch in fetch.fetch(self.session, changing.batches(self.session, uids)):
            for message in batch.messages:
                found[message.message.identity].append(message.uid)
        for place in act.places:  # what a folder before this one brought there
            for known in found.values():
                if place.to in known:
                    known.remove(place.to)
        return found

    def move(
        self,
        doing: Doing,
        where: Where,
        there: dict[int, int],
        before: dict[str, list[int]],
    ) -> None:
        """Move what is `there`, flags by UID, of the places in the open folder.

        `before`: what an earlier attempt took to the target, as `arrived` gives it.
        """
        by_uid = {p.uid: p for p in doing.places_in(where)}
        to = self._taken_before(by_uid, before)
        _note_moved(doing, where, to.keys() - there.keys(), to)
        try:
            for some in changing.batches(self.session, there):
                to |= self._take(doing, some, to)
                _note_moved(doing, where, some, to)
                with self.transaction() as conn:
                    mail_acts.note(conn, doing.act)
        except (FolderRefused, Throttled, ProtocolBroken) as error:
            if is_of_the_act(error):
                self._see_what_is_left(doing, where, there, to)
            raise

    def _take(
        self, doing: Doing, some: list[int], before: dict[int, int]
    ) -> dict[int, int]:
        """Take messages to the target, in one step where there is MOVE."""
        if self.session.features.move:
            return changing.move(self.session, some, doing.target.name)
        return self._copy_and_remove(doing, some, before)

    def _see_what_is_left(
        self, doing: Doing, where: Where, there: dict[int, int], to: dict[int, int]
    ) -> None:
        """Tell, after a refusal, what went all the same and what shows again."""
        left = changing.flags(self.session, there)
        _note_moved(doing, where, there.keys() - left.keys(), to)
        doing.told[where] = left

    def _taken_before(
        self, by_uid: dict[int, Place], copied: dict[str, list[int]]
    ) -> dict[int, int]:
        """Give the new UIDs of what an attempt before this one took to the target."""
        to = {uid: p.to for uid, p in by_uid.items() if p.done and p.to}
        if not copied:
            return to
        with self.transaction() as conn:
            known = messages.identities(conn, {p.message_id for p in by_uid.values()})
        for uid, place in sorted(by_uid.items()):
            new = copied.get(known.get(place.message_id, ""))
            if uid not in to and new:
                to[uid] = new.pop(0)
        return to

    def _copy_and_remove(
        self, doing: Doing, some: list[int], before: dict[int, int]
    ) -> dict[int, int]:
        """Move where there is no MOVE: copy what was not, mark all, expunge by UID.

        Without UIDPLUS they stay where they were, marked as deleted (RFC 4315 §1): an
        EXPUNGE without UIDs would also end what other devices marked.
        """
        to: dict[int, int] = {}
        if fresh := [uid for uid in some if uid not in before]:
            to = changing.copy(self.session, fresh, doing.target.name)
        changing.mark(self.session, some, Flags.DELETED, on=True)
        if self.session.features.uidplus:
            changing.expunge(self.session, some)
        else:
            left = doing.act.left_marked + len(some)
            doing.act = replace(doing.act, left_marked=left)
        return to


def _note_moved(
    doing: Doing, where: Where, uids: Collection[int], to: dict[int, int]
) -> None:
    by_uid = {p.uid: p for p in doing.places_in(where)}
    moved = {
        uid: replace(by_uid[uid], done=True, ours=True, to=to.get(uid, 0))
        for uid in uids
    }
    doing.change(where, moved)

"""Look for mail of which it is not known whether it was accepted, within a run.

The connection ended between the final dot and its answer (RFC 5321 §4.1.1.4). If the
mail lies in Sent, in all mail, or came back to its sender, it was accepted. If it does
not, that proves nothing, but where the provider stores a copy of whatever it accepts:
and that it does is believed only once it was seen at this very mailbox, as its owner or
an administrator may have switched it off. Then the mail is sent again, after some time
and some looks. In every other case a person settles it: never twice.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Engine

from core import log
from core.clock import Clock
from core.errors import FolderRefused, ProtocolBroken, Throttled
from core.imap import finding
from core.imap.finding import Found, Looked
from core.imap.mailbox import ImapMailbox, Mailbox
from core.imap.session import Session
from core.model import Folder, Role
from core.outgoing import CopyStage, Mail, Source
from core.store import arrived, copies, folders, integrations, outbox
from core.store.engine import reading
from core.sync.doing import is_of_the_act
from core.sync.moving import Transaction
from core.sync.sent_copies import AT_ONCE, PROVIDER

# Between two looks; the last goes on until a person settles it.
LOOKS = (
    timedelta(seconds=15),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=6),
    timedelta(days=1),
)
LOOKED_LEAST = 3  # times, before a copy that is not there means anything
SETTLED = timedelta(minutes=10)  # by then a provider has stored its copy
SOUGHT_IN = (Role.SENT, Role.ALL, Role.INBOX)


class _Seen(NamedTuple):
    """Where a mail was found."""

    role: Role
    found: Found


def look_for(
    engine: Engine,
    mailbox: Mailbox,
    transaction: Transaction,
    clock: Clock,
    integration_id: int,
) -> None:
    """Look for the uncertain mails of a mailbox that are to be looked for now.

    Raises:
        Unreachable, ProtocolBroken, Overtaken, Ended: to be gone on with later.

    """
    with reading(engine) as conn:
        every = outbox.uncertain_of(conn, integration_id)
        due = [mail for mail in every if _is_due(mail, clock())][:AT_ONCE]
        if not due or not isinstance(mailbox, ImapMailbox):
            return
        known = folders.current(conn, integration_id)
        own = arrived.own_addresses(conn, integrations.get(conn, integration_id))
        stores = copies.provider_stores(conn, integration_id, len(PROVIDER))
    session = mailbox.session
    certain = stores and session.profile.stores_sent
    _Looking(session, transaction, clock, own, certain=certain).settle(due, known)


def _is_due(mail: Mail, now: datetime) -> bool:
    """Tell whether to look: not if some have got it, and a copy proves nothing."""
    return mail.sent_at is None and (
        mail.copy_next_at is None or mail.copy_next_at <= now
    )


@dataclass(frozen=True, slots=True)
class _Looking:
    """`certain`: what is not in Sent after some time was not accepted."""

    session: Session
    transaction: Transaction
    clock: Clock
    own: frozenset[str]
    certain: bool

    def settle(self, due: Collection[Mail], known: Collection[Folder]) -> None:
        """Settle what can be; the others are looked for again later."""
        seen: dict[int, _Seen] = {}
        looked_through = False
        for folder in (f for f in known if f.role in SOUGHT_IN):
            left = [m for m in due if m.id not in seen and self._may_lie(m, folder)]
            looked = self._look(folder, left)
            looked_through |= folder.role is Role.SENT and looked.whole
            seen |= {
                mail.id: _Seen(folder.role, looked.found[mail.message_id])
                for mail in left
                if mail.message_id in looked.found
            }
        for mail in due:
            if mail.id in seen:
                self._was_sent(mail, seen[mail.id])
            else:
                self._not_found(mail, looked_through=looked_through)

    def _may_lie(self, mail: Mail, folder: Folder) -> bool:
        """Tell whether to look there: in the inbox only for mail to oneself."""
        if folder.role is not Role.INBOX:
            return True
        return any(r.address.lower() in self.own for r in mail.recipients)

    def _look(self, folder: Folder, left: Collection[Mail]) -> Looked:
        if not left:
            return Looked({}, whole=False)
        try:
            return finding.find(self.session, folder.name, [m.message_id for m in left])
        except (FolderRefused, Throttled, ProtocolBroken) as error:
            if not is_of_the_act(error):
                raise
            return Looked({}, whole=False)

    def _was_sent(self, mail: Mail, seen: _Seen) -> None:
        now = self.clock()
        at = seen.found.received_at or mail.tried_at or now
        with self.transaction() as conn:
            sent = copies.was_sent(conn, mail, at, Source.SENT_FOLDER, now)
            # In all mail without being in Sent: its owner has put it away.
            if sent is not None and seen.role is not Role.INBOX:
                copies.there(conn, sent, CopyStage.FOUND, at)
        log.logger().info("uncertain mail was sent", mail=mail.id)

    def _not_found(self, mail: Mail, *, looked_through: bool) -> None:
        now, looks = self.clock(), mail.copy_tries + 1
        long_ago = mail.tried_at is not None and now - mail.tried_at >= SETTLED
        was_refused = self.certain and looked_through and long_ago
        with self.transaction() as conn:
            if was_refused and looks >= LOOKED_LEAST:
                copies.send_again(conn, mail, now)
                log.logger().info("uncertain mail is sent again", mail=mail.id)
            else:
                wait = LOOKS[min(looks, len(LOOKS)) - 1]
                copies.put_off(conn, mail, now + wait, looks)

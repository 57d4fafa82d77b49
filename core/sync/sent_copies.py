r"""See to the copies of sent mail in Sent, within a run.

A mail that was sent is to lie in Sent once. Before anything is stored it is looked for
there by its Message-ID: the provider may have stored it, or an attempt of ours that was
cut off. Where a provider does that by itself it is given some time for it. That a copy
is about to be stored is written down first, so that an APPEND whose answer never came
is known as such: then the folder is looked through twice, with a pause, as a server may
still be at it.

The sending itself never fails by what happens here.
"""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import Engine

from core import log
from core.clock import Clock
from core.errors import (
    CopyRefused,
    CopyTooLarge,
    FolderRefused,
    MailError,
    NoSentFolder,
    ProtocolBroken,
    Throttled,
)
from core.imap import appending, finding
from core.imap.finding import Found
from core.imap.mailbox import ImapMailbox, Mailbox
from core.imap.session import Session
from core.model import Folder, Role
from core.outgoing import CopyStage, Mail
from core.refusals import code_of
from core.store import copies, folders, outbox
from core.store.engine import reading
from core.sync.doing import is_of_the_act
from core.sync.moving import Transaction

# Looks for the copy that a provider stores itself, before one of ours is stored.
PROVIDER = (timedelta(seconds=15), timedelta(minutes=1), timedelta(minutes=5))
# After an APPEND without an answer: when it is looked for first, and then once more.
CUT, CUT_AGAIN = timedelta(seconds=5), timedelta(seconds=30)
# After a refusal; where there is no folder, a day passes each time.
AGAIN = (
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=6),
    timedelta(days=1),
)
NO_FOLDER, NO_FOLDER_TRIES = timedelta(days=1), 3
AT_ONCE = finding.SEARCHED_MOST
RENEW_S = 20.0  # while a mail is on its way: the lease lasts for minutes
FINAL_CODES = {"TOOBIG"}  # RFC 4469 §4: it will be as large at the next attempt


def see_to(
    engine: Engine,
    mailbox: Mailbox,
    transaction: Transaction,
    clock: Clock,
    integration_id: int,
) -> set[str]:
    """See to the copies that are due; give the names of the folders that it touches.

    Raises:
        Unreachable, ProtocolBroken, Overtaken, Ended: to be gone on with later.

    """
    with reading(engine) as conn:
        due = outbox.copies_wanted(conn, integration_id, clock())[:AT_ONCE]
        known = folders.current(conn, integration_id) if due else []
    if not due or not known or not isinstance(mailbox, ImapMailbox):
        return set()
    sent = [one for one in known if one.role is Role.SENT]
    seeing = _Seeing(engine, mailbox.session, transaction, clock)
    return seeing.to(due, sent[0]) if sent else seeing.without_folder(due)


@dataclass(frozen=True, slots=True)
class _Seeing:
    """Copies of one mailbox, over a session; `transaction` sees that it is ours."""

    engine: Engine
    session: Session
    transaction: Transaction
    clock: Clock

    def to(self, due: Collection[Mail], sent: Folder) -> set[str]:
        touched: set[str] = set()
        try:
            found = finding.find(
                self.session, sent.name, [mail.message_id for mail in due]
            ).found
        except (FolderRefused, Throttled, ProtocolBroken) as error:
            if not is_of_the_act(error):
                raise
            for mail in due:
                tried = replace(mail, copy_tries=mail.copy_tries + 1)
                self._refused(tried, sent, error)
            return touched
        for mail in due:
            if there := found.get(mail.message_id):
                self._found(mail, there)
            elif (wait := self._wait(mail)) is not None:
                with self.transaction() as conn:
                    copies.put_off(conn, mail, self.clock() + wait[0], wait[1])
            elif self._store(mail, sent):
                touched.add(sent.name)
        return touched

    def without_folder(self, due: Collection[Mail]) -> set[str]:
        for mail in due:
            tries = mail.copy_tries + 1
            with self.transaction() as conn:
                if tries < NO_FOLDER_TRIES:
                    copies.put_off(conn, mail, self.clock() + NO_FOLDER, tries)
                else:
                    copies.give_up(conn, mail, NoSentFolder("no role sent"))
        return set()

    def _found(self, mail: Mail, there: Found) -> None:
        """Write that it is there: after an attempt of ours it is that one's."""
        ours = mail.copy is CopyStage.BEGUN
        copy = CopyStage.STORED if ours else CopyStage.FOUND
        at = there.received_at or self.clock()
        with self.transaction() as conn:
            copies.there(conn, mail, copy, at)

    def _wait(self, mail: Mail) -> tuple[timedelta, int] | None:
        """Tell for how long to wait before it is looked for again, if at all."""
        if mail.copy is CopyStage.BEGUN:
            return CUT_AGAIN, mail.copy_tries
        if self.session.profile.stores_sent and mail.copy_tries < len(PROVIDER):
            return PROVIDER[mail.copy_tries], mail.copy_tries + 1
        return None

    def _attempts(self, mail: Mail) -> int:
        """Count the attempts to store it: not the looks for a provider's copy."""
        looks = len(PROVIDER) if self.session.profile.stores_sent else 0
        return max(0, mail.copy_tries - looks)

    def _store(self, mail: Mail, sent: Folder) -> bool:
        """Store a copy; False: it was refused, and is put off or given up."""
        with self.transaction() as conn:
            content = outbox.content(conn, mail.id)
            # Each attempt was cut off; or a person settled it who has dropped it.
            hopeless = self._attempts(mail) > len(AGAIN) or not content
            if not hopeless:
                mail = copies.begin(conn, mail, self.clock() + CUT)
        if hopeless:
            self._give_up(mail, CopyRefused("cut off", server_says="", **_at(sent)))
            return False
        sent_at = mail.sent_at or self.clock()
        try:
            appending.append(
                self.session, sent.name, content, sent_at, self._still_ours()
            )
        except (FolderRefused, Throttled, ProtocolBroken) as error:
            if not is_of_the_act(error):
                raise
            self._refused(mail, sent, error)
            return False
        with self.transaction() as conn:
            copies.there(conn, mail, CopyStage.STORED, self.clock())
        return True

    def _still_ours(self) -> appending.GoingOn:
        """Give what keeps the lease while a mail is on its way, and sees that it is."""
        renewed = [time.monotonic()]

        def going_on() -> None:
            if time.monotonic() - renewed[0] > RENEW_S:
                with self.transaction():
                    renewed[0] = time.monotonic()

        return going_on

    def _refused(self, mail: Mail, sent: Folder, error: MailError) -> None:
        attempts = self._attempts(mail)
        final = isinstance(error, CopyTooLarge) or attempts > len(AGAIN)
        says = error.facts.get("server_says", "")
        if final or code_of(says) in FINAL_CODES:
            if not isinstance(error, CopyTooLarge):
                facts = {**error.facts, "server_says": says, **_at(sent)}
                error = CopyRefused(error.detail, **facts)
            self._give_up(mail, error)
            return
        with self.transaction() as conn:
            until = self.clock() + AGAIN[max(attempts - 1, 0)]
            copies.put_off(conn, mail, until, mail.copy_tries)

    def _give_up(self, mail: Mail, error: MailError) -> None:
        log.logger().warning("copy failed", mail=mail.id, code=error.code)
        with self.transaction() as conn:
            copies.give_up(conn, mail, error)


def _at(sent: Folder) -> dict[str, str]:
    return {"folder": sent.title}

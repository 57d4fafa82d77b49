"""Find out, from mail that arrives, what became of mail that was sent; within a run.

Each message is looked at once, when it has come to the store (`evidence.mark`). Its
header tells most: whether it answers a mail of ours, or is its copy in Sent. What may
be a report is fetched, as far as a report can reach; of it only a status and the words
of a server are kept. Nothing is fetched while a transaction is open; what was found and
the mark are written in one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, Engine

from core import log
from core.clock import Clock
from core.errors import MailError
from core.imap.mailbox import ImapMailbox, Mailbox
from core.letters import UNSUBSCRIBE
from core.model import Kind
from core.outgoing import CopyStage, Mail, Source, Stage, Step
from core.reports import Report
from core.store import (
    answers,
    arrived,
    blocked,
    copies,
    evidence,
    integrations,
    outbox,
    runs,
)
from core.store.arrived import Arrived
from core.store.engine import reading
from core.sync import news
from core.sync.moving import Transaction
from core.sync.news import Means
from core.sync.reported import Reading

ROWS = 1_000  # messages that are looked at in one transaction
REPORTS_MOST = 20  # of them that are fetched
BATCHES = 20  # in one go: then the folders have their turn


def follow(
    engine: Engine,
    mailbox: Mailbox,
    transaction: Transaction,
    clock: Clock,
    integration_id: int,
) -> bool:
    """Look at what has come since the last time; tell whether there is more of it.

    Raises:
        Unreachable, ProtocolBroken, Overtaken, Ended: to be gone on with later.

    """
    with reading(engine) as conn:
        upto = arrived.since(conn, integration_id)
        if upto is None:
            return False
        own = arrived.own_addresses(conn, integrations.get(conn, integration_id))
        failures = integrations.standing(conn, integration_id).failures
        is_first = not evidence.mark(conn, integration_id)
    if is_first:  # so that it is known to be behind if this is cut off
        with transaction() as conn:
            evidence.set_mark(conn, integration_id, upto)
    session = mailbox.session if isinstance(mailbox, ImapMailbox) else None
    reader = Reading(engine, session, integration_id, failures)
    following = _Following(engine, transaction, clock, integration_id, own, reader)
    for _ in range(BATCHES):
        new = following.read(upto)
        following.write(new)
        if new.broken is not None:
            raise new.broken
        if not new.more:
            return False
        upto = new.upto
    return True


@dataclass(slots=True)
class _New:
    """What has come up to an id, and the reports among it, by the id of the message.

    `named`: the ids of mails of ours, by the Message-IDs that are named.
    """

    messages: list[Arrived]
    upto: int
    more: bool
    named: Mapping[str, int]
    in_sent: Collection[int]
    reports: dict[int, Report] = field(default_factory=dict)
    broken: MailError | None = None

    def cut(self, message_id: int) -> None:
        """Leave what comes after a message for the next time."""
        self.more |= self.messages[-1].id != message_id
        self.messages = [one for one in self.messages if one.id <= message_id]
        if self.more:
            self.upto = message_id

    def mails(self, one: Arrived) -> list[int]:
        """List the mails of ours that a message answers."""
        found = map(self.named.get, news.named_by(one))
        return list(dict.fromkeys(mail_id for mail_id in found if mail_id))


@dataclass(frozen=True, slots=True)
class _Following:
    """One mailbox, and what was read of it; `transaction` sees that it is ours."""

    engine: Engine
    transaction: Transaction
    clock: Clock
    integration_id: int
    own: frozenset[str]
    reader: Reading

    def read(self, upto: int) -> _New:
        """Read what has come after an id, and the reports among it."""
        new = self._arrived(upto)
        may_be = [one for one in new.messages if self._means(one, new) is Means.REPORT]
        if len(may_be) > REPORTS_MOST:
            new.cut(may_be[REPORTS_MOST - 1].id)
        for one in may_be[:REPORTS_MOST]:
            found = self.reader.read(one.id)
            if found.report is not None:
                new.reports[one.id] = found.report
            if found.broken is not None:
                new.broken = found.broken
                new.cut(one.id)
                break
        return new

    def write(self, new: _New) -> None:
        """Write what was found, and up to where it was looked."""
        with self.transaction() as conn:
            for one in new.messages:
                match self._means(one, new):
                    case Means.COPY:
                        self._note_copy(conn, one, new)
                    case Means.REPORT:
                        self._note_report(conn, one, new)
                    case Means.ANSWER:
                        self._note_answer(conn, one, new, Step.ANSWERED)
                    case Means.UNSUBSCRIBE:
                        self._note_unsubscribed(conn, one, new)
            evidence.set_mark(conn, self.integration_id, new.upto)

    def _arrived(self, upto: int) -> _New:
        with reading(self.engine) as conn:
            messages = arrived.after(conn, self.integration_id, upto, ROWS)
            more = len(messages) == ROWS
            last = messages[-1].id if more else arrived.newest(conn)
            names = {name for one in messages for name in news.named_by(one)}
            names |= {news.own_id(one) for one in messages if one.direction == "sent"}
            named = evidence.named(conn, self.integration_id, names)
            copied = [one.id for one in messages if news.own_id(one) in named]
            in_sent = arrived.in_sent(conn, copied)
        return _New(messages, max(last, upto), more, named, in_sent)

    def _means(self, one: Arrived, new: _New) -> Means:
        names, is_copy = bool(new.mails(one)), one.id in new.in_sent
        return news.meaning(one, self.own, names=names, is_copy=is_copy)

    def _note_copy(self, conn: Connection, one: Arrived, new: _New) -> None:
        mail = outbox.get(conn, new.named[news.own_id(one)])
        if mail.sent_at is None:
            self._was_sent(conn, mail, one, Source.SENT_FOLDER)
            mail = outbox.get(conn, mail.id)
        if mail.copy in copies.THERE:
            evidence.link(conn, mail.id, Step.IN_SENT, one.id)
        elif mail.sent_at is not None:
            ours = mail.copy is CopyStage.BEGUN
            copy = CopyStage.STORED if ours else CopyStage.FOUND
            copies.there(conn, mail, copy, one.received_at, one.id)

    def _note_report(self, conn: Connection, one: Arrived, new: _New) -> None:
        report = new.reports.get(one.id)
        if report is None:
            if one.kind not in {Kind.BOUNCE, Kind.RECEIPT}:
                self._note_answer(conn, one, new, Step.AUTO_ANSWERED)
            return
        named = evidence.named(conn, self.integration_id, news.named_in(report))
        for mail_id in list(named.values())[:1] or new.mails(one)[-1:]:
            mail = outbox.get(conn, mail_id)
            self._was_sent(conn, mail, one, report.kind)
            for step in news.steps(report, mail, one):
                evidence.add(conn, mail_id, step)

    def _note_answer(
        self, conn: Connection, one: Arrived, new: _New, step: Step
    ) -> None:
        for mail_id in new.mails(one):
            mail = outbox.get(conn, mail_id)
            self._was_sent(conn, mail, one, Source.REPLY)
            evidence.add(conn, mail_id, news.answer(step, mail, one))
            if step is Step.ANSWERED:
                cancelled = answers.note(conn, mail, one.received_at)
                if cancelled:
                    log.logger().info("follow-ups cancelled", mails=cancelled)

    def _note_unsubscribed(self, conn: Connection, one: Arrived, new: _New) -> None:
        """Block who asks for it by List-Unsubscribe (RFC 2369 §3.2); else an answer."""
        who, now = one.from_address.lower(), self.clock()
        if not arrived.wrote_in_bulk(conn, self.integration_id, who):
            self._note_answer(conn, one, new, Step.ANSWERED)
        elif blocked.add(conn, who, UNSUBSCRIBE, who, now):
            facts = {"pattern": who, "reason": UNSUBSCRIBE}
            runs.record(conn, "block", who, now, self.integration_id, **facts)
            log.logger().info("recipient unsubscribed")

    def _was_sent(
        self, conn: Connection, mail: Mail, one: Arrived, source: Source
    ) -> None:
        """Settle an uncertain mail: what speaks of it can only have come of it."""
        if mail.stage is Stage.UNCERTAIN and mail.sent_at is None:
            at = mail.tried_at or one.received_at
            copies.was_sent(conn, mail, at, source, self.clock())

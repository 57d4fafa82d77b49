"""Carry out on the server what people did to messages, within a run.

The order of writes. A person's act changes what is shown and is written down, in one
transaction, whoever syncs then (`core.store.mail_acts`). The run that holds the lease
carries it out between two folders: so no other run reads old marks meanwhile and writes
them afterwards. What the server answered is written when the act is closed; where
messages were moved to, the same run finds out as it does of every other move.

A connection that ends in the middle ends the run, and leaves the act begun: the next
run does it again. Marks are the same the second time. Of a move, only what still lies
in the old folder is moved; where it is a copy and a removal, what was copied by the
first attempt is looked for among what has come to the target since then.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from sqlalchemy import Connection, Engine

from core import log
from core.acting import MailAct, Stage
from core.clock import Clock
from core.errors import (
    FolderReadOnly,
    FolderRefused,
    FolderRenumbered,
    MailError,
    MessagesGone,
    ProtocolBroken,
    Throttled,
)
from core.imap import changing
from core.imap.mailbox import ImapMailbox, Mailbox
from core.imap.session import Session
from core.model import Problem
from core.store import folders, mail_acts, runs
from core.store.engine import reading
from core.store.mail_acts import Where
from core.sync.doing import Doing, as_refusal, is_of_the_act
from core.sync.moving import Moving, Transaction

NOT_KEPT = "the folder does not keep this mark"


def carry_out(
    engine: Engine,
    mailbox: Mailbox,
    transaction: Transaction,
    clock: Clock,
    integration_id: int,
) -> set[str]:
    """Carry out what is asked for; give the names of the folders that it touches.

    What the server refuses is kept with the act, and shown as it was again.

    Raises:
        Unreachable, ProtocolBroken, Overtaken, Ended: to be gone on with later.

    """
    with reading(engine) as conn:
        asked = mail_acts.open_of(conn, integration_id)
    if not asked or not isinstance(mailbox, ImapMailbox):
        return set()
    return _Acting(mailbox.session, transaction, clock).carry_out(asked)


@dataclass(frozen=True, slots=True)
class _Acting:
    """Acts of one mailbox, over a session; `transaction` makes sure that it is ours."""

    session: Session
    transaction: Transaction
    clock: Clock

    @property
    def _moving(self) -> Moving:
        return Moving(self.session, self.transaction)

    def carry_out(self, asked: Collection[MailAct]) -> set[str]:
        """Carry acts out; give the names of the folders that they touch."""
        touched: set[str] = set()
        for one in asked:
            with self.transaction() as conn:
                act = mail_acts.begin(conn, one)
                known = folders.all_of(conn, one.integration_id)
            if act is not None:
                doing = Doing(act, known)
                touched |= _names(doing)
                self._close(doing, self._try(doing))
        return touched

    def _try(self, doing: Doing) -> FolderRefused | None:
        """Do an act, folder by folder; give what the server refused."""
        try:
            if doing.act.act.moves:
                self._moving.aim(doing)
            for where in {(p.folder_id, p.generation): 0 for p in doing.act.places}:
                self._in_folder(doing, where)
        except (FolderRefused, Throttled, ProtocolBroken) as error:
            if not is_of_the_act(error):
                raise
            return as_refusal(error, doing)
        return None

    def _in_folder(self, doing: Doing, where: Where) -> None:
        folder = doing.folders[where[0]]
        places, doing.at = doing.places_in(where), folder.title
        copied: dict[str, list[int]] = {}
        if doing.act.act.moves and doing.act.tries > 1:
            copied = self._moving.arrived(doing)
        open_now = changing.select(self.session, folder.name)
        stated = open_now.status
        cursor = folder.cursor
        # 0: the server gives none, and its UIDs last for one session.
        same = cursor is not None and cursor.uidvalidity == stated.uidvalidity != 0
        if not same or folder.generation != where[1]:
            raise FolderRenumbered("UIDVALIDITY", folder=folder.title)
        if not open_now.keeps(doing.act.act.mark[0]):
            raise FolderReadOnly(NOT_KEPT, folder=folder.title)
        there: dict[int, int] = {}
        if stated.messages:  # INTEROP 32: FETCH of an empty folder is answered with BAD
            there = changing.flags(self.session, [p.uid for p in places])
        if doing.act.act.moves:
            self._moving.move(doing, where, there, copied)
        else:
            self._mark(doing, where, there)

    def _mark(self, doing: Doing, where: Where, there: dict[int, int]) -> None:
        act = doing.act.act
        by_uid = {p.uid: p for p in doing.places_in(where)}
        differ = [uid for uid, bits in there.items() if act.shown(bits) != bits]
        kept = {
            uid: replace(by_uid[uid], ours=by_uid[uid].ours or uid in differ)
            for uid in there
        }
        doing.change(where, kept)
        with self.transaction() as conn:  # before: for who is cut off, and undone later
            mail_acts.note(conn, doing.act)
        flag, on = act.mark
        try:
            changing.mark(self.session, differ, flag, on=on)
        except (FolderRefused, Throttled, ProtocolBroken) as error:
            if is_of_the_act(error):  # some may be marked all the same
                _note_marked(doing, where, changing.flags(self.session, there))
            raise
        _note_marked(doing, where, {uid: act.shown(b) for uid, b in there.items()})

    def _close(self, doing: Doing, refusal: FolderRefused | None) -> None:
        """Write how an act ended; what was asked of gone messages is told as such."""
        done = sum(place.done for place in doing.act.places)
        if refusal is None and not done:
            refusal = MessagesGone("all", folder=doing.at)
        with self.transaction() as conn:
            close(conn, doing.act, refusal, self.clock, doing.told)


def close(
    conn: Connection,
    act: MailAct,
    error: MailError | Problem | None,
    clock: Clock,
    told: dict[Where, dict[int, int]] | None = None,
) -> None:
    """Close an act, done or failed; a failure is told in the audit log, too."""
    if isinstance(error, MailError):
        error = Problem(error.code, error.facts)
    done = sum(place.done for place in act.places)
    stage = Stage.DONE if error is None else Stage.FAILED
    ended = replace(act, stage=stage, problem=error, done=done, ended_at=clock())
    if not mail_acts.end(conn, ended, told or {}) or error is None:
        return
    log.logger().warning("act failed", act=str(act.act), code=error.code, done=done)
    facts = {"id": str(act.id), "problem": error.code, "done": str(done)}
    now, one, total = clock(), act.integration_id, str(act.total)
    runs.record(conn, f"{act.act}_failed", act.actor, now, one, total=total, **facts)


def _note_marked(doing: Doing, where: Where, now: dict[int, int]) -> None:
    """Note the flags that messages have now, and which are as they were wanted."""
    doing.told[where] = now
    by_uid = {p.uid: p for p in doing.places_in(where)}
    marked = [uid for uid, bits in now.items() if doing.act.act.shown(bits) == bits]
    doing.change(where, {uid: replace(by_uid[uid], done=True) for uid in marked})


def _names(doing: Doing) -> set[str]:
    ids = {p.folder_id for p in doing.act.places} | {doing.act.target_id}
    return {doing.folders[i].name for i in ids if i in doing.folders}

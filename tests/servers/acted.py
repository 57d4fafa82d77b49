"""A mailbox on which people act through Malote, by the names that tests like.

acted = Acted(installation, one)
acted.ask(Act.READ, "INBOX", 1, 2)     # by UID, as we hold them
acted.sync()                           # carries it out
assert acted.told().stage is Stage.DONE
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from core import mail_acts
from core.acting import Act
from core.mail_acts import Told
from core.model import Outcome
from core.store.engine import reading
from core.store.schema import audit, folder, placement
from core.sync.syncer import Report
from tests.servers.installation import Installation

ACTOR = "Ana"


@dataclass
class Acted:
    """A mailbox that is integrated, and what is done to its messages here."""

    installation: Installation
    one: int

    def folder(self, title: str) -> int:
        """Give the id of a folder."""
        with reading(self.installation.runtime.engine) as conn:
            mine = (folder.c.integration_id == self.one, folder.c.title == title)
            return int(conn.scalars(select(folder.c.id).where(*mine)).one())

    def messages(self, title: str, *uids: int) -> list[int]:
        """Give the ids of messages by folder and UID; of all, if no UID is named."""
        with reading(self.installation.runtime.engine) as conn:
            here = (
                folder.c.id == self.folder(title),
                placement.c.folder_id == folder.c.id,
                placement.c.generation == folder.c.generation,
            )
            rows = conn.execute(
                select(placement.c.uid, placement.c.message_id).where(*here)
            )
            return [row[1] for row in rows if not uids or row[0] in uids]

    def ask(self, act: Act, title: str, *uids: int, to: str = "") -> int:
        """Act on messages of a folder."""
        messages = self.messages(title, *uids)
        target = self.folder(to) if to else None
        where = (messages, act, target, self.folder(title))
        act_id = mail_acts.ask(self.installation.runtime, ACTOR, self.one, *where)
        assert act_id is not None
        return act_id

    def undo(self, act_id: int) -> list[int]:
        """Take an act back."""
        return mail_acts.undo(self.installation.runtime, ACTOR, act_id)

    def sync(self) -> Report:
        """Sync once, which carries out what was asked for."""
        return self.installation.sync(self.one)

    def do(self, act: Act, title: str, *uids: int, to: str = "") -> Told:
        """Act, and carry it out; tell how it ended."""
        act_id = self.ask(act, title, *uids, to=to)
        report = self.sync()
        assert report.outcome is Outcome.OK, report.error
        return self.told(act_id)

    def told(self, act_id: int) -> Told:
        """Tell of an act as people are told of it."""
        every = mail_acts.acts_of(self.installation.runtime, self.one)
        return next(told for told in every if told.id == act_id)

    def flags(self, title: str) -> dict[int, set[str]]:
        """Give the flags that are shown in a folder, by UID."""
        held = self.installation.held(self.one).get(title, {})
        return {uid: set(row[0]) for uid, row in held.items()}

    def uids(self, title: str) -> list[int]:
        """Give the UIDs that are shown in a folder: not what is on its way out."""
        shown = self.flags(title).items()
        return sorted(uid for uid, flags in shown if r"\Deleted" not in flags)

    def audited(self) -> list[str]:
        """List what the audit log holds of acts on messages."""
        with reading(self.installation.runtime.engine) as conn:
            rows = conn.scalars(select(audit.c.act).order_by(audit.c.id))
            return [
                act
                for act in rows
                if act.startswith(("messages_", "undo_")) or "_failed" in act
            ]

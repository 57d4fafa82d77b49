"""The demo's folders as pymap keeps them, with names and numbers that last.

pymap 0.36's own folders (`pymap.backend.dict`) choose UIDVALIDITY and the object ids
of RFC 8474 at random at each start, and state no special use (RFC 6154).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

from pymap.backend.dict.mailbox import MailboxData, MailboxSet, Message
from pymap.flags import FlagOp
from pymap.interfaces.message import CachedMessage
from pymap.listtree import ListEntry, ListTree
from pymap.mime import MessageContent
from pymap.parsing.message import AppendMessage
from pymap.parsing.specials import FetchRequirement, ObjectId
from pymap.parsing.specials.flag import Flag

from core.demo.folders import FOLDERS, INBOX, SPECIAL_USE, DemoMail
from core.demo.journal import Change, Journal

ID = re.compile(rb"<[^<>\s]+>")
ROOTS = (b"references", b"in-reply-to", b"message-id")  # the first to name an id


class Box(MailboxData):
    """A folder that writes into a journal what happens to its messages."""

    def __init__(self, name: str, uidvalidity: int) -> None:
        """Make it, empty; nothing is written down before `follow`."""
        ids: Any = _EmailIds()
        threads: Any = _ThreadIds()
        super().__init__(ids, threads)
        self.name = name
        self._mailbox_id = ObjectId.new_mailbox_id(_digest(f"{uidvalidity} {name}"))
        self._uid_validity = uidvalidity
        self._max_uid = 0
        self._journal: Journal | None = None

    @property
    def last_uid(self) -> int:
        """Give the highest UID that was ever given out here."""
        return self._max_uid

    def follow(self, journal: Journal) -> None:
        """Write everything that happens from now on into a journal."""
        self._journal = journal

    async def put(self, mail: DemoMail) -> None:
        """Add a message."""
        flags = frozenset(Flag(name.encode()) for name in mail.flags)
        await self.append(AppendMessage(mail.raw, mail.received_at, flags))

    async def restore(self, change: Change) -> None:
        """Make a change of the journal again."""
        if change.mail is not None:
            self._max_uid = change.uid - 1
            await self.put(change.mail)
        elif change.flags is None:
            self._messages.pop(change.uid, None)
        elif (message := self._messages.get(change.uid)) is not None:
            named = frozenset(Flag(name.encode()) for name in change.flags)
            message.permanent_flags = named

    async def append(
        self, append_msg: AppendMessage, *, recent: bool = False
    ) -> Message:
        """Add a message (pymap 0.36 takes naive local time where no date is given)."""
        dated = replace(append_msg, when=append_msg.when or datetime.now(UTC))
        message = await super().append(dated, recent=recent)
        await self._note_new(message.uid)
        return message

    async def copy(
        self, uid: int, destination: MailboxData, *, recent: bool = False
    ) -> int | None:
        """Copy a message."""
        new_uid = await super().copy(uid, destination, recent=recent)
        if new_uid is not None and isinstance(destination, Box):
            await destination._note_new(new_uid)  # noqa: SLF001 - one of us
        return new_uid

    async def move(
        self, uid: int, destination: MailboxData, *, recent: bool = False
    ) -> int | None:
        """Move a message."""
        new_uid = await super().move(uid, destination, recent=recent)
        if new_uid is not None:
            self._note(Change(self.name, uid))
            if isinstance(destination, Box):
                await destination._note_new(new_uid)  # noqa: SLF001 - one of us
        return new_uid

    async def update(
        self,
        uid: int,
        cached_msg: CachedMessage,
        flag_set: frozenset[Flag],
        mode: FlagOp,
    ) -> Message:
        """Change the flags of a message."""
        message = await super().update(uid, cached_msg, flag_set, mode)
        if not message.expunged:
            self._note(Change(self.name, uid, _names(message)))
        return message

    async def delete(self, uids: Iterable[int]) -> None:
        """Expunge messages."""
        gone = [uid for uid in uids if uid in self._messages]
        await super().delete(gone)
        for uid in gone:
            self._note(Change(self.name, uid))

    async def _note_new(self, uid: int) -> None:
        if self._journal is None:
            return
        message, flags = self._messages[uid], _names(self._messages[uid])
        raw = bytes(await message.load_content(FetchRequirement.CONTENT))
        mail = DemoMail(self.name, flags, message.internal_date, raw)
        self._note(Change(self.name, uid, flags, mail))

    def _note(self, change: Change) -> None:
        if self._journal is not None:
            self._journal.note(change)


class Boxes(MailboxSet):
    """All folders; those that a client makes are forgotten at the end."""

    def __init__(self, uidvalidity: int) -> None:
        """Make the demo's folders, empty, with `uidvalidity` and the numbers after."""
        super().__init__()
        self.ours = {
            name: Box(name, uidvalidity + place) for place, name in enumerate(FOLDERS)
        }
        self._inbox = self.ours[INBOX]
        self._set = {name: box for name, box in self.ours.items() if name != INBOX}
        self._subscribed = dict.fromkeys(FOLDERS, True)

    async def list_mailboxes(self) -> ListTree:
        """List the folders and what they are for."""
        return _Tree(self.delimiter).update(INBOX, *self._set)


class _Tree(ListTree):
    __slots__: list[str] = []

    def list(self) -> Iterable[ListEntry]:
        for entry in super().list():
            yield _Entry(entry.name, entry.exists, entry.marked, entry.has_children)


class _Entry(ListEntry):
    @property
    def attributes(self) -> list[bytes]:
        use = SPECIAL_USE.get(self.name, "")
        return [*super().attributes, *([use.encode()] if use else [])]


class _EmailIds:
    """Name messages by their bytes: copies share an EMAILID (RFC 8474 §5.1)."""

    def add(self, content: MessageContent) -> ObjectId:
        return ObjectId.new_email_id(_digest(bytes(content)))


class _ThreadIds:
    """Name conversations by the message that began them (RFC 8474 §5.2)."""

    def add(self, content: MessageContent) -> ObjectId:
        found = {
            name: ids
            for name, value in content.header.folded
            if name in ROOTS and (ids := ID.findall(bytes(value)))
        }
        root = next((found[name][0] for name in ROOTS if name in found), bytes(content))
        return ObjectId.new_thread_id(_digest(root))


def _names(message: Message) -> frozenset[str]:
    return frozenset(bytes(flag).decode() for flag in message.permanent_flags)


def _digest(of: str | bytes) -> bytes:
    raw = of.encode() if isinstance(of, str) else of
    return blake2b(raw, digest_size=16).digest()

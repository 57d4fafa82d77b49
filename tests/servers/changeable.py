r"""A scripted mailbox that can be changed: STORE, COPY, MOVE and EXPUNGE by UID.

    box = ChangeableMailbox({"INBOX": 3, "Trash": 0}, "IMAP4rev1 UIDPLUS")
    box.cut_after(rb"UID COPY")        # once: it is done, and nobody is told

What it has done stays done, whatever `answers` says of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, field

from tests.servers.steps import Close, Lines
from tests.servers.table import OK, Box, Mail, ScriptedMailbox

TO = re.compile(rb'UID (?:COPY|MOVE) \S+ "([^"]*)"', re.IGNORECASE)


@dataclass
class ChangeableMailbox(ScriptedMailbox):
    """Folders with messages that others may mark and move."""

    bare_expunges: int = 0
    read_only: set[str] = field(default_factory=set)

    def cut_after(self, pattern: bytes) -> None:
        """Do the next command of that kind, and hang up without an answer."""
        self._once(pattern, lambda command: (self.usual(command), [Close()])[1])

    def cut_before(self, pattern: bytes) -> None:
        """End the connection at the next command of that kind."""
        self._once(pattern, lambda _: [Close()])

    def _once(self, pattern: bytes, answer: Callable[[bytes], Lines]) -> None:
        def play(command: bytes) -> Lines:
            del self.answers[pattern]
            return answer(command)

        self.answers[pattern] = play

    def there(self, name: str) -> list[str]:
        """List the Message-IDs of a folder, without what is marked as deleted."""
        mails = self.boxes[name].mails
        return sorted(m.message_id for m in mails if r"\Deleted" not in m.flags)

    @property
    def _table(self) -> dict[bytes, Callable[[bytes], list[bytes]]]:
        return {
            rb"SELECT ": self._select,
            rb"UID STORE": self._store,
            rb"UID COPY": self._copy,
            rb"UID MOVE": self._move,
            rb"UID EXPUNGE": self._expunge,
            rb"EXPUNGE": self._expunge_all,
            **super()._table,
        }

    def _select(self, command: bytes) -> list[bytes]:
        lines = self._examine(command)
        if self.opened in self.read_only or not lines[-1].startswith(b"{tag} OK"):
            return lines
        return [*lines[:-1], b"{tag} OK [READ-WRITE] opened"]

    def _store(self, command: bytes) -> list[bytes]:
        found = re.search(rb"([+-])FLAGS.SILENT \((\S+)\)", command)
        assert found, command
        box, name = self.boxes[self.opened], found[2].decode()
        box.modseq += 1
        for _, mail in self.chosen(_as_search(command)):
            left = [flag for flag in mail.flags.split() if flag != name]
            mail.flags = " ".join([*left, name] if found[1] == b"+" else left)
            mail.modseq = box.modseq
        return [OK]

    def _copy(self, command: bytes) -> list[bytes]:
        told = self._copied(command)
        return [b"{tag} OK %s done" % told if told else OK]

    def _move(self, command: bytes) -> list[bytes]:
        box = self.boxes[self.opened]
        moved = [mail for _, mail in self.chosen(_as_search(command))]
        told = self._copied(command)
        box.modseq += 1
        numbers = self.taken(box, moved)
        return [*([b"* OK " + told] if told else []), *numbers, OK]

    def _copied(self, command: bytes) -> bytes:
        found = TO.match(command)
        assert found, command
        target = self.boxes[found[1].decode()]
        old: list[int] = []
        new: list[int] = []
        for _, mail in self.chosen(_as_search(command)):
            made: Mail = copy(mail)
            target.modseq += 1
            made.modseq, made.original = target.modseq, mail.original or mail.uid
            made.uid = target.uidnext
            target.mails.append(made)
            old.append(mail.uid)
            new.append(made.uid)
        if not self.has("UIDPLUS") or not old:
            return b""
        return b"[COPYUID %d %s %s]" % (target.uidvalidity, _set(old), _set(new))

    def _expunge(self, command: bytes) -> list[bytes]:
        box = self.boxes[self.opened]
        named = [m for _, m in self.chosen(_as_search(command))]
        return [*self.taken(box, [m for m in named if r"\Deleted" in m.flags]), OK]

    def _expunge_all(self, _command: bytes) -> list[bytes]:
        self.bare_expunges += 1
        box = self.boxes[self.opened]
        return [*self.taken(box, [m for m in box.mails if r"\Deleted" in m.flags]), OK]

    @staticmethod
    def taken(box: Box, mails: list[Mail]) -> list[bytes]:
        """Take messages out of a folder; give what is said of it."""
        lines: list[bytes] = []
        for mail in mails:
            number, uidnext = box.mails.index(mail) + 1, box.uidnext
            lines.append(b"* %d EXPUNGE" % number)
            box.mails.remove(mail)
            box.gap += uidnext - box.uidnext  # a UID is never used twice
        return lines


def _as_search(command: bytes) -> bytes:
    """Name the same UIDs as a search would: `chosen` reads that."""
    found = re.match(rb"UID \w+ ([\d:,*]+)", command, re.IGNORECASE)
    assert found, command
    return b"UID SEARCH UID " + found[1]


def _set(uids: list[int]) -> bytes:
    return b",".join(b"%d" % uid for uid in uids)

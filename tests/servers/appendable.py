r"""A scripted mailbox in which messages can be stored, and looked for by Message-ID.

box = AppendableMailbox({"INBOX": 1, "Sent": 0})
box.refuses = b"NO [OVERQUOTA] full"
box.cuts = True                       # once: it is stored, and nobody is told
"""

from __future__ import annotations

import email
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from tests.servers.changeable import ChangeableMailbox
from tests.servers.steps import Close, Lines, Take
from tests.servers.table import Mail

APPEND = re.compile(rb'APPEND "([^"]*)" \(([^)]*)\) "([^"]*)" \{(\d+)\}')
SOUGHT = re.compile(rb'HEADER MESSAGE-ID "([^"]*)"', re.IGNORECASE)
OK = b"{tag} OK done"


@dataclass
class Stored(Mail):
    """A message as it was stored."""

    raw: bytes = b""

    @property
    def message_id(self) -> str:
        """Its own Message-ID."""
        return str(email.message_from_bytes(self.raw)["Message-ID"])

    @property
    def header(self) -> bytes:
        """Its own header."""
        return self.raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"


@dataclass
class AppendableMailbox(ChangeableMailbox):
    """Folders into which messages may be stored; `appends` counts the attempts."""

    refuses: bytes = b""  # before the message is on its way
    refuses_late: bytes = b""  # after it has come
    cuts: bool = False
    appends: int = 0
    dates: list[bytes] = field(default_factory=list)

    def _answer(self, command: bytes) -> Lines:
        found = APPEND.match(command)
        if found is None:
            return super()._answer(command)
        self.appends += 1
        if self.refuses:
            return [b"{tag} " + self.refuses]
        self.dates.append(found[3])

        def store(raw: bytes) -> None:
            if not self.refuses_late:
                self.put(found[1].decode(), raw, found[2].decode())

        if self.cuts:
            self.cuts = False
            return [b"+ go ahead", Take(int(found[4]), store), Close()]
        last = b"{tag} " + self.refuses_late if self.refuses_late else OK
        return [b"+ go ahead", Take(int(found[4]), store), last]

    def put(self, folder: str, raw: bytes, flags: str = "") -> Mail:
        """Let a message lie in a folder."""
        box = self.boxes[folder]
        box.modseq += 1
        made = Stored(
            box.uidnext, flags=flags, size=len(raw), modseq=box.modseq, raw=raw
        )
        made.at = datetime.now(UTC)
        box.mails.append(made)
        return made

    @property
    def _table(self) -> dict[bytes, Callable[[bytes], list[bytes]]]:
        return {rb"UID SEARCH .*HEADER": self._sought, **super()._table}

    def _sought(self, command: bytes) -> list[bytes]:
        found = SOUGHT.search(command)
        assert found, command
        mails = self.boxes[self.opened].mails
        uids = [m.uid for m in mails if m.message_id == found[1].decode()]
        return [b"* SEARCH" + b"".join(b" %d" % uid for uid in uids), OK]

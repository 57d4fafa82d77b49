"""Change what lies in a mailbox: marks, and where messages lie.

The only commands of ours that change anything: every other conversation opens folders
by EXAMINE. Messages are named by UID (RFC 9051 §6.4.9), never by number, and nothing is
expunged but what is named: a bare EXPUNGE would also take what others marked.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from core.errors import FolderReadOnly, ProtocolBroken
from core.imap.bulk import FlagReader
from core.imap.fetch import most_at_once, uid_set
from core.imap.lines import quote
from core.imap.listing import opened
from core.imap.responses import UID_MAX, Reader, read_ranges
from core.imap.session import Session
from core.model import Flags, Status

AT_ONCE = 500  # UIDs of one command: a longer line is refused by some servers
READ_ONLY = re.compile(r"\[READ-ONLY\]", re.IGNORECASE)
KEPT = re.compile(rb"\* OK \[PERMANENTFLAGS \(([^)]*)\)\]", re.IGNORECASE)
# RFC 4315 §3: in the line that ends COPY; RFC 6851 §4.3: before that, for MOVE.
COPIED = re.compile(
    rb"\[COPYUID (\d{1,10}) ([\d:,]{1,200000}) ([\d:,]{1,200000})\]", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Open:
    """A folder that is open for changes: its numbers, and the marks that it keeps.

    `kept` is None where the server does not say: then all are (RFC 9051 §7.1).
    """

    status: Status
    kept: frozenset[bytes] | None

    def keeps(self, flag: Flags) -> bool:
        """Tell whether a mark stays when the connection ends."""
        return self.kept is None or _name(flag).lower().encode() in self.kept


def select(session: Session, folder: str) -> Open:
    """Open a folder for changes (RFC 9051 §6.3.2).

    Raises:
        FolderReadOnly: the server opened it, for reading only.

    """
    session.enable()
    reader = Reader(session.begin(f"SELECT {quote(folder)}"))
    said = session.read(reader, "SELECT")
    if READ_ONLY.search(said):
        raise FolderReadOnly(said, folder=folder)
    kept = [found[1] for line in reader.said if (found := KEPT.match(line))]
    names = frozenset(kept[-1].lower().split()) if kept else None
    return Open(opened(reader.said, session.server.host), names)


def flags(session: Session, uids: Collection[int]) -> dict[int, int]:
    """Give the flags, as bits, of those of some UIDs that the open folder holds."""
    found: dict[int, int] = {}
    for some in batches(session, uids):
        command = f"UID FETCH {uid_set(some)} (UID FLAGS)"
        reader = FlagReader(session.begin(command), min(some), max(some))
        session.read(reader, "UID FETCH")
        found |= reader.flags
    return {uid: bits for uid, bits in found.items() if uid in set(uids)}


def mark(session: Session, uids: Iterable[int], flag: Flags, *, on: bool) -> None:
    """Set or take away one mark (RFC 9051 §6.4.6)."""
    for some in batches(session, uids):
        change = f"{'+' if on else '-'}FLAGS.SILENT ({_name(flag)})"
        _done(session, f"UID STORE {uid_set(some)} {change}")


def move(session: Session, uids: Collection[int], to: str) -> dict[int, int]:
    """Move messages in one step (RFC 6851); give their new UIDs, where that is told.

    Of a command that is refused or cut off, each message was moved or was not: what is
    left in the open folder tells.
    """
    return _copied(_done(session, f"UID MOVE {uid_set(uids)} {quote(to)}"))


def copy(session: Session, uids: Collection[int], to: str) -> dict[int, int]:
    """Copy messages, all or none (RFC 9051 §6.4.7); give their new UIDs, if told."""
    return _copied(_done(session, f"UID COPY {uid_set(uids)} {quote(to)}"))


def expunge(session: Session, uids: Collection[int]) -> None:
    """Expunge those of some UIDs that are marked as deleted (RFC 4315 §2.1)."""
    _done(session, f"UID EXPUNGE {uid_set(uids)}")


def batches(session: Session, uids: Iterable[int]) -> list[list[int]]:
    """Cut into what one command may name, ascending."""
    listed, most = sorted(uids), min(AT_ONCE, most_at_once(session))
    return [listed[first : first + most] for first in range(0, len(listed), most)]


def _done(session: Session, command: str) -> list[bytes]:
    """Send a command; give the lines that answered it, the tagged one last."""
    reader = Reader(session.begin(command))
    session.read(reader, " ".join(command.split()[:2]))
    return [*reader.said, reader.tagged]


def _copied(lines: Iterable[bytes]) -> dict[int, int]:
    """Read COPYUID: the new UID of each. One that makes no sense tells nothing."""
    found: dict[int, int] = {}
    for told in filter(None, map(COPIED.search, lines)):
        try:
            old, new = read_ranges(told[2]), read_ranges(told[3])
        except ProtocolBroken:
            continue
        if _size(old) == _size(new) <= AT_ONCE:
            found.update(zip(_each(old), _each(new), strict=True))
    return found


def _size(ranges: Iterable[tuple[int, int]]) -> int:
    return min(sum(last - first + 1 for first, last in ranges), UID_MAX)


def _each(ranges: Iterable[tuple[int, int]]) -> list[int]:
    return [uid for first, last in ranges for uid in range(first, last + 1)]


def _name(flag: Flags) -> str:
    return f"\\{(flag.name or '').title()}"

"""Ask for the folders of a mailbox and for the numbers of each.

EXAMINE only (THREATS T11); numbers are checked before they are believed (T9).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import NamedTuple

from core import log, refusals
from core.errors import (
    FolderRefused,
    MailError,
    ProtocolBroken,
    ServerUnavailable,
    SessionRefused,
    Throttled,
)
from core.imap.lines import Found, Said, key, listed, quote, status as status_line
from core.imap.responses import Part
from core.imap.roles import assign
from core.imap.session import Answer, Session
from core.model import Listed, Role, Status, Sweep

NUMBER_MAX = 2**32 - 1
MODSEQ_MAX = 2**63 - 1  # RFC 7162 §3.1.1
FOLDERS_MAX = 50_000
LEVELS_MAX = 30
PLAIN_ITEMS = "MESSAGES UIDNEXT UIDVALIDITY UNSEEN"
INBOX = "INBOX"
CODE = re.compile(
    rb"\* OK \[(?:(UIDVALIDITY|UIDNEXT|HIGHESTMODSEQ) (\d{1,20})"
    rb"|MAILBOXID \(([^()\s]{1,255})\))\]",
    re.IGNORECASE,
)
NOT_STICKY = re.compile(rb"\* (?:OK|NO) \[UIDNOTSTICKY\]", re.IGNORECASE)
EXISTS = re.compile(rb"\* (\d{1,20}) EXISTS", re.IGNORECASE)


class _Told(NamedTuple):
    """What the server said of folders, by their keys: numbers, or the code of a no."""

    numbers: dict[str, Status]
    refused: dict[str, str]

    def lacks(self, folder: str, selectable: Collection[str]) -> bool:
        """Tell whether a folder is there and nothing was said of it yet."""
        told = folder in self.numbers or folder in self.refused
        return folder in selectable and not told


def sweep(session: Session, names: Collection[str] | None = None) -> Sweep:
    """Find all folders and their numbers, in one round trip where LIST-STATUS is.

    `names`: ask for the numbers of these only. A folder that is in neither `numbers`
    nor `refused` was not asked for, or the server gave no numbers: EXAMINE will tell.

    Raises:
        ProtocolBroken: there are no folders at all, not even at a second look.
        Throttled, SessionRefused: of the whole mailbox, not of one folder.

    """
    told = _Told({}, {})
    by_level = session.profile.list_by_level
    if names is None and session.features.list_status and not by_level:
        found = _list_with_status(session, told)
    else:
        found = folders(session)
    selectable = {key(f.name): f.name for f in found if f.selectable}
    asked = selectable.keys() if names is None else dict.fromkeys(map(key, names))
    _ask(session, [selectable[k] for k in asked if told.lacks(k, selectable)], told)
    numbers = {selectable[k]: v for k, v in told.numbers.items() if k in selectable}
    refused = {selectable[k]: v for k, v in told.refused.items() if k in selectable}
    return Sweep(found, numbers, refused)


def folders(session: Session) -> list[Listed]:
    """LIST every folder, with its role; broken names are kept as they came.

    Raises:
        ProtocolBroken: there are no folders, so nothing can be followed.
        SessionRefused, ImapDisabled: the mailbox does not open (INTEROP 17, 25).

    """
    for _ in range(2):  # INTEROP 24: the list is empty at times
        found = _by_level(session) if session.profile.list_by_level else _all(session)
        if found:
            return _roles(found)
    raise ProtocolBroken("LIST shows no folder", host=session.server.host)


def status(session: Session, folder: str) -> Status:
    """Ask for the numbers of a folder without opening it (RFC 9051 §6.3.11).

    Raises:
        FolderRefused: it is gone or may not be read.

    """
    for parts in list(session.exchange(f"STATUS {quote(folder)} ({_items(session)})")):
        said = status_line(parts)
        # THREATS, fault 43: not of another folder, not without the count.
        if said and key(said.name) == key(folder) and b"MESSAGES" in said.numbers:
            return _of(said)
    raise FolderRefused("no STATUS", folder=folder, server_says="")


def examine(session: Session, folder: str) -> Status:
    """Open a folder for reading only and give its numbers (RFC 9051 §6.3.3).

    By SELECT where nothing else gives the true UIDVALIDITY (INTEROP 28).
    """
    session.enable()
    verb = "SELECT" if session.profile.select_not_examine else "EXAMINE"
    answer = session.exchange(f"{verb} {quote(folder)}")
    lines = (p[0] if isinstance(p[0], bytes) else p[0][0] for p in answer)
    return opened(lines, session.server.host)


def opened(lines: Iterable[bytes], host: str) -> Status:
    """Read what the server says of a folder when it is opened."""
    numbers: dict[bytes, int] = {}
    mailbox_id, exists = "", -1
    for line in lines:
        if found := CODE.match(line):
            if found[1]:
                numbers[found[1].upper()] = int(found[2])
            else:
                mailbox_id = found[3].decode("latin-1")
        elif found := EXISTS.match(line):
            exists = max(exists, int(found[1]))  # INTEROP 31: several lines
        elif NOT_STICKY.match(line):  # RFC 9051 §7.1: UIDs last for one session
            numbers[b"UIDNOTSTICKY"] = 1
    if exists < 0:
        raise ProtocolBroken("no EXISTS", host=host)
    if b"UIDNOTSTICKY" in numbers:
        numbers[b"UIDVALIDITY"] = 0
    return _status(numbers, exists, mailbox_id)


def _returning(session: Session, status: str = "") -> str:
    """Say what LIST is to tell: Dovecot 2.4 gives nothing else (INTEROP 30)."""
    if not session.features.list_extended:
        return ""
    use = "SPECIAL-USE " if session.features.special_use else ""
    return f" RETURN ({use}CHILDREN{status})"


def _list_with_status(session: Session, told: _Told) -> list[Listed]:
    """LIST with STATUS (RFC 5819 §2); plain LIST where that is not understood."""
    returning = _returning(session, f" STATUS ({_items(session)})")
    (answer,) = session.pipelined([f'LIST "" "*"{returning}'])
    if isinstance(answer.refusal, ProtocolBroken):
        session.without("LIST-STATUS")
    elif answer.refusal is not None:
        _raise_if_of_all(answer.refusal)  # else one folder spoils it: one by one
    found = [] if answer.refusal else _collected(answer.responses)
    if not found:
        return folders(session)
    _note(answer.responses, told)
    return _roles(found)


def _all(session: Session) -> list[Listed]:
    """LIST in one answer; as plain as can be where the rest is not understood."""
    (answer,) = session.pipelined([f'LIST "" "*"{_returning(session)}'])
    if isinstance(answer.refusal, ProtocolBroken) and session.features.list_extended:
        session.without("LIST-EXTENDED")
        (answer,) = session.pipelined(['LIST "" "*"'])
    if answer.refusal is not None:
        host = session.server.host
        raise refusals.mailbox_refused(session.alerts, answer.refusal, host)
    return _collected(answer.responses)


def _by_level(session: Session) -> list[Listed]:
    """LIST level by level, and what only LSUB shows (INTEROP 21)."""
    found: dict[str, Listed] = {}
    above = [""]
    for _ in range(LEVELS_MAX):
        commands = [f'LIST "" {quote(a + "%")}{_returning(session)}' for a in above]
        below = _new(session.pipelined(commands), found)
        above = [
            f.folder.name + f.folder.delimiter
            for f in below
            if f.folder.delimiter and not f.childless
        ]
        if not above:
            break
    listed_only = len(found)
    _new(session.pipelined(['LSUB "" "*"']), found)
    if len(found) > listed_only:
        log.logger().warning("lsub_shows_more", folders=len(found) - listed_only)
    return list(found.values())


def _new(answers: Iterable[Answer], found: dict[str, Listed]) -> list[Found]:
    """Add to what was found; give what was not there before."""
    new: list[Found] = []
    for answer in answers:
        if isinstance(answer.refusal, Throttled):
            raise answer.refusal
        for one in filter(None, map(listed, answer.responses)):
            name = key(one.folder.name)
            if name not in found and len(found) < FOLDERS_MAX:
                found[name] = one.folder
                new.append(one)
    return new


def _collected(responses: Iterable[list[Part]]) -> list[Listed]:
    found: dict[str, Listed] = {}
    for one in filter(None, map(listed, responses)):
        if len(found) < FOLDERS_MAX:
            found.setdefault(key(one.folder.name), one.folder)
    return list(found.values())


def _roles(found: list[Listed]) -> list[Listed]:
    """Give roles; the inbox is there even if LIST does not show it (RFC 9051 §5.1)."""
    if not any(f.role is Role.INBOX for f in found):
        found = [Listed(INBOX, INBOX, found[0].delimiter, Role.INBOX, True), *found]
    return assign(found)


def _items(session: Session) -> str:
    modseq = " HIGHESTMODSEQ" if session.features.condstore else ""
    known_by_id = session.features.objectid and session.profile.status_id
    mailbox_id = " MAILBOXID" if known_by_id else ""
    return f"{PLAIN_ITEMS}{modseq}{mailbox_id}"


def _ask(session: Session, names: list[str], told: _Told) -> None:
    """STATUS of some folders, several under way; a NO is noted and no more."""
    if names and _items(session) != PLAIN_ITEMS:
        _ask_first(session, names.pop(0), told)
    commands = [f"STATUS {quote(name)} ({_items(session)})" for name in names]
    for name, answer in zip(names, session.pipelined(commands), strict=True):
        _take(name, answer, told)


def _ask_first(session: Session, name: str, told: _Told) -> None:
    """Ask alone for more than every server knows (THREATS, fault 37).

    A server that does not understand it may hang up after some more of them.
    """
    (answer,) = session.pipelined([f"STATUS {quote(name)} ({_items(session)})"])
    if isinstance(answer.refusal, ProtocolBroken):
        (answer,) = session.pipelined([f"STATUS {quote(name)} ({PLAIN_ITEMS})"])
        if answer.refusal is None:
            session.without("CONDSTORE", "OBJECTID")
    _take(name, answer, told)


def _take(name: str, answer: Answer, told: _Told) -> None:
    if answer.refusal is None:
        _note(answer.responses, told)
        return
    _raise_if_of_all(answer.refusal)
    told.refused[key(name)] = answer.refusal.code


def _raise_if_of_all(refusal: MailError) -> None:
    """Tell a server that wants to be left alone from one that lacks a folder."""
    alone = isinstance(refusal, ServerUnavailable)
    if isinstance(refusal, SessionRefused) or (
        isinstance(refusal, Throttled) and not alone
    ):
        raise refusal


def _note(responses: Iterable[list[Part]], told: _Told) -> None:
    """Keep the numbers of each STATUS under the name that it states (fault 43)."""
    for said in filter(None, map(status_line, responses)):
        if b"MESSAGES" not in said.numbers:
            continue
        try:
            told.numbers[key(said.name)] = _of(said)
        except ProtocolBroken as error:  # a number out of range
            told.refused[key(said.name)] = error.code


def _of(said: Said) -> Status:
    return _status(said.numbers, said.numbers[b"MESSAGES"], said.mailbox_id)


def _status(numbers: dict[bytes, int], exists: int, mailbox_id: str = "") -> Status:
    modseq = numbers.get(b"HIGHESTMODSEQ", 0)
    values = (exists, numbers.get(b"UIDNEXT", 0), numbers.get(b"UNSEEN", 0))
    if max(values) > NUMBER_MAX or modseq > MODSEQ_MAX:
        raise ProtocolBroken("number out of range")
    return Status(
        uidvalidity=min(numbers.get(b"UIDVALIDITY", 0), MODSEQ_MAX),  # INTEROP 35
        uidnext=numbers.get(b"UIDNEXT", 0),
        highestmodseq=modseq,
        messages=exists,
        unseen=numbers.get(b"UNSEEN", 0),
        mailbox_id=mailbox_id,
    )

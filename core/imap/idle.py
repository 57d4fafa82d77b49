"""One idling connection as a state machine: bytes in, what they mean and bytes out.

    folder open (EXAMINE)
      → SWEEPING  a sweep is under way: STATUS of all folders, or of this one
      → ASKED     IDLE was sent (RFC 2177)
      → IDLING    "+" came; the server tells what changes
      → ENDING    `renew`: DONE and the next sweep were sent in one write
      → SWEEPING  …
      → OVER      BYE, a refusal, or something that is no IMAP

Each renewal is probe, keep-alive and check in one: a server that answers lives; numbers
that changed without a word in IDLE show a deaf connection; other numbers of other
folders show what IDLE cannot tell. Only a digest of the numbers is kept, so that a
connection costs next to nothing while it waits. Pure.
"""

from __future__ import annotations

import re
from enum import IntEnum, IntFlag
from functools import lru_cache
from typing import NamedTuple

from core.imap.features import Features

LINE_BYTES = 1 << 16  # literals in it included; folder names are all they can hold
LINES_AT_ONCE = 2000  # THREATS T7: more than that in one check is a flood
LINES_MOST = 400_000  # between two renewals; a server that says more is left
NOOP = b"NOOP"
LITERAL = re.compile(rb"\{(\d{1,9})\+?\}\r?\n")
STATUS_NAME = re.compile(rb'\* STATUS (?:"((?:[^"\\]|\\.)*)"|([^ {]+)|\{\d+\+?\}\r?\n)')
PAIR = re.compile(rb"(MESSAGES|UIDNEXT|UIDVALIDITY) (\d+)")
# UIDFETCH: RFC 9586 §3, where UIDONLY is on.
CHANGES = frozenset((b"EXISTS", b"EXPUNGE", b"FETCH", b"UIDFETCH"))
HASH_MASK = (1 << 61) - 1


class Step(IntEnum):
    """How far the conversation is."""

    SWEEPING = 0
    ASKED = 1
    IDLING = 2
    ENDING = 3
    OVER = 4


class Heard(IntFlag):
    """What some bytes of the server meant; several at once are one."""

    NOTHING = 0
    ALIVE = 1  # it spoke
    PROVED = 2  # a sweep was answered to its end
    CHANGED = 4  # the folder that is watched
    ELSEWHERE = 8  # another folder, or which folders there are
    DEAF = 16  # messages came or went, and IDLE said nothing
    FLOOD = 32  # too much for one check: leave it alone for a moment
    REFUSED = 64  # IDLE, or a folder's numbers: this server is to be polled
    OVER = 128  # the connection is of no more use


class Seen(NamedTuple):
    """Digests of what a sweep said: what lies in the folder, all its numbers, others.

    Good within one process only, and for nothing but being compared.
    """

    mail: int
    own: int
    others: int


NOTHING_SEEN = Seen(0, 0, 0)


@lru_cache(maxsize=1024)  # one text for the thousands who send the same
def sweep_command(folder: str, features: Features, *, whole: bool = True) -> bytes:
    """Give the sweep of a connection that watches a folder (its name as on the wire).

    `whole` asks for every folder where one command can (RFC 5819), else for the one.
    """
    items = "MESSAGES UIDNEXT UIDVALIDITY UNSEEN"
    if features.condstore:
        items += " HIGHESTMODSEQ"
    if whole and features.list_status:
        return f'LIST "" "*" RETURN (STATUS ({items}))'.encode()
    quoted = folder.replace("\\", "\\\\").replace('"', '\\"')
    return f'STATUS "{quoted}" ({items})'.encode("latin-1")


class Idling:
    """The state of one connection. `out` is what has to be sent, `farewell` a BYE."""

    __slots__ = (
        "_digest",
        "_folder",
        "_lines",
        "_rest",
        "_round",
        "_said",
        "_sweep",
        "farewell",
        "out",
        "seen",
        "step",
    )

    def __init__(self, folder: str, sweep: bytes, before: Seen | None = None) -> None:
        """Begin with a sweep of a folder that was just opened.

        `before` is what an earlier connection had seen: where nothing changed since,
        nothing is told.
        """
        self._folder = _canonical(folder.encode("latin-1"))
        self._sweep = sweep
        self.seen = before
        self.farewell = b""
        self._rest = b""
        self._round = 1
        self._lines = 0
        self._said = True  # nothing can have been missed yet
        self._digest = NOTHING_SEEN
        self.step = Step.SWEEPING
        self.out = b"S1 %s\r\n" % sweep

    @property
    def is_whole(self) -> bool:
        """Tell whether its sweeps look at every folder."""
        return self._sweep.startswith(b"LIST")

    def renew(self) -> None:
        """End IDLE and sweep, in one write (RFC 2177: DONE ends the command)."""
        if self.step is Step.IDLING:
            self.step = Step.ENDING
            self._lines = 0
            self.out += b"DONE\r\nS%d %s\r\n" % (self._round, self._sweep)

    def receive(self, data: bytes) -> Heard:
        """Take what has come, in whatever pieces, and tell what it means."""
        data = self._rest + data
        heard, at, lines = Heard.ALIVE, 0, 0
        while self.step is not Step.OVER and (end := _line_end(data, at)) >= 0:
            heard |= self._line(data[at:end])
            at, lines = end, lines + 1
        self._rest = data[at:]
        self._lines += lines
        if len(self._rest) > LINE_BYTES or self._lines > LINES_MOST:
            heard |= self._end()
        if lines > LINES_AT_ONCE:
            heard |= Heard.FLOOD
        if self.step is Step.OVER:
            self._rest = b""
        return heard

    def _line(self, line: bytes) -> Heard:
        if line.startswith(b"* "):
            return self._untagged(line)
        if line.startswith(b"+"):
            if self.step is Step.ASKED:
                self.step = Step.IDLING
            return Heard.NOTHING
        words = line.split(None, 2)
        if not words:
            return Heard.NOTHING
        return self._tagged(words[0], words[1].upper() if len(words) > 1 else b"")

    def _untagged(self, line: bytes) -> Heard:
        words = line.split(None, 3)
        word = words[1].upper() if len(words) > 1 else b""
        if word.isdigit():
            kind = b"".join(words[2:3]).upper()
            return self._changed() if kind in CHANGES else Heard.NOTHING
        if word == b"VANISHED":  # RFC 7162 §3.2.10
            return self._changed()
        if word == b"BYE":  # RFC 9051 §7.1.5
            self.farewell = line[6:306].strip()
            return self._end()
        if word == b"STATUS":
            self._count(line)
        elif word == b"LIST":
            self._add(others=hash(line.partition(b")")[2]))  # marks come and go
        return Heard.NOTHING

    def _changed(self) -> Heard:
        self._said = True
        return Heard.CHANGED

    def _count(self, line: bytes) -> None:
        """Add a folder's numbers to the digest of this sweep."""
        numbers = line[line.rfind(b"(") :].upper()
        if _status_name(line) != self._folder:
            self._add(others=hash(line[9:].upper().strip()))
            return
        mail = hash(tuple(sorted(PAIR.findall(numbers))))
        self._add(mail=mail, own=hash(numbers.strip()))

    def _add(self, mail: int = 0, own: int = 0, others: int = 0) -> None:
        # Added up, as servers list folders in the order that they like.
        old = self._digest
        self._digest = Seen(
            (old.mail + mail) & HASH_MASK,
            (old.own + own) & HASH_MASK,
            (old.others + others) & HASH_MASK,
        )

    def _tagged(self, tag: bytes, word: bytes) -> Heard:
        sweeping = self.step is Step.SWEEPING
        awaited = b"S%d" % self._round if sweeping else b"I%d" % (self._round - 1)
        if tag != awaited:
            return self._end()  # fault 59: a tag of nobody
        if sweeping:
            return self._swept() if word == b"OK" else self._weaken()
        if self.step is Step.ENDING and word == b"OK":
            self.step = Step.SWEEPING
            return Heard.NOTHING
        if self.step is Step.ASKED and word in {b"NO", b"BAD"}:
            return self._end() | Heard.REFUSED  # fault 40
        return self._end()  # the server ended IDLE by itself

    def _swept(self) -> Heard:
        """Compare with the sweep before, and idle again."""
        heard = Heard.PROVED | self._difference()
        self.seen, self._digest, self._said = self._digest, NOTHING_SEEN, False
        self.step = Step.ASKED
        self.out += b"I%d IDLE\r\n" % self._round
        self._round += 1
        return heard

    def _difference(self) -> Heard:
        before, now = self.seen, self._digest
        if before is None:
            return Heard.CHANGED | Heard.ELSEWHERE
        heard = Heard.NOTHING
        if now.others != before.others:
            heard |= Heard.ELSEWHERE
        if now.own != before.own:
            heard |= Heard.CHANGED
        # INTEROP 15: flags alone are not told by everybody, and that is not deafness.
        if now.mail != before.mail and not self._said:
            heard |= Heard.DEAF
        return heard

    def _weaken(self) -> Heard:
        """Ask for less: advertised is not always understood (fault 37)."""
        if self.is_whole:
            items = self._sweep[self._sweep.rfind(b"(") :].removesuffix(b")")
            self._sweep = b'STATUS "%s" %s' % (_quotable(self._folder), items)
        elif self._sweep != NOOP:
            self._sweep = NOOP
        else:
            return self._end()
        self._digest = NOTHING_SEEN
        self._round += 1
        self.out += b"S%d %s\r\n" % (self._round, self._sweep)
        return Heard.NOTHING

    def _end(self) -> Heard:
        self.step = Step.OVER
        return Heard.OVER


def _line_end(data: bytes, at: int) -> int:
    """Give where a response ends, its literals included (RFC 9051 §4.3); or -1."""
    while (feed := data.find(b"\n", at)) >= 0:
        literal = LITERAL.search(data, max(at, feed - 14), feed + 1)
        if literal is None:
            return feed + 1
        at = feed + 1 + int(literal[1])
    return -1


def _status_name(line: bytes) -> bytes:
    found = STATUS_NAME.match(line)
    if found is None:
        return b""
    if found[2] is not None:
        return _canonical(found[2])
    if found[1] is not None:
        return _canonical(re.sub(rb"\\(.)", rb"\1", found[1]))
    size = int(LITERAL.search(line)[1])  # type: ignore[index]  # STATUS_NAME saw it
    return _canonical(line[found.end() : found.end() + size])


def _canonical(name: bytes) -> bytes:
    """RFC 9051 §5.1: INBOX in any case."""
    return b"INBOX" if name.upper() == b"INBOX" else name


def _quotable(name: bytes) -> bytes:
    return name.replace(b"\\", b"\\\\").replace(b'"', b'\\"')

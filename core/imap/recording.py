"""Write down what a connection says, without secrets and without mail. Pure.

Nothing is shown but what is known to be harmless: commands by name, answers by their
first word. What else goes out is part of a login, and what else comes in may be part of
a message. Bytes come in whatever pieces; a response is one line, literals and all.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum

from core.hiding import IN_PLACE, Hidden
from core.text import CONTROL

CHARS_MOST = 500
KEPT_BYTES = 1 << 14  # of a line, to look for secrets in; more than a token has
LOGIN_LEAST = 3  # characters: a shorter one occurs in every other word
TAIL_BYTES = 32  # where a literal is announced
ALIKE_MOST = {"FETCH": 5}  # of one kind in a row; the others are counted
ALIKE_USUALLY = 200

LITERAL = re.compile(rb"~?\{(\d{1,20})\+?\}\r?\n\Z")
COMMAND = re.compile(rb"([A-Z]\d{0,9}) ([A-Z]{1,20})(?: (.*))?", re.DOTALL)
COMMANDS = frozenset(
    b"CAPABILITY STARTTLS ID ENABLE COMPRESS NAMESPACE LIST LSUB STATUS EXAMINE SELECT"
    b" UNSELECT CLOSE SEARCH FETCH UID NOOP IDLE LOGOUT GETQUOTA GETQUOTAROOT"
    b" APPEND".split()
)
LOGINS = frozenset((b"LOGIN", b"AUTHENTICATE"))
MECHANISM = re.compile(rb"[A-Z0-9_-]{1,20}(?= |\Z)")
TAGGED = re.compile(rb"([A-Z]\d{0,9}) (OK|NO|BAD)(?: (.*))?", re.DOTALL | re.IGNORECASE)
NUMBERED = re.compile(rb"\* (\d{1,10}) ([A-Z]{1,10})", re.IGNORECASE)
NAMED = re.compile(rb"\* ([A-Z]{1,20})(?: (.*))?\Z", re.DOTALL | re.IGNORECASE)
NAMES = frozenset(
    b"OK NO BAD BYE PREAUTH CAPABILITY ENABLED ID NAMESPACE LIST LSUB STATUS SEARCH"
    b" ESEARCH FLAGS VANISHED QUOTA QUOTAROOT".split()
)
QUOTED = re.compile(rb'"(?:[^"\\]|\\.)*(?:"|\\?\Z)', re.DOTALL)
ITEM = re.compile(
    rb"\b(?:(UID|RFC822\.SIZE) (\d{1,18})|FLAGS \(([^()]*)\))", re.IGNORECASE
)
FLAG = re.compile(rb"\\\*|[\\$][A-Za-z]{1,30}")  # a keyword may be a person's own word
ADDRESS = re.compile(r"[^\s<>()\"'=:;,/]+@[^\s<>()\"';,]+")


class Way(StrEnum):
    """Which way a line went."""

    OUT = "out"
    IN = "in"


def redact(
    line: bytes, way: Way, hidden: Hidden, *, whole: bool = True, login: bool = False
) -> str:
    """Give a line as it may be kept: a command, or a response.

    Literals are `{n bytes}` in it by now. `whole`: it was not cut. `login`: somebody is
    being let in, and nothing is shown but that something was said.
    """
    clean = _Clean(hidden, whole=whole)
    told = _command(line, clean, login) if way is Way.OUT else _said(line, clean, login)
    return told if len(told) <= CHARS_MOST else told[: CHARS_MOST - 1] + IN_PLACE


class Recorder:
    """Cuts what goes both ways into lines, and gives them to `keep`, redacted."""

    __slots__ = ("_alike", "_heard", "_hidden", "_keep", "_kind", "_login", "_sent")

    def __init__(self, keep: Callable[[Way, str], None]) -> None:
        """Begin with a new connection."""
        self._keep = keep
        self._hidden = Hidden()
        self._login = b""  # tag of the login under way
        self._kind, self._alike = "", 0
        self._sent, self._heard = _Lines(literals=False), _Lines(literals=True)

    def hide(self, hidden: Hidden, login: str) -> None:
        """Take what must not be shown, before anything of it is sent."""
        known = (login,) if len(login) >= LOGIN_LEAST else ()
        self._hidden = replace(hidden, forms=(*hidden.forms, *known))

    def sent(self, data: bytes) -> None:
        """Take bytes that went out."""
        for line, whole in self._sent.cut(data):
            self._count()
            told = redact(
                line, Way.OUT, self._hidden, whole=whole, login=bool(self._login)
            )
            command = COMMAND.fullmatch(line)
            if command is not None and command[2] in LOGINS and not self._login:
                self._login = command[1]
            self._keep(Way.OUT, told)

    def heard(self, data: bytes) -> None:
        """Take bytes that came in."""
        for line, whole in self._heard.cut(data):
            kind = _kind(line)
            if kind != self._kind:
                self._count()
            self._kind, self._alike = kind, self._alike + 1
            if self._alike <= ALIKE_MOST.get(kind, ALIKE_USUALLY):
                self._tell(line, whole=whole)

    def close(self) -> None:
        """Tell what was not told yet: the connection has ended, maybe in a line."""
        for line, whole in self._heard.rest():
            self._tell(line, whole=whole)
        self._count()

    def _tell(self, line: bytes, *, whole: bool) -> None:
        login = self._login
        told = redact(line, Way.IN, self._hidden, whole=whole, login=bool(login))
        if login and line.partition(b" ")[0] == login:
            self._login = b""
        self._keep(Way.IN, told)

    def _count(self) -> None:
        """Say how many more there were of what came in great numbers."""
        more = self._alike - ALIKE_MOST.get(self._kind, ALIKE_USUALLY)
        if more > 0:
            self._keep(Way.IN, f"* {IN_PLACE} {self._kind} ({more} more)")
        self._kind, self._alike = "", 0


class _Lines:
    """Cuts a stream into lines; the bytes of literals are counted and thrown away."""

    __slots__ = ("_literals", "_size", "_skip", "_start", "_tail")

    def __init__(self, *, literals: bool) -> None:
        self._literals = literals
        self._start, self._tail, self._size, self._skip = b"", b"", 0, 0

    def cut(self, data: bytes) -> list[tuple[bytes, bool]]:
        """Give the lines that end in this piece, without their ends; are they whole."""
        out, at = [], 0
        while at < len(data):
            if self._skip:
                at, self._skip = at + self._skip, max(0, self._skip - len(data) + at)
                continue
            end = data.find(b"\n", at) + 1
            self._hold(data[at : end or len(data)])
            at = end or len(data)
            if end and not self._goes_on():
                out += self.rest()
        return out

    def rest(self) -> list[tuple[bytes, bool]]:
        """Give the line that has not ended, if there is one, and forget it."""
        line, size = self._start.rstrip(b"\r\n"), self._size
        whole = size == len(self._start)
        self._start, self._tail, self._size, self._skip = b"", b"", 0, 0
        return [(line, whole)] if size else []

    def _hold(self, piece: bytes) -> None:
        room = max(0, KEPT_BYTES - len(self._start))
        self._start += piece[:room]
        self._tail = (self._tail + piece[-TAIL_BYTES:])[-TAIL_BYTES:]
        self._size += len(piece)

    def _goes_on(self) -> bool:
        """See whether a literal follows, and leave its size in place of it."""
        announced = LITERAL.search(self._tail) if self._literals else None
        if announced is None:
            return False
        self._skip = int(announced[1])
        if self._size == len(self._start):
            self._start = self._start[: self._size - len(announced[0])]
            self._start += b"{%d bytes}" % self._skip
            self._size = len(self._start)
        self._tail = b""
        return True


class _Clean:
    """Makes the words of people and servers fit to be shown."""

    def __init__(self, hidden: Hidden, *, whole: bool) -> None:
        self._hidden, self._whole = hidden, whole

    def words(self, raw: bytes | None) -> str:
        text = (raw or b"").decode("utf-8", "backslashreplace")
        kept = self._hidden.out_of(text)
        # Of a line that was cut, half a secret may be left.
        if self._hidden.is_disguised_in(kept) or (kept != text and not self._whole):
            return IN_PLACE
        kept = ADDRESS.sub(f"{IN_PLACE}@{IN_PLACE}", kept)
        return CONTROL.sub(lambda found: _escaped(found[0]), kept)


def _command(line: bytes, clean: _Clean, login: bool) -> str:
    command = COMMAND.fullmatch(line)
    if login or command is None:
        return "DONE" if line == b"DONE" and not login else IN_PLACE
    tag, verb, rest = command.groups()
    if verb in COMMANDS:
        return clean.words(line)
    if verb not in LOGINS:
        return IN_PLACE
    how = MECHANISM.match(rest or b"") if verb == b"AUTHENTICATE" else None
    named = f" {how[0].decode()}" if how else ""
    return f"{tag.decode()} {verb.decode()}{named} {IN_PLACE}"


def _said(line: bytes, clean: _Clean, login: bool) -> str:
    if line[:1] == b"+":
        return f"+ {IN_PLACE if login and line[1:].strip() else clean.words(line[2:])}"
    if tagged := TAGGED.fullmatch(line):
        return _joined(tagged[1] + b" " + tagged[2], clean.words(tagged[3]))
    if numbered := NUMBERED.match(line):
        return _numbered(line, numbered)
    named = NAMED.match(line)
    if named and named[1].upper() in NAMES:
        return _joined(b"* " + named[1], clean.words(named[2]))
    return f"* {IN_PLACE}" if line[:2] == b"* " else IN_PLACE


def _numbered(line: bytes, numbered: re.Match[bytes]) -> str:
    """Cut FETCH down to number, UID, flags and size: the rest is mail."""
    if _kind(line) != "FETCH":
        known = numbered[2].upper() in {b"EXISTS", b"RECENT", b"EXPUNGE"}
        return numbered[0].decode() if known else f"* {IN_PLACE}"
    items = []
    for name, number, flags in ITEM.findall(QUOTED.sub(b'""', line)):
        if name:
            items.append(f"{name.decode().upper()} {number.decode()}")
        else:
            words = [
                w if FLAG.fullmatch(w) else IN_PLACE.encode() for w in flags.split()
            ]
            items.append(f"FLAGS ({b' '.join(words).decode()})")
    return f"{numbered[0].decode()} ({' '.join([*items, IN_PLACE])})"


def _kind(line: bytes) -> str:
    """Name what a response is, so that alike ones can be counted."""
    words = line[:60].upper().split(None, 3)
    if len(words) > 1 and words[0] == b"*":
        word = words[2] if words[1].isdigit() and len(words) > 2 else words[1]  # noqa: PLR2004 - the number, then the word
        if word in {b"FETCH", b"UIDFETCH"}:
            return "FETCH"
        return word.decode("ascii", "replace") if word in NAMES else ""
    return ""


def _joined(head: bytes, words: str) -> str:
    return f"{head.decode()} {words}".rstrip()


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode()

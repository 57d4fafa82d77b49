"""Fetch the metadata of messages: many at once, and what spoils it one by one.

Nothing here changes a mailbox: BODY.PEEK only (THREATS T11). The commands go out below
imapclient, whose own FETCH is slow and refuses ranges; `core.imap.bulk` reads.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, cast

from core.errors import (
    FolderRefused,
    LimitExceeded,
    MailError,
    ProtocolBroken,
    Throttled,
)
from core.imap import calm
from core.imap.bulk import Found, MessageReader, UnderWay
from core.imap.parse import Unread, read_message
from core.imap.reader_process import ReaderProcess
from core.imap.session import Session
from core.model import Fetched, Message, Poison

FIELDS = (
    "FROM TO CC SUBJECT DATE MESSAGE-ID IN-REPLY-TO REFERENCES "
    "LIST-ID AUTO-SUBMITTED PRECEDENCE"
)
MANY = 10_000  # messages: then a second core is worth its start
HELP_S = 60.0
AHEAD = 2  # batches that may be read elsewhere meanwhile: bounds memory
HOPELESS = 12  # refusals in a row, without any message, before we believe them
_READER_PROCESSES = threading.BoundedSemaphore(max(1, (os.cpu_count() or 1) // 2))


@dataclass(frozen=True, slots=True)
class Batch:
    """What one FETCH brought: the good, and what could not be read.

    What was asked for and is in neither was not answered: expunged, or withheld.
    """

    asked: Sequence[int]
    messages: list[Fetched]
    poisoned: list[Poison]


def fetch(
    session: Session, batches: Iterable[Sequence[int]], total: int = 0
) -> Iterator[Batch]:
    """Fetch metadata; yield what each batch of UIDs brought, in their order.

    `total` is how many it may come to: another process helps with very many.

    The next command is sent before the present answer is read to its end. A message
    that cannot be read is set aside; the others are not touched by it (THREATS 4).
    """
    waiting: deque[_Pending] = deque()
    reading: deque[_Reading] = deque()
    under_way, elsewhere = _under_way(session), _reader_process_for(total)
    try:
        for asked in _bounded(session, batches):
            under_way.later = elsewhere is not None and elsewhere.is_ready
            waiting.append(_Pending(session, under_way, asked))
            if len(waiting) > 1:
                reading.append(_read(session, waiting.popleft(), waiting, elsewhere))
            while reading and (len(reading) > AHEAD or reading[0].is_done):
                yield reading.popleft().batch()
        while waiting:
            reading.append(_read(session, waiting.popleft(), waiting, elsewhere))
        while reading:
            yield reading.popleft().batch()
    finally:
        if elsewhere is not None:
            elsewhere.close()
            calm.end()
            _READER_PROCESSES.release()


def _reader_process_for(total: int) -> ReaderProcess | None:
    """Start a reader process for a big first sync, if there is a core for it."""
    if total < MANY or not _READER_PROCESSES.acquire(blocking=False):
        return None
    calm.begin()
    return ReaderProcess()


def _bounded(
    session: Session, batches: Iterable[Sequence[int]]
) -> Iterator[Sequence[int]]:
    """Ask for no more at a time than the server wants to be asked for."""
    most = most_at_once(session)
    for asked in batches:
        for first in range(0, len(asked), most):
            yield asked[first : first + most]


def most_at_once(session: Session) -> int:
    """Give of how many messages one command may be."""
    limit = session.features.message_limit or session.profile.uids_most
    return min(session.profile.uids_most, limit)


def uid_set(numbers: Iterable[int]) -> str:
    """Write numbers as an ascending IMAP set with ranges (THREATS 9)."""
    out: list[list[int]] = []
    for n in sorted(numbers):
        if out and n == out[-1][1] + 1:
            out[-1][1] = n
        else:
            out.append([n, n])
    return ",".join(f"{a}:{b}" if b > a else str(a) for a, b in out)


class _Pending:
    """A FETCH that was sent; its answer may have come in part, or whole."""

    def __init__(
        self,
        session: Session,
        under_way: UnderWay,
        asked: Sequence[int],
        *,
        plain: bool = False,
    ) -> None:
        """Send it."""
        self.asked = asked
        self.refusal: MailError | None = None
        self._under_way = under_way
        under_way.asked.update(asked)
        command = f"UID FETCH {uid_set(asked)} ({_items(session, plain=plain)})"
        self._reader = MessageReader(session.begin(command), under_way)
        self._over = False

    def finish(self, session: Session) -> None:
        """Read the answer to its end; a NO or BAD is kept, not raised."""
        if self._over:
            return
        self._over = True
        try:
            session.read(self._reader, "UID FETCH")
        except LimitExceeded:
            raise
        except (FolderRefused, Throttled, ProtocolBroken) as refusal:
            if not self._reader.tagged:
                raise
            self.refusal = refusal

    def take(self) -> tuple[dict[int, Found], dict[int, Poison]]:
        """Give what came of what it asked for, and leave the rest to the others."""
        way = self._under_way
        way.asked.difference_update(self.asked)
        found, way.found = way.found, {}
        if way.asked:  # what others asked for may have come already
            way.found = {uid: found.pop(uid) for uid in way.asked if uid in found}
        bad = {uid: way.bad.pop(uid) for uid in self.asked if uid in way.bad}
        return found, {uid: bad[uid] for uid in bad.keys() - found.keys()}


class _Reading:
    """A batch whose headers may still be read by another process."""

    def __init__(
        self,
        asked: Sequence[int],
        good: dict[int, Found],
        bad: dict[int, Poison],
        elsewhere: ReaderProcess | None,
    ) -> None:
        """Give the other process what is to be read."""
        self._asked, self._good, self._bad = asked, good, bad
        late = [one for one in good.values() if not isinstance(one[2], Message)]
        self._late = cast("list[tuple[int, int, Unread]]", late)
        self._promise: Future[list[Any]] | None = None
        if self._late and elsewhere is not None:
            self._promise = elsewhere.read([one[2] for one in self._late])

    @property
    def is_done(self) -> bool:
        """Tell whether the batch is to be had without waiting."""
        return not self._late or (self._promise is not None and self._promise.done())

    def batch(self) -> Batch:
        """Wait for the other process; what it cannot give any more is read here."""
        good = self._good
        for (uid, bits, _), message in zip(self._late, self._read_late(), strict=True):
            good[uid] = (uid, bits, message)
        poisoned = [self._bad[u] for u in sorted(self._bad.keys() - good.keys())]
        read = cast("dict[int, tuple[int, int, Message]]", good)  # all of them by now
        return Batch(self._asked, [Fetched(*read[u]) for u in sorted(read)], poisoned)

    def _read_late(self) -> Iterable[Message]:
        if self._promise is not None:
            with suppress(ConnectionError):
                return map(Message._make, self._promise.result(HELP_S))
        return [read_message(*one[2]) for one in self._late]


def _under_way(session: Session) -> UnderWay:
    return UnderWay(with_id=session.features.objectid or session.features.gmail)


def _read(
    session: Session,
    one: _Pending,
    others: Iterable[_Pending],
    elsewhere: ReaderProcess | None,
) -> _Reading:
    one.finish(session)
    good, bad = one.take()
    if one.refusal is not None or bad:
        for other in others:  # what is under way is read before anything else is sent
            other.finish(session)
        if one.refusal is not None:
            missing = [u for u in one.asked if u not in good and u not in bad]
            _ask_in_halves(session, missing, good, bad)
        good |= _plainly(session, sorted(bad))
    return _Reading(one.asked, good, bad, elsewhere)


def _ask_in_halves(
    session: Session,
    missing: list[int],
    good: dict[int, Found],
    bad: dict[int, Poison],
) -> None:
    """Ask again for what a NO left out, down to the one that cannot be had.

    THREATS 4, fault 30; INTEROP 3: single messages are refused with NO.
    """
    again, refused = deque([missing] if missing else []), 0
    while again:
        half = again.popleft()
        attempt = _Pending(session, _under_way(session), half)
        attempt.finish(session)
        found, broken = attempt.take()
        good |= found
        bad |= broken
        if attempt.refusal is None:
            continue
        refused = 0 if found else refused + 1
        if refused > HOPELESS:
            raise attempt.refusal
        rest = [uid for uid in half if uid not in found and uid not in broken]
        if rest == half and len(half) == 1:
            bad[half[0]] = Poison(half[0], attempt.refusal.detail[:200])
        elif rest:
            middle = (len(rest) + 1) // 2
            again.extendleft(filter(None, (rest[middle:], rest[:middle])))


def _plainly(session: Session, wanted: Sequence[int]) -> dict[int, Found]:
    """Fetch without the items that servers get wrong, one message a command.

    INTEROP 26: BODYSTRUCTURE of some cannot be read.
    """
    found: dict[int, Found] = {}
    for uid in wanted[:HOPELESS]:
        attempt = _Pending(session, _under_way(session), [uid], plain=True)
        attempt.finish(session)
        found |= attempt.take()[0]
    return found


def _items(session: Session, *, plain: bool) -> str:
    items = "UID FLAGS INTERNALDATE RFC822.SIZE"
    if session.features.objectid:
        items += " EMAILID"
    elif session.features.gmail:
        items += " X-GM-MSGID"
    fields = _fields(session)
    if plain:
        return f"{items} BODY.PEEK[HEADER.FIELDS ({fields} CONTENT-TYPE)]"
    return f"{items} BODYSTRUCTURE BODY.PEEK[HEADER.FIELDS ({fields})]"


def _fields(session: Session) -> str:
    """Name the fields to ask for: the subject only if something is made of it.

    Where the server names its messages (RFC 8474 §5.1, X-GM-MSGID) their identity is
    that name. Elsewhere the subject is part of it, also where no subject is kept: or
    each message would be another one, and counted again, when the level changes.
    """
    named = session.features.objectid or session.features.gmail
    if session.wants_subject or not named:
        return FIELDS
    return FIELDS.replace(" SUBJECT", "")

"""Chosen messages themselves, fetched from the server: .eml for one, mbox for many."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, NamedTuple

from core import browse
from core.errors import BadInput, LimitExceeded, NotFound
from core.exporting.whole import whole
from core.imap import listing, opening, peek
from core.imap.session import Session
from core.runtime import Runtime
from core.store import exported, integrations
from core.store.engine import reading
from core.store.exported import Place
from core.sync import syncer

MOST_BYTES = 64 << 20  # of one message
MOST = 1_000  # messages of one mbox
QUOTED = re.compile(rb"^(>*From )", re.MULTILINE)
LINE_END = re.compile(rb"\r?\n")
UNKNOWN = "MAILER-DAEMON"  # who sent it, where nobody is named
SENDER = re.compile(r"[!-~]+@[!-~]+\Z")
OnMail = Callable[[int], None]  # is told of each that was dealt with


class Left(NamedTuple):
    """A message that is not in the file, and the code of why."""

    message_id: int
    code: str


def write_eml(
    runtime: Runtime, integration_ids: Sequence[int], message_id: int, path: Path
) -> int:
    """Write one message as it was delivered; give its size in bytes.

    Raises:
        PrivacyForbids: the level of privacy of its mailbox is not "body".
        NotFound: those mailboxes have no such message, or the server has it no more.
        LimitExceeded: it is larger than 64 MiB.
        MailError: the server cannot be had.

    """
    for one, ids in by_mailbox(runtime, integration_ids, [message_id]).items():
        with whole(path) as out, _mailbox(runtime, one) as mailbox:
            content = mailbox.content(ids[0])
            out.write(content)
        return len(content)
    raise NotFound(what="message", id=message_id)


def write_mbox(
    runtime: Runtime,
    integration_ids: Sequence[int],
    message_ids: Sequence[int],
    path: Path,
    on_mail: OnMail,
) -> list[Left]:
    """Write messages as mbox (RFC 4155); give those that are not in it.

    Mailbox by mailbox, each oldest first. What is gone from a server or too large is
    left out, and the others are written.

    Raises:
        BadInput: more than a thousand messages.
        PrivacyForbids, MailError: as of `write_eml`.

    """
    if len(message_ids) > MOST:
        raise BadInput("messages", "too_many_messages", most=MOST)
    left: list[Left] = []
    with whole(path) as out:
        for one, ids in by_mailbox(runtime, integration_ids, message_ids).items():
            with _mailbox(runtime, one) as mailbox:
                for message_id in ids:
                    left += mailbox.append_to(out, message_id)
                    on_mail(1)
    return left


def check_privacy(runtime: Runtime, integration_ids: Iterable[int]) -> None:
    """See that messages of these mailboxes may be fetched.

    Raises:
        PrivacyForbids: the level of one is not "body".

    """
    with reading(runtime.engine) as conn:
        for one in integration_ids:
            integrations.privacy_of(conn, one).check_body()


def mbox_entry(content: bytes, sender: str, at: datetime) -> bytes:
    """Give one message as an mbox holds it.

    RFC 4155 §Appendix A: a line "From", the message with lines ended by LF, and an
    empty line. Lines of it that begin with "From", however quoted, get one ">" more
    ("mboxrd"), so that each can be had back as it was.
    """
    who = sender if SENDER.match(sender) else UNKNOWN
    head = f"From {who} {time.asctime(at.utctimetuple())}\n".encode()
    body = QUOTED.sub(rb">\1", LINE_END.sub(b"\n", content))
    return head + body + (b"\n" if body.endswith(b"\n") else b"\n\n")


class _Mailbox:
    """An open mailbox that messages are fetched from, one at a time."""

    def __init__(self, runtime: Runtime, integration_id: int, session: Session) -> None:
        self._runtime, self._id, self._session = runtime, integration_id, session
        self._open: tuple[str, int] | None = None

    def append_to(self, out: BinaryIO, message_id: int) -> list[Left]:
        """Append a message to an mbox; or give it, and why it could not be had."""
        try:
            known = browse.message(self._runtime, self._id, message_id)
            content = self.content(message_id)
        except (NotFound, LimitExceeded) as error:
            return [Left(message_id, error.code)]
        at = known["received_at"].to_pydatetime()
        out.write(mbox_entry(content, str(known["from_address"]), at))
        return []

    def content(self, message_id: int) -> bytes:
        """Give a message from the first place where it still lies."""
        with reading(self._runtime.engine) as conn:
            places = exported.places(conn, self._id, message_id)
        for place in self._near_first(places):
            try:
                return self._fetched(place)
            except NotFound:
                continue
        raise NotFound(what="message", id=message_id)

    def _near_first(self, places: Iterable[Place]) -> list[Place]:
        """Put those of the folder that is open first: it need not be opened."""
        here = self._open and self._open[0]
        return sorted(places, key=lambda place: place.folder != here)

    def _fetched(self, place: Place) -> bytes:
        if self._open is None or self._open[0] != place.folder:
            status = listing.examine(self._session, place.folder)
            self._open = (place.folder, status.uidvalidity)
        if self._open[1] != place.uidvalidity:  # the UID is another message's now
            raise NotFound(what="message", id=place.uid)
        return peek.whole(self._session, place.uid, "", MOST_BYTES, lambda _size: None)


@contextmanager
def _mailbox(runtime: Runtime, integration_id: int) -> Iterator[_Mailbox]:
    """Open a mailbox, if its level of privacy lets messages be read."""
    check_privacy(runtime, [integration_id])
    with reading(runtime.engine) as conn:
        one = integrations.get(conn, integration_id)
    policy, access = runtime.policy(), runtime.access()
    # Never recorded: what is fetched here is what people write.
    session = syncer.start(access, policy, one)
    with opening.held(session, policy):
        yield _Mailbox(runtime, integration_id, session)


def by_mailbox(
    runtime: Runtime, integration_ids: Sequence[int], message_ids: Sequence[int]
) -> dict[int, list[int]]:
    """Give those of the messages that are of these mailboxes, by the mailbox's id."""
    with reading(runtime.engine) as conn:
        found = exported.chosen(conn, integration_ids, message_ids)
    out: dict[int, list[int]] = {}
    for one, message_id in found:
        out.setdefault(one, []).append(message_id)
    return out

"""Fetch what may be a report of a mail that was sent, and read it.

As far as a report can reach, and no further: what comes after it is the mail itself.
BODY.PEEK leaves it as unread as it was (RFC 9051 §6.4.5).
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine

from core import log, reports
from core.errors import (
    FolderRefused,
    LimitExceeded,
    MailError,
    MessageGone,
    ProtocolBroken,
    ServerUnavailable,
    Throttled,
    Unreachable,
)
from core.imap import listing, peek
from core.imap.session import Session
from core.reports import Report
from core.store.engine import reading
from core.store.previews import Lies, places
from core.sync.doing import is_of_the_act

REPORT_BYTES = 512 << 10
PATIENCE = 3  # runs in a row that failed: then it is no accident


@dataclass(frozen=True, slots=True)
class Reported:
    """What was read; `broken`: what ended the connection, to be raised once written."""

    report: Report | None = None
    broken: MailError | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """Fetches reports over a session; without one there are none.

    `failures`: how many runs of the mailbox have failed, one after the other.
    """

    engine: Engine
    session: Session | None
    integration_id: int
    failures: int

    def read(self, message_id: int) -> Reported:
        """Read the report that a message may be.

        What cannot be read is passed over: a message that is gone; one that the server
        refuses, or answers with more than is asked for; one at which the connection
        ends each time.

        Raises:
            Unreachable, Throttled: the mailbox is not to be reached now.

        """
        with reading(self.engine) as conn:
            lies = places(conn, self.integration_id, message_id)
        try:
            raw = self._fetch(lies)
        except (MessageGone, FolderRefused, ProtocolBroken, Throttled) as error:
            is_over = isinstance(error, LimitExceeded) or not _is_answer(error)
            if is_over and not isinstance(error, ProtocolBroken):
                raise
            self._tell(message_id, error)
            return Reported(broken=error if is_over else None)
        except Unreachable as error:
            if self.failures < PATIENCE:
                raise
            self._tell(message_id, error)
            return Reported(broken=error)
        return Reported(reports.read(raw) if raw else None)

    def _fetch(self, lies: tuple[Lies, ...]) -> bytes:
        """Give the beginning of a message, from the first folder that has it.

        Raises:
            MessageGone: none has.

        """
        if self.session is not None:
            for place in lies:
                now = listing.examine(self.session, place.folder)
                if now.uidvalidity == place.uidvalidity:
                    begun = peek.beginning(self.session, place.uid, "", REPORT_BYTES)
                    return begun.data
        raise MessageGone("it was moved, or deleted")

    def _tell(self, message_id: int, error: MailError) -> None:
        log.logger().info("report not read", message=message_id, code=error.code)


def _is_answer(error: MailError) -> bool:
    """Tell whether it is about this message: so is [UNAVAILABLE], too (INTEROP 3)."""
    if type(error) is ServerUnavailable:
        return "command" in error.facts
    return isinstance(error, MessageGone) or is_of_the_act(error)

r"""Store a message in a folder (APPEND, RFC 9051 §6.3.12).

By a synchronising literal: a server that has no room says so before anything of the
message is on its way.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from core.errors import CopyRefused, CopyTooLarge
from core.imap.dates import NAMES_OF_MONTHS
from core.imap.lines import quote
from core.imap.session import Session

LINE_END = b"\r\n"
GoingOn = Callable[[], None]


def append(
    session: Session,
    folder: str,
    content: bytes,
    at: datetime,
    going_on: GoingOn,
) -> None:
    r"""Store a message as read (\Seen); `at` is its INTERNALDATE.

    `going_on` is called before each piece that is sent: what it raises ends the
    connection, and the server keeps nothing. After any other end of the connection the
    message may be stored, or not.

    Raises:
        CopyTooLarge: the server says so beforehand (RFC 7889).
        CopyRefused: it has asked for nothing after the command.
        FolderRefused, Throttled, ProtocolBroken: NO or BAD, with the command's name.
        ConnectionLost, NoAnswer.

    """
    if not content.endswith(LINE_END):
        content += LINE_END  # INTEROP 6: Yahoo answers BAD without it
    most = session.features.append_limit
    if most and len(content) > most:
        raise CopyTooLarge("APPENDLIMIT", size=len(content), limit=most, folder=folder)
    asked: list[bool] = []

    def send() -> None:
        asked.append(True)
        session.client.connection.send_literal(content, going_on)

    command = rf"APPEND {quote(folder)} (\Seen) {_date_time(at)} {{{len(content)}}}"
    for _ in session.exchange(command, send):
        pass
    if not asked:
        raise CopyRefused("OK without the message", folder=folder, server_says="")


def _date_time(at: datetime) -> str:
    """Write a moment as RFC 9051 §9 has it, whatever the locale of this process."""
    utc = at.astimezone(UTC)
    month = NAMES_OF_MONTHS[utc.month - 1]
    return f'"{utc.day:02}-{month}-{utc.year:04} {utc:%H:%M:%S} +0000"'

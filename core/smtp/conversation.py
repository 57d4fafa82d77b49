"""A conversation with an SMTP server, within limits; its failures are ours."""

from __future__ import annotations

import re
import smtplib
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from core import network, refusals
from core.errors import (
    ConnectionLost,
    LimitExceeded,
    MailError,
    ProtocolBroken,
    ServerUnavailable,
)
from core.model import Server
from core.text import harmless
from core.time_limit import cut_off

READY = 220  # RFC 5321 §4.2.3
POSITIVE, TEMPORARY, PERMANENT = range(200, 300), range(400, 500), range(500, 600)
CODE = re.compile(rb"[2-5]\d\d(?![^ \t\r\n-])")  # RFC 5321 §4.2
NO_CODE = -1  # as smtplib has it
LINE_MOST = 8_192  # octets; RFC 5321 §4.5.3.1.5 allows 512
REPLY_MOST = 65_536
KEYWORDS_MOST = 100
GOODBYE_S = 3.0


class Conversation(smtplib.SMTP):
    """smtplib on a connection that we opened and checked."""

    sock: socket.socket  # never None: it is given

    def __init__(self, sock: socket.socket, server: Server) -> None:
        """Take the socket; nothing is read yet."""
        super().__init__(local_hostname="localhost")
        self.sock = sock
        self.server = server
        self._host = server.host
        self.greeting = self.said = ""  # harmless as text

    def getreply(self) -> tuple[int, bytes]:
        """Read a reply: its code, and its lines without it; the last line is kept.

        What begins with no code is one line, whole, of code -1. smtplib's own would
        read on for as long as lines come, and takes a time limit for a lost connection.

        Raises:
            LimitExceeded: it is longer than we are willing to read.

        """
        lines: list[bytes] = []
        left, more = REPLY_MOST, True
        while more:
            line = self._line(min(left, LINE_MOST))
            left -= len(line)
            found = CODE.match(line)
            lines.append(line[4 if found else 0 :].strip(b" \t\r\n"))
            more = found is not None and line[3:4] == b"-"
        code = int(found[0]) if found else NO_CODE
        self.said = f"{code} {whole(lines[-1])}"
        return code, b"\n".join(lines)

    def _line(self, most: int) -> bytes:
        if self.file is None:
            self.file = self.sock.makefile("rb")
        line: bytes = self.file.readline(most + 1)
        if len(line) > most:
            raise LimitExceeded("a reply", what="reply", **facts(self.server))
        if not line.endswith(b"\n"):
            raise smtplib.SMTPServerDisconnected("Connection unexpectedly closed")
        return line


def close(smtp: Conversation) -> None:
    """Say goodbye and close; a lost connection is no matter."""
    # AttributeError: it is closed already.
    no_matter = suppress(smtplib.SMTPException, OSError, MailError, AttributeError)
    with no_matter, bounded(smtp, GOODBYE_S):
        smtp.docmd("QUIT")
    with suppress(OSError):
        smtp.close()


@contextmanager
def or_closed(smtp: Conversation) -> Iterator[None]:
    """Hang up, without a goodbye, if something is raised."""
    try:
        yield
    except BaseException:
        smtp.close()
        raise


@contextmanager
def bounded(smtp: Conversation, seconds: float) -> Iterator[None]:
    """Cut the connection when the time limit has passed, drip or no drip."""
    smtp.sock.settimeout(seconds)
    with cut_off(smtp.sock, smtp.server, seconds):
        yield


@contextmanager
def translated(server: Server) -> Iterator[None]:
    """Turn what smtplib, TLS and sockets raise into our errors."""
    try:
        with network.translated(server), _smtplib_translated(server):
            yield
    except ValueError as error:
        raise ProtocolBroken(type(error).__name__, **facts(server)) from error


@contextmanager
def _smtplib_translated(server: Server) -> Iterator[None]:
    """Come before the translation of sockets: an SMTPException is an OSError, too."""
    try:
        yield
    except smtplib.SMTPServerDisconnected as error:
        raise ConnectionLost(str(error), **facts(server)) from error
    except smtplib.SMTPResponseException as error:
        raise ProtocolBroken(text(error.smtp_error), **facts(server)) from error
    except smtplib.SMTPException as error:
        raise ProtocolBroken(type(error).__name__, **facts(server)) from error


def unavailable(server: Server, says: str) -> MailError:
    """Tell that the server says "not now"; `says` is what may be shown."""
    shown = says[: refusals.SHOWN_MAX]
    return ServerUnavailable(says, server_says=shown, **facts(server))


def facts(server: Server) -> dict[str, object]:
    """Give the facts that every error has."""
    return {"host": server.host, "port": server.port}


def text(words: bytes | str) -> str:
    """Give a server's words, harmless and not too many."""
    return whole(words)[: refusals.SHOWN_MAX]


def whole(words: bytes | str) -> str:
    """Give all of a server's words, harmless."""
    decoded = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return harmless(decoded)


def keywords(smtp: Conversation) -> tuple[str, ...]:
    """Give what the server offers by EHLO (RFC 5321 §4.1.1.1), each with its words."""
    offered = list(smtp.esmtp_features.items())[:KEYWORDS_MOST]
    return tuple(
        text(" ".join([name.upper(), *words.split()])) for name, words in offered
    )

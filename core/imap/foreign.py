"""Turn what libraries and servers throw at a conversation into our errors."""

from __future__ import annotations

import imaplib
import re
from collections.abc import Iterator
from contextlib import contextmanager

from imapclient import exceptions

from core import network, refusals
from core.errors import ConnectionLost, MailError, NotAMailServer, ProtocolBroken
from core.model import Server

CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@contextmanager
def translated(server: Server, *, greeting: bool = False) -> Iterator[None]:
    """Turn what imapclient, imaplib, TLS and sockets raise into our errors."""
    try:
        with network.translated(server):
            yield
    except MailError:
        raise
    except imaplib.IMAP4.abort as error:
        raise _ended(error, server, greeting=greeting) from error
    except imaplib.IMAP4.error as error:
        words = error.args[0] if error.args else b""
        if greeting and isinstance(words, bytes) and words[:5].upper() == b"* BYE":
            raise refusals.goodbye(shown(words[5:]), server.host) from error
        if greeting:
            raise NotAMailServer(
                "greeting", expected="IMAP", **facts(server)
            ) from error
        raise ProtocolBroken(str(error), **facts(server)) from error
    except exceptions.ProtocolError as error:
        raise ProtocolBroken(str(error), **facts(server)) from error
    except (ValueError, TypeError, LookupError, RecursionError) as error:
        raise ProtocolBroken(type(error).__name__, **facts(server)) from error


def shown(raw: bytes) -> str:
    """Give a server's words as harmless text."""
    text = raw.decode("utf-8", "replace").strip()
    return CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)


def facts(server: Server) -> dict[str, object]:
    """Name a server in an error."""
    return {"host": server.host, "port": server.port}


def _ended(error: Exception, server: Server, *, greeting: bool) -> MailError:
    words = str(error)
    if "unexpected response" in words:
        # INTEROP 19: Exchange may say "Server Unavailable." in place of a greeting.
        line = words.partition("b'")[2]
        meaning = refusals.out_of_protocol(line, server.host)
        if greeting and isinstance(meaning, ProtocolBroken):
            return NotAMailServer("greeting", expected="IMAP", **facts(server))
        return meaning
    if re.search(r"EOF|unterminated|socket error", words):
        return ConnectionLost(words, **facts(server))
    return refusals.goodbye(shown(words.encode()), server.host)

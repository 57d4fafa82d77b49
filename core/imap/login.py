"""What is said to be let in, and what a server says of itself then.

Sent below imapclient, whose LOGIN knows ASCII only and whose errors do not tell a
refused password from a lost connection (THREATS 8).
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

from imapclient.exceptions import ProtocolError
from imapclient.response_parser import parse_response

from core import hiding, refusals, sasl
from core.errors import BadInput, LoginNotPossible, MailError, ProtocolBroken
from core.hiding import Hidden
from core.imap.features import Features
from core.imap.foreign import CONTROL, shown
from core.imap.responses import Part
from core.imap.wire import Client
from core.model import Server
from core.secret import AccessToken, Secret

NAMES_BY_LOGIN = re.compile(r"[\\/]")
CODE = re.compile(rb"\[([A-Z-]+) ?([^\]]*)\]", re.IGNORECASE)
NAME_CHARS = 120


class _Door(NamedTuple):
    """Where somebody wants to be let in, and what must not be repeated."""

    client: Client
    server: Server
    hide: Callable[[], Hidden]  # what was sent; it is asked only of a refusal


def check_credentials(login: str, password: Secret) -> None:
    """Refuse what could end a line and begin another command (THREATS 1).

    Raises:
        BadInput: a control character in the user name or the password.

    """
    if CONTROL.search(login):
        raise BadInput("login", "control")
    if CONTROL.search(password.reveal()):
        raise BadInput("password", "control")


def authenticate(
    client: Client, server: Server, features: Features, login: str, password: Secret
) -> list[bytes]:
    """Log in; give the lines that the server said about it, the tagged one last.

    AUTHENTICATE PLAIN carries UTF-8 (RFC 4616 §2) and comes first (INTEROP 50). LOGIN
    is for servers without it, for those that do not understand it though they offer
    it, and for names of shared mailboxes (INTEROP 20).

    An access token goes by OAUTHBEARER or XOAUTH2, and by nothing else.

    Raises:
        WrongPassword, AppPasswordNeeded, ImapDisabled, PasswordsNotAccepted,
        LoginNotPossible, Throttled, ServerUnavailable, ConnectionLost.
        NeedsPermission: an access token was refused.

    """
    hide = partial(hiding.of_login, login, password, server)
    door = _Door(client, server, hide)
    if isinstance(password, AccessToken):
        return _by_token(door, features, login, password)
    if features.login_disabled and not features.auth_plain:
        raise LoginNotPossible("LOGINDISABLED", host=server.host)
    by_login = NAMES_BY_LOGIN.search(login) and not features.login_disabled
    if features.auth_plain and not by_login:
        lines = _said(door, _plain(features, login, password))
        if _word(lines[-1]) != b"BAD" or features.login_disabled:
            return _accepted(door, lines)
    return _accepted(door, _said(door, _login(login, password)))


def capabilities(lines: list[bytes]) -> tuple[bytes, ...]:
    """Find CAPABILITY among responses, or as the code of an OK (RFC 9051 §6.1.1)."""
    found: tuple[bytes, ...] = ()
    for line in lines:
        if line[:13].upper() == b"* CAPABILITY ":
            found = tuple(line[13:].upper().split())
        elif (code := CODE.search(line)) and code[1].upper() == b"CAPABILITY":
            found = tuple(code[2].upper().split())
    return found


def name_and_version(responses: list[list[Part]]) -> str:
    """Read the server's own name and version from its answer to ID (RFC 2971 §3.2)."""
    for parts in responses:
        first = parts[0]
        if isinstance(first, bytes) and first[:5].upper() == b"* ID ":
            return _pairs([first[5:], *parts[1:]])
        if isinstance(first, tuple) and first[0][:5].upper() == b"* ID ":
            return _pairs([(first[0][5:], first[1]), *parts[1:]])
    return ""


def _pairs(data: list[Part]) -> str:
    try:
        (answer,) = parse_response(data)
    except (ProtocolError, ValueError, TypeError, LookupError, RecursionError):
        return ""
    pairs = answer if isinstance(answer, tuple) else ()
    keys = (k.lower() if isinstance(k, bytes) else b"" for k in pairs[::2])
    known = dict(zip(keys, pairs[1::2], strict=False))
    words = [known.get(key) or b"" for key in (b"name", b"version")]
    return shown(b" ".join(w for w in words if isinstance(w, bytes)))[:NAME_CHARS]


def _plain(features: Features, login: str, password: Secret) -> list[bytes]:
    token = base64.b64encode(f"\0{login}\0{password.reveal()}".encode())
    if features.sasl_ir:  # RFC 4959 §3: one round trip less
        return [b"AUTHENTICATE PLAIN " + token]
    return [b"AUTHENTICATE PLAIN", token]


def _by_token(
    door: _Door, features: Features, login: str, token: AccessToken
) -> list[bytes]:
    offers = (
        (features.auth_oauthbearer, sasl.OAUTHBEARER),
        (features.auth_xoauth2, sasl.XOAUTH2),
    )
    offered = [name for there, name in offers if there]
    how = sasl.token_login(offered, login, token, door.server)
    if how is None:
        raise LoginNotPossible("no mechanism for access tokens", host=door.server.host)
    challenges: list[bytes] = []
    lines = _said(door, _bearer(how, features), challenges)
    if _word(lines[-1]) == b"OK":
        return lines
    status = sasl.status_of(challenges[-1].decode("latin-1")) if challenges else ""
    raise _refusal(door, lines, status)


def _bearer(how: sasl.TokenLogin, features: Features) -> list[bytes]:
    command, said = f"AUTHENTICATE {how.mechanism}".encode(), how.response.encode()
    answer = how.to_challenge.encode()
    if features.sasl_ir:
        return [command + b" " + said, answer]
    return [command, said, answer]


def _login(login: str, password: Secret) -> list[bytes]:
    """Write LOGIN; what is not ASCII goes as a literal (RFC 9051 §4.3)."""
    lines = [b"LOGIN"]
    for text in (login, password.reveal()):
        raw = text.encode()
        if raw.isascii():
            escaped = raw.replace(b"\\", b"\\\\").replace(b'"', b'\\"')
            lines[-1] += b' "%s"' % escaped
        else:
            lines[-1] += b" {%d}" % len(raw)
            lines.append(raw)
    return lines


def _said(
    door: _Door, lines: list[bytes], challenges: list[bytes] | None = None
) -> list[bytes]:
    """Send a command, its next line at each "+"; give the answer, tagged line last.

    What came with each "+" is added to `challenges`.
    """
    client, (first, *more) = door.client, lines
    tag = client.begin(first)
    rest = iter(more)
    heard: list[bytes] = []
    for word, line in _heads(client, tag):
        if word == b"+":
            if challenges is not None:
                challenges.append(line[2:])
            client.connection.send_ahead(next(rest, b"*") + b"\r\n")
        elif word in {b"*", tag}:
            if line[:6].upper() == b"* BYE ":  # not a bad password (THREATS, fault 16)
                raise _refused(refusals.goodbye, door, line[6:])
            heard.append(line)
        else:
            raise _refused(refusals.out_of_protocol, door, line)
    return heard


def _heads(client: Client, tag: bytes) -> Iterator[tuple[bytes, bytes]]:
    for word, parts in client.responses(tag):
        yield word, parts[0][0] if isinstance(parts[0], tuple) else parts[0]


def _word(line: bytes) -> bytes:
    return line.split(b" ", 2)[1].upper() if b" " in line else b""


def _accepted(door: _Door, lines: list[bytes]) -> list[bytes]:
    if _word(lines[-1]) == b"OK":
        return lines
    raise _refusal(door, lines)


def _refusal(
    door: _Door, lines: list[bytes], token_status: str | None = None
) -> MailError:
    words = b" ".join(lines[-1].split(b" ", 2)[2:])
    if _word(lines[-1]) not in {b"NO", b"BAD"}:
        return ProtocolBroken("no OK, NO or BAD", host=door.server.host)
    if token_status is not None:
        meaning = partial(refusals.token_refused, status=token_status)
        return _refused(meaning, door, words)
    return _refused(refusals.login_refused, door, words)


def _refused(meaning: Callable[..., MailError], door: _Door, raw: bytes) -> MailError:
    """Tell what words mean as they were said; what must not be shown is not."""
    words = shown(raw)
    return meaning(words, door.server.host, says=door.hide().out_of(words))

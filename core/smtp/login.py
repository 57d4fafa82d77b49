"""Log in to a submission server, by password or by access token."""

from __future__ import annotations

from base64 import b64encode

from core import hiding, refusals, sasl
from core.errors import BadInput, LoginNotPossible, MailError, ProtocolBroken
from core.model import Server
from core.network import Policy
from core.secret import AccessToken, Secret
from core.smtp.conversation import (
    PERMANENT,
    TEMPORARY,
    Conversation,
    bounded,
    facts,
    translated,
    unavailable,
    whole,
)

GO_ON, ACCEPTED, TOO_WEAK = 334, 235, 534  # RFC 4954 §6
COMMAND_MOST = 512  # octets with CR LF (RFC 5321 §4.5.3.1.4)


def log_in(smtp: Conversation, login: str, password: Secret, policy: Policy) -> None:
    """Authenticate with PLAIN (RFC 4616), or LOGIN where that is all there is.

    An access token goes by OAUTHBEARER or XOAUTH2, and by nothing else.

    Raises:
        NeedsPermission: an access token was refused.
        WrongPassword, AppPasswordNeeded, LoginNotPossible, ServerUnavailable, …

    """
    if any(ord(c) < 32 or ord(c) == 127 for c in login + password.reveal()):  # noqa: PLR2004 - controls
        raise BadInput("password", "control")
    with bounded(smtp, policy.command_timeout_s), translated(smtp.server):
        offered = smtp.esmtp_features.get("auth", "").upper().split()
        status = ""
        if isinstance(password, AccessToken):
            code, words, status = _auth_token(smtp, offered, login, password)
        elif "PLAIN" in offered:
            secret = _coded(f"\0{login}\0{password.reveal()}")
            code, words = smtp.docmd("AUTH", f"PLAIN {secret}")
        elif "LOGIN" in offered:
            code, words = _auth_login(smtp, login, password)
        else:
            raise LoginNotPossible("no AUTH PLAIN or LOGIN", **facts(smtp.server))
        if code != ACCEPTED:
            raise refused(smtp.server, login, password, code, whole(words), status)


def refused(
    server: Server, login: str, secret: Secret, code: int, words: str, status: str = ""
) -> MailError:
    """Tell what a reply means that does not let us in, now or later (RFC 4954 §6).

    `status`: what the challenge of a refused access token said.
    """
    says = hiding.of_login(login, secret, server).out_of(words)
    if code in TEMPORARY:
        return unavailable(server, says)
    if code not in PERMANENT:
        return ProtocolBroken(says, **facts(server))
    if isinstance(secret, AccessToken):
        error = refusals.token_refused(words, server.host, status, says)
    else:
        # 534 and 5.7.9 say that the mechanism is too weak: app passwords.
        weak = code == TOO_WEAK or "5.7.9" in words
        hint = " application-specific password" if weak else ""
        error = refusals.login_refused(words + hint, server.host, says)
    error.facts["port"] = str(server.port)
    return error


def _auth_login(smtp: Conversation, login: str, password: Secret) -> tuple[int, bytes]:
    code, words = smtp.docmd("AUTH", f"LOGIN {_coded(login)}")
    if code != GO_ON:
        return code, words
    return smtp.docmd(_coded(password.reveal()))


def _auth_token(
    smtp: Conversation, offered: list[str], login: str, token: AccessToken
) -> tuple[int, bytes, str]:
    """Give the reply, and the status that a challenge told before it."""
    how = sasl.token_login(offered, login, token, smtp.server)
    if how is None:
        raise LoginNotPossible("no mechanism for access tokens", **facts(smtp.server))
    # RFC 4954 §4: a long token does not go with the command.
    short = len(f"AUTH {how.mechanism} {how.response}\r\n") <= COMMAND_MOST
    first = f"{how.mechanism} {how.response}" if short else how.mechanism
    code, words = smtp.docmd("AUTH", first)
    if code == GO_ON and not short:
        code, words = smtp.docmd(how.response)
    status = ""
    if code == GO_ON:
        status = sasl.status_of(words.decode("latin-1"))
        code, words = smtp.docmd(how.to_challenge)
    return code, words, status


def _coded(text: str) -> str:
    return b64encode(text.encode()).decode()

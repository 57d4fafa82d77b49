"""Submit one message over one connection (RFC 6409), and tell what became of it.

It is sent once or not at all, or nobody knows (SubmissionUncertain): then it must not
be sent again before somebody has looked for it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from core import hiding, smtp
from core.model import Server
from core.network import Policy
from core.outgoing import Recipient
from core.secret import Secret
from core.smtp import Conversation
from core.submitting.envelope import Envelope, size_limit
from core.submitting.transaction import Transaction, check_lines

__all__ = ["Envelope", "Submitted", "limits", "submit"]


@dataclass(frozen=True, slots=True)
class Submitted:
    """The server has the mail, for each recipient of `told` that it accepted.

    `told` has every recipient of the envelope, its verdict with code and words; `said`
    is the answer to the final dot, often with the number of the mail at the server.
    """

    told: tuple[Recipient, ...]
    said: str


def submit(
    server: Server,
    login: str,
    secret: Secret,
    policy: Policy,
    envelope: Envelope,
    content: bytes,
    on_brink: Callable[[], None],
) -> Submitted:
    """Submit a message; `content` has CR LF at each line's end, and no stuffed dots.

    `on_brink` is called when all but the final dot was sent: from then on the server
    may have the mail. What it raises ends the connection without the dot.

    Raises:
        AddressNotSupported, MailTooLarge: by what the server says of itself, or tells.
        SubmissionDeferred, SubmissionRefused: the server does not have the mail; `told`
            says which recipients it would not take.
        SubmissionUncertain: no answer to the final dot, or none that can be understood.
        WrongPassword, NeedsPermission, …: the login was refused.
        Unreachable, NotTrusted, NoTls, ProtocolBroken, …: it is not sent.
        ValueError: the content has a CR or an LF alone: a fault of ours.

    """
    check_lines(content)
    talk = smtp.connected(server, policy)
    try:
        smtp.log_in(talk, login, secret, policy)
        transaction = Transaction(
            talk,
            policy,
            envelope,
            content,
            hiding.of_login(login, secret, server),
            partial(smtp.refused, server, login, secret),
        )
        reply = transaction.run(on_brink)
        return Submitted(tuple(transaction.told), reply.words)
    finally:
        smtp.close(talk)


def limits(talk: Conversation) -> int:
    """Give the octets that a message may have at a server; 0: it does not say."""
    return size_limit(talk.esmtp_features.get("size"))

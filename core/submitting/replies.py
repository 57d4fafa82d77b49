"""What a server's replies mean for a mail and for its recipients."""

from __future__ import annotations

import re
from typing import NamedTuple

from core.outgoing import Verdict
from core.smtp import PERMANENT, POSITIVE, TEMPORARY

GO_ON = 354
CLOSING = 421  # RFC 5321 §3.8: of the connection, whatever was asked
TOO_MUCH = 552
# RFC 4954 §6: what was asked needs a login, or a better one.
ABOUT_LOGIN = {530, 534, 535, 538}
STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}(?!\S)")  # RFC 3463 §2
TOO_LARGE = {"5.3.4", "5.2.3"}  # RFC 3463 §3.4, §3.3
TOO_MANY = {"", "5.5.3"}  # RFC 3463 §3.6


class Reply(NamedTuple):
    """A code, or -1 for what is no reply, and words: harmless, without secrets."""

    code: int
    words: str

    @property
    def line(self) -> str:
        """Give code and words, as the server said them."""
        return f"{self.code} {self.words}".strip()

    @property
    def status(self) -> str:
        """Give the status code of RFC 3463, as "5.1.1", or nothing."""
        found = STATUS.match(self.words)
        return found[0] if found else ""

    @property
    def is_positive(self) -> bool:
        """Tell whether the server has done what was asked."""
        return self.code in POSITIVE

    @property
    def is_refusal(self) -> bool:
        """Tell whether the server has not done it, for now or for good."""
        return self.code in TEMPORARY or self.code in PERMANENT

    @property
    def is_too_large(self) -> bool:
        """Tell whether the mail is too large; others give 552 other statuses.

        RFC 1870 §6.1 has 552 for it. Google sends "552 5.7.0" for forbidden content.
        """
        return self.status in TOO_LARGE or (self.code == TOO_MUCH and not self.status)


def verdict(reply: Reply, others: bool) -> Verdict | None:
    """Tell what a reply to RCPT means; None: it is not about the recipient.

    `others`: somebody was accepted before in this transaction.
    """
    if reply.is_positive:
        return Verdict.ACCEPTED
    if reply.code == CLOSING or reply.code in ABOUT_LOGIN:
        return None
    if reply.code in TEMPORARY:
        return Verdict.DEFERRED
    if reply.code == TOO_MUCH and others and reply.status in TOO_MANY:
        # RFC 5321 §4.5.3.1.10: "too many recipients", as older servers have it.
        return Verdict.DEFERRED
    return Verdict.REFUSED if reply.code in PERMANENT else None


def joined(lines: bytes) -> str:
    """Put the lines of a reply together; a status that each repeats stands once."""
    first, *more = lines.decode("utf-8", "replace").split("\n")
    found = STATUS.match(first)
    status = f"{found[0]} " if found else ""
    return " ".join([first, *(line.removeprefix(status) for line in more)])

"""What a mail's envelope says, and its parameters where a server offers them. Pure.

RFC 1870 (SIZE), RFC 6531 (SMTPUTF8), RFC 6152 (8BITMIME), RFC 3461 (DSN).
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

FORBIDDEN = re.compile(r"[\x00-\x1f\x7f<>]")  # would end the address, or the command
ENVELOPE_ID_MOST, ORIGINAL_MOST = 100, 500  # characters (RFC 3461 §4.4, §4.2)
GRAPHIC = range(33, 127)  # RFC 3461 §4: what xtext may hold as it is, but for + and =


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who a mail is from and for (RFC 5321 §2.3.1); `recipients` are addresses.

    `envelope_id` comes back in delivery reports. `smtputf8`: headers hold UTF-8.
    `notify`: reports of failure and of delay are asked for.
    """

    sender: str
    recipients: tuple[str, ...]
    envelope_id: str = ""
    smtputf8: bool = False
    notify: bool = True

    def __post_init__(self) -> None:
        """Refuse what cannot be an address: by then, that is a fault of ours."""
        for one in (self.sender, *self.recipients):
            if FORBIDDEN.search(one):
                raise ValueError("an address that would end the command")
        if not self.recipients:
            raise ValueError("a mail for nobody")

    @property
    def needs_smtputf8(self) -> bool:
        """Tell whether an address or a header has letters beyond ASCII."""
        addresses = (self.sender, *self.recipients)
        return self.smtputf8 or not all(one.isascii() for one in addresses)


def mail_command(envelope: Envelope, content: bytes, offered: Collection[str]) -> str:
    """Write MAIL FROM; `offered` are the keywords of EHLO, in small letters."""
    words = [f"MAIL FROM:<{envelope.sender}>"]
    if "size" in offered:
        words.append(f"SIZE={len(content)}")
    if envelope.needs_smtputf8:
        words.append("SMTPUTF8")
    if not content.isascii() and "8bitmime" in offered:
        words.append("BODY=8BITMIME")
    if "dsn" in offered:
        words.append("RET=HDRS")
        coded = xtext(envelope.envelope_id)
        if coded and len(coded) <= ENVELOPE_ID_MOST:
            words.append(f"ENVID={coded}")
    return " ".join(words)


def recipient_command(
    envelope: Envelope, recipient: str, offered: Collection[str]
) -> str:
    """Write RCPT TO."""
    words = [f"RCPT TO:<{recipient}>"]
    if "dsn" in offered:
        if envelope.notify:
            words.append("NOTIFY=FAILURE,DELAY")
        # RFC 6533 §3 has another form for what is beyond ASCII; it may be left out.
        original = f"rfc822;{xtext(recipient)}" if recipient.isascii() else ""
        if original and len(original) <= ORIGINAL_MOST:
            words.append(f"ORCPT={original}")
    return " ".join(words)


def xtext(text: str) -> str:
    """Write a text in ASCII as xtext (RFC 3461 §4)."""
    plain = (chr(c) if c in GRAPHIC and chr(c) not in "+=" else "" for c in range(128))
    table = {c: one or f"+{c:02X}" for c, one in enumerate(plain)}
    return text.encode("ascii").decode().translate(table)


def size_limit(stated: str | None) -> int:
    """Read the parameter of SIZE, in octets; 0 if there is no limit (RFC 1870 §4)."""
    found = re.fullmatch(r"\d{1,18}", stated or "", re.ASCII)
    return int(found[0]) if found else 0

"""A mail that is still being written, as its reader will see it, in the same frame.

Its HTML is cleaned like that of any mail and kept in this process for a while, under a
name that nobody can guess and that is the same for the same HTML.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTPUTF8

from core.errors import LinkExpired
from core.mime.fields import as_text
from core.mime.sanitising import clean
from core.preview.kept import Kept
from core.text import harmless

KEPT_S, BYTES_MOST = 900.0, 16 << 20
KEY = secrets.token_bytes(32)  # of this process: what it names ends with it
_KEPT = Kept(KEPT_S, BYTES_MOST)


@dataclass(frozen=True, slots=True)
class DraftLook:
    """What goes over the wire, for people: harmless text, and HTML for the frame."""

    headers: str
    text: str
    html: str


def look(content: bytes) -> DraftLook:
    """Take a composed message apart: its header as it is sent, and both its bodies."""
    message = message_from_bytes(content, policy=SMTPUTF8)
    head, _, _ = content.replace(b"\r\n", b"\n").partition(b"\n\n")
    return DraftLook(
        headers=as_text(head),
        text="\n".join(map(harmless, _body(message, "plain").splitlines())),
        html=clean(_body(message, "html")).html,
    )


def keep(html: str) -> str:
    """Keep HTML for the frame; give the name under which it is found."""
    name = hmac.digest(KEY, html.encode(), "sha256").hex()
    return _KEPT.get(name, lambda: (name, html), lambda one: 2 * len(one[1]))[0]


def kept(name: str) -> str:
    """Give what is kept under a name.

    Raises:
        LinkExpired: nothing is, any more.

    """
    return _KEPT.get(name, _gone, lambda one: len(one[1]))[1]


def _gone() -> tuple[str, str]:
    raise LinkExpired("no such draft")


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return str(part.get_content()) if part is not None else ""

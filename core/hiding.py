"""Keep a secret out of what servers say: some repeat what they were sent. Pure.

What they say goes into errors, and those into the database, onto pages and into logs
(THREATS T1, T2). It is cleaned before it is cut: half a password is one, too.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass, field

from core import sasl
from core.model import Server
from core.secret import AccessToken, Secret
from core.text import harmless

IN_PLACE = "…"


@dataclass(frozen=True, slots=True)
class Hidden:
    """What must not be repeated, in every form that a server may have seen."""

    forms: tuple[str, ...] = field(default=(), repr=False)

    def out_of(self, text: str) -> str:
        """Give a text without it."""
        for form in self.forms:
            text = re.sub(re.escape(form), IN_PLACE, text, flags=re.IGNORECASE)
        return text


def of(secrets: Iterable[str]) -> Hidden:
    """Hide these texts, also where they were made harmless or lost their ends."""
    found = {form for one in secrets for form in (one, harmless(one), one.strip(" ="))}
    return Hidden(tuple(sorted(found - {""}, key=len, reverse=True)))


def of_login(login: str, secret: Secret, server: Server) -> Hidden:
    """Hide a password or an access token in every form that logging in gives it."""
    text = secret.reveal()
    if not text:
        return Hidden()
    coded = (_coded(text), _coded(f"\0{login}\0{text}"))  # LOGIN, PLAIN (RFC 4616)
    return of((text, _quoted(text), *coded, *_responses(login, secret, server)))


def _responses(login: str, secret: Secret, server: Server) -> list[str]:
    if not isinstance(secret, AccessToken):
        return []
    ways = (sasl.OAUTHBEARER, sasl.XOAUTH2)
    found = (sasl.token_login([way], login, secret, server) for way in ways)
    return [how.response for how in found if how]


def _quoted(text: str) -> str:
    """Write as IMAP's LOGIN does between quotes (RFC 9051 §9, "quoted")."""
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _coded(text: str) -> str:
    return b64encode(text.encode()).decode()

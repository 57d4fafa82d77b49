"""Keep a secret out of what servers say: some repeat what they were sent. Pure.

What they say goes into errors, and those into the database, onto pages and into logs
(THREATS T1, T2). It is cleaned before it is cut: half a password is one, too.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from core import sasl
from core.model import Server
from core.secret import AccessToken, Secret
from core.text import harmless

IN_PLACE = "…"
BARE = re.compile(r"[^0-9a-z]+")
DISGUISED_LEAST = 4  # characters: less occurs by chance
CODED = "[A-Za-z0-9+/=_-]*"  # base64 goes on around what we know of it
URL_ALPHABET = str.maketrans("+/", "-_")
SHORTEST = 6  # a piece of base64 that is not in other texts by chance


@dataclass(frozen=True, slots=True)
class Hidden:
    """What must not be repeated, in every form that a server may have seen.

    `cores` are found inside base64, whatever was coded before and after them.
    """

    forms: tuple[str, ...] = field(default=(), repr=False)
    cores: tuple[str, ...] = field(default=(), repr=False)
    disguises: tuple[str, ...] = field(default=(), repr=False)  # bare, see `_bare`

    def out_of(self, text: str) -> str:
        """Give a text without it."""
        lower = text.lower() if text.isascii() else None
        for form in self.forms:
            if lower is not None and form.isascii() and form.lower() not in lower:
                continue  # a pattern costs thirty times as much, at each login
            text = re.sub(re.escape(form), IN_PLACE, text, flags=re.IGNORECASE)
        for core in self.cores:
            if core in text:
                text = re.sub(f"{CODED}{re.escape(core)}{CODED}", IN_PLACE, text)
        return text

    def is_disguised_in(self, text: str) -> bool:
        """Tell whether a text holds it in a form that nobody sent: cut up, coded."""
        bare = _bare(text)
        return any(one in bare for one in self.disguises)


def of(secrets: Iterable[str]) -> Hidden:
    """Hide these texts, also where they were made harmless or lost their ends."""
    every = tuple(secrets)
    found = {form for one in every for form in (one, harmless(one), one.strip(" ="))}
    cores = {core for one in every for core in _cores(one)}
    return Hidden(tuple(sorted(found - {""}, key=len, reverse=True)), tuple(cores))


def of_login(login: str, secret: Secret, server: Server) -> Hidden:
    """Hide a password or an access token in every form that logging in gives it."""
    text = secret.reveal()
    if not text:
        return Hidden()
    coded = (_coded(text), _coded(f"\0{login}\0{text}"))  # LOGIN, PLAIN (RFC 4616)
    return of((text, _quoted(text), *coded, *_responses(login, secret, server)))


def thoroughly(login: str, secret: Secret, server: Server) -> Hidden:
    """Hide it also in forms that nobody sends, see `Hidden.is_disguised_in`."""
    found = of_login(login, secret, server)
    return replace(found, disguises=_disguises(secret.reveal()))


def _disguises(text: str) -> tuple[str, ...]:
    """Give what is left of a secret in base64, UTF-16, hexadecimal or backwards."""
    raws = (text.encode(), text.encode("utf-16-le"), text.encode("utf-16-be"))
    found = {text, text[::-1], *(raw.hex() for raw in raws)}
    found |= {_within(raw, at) for raw in raws for at in range(3)}
    bare = {_bare(one) for one in found}
    return tuple(sorted(one for one in bare if len(one) >= DISGUISED_LEAST))


def _within(raw: bytes, at: int) -> str:
    """Give the characters of base64 that some bytes have for sure, `at` bytes in."""
    coded = b64encode(b"\0" * at + raw).decode()
    return coded[-(-8 * at // 6) : 8 * (at + len(raw)) // 6]


def _cores(text: str) -> set[str]:
    """Give what base64 makes of a text amid others, in both alphabets.

    RFC 4648 §4, §5.
    """
    plain = {_within(text.encode(), at) for at in range(3)}
    both = plain | {one.translate(URL_ALPHABET) for one in plain}
    return {core for core in both if len(core) >= SHORTEST}


def _bare(text: str) -> str:
    return BARE.sub("", text.lower())


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

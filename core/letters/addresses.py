"""Whom a letter is for, as a person types it. Pure.

Lengths and the number of recipients are those that every server takes (RFC 5321
§4.5.3.1). An address in quotation marks, or in the brackets of a host's number, is
allowed by the RFC and used by nobody: it is refused.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

import idna

from core.errors import BadInput
from core.letters.characters import check
from core.outgoing import Field, Recipient
from core.text import harmless

LOCAL_MOST, DOMAIN_MOST, ADDRESS_MOST = 64, 255, 254  # octets
RECIPIENTS_MOST = 100
NAME_MOST = 200
TYPED_MOST = 50_000
SHOWN_MOST = 80
ITEM_MOST = 2 * (NAME_MOST + ADDRESS_MOST)
ATEXT = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u00a1-\U0010ffff-]+"  # RFC 6531 §3.3, too
LOCAL = re.compile(rf"{ATEXT}(?:\.{ATEXT})*")
BLANK = re.compile(r"\s")  # also of other alphabets
LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
ITEM = re.compile(
    r"(?:\"(?P<quoted>(?:[^\"\\]|\\.)*)\"|(?P<plain>[^<>\"]*))\s*<(?P<address>[^<>]*)>"
)


def people(typed: str, field: Field) -> tuple[Recipient, ...]:
    """Read "Ana <ana@example.com>, rui@example.com; …"; each address is there once.

    Raises:
        BadInput: control or invisible characters; an item that is no address
            (`what`); too many of them.

    """
    if len(typed) > TYPED_MOST:
        raise BadInput(field, "too_long")
    check(typed, field)
    found = once(_person(item, field) for item in _items(typed) if item)
    if len(found) > RECIPIENTS_MOST:
        raise BadInput(field, "recipients_most", n=RECIPIENTS_MOST)
    return found


def once(people: Iterable[Recipient]) -> tuple[Recipient, ...]:
    """Leave out who was named before; case does not make another address."""
    first: dict[str, Recipient] = {}
    for one in people:
        first.setdefault(one.address.casefold(), one)
    return tuple(first.values())


def address(text: str, field: str) -> str:
    """Give an address as it goes over the wire: its domain by IDNA (RFC 5890 §2.3).

    Raises:
        BadInput: it is none; `what` is the text.

    """
    check(text, field)
    local, _, bare = unicodedata.normalize("NFC", text.strip()).rpartition("@")
    domain = _domain(bare)
    clean = f"{local}@{domain}"
    too_long = max(len(local.encode()) - LOCAL_MOST, len(clean.encode()) - ADDRESS_MOST)
    if not domain or too_long > 0 or not LOCAL.fullmatch(local) or BLANK.search(local):
        raise BadInput(field, "recipient_form", what=harmless(text)[:SHOWN_MOST])
    return clean


def name(text: str, field: str) -> str:
    """Give a display name with its blanks in order.

    Raises:
        BadInput: it is too long, or holds what cannot be seen.

    """
    check(text, field)
    clean = " ".join(text.split())
    if len(clean) > NAME_MOST:
        raise BadInput(field, "too_long")
    return clean


def _domain(text: str) -> str:
    """Give a domain as on the wire, or nothing where it is none."""
    bare = text.removesuffix(".")
    if len(bare) > DOMAIN_MOST:
        return ""
    try:
        domain = idna.encode(bare, uts46=True).decode("ascii").lower()
    except (UnicodeError, ValueError, IndexError):  # IDNAError is a UnicodeError
        return ""
    labels = domain.split(".")
    usable = len(labels) > 1 and all(LABEL.fullmatch(label) for label in labels)
    return domain if usable and not labels[-1].isdecimal() else ""


def _person(item: str, field: Field) -> Recipient:
    if len(item) > ITEM_MOST or not (found := ITEM.fullmatch(item)):
        return Recipient(address(item, field), field=field)
    quoted = re.sub(r"\\(.)", r"\1", found["quoted"] or "")
    called = name(quoted or found["plain"] or "", field)
    return Recipient(address(found["address"], field), called, field)


def _items(typed: str) -> Iterator[str]:
    """Split at commas and semicolons that stand in no quotation marks or brackets."""
    start, quoted, skip, angle = 0, False, False, False
    for place, character in enumerate(typed):
        if skip:
            skip = False
        elif quoted:
            skip, quoted = character == "\\", character != '"'
        elif character == '"':
            quoted = True
        elif character in "<>":
            angle = character == "<"
        elif character in ",;" and not angle:
            yield typed[start:place].strip()
            start = place + 1
    yield typed[start:].strip()

"""From what was fetched to what is shown. Pure; never raises."""

from __future__ import annotations

from collections.abc import Iterable
from email.utils import getaddresses

from core import lookalikes
from core.imap.headers import ADDRESSES_CHARS, words
from core.lookalikes import Oddity
from core.mime import authentication, fields
from core.mime.authentication import Authentication
from core.mime.choosing import Chosen
from core.mime.fields import Field
from core.mime.names import name_or
from core.mime.sanitising import Safe, clean
from core.mime.structure import Piece
from core.preview.shown import Attachment, Body, Note, People, Person, runs

ROLES = {
    "from": "from", "sender": "sender", "reply_to": "reply-to", "to": "to", "cc": "cc",
}  # fmt: skip
PEOPLE_MOST, ODD_MOST, ATTACHMENTS_MOST = 100, 30, 200
NAME_CHARS, ADDRESS_CHARS, SUBJECT_CHARS = 300, 320, 1_000


def people(found: list[Field]) -> tuple[People, ...]:
    """Read who sent a message, and to whom; fields that are not there are left out."""
    read = [_people(role, fields.every(found, name)) for role, name in ROLES.items()]
    return tuple(one for one in read if one.people)


def subject(found: list[Field], otherwise: str) -> str:
    """Give the subject, decoded and as it came; `otherwise` where there is none."""
    told = fields.first(found, "subject")
    return words(told)[:SUBJECT_CHARS] if told else otherwise


def oddities(
    found: list[Field], shown: Iterable[People], title: str
) -> tuple[Oddity, ...]:
    """Find what should be looked at twice in a header."""
    by_role = {one.role: one.people for one in shown}
    out = [*lookalikes.of_text(title), *_of_senders(found, by_role)]
    for one in by_role.values():
        for person in one:
            out.extend(person.odd)
    return _once(out)[:ODD_MOST]


def stated(found: list[Field], own: Iterable[str]) -> Authentication:
    """Give what the receiving server states of the sender."""
    return authentication.stated(found, own)


def html_body(source: str, notes: Iterable[str], images: dict[str, bytes]) -> Body:
    """Make the HTML of a message fit for the frame."""
    safe = clean(source, images)
    told = [Note(code) for code in notes]
    return Body(html=safe.html, links=safe.links, notes=(*told, *_left_out(safe)))


def attachments(chosen: Chosen) -> tuple[Attachment, ...]:
    """List what can be downloaded."""
    return tuple(_attachment(one) for one in chosen.attachments[:ATTACHMENTS_MOST])


def decoded_size(piece: Piece) -> int:
    """Tell about how large a part is once it is decoded (RFC 2045 §6.8: 57 of 78)."""
    if piece.encoding == "base64":
        return piece.size_bytes * 57 // 78
    return piece.size_bytes


def _people(role: str, values: list[str]) -> People:
    joined = ", ".join(values)
    try:
        pairs = getaddresses([joined[:ADDRESSES_CHARS]])
    except (RecursionError, ValueError, IndexError):
        pairs = [(joined[:NAME_CHARS], "")]
    pairs = [(name, address) for name, address in pairs if name or address]
    if joined and not pairs:  # what cannot be read is shown as it is
        pairs = [(joined[:NAME_CHARS], "")]
    some = tuple(_person(name, address) for name, address in pairs[:PEOPLE_MOST])
    more = len(pairs) > PEOPLE_MOST or len(joined) > ADDRESSES_CHARS
    return People(role, some, more)


def _person(name: str, address: str) -> Person:
    told, there = words(name)[:NAME_CHARS], address[:ADDRESS_CHARS]
    odd = tuple(lookalikes.of_person(told, there))
    return Person(lookalikes.visible(told), lookalikes.visible(there), odd)


def _of_senders(
    found: list[Field], by_role: dict[str, tuple[Person, ...]]
) -> list[Oddity]:
    out: list[Oddity] = []
    who = by_role.get("from", ())
    if len(fields.every(found, "from")) > 1 or len(who) > 1:
        out.append(Oddity("several_senders"))
    mine = {_domain(p.address) for p in who}
    for one in by_role.get("reply_to", ()):
        if mine and _domain(one.address) not in mine:
            out.append(Oddity("reply_elsewhere", {"address": one.address}))
            break
    return out


def _domain(address: str) -> str:
    return address.rpartition("@")[2].lower()


def _left_out(safe: Safe) -> list[Note]:
    pretending = sum(link.elsewhere for link in safe.links)
    counts = {"remote": safe.remote, "lost": safe.lost, "elsewhere": pretending}
    notes = [Note(code, count) for code, count in counts.items() if count]
    return [*notes, *([Note("cut")] if safe.cut else [])]


def _attachment(piece: Piece) -> Attachment:
    name = name_or(piece.name, piece.type, piece.section)
    odd = ["hidden"] if piece.named_badly else []
    if runs(name):
        odd.append("runs")
    return Attachment(piece.section, name, piece.type, decoded_size(piece), tuple(odd))


def _once(found: Iterable[Oddity]) -> tuple[Oddity, ...]:
    return tuple({(o.code, tuple(sorted(o.facts.items()))): o for o in found}.values())


def seen(text: str) -> str:
    """Give a line of text with what is invisible made visible."""
    return " ".join(lookalikes.visible(text[:SUBJECT_CHARS]).split())


def seen_lines(text: str) -> str:
    """Give a text with what turns its direction made visible; lines stay."""
    return lookalikes.visible_lines(text)

"""What a person asks of the messages: what they chose, and what they typed. Pure.

The search understands words as people know them from mail programs, in English and in
Portuguese: `from:ana to:"Ana Souza" subject:reunião domain:example.com -list
before:2026-11-01 after:2026-10-01 is:unread is:flagged is:answered has:attachment
has:reply larger:2M smaller:100k kind:bounce`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from core.clock import to_ms
from core.model import Kind
from core.store.wanted import Wanted
from core.terms import Term, Where, term
from core.text import fold

TYPED_MOST = 500  # characters of a search
TERMS_MOST = 20
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)  # that can be asked for
PIECE = re.compile(r'(-?)(?:([^\s":]{1,20}):)?(?:"([^"]*)"?|(\S+))')
SIZE = re.compile(r"(\d{1,9})\s*([kmg]?)b?\Z")
UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}
IN_WORDS = {
    "from": Where.SENDER, "de": Where.SENDER, "to": Where.RECIPIENTS,
    "para": Where.RECIPIENTS, "cc": Where.RECIPIENTS, "subject": Where.SUBJECT,
    "assunto": Where.SUBJECT, "domain": Where.DOMAIN, "dominio": Where.DOMAIN,
}  # fmt: skip
DAYS = {"after": "since", "depois": "since", "before": "until", "antes": "until"}
SIZES = {
    "larger": "larger_bytes", "maior": "larger_bytes", "smaller": "smaller_bytes",
    "menor": "smaller_bytes",
}  # fmt: skip
STATES = {
    "unread": ("unread", True), "nao-lida": ("unread", True), "read": ("unread", False),
    "lida": ("unread", False), "flagged": ("flagged", True),
    "starred": ("flagged", True), "marcada": ("flagged", True),
    "answered": ("answered", True), "respondida": ("answered", True),
    "sent": ("direction", "sent"), "enviada": ("direction", "sent"),
    "received": ("direction", "received"), "recebida": ("direction", "received"),
    "attachment": ("attachment", True), "anexo": ("attachment", True),
    "reply": ("replied", True), "resposta": ("replied", True),
    "thread": ("threaded", True), "conversa": ("threaded", True),
}  # fmt: skip
STATE_WORDS = {"is", "e", "esta", "has", "tem"}
KIND_WORDS = {"kind", "tipo"}
CHOICE_WORDS = {*DAYS, *SIZES, *STATE_WORDS, *KIND_WORDS}
KINDS = {str(kind): kind for kind in Kind} | {
    "pessoa": Kind.PERSON, "lista": Kind.LIST, "automatica": Kind.AUTOMATIC,
    "devolucao": Kind.BOUNCE, "confirmacao": Kind.RECEIPT,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Filters:
    """What can be chosen; all of it together. None or empty: it is all the same.

    `since` and `until` are days in the viewer's zone, both of them wanted.
    `unread` False: only what was read, and so on.
    """

    since: date | None = None
    until: date | None = None
    direction: str = ""
    kinds: tuple[str, ...] = ()
    sender: str = ""
    recipient: str = ""
    domain: str = ""
    subject: str = ""
    from_address: str = ""
    unread: bool | None = None
    flagged: bool | None = None
    answered: bool | None = None
    attachment: bool | None = None
    replied: bool | None = None
    threaded: bool | None = None
    larger_bytes: int = 0
    smaller_bytes: int = 0
    thread: int = 0


class Typed(NamedTuple):
    """A search that was read; `unclear`: what of it was not understood, as typed."""

    terms: tuple[Term, ...]
    chosen: dict[str, Any]
    unclear: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """Which messages of which mailboxes; `whole`: the mailboxes are all there are."""

    integrations: tuple[int, ...]
    folder_id: int | None = None
    search: str = ""
    filters: Filters = field(default_factory=Filters)
    zone: str = "UTC"
    whole: bool = False


def typed(search: str) -> Typed:
    """Read what was typed."""
    terms: list[Term] = []
    chosen: dict[str, Any] = {}
    unclear: list[str] = []
    for found in PIECE.finditer(search[:TYPED_MOST]):
        minus, name, quoted, bare = found.groups()
        value = quoted if quoted is not None else bare
        name = fold(name or "")
        key = _chosen(name, fold(value)) if name else None
        if key is not None and not minus:
            chosen |= key
        elif name in CHOICE_WORDS or len(terms) == TERMS_MOST:
            unclear.append(found.group())
        elif name in IN_WORDS or not name:
            where = IN_WORDS.get(name, Where.ANY)
            asked = term(where, value, quoted=quoted is not None, wanted=not minus)
            terms.append(asked)
        else:
            text = f"{found[2]} {value}"
            terms.append(term(Where.ANY, text, wanted=not minus))
    terms = [one for one in terms if one.wanted or (one.words and one.words[0])]
    return Typed(tuple(terms), chosen, tuple(unclear))


def wanted(question: Question) -> Wanted:
    """Give what is asked for as the store understands it."""
    asked = typed(question.search)
    filters = replace(question.filters, **asked.chosen)
    zone = ZoneInfo(question.zone)
    after = filters.until and _within(filters.until) + timedelta(days=1)
    return Wanted(
        tuple(sorted(set(question.integrations))),
        whole=question.whole,
        folder_id=question.folder_id,
        since_ms=_start_ms(filters.since, zone),
        until_ms=_start_ms(after, zone),
        direction=filters.direction,
        kinds=filters.kinds,
        terms=(*asked.terms, *_terms(filters)),
        from_address=filters.from_address.lower(),
        unread=filters.unread,
        flagged=filters.flagged,
        answered=filters.answered,
        attachment=filters.attachment,
        replied=filters.replied,
        threaded=filters.threaded,
        larger_bytes=filters.larger_bytes,
        smaller_bytes=filters.smaller_bytes,
        thread=filters.thread,
    )


def day_ms(day: date, zone: str) -> int:
    """Give the instant, in milliseconds since 1970, at which a day begins somewhere."""
    day = _within(day)
    return to_ms(datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC))


def _within(day: date) -> date:
    return min(max(day, FIRST_DAY), LAST_DAY)


def _start_ms(day: date | None, zone: ZoneInfo) -> int | None:
    return None if day is None else day_ms(day, zone.key)


def _terms(filters: Filters) -> list[Term]:
    asked = (
        (Where.SENDER, filters.sender),
        (Where.RECIPIENTS, filters.recipient),
        (Where.SUBJECT, filters.subject),
        (Where.DOMAIN, filters.domain),
    )
    out = []
    for where, text in asked:
        if where is Where.DOMAIN and text.strip():
            out.append(term(where, text))
        elif where is not Where.DOMAIN:
            out += [
                term(where, quoted or bare, quoted=bool(quoted))
                for quoted, bare in re.findall(r'"([^"]+)"|(\S+)', text)
            ]
    return out


def _chosen(name: str, value: str) -> dict[str, Any] | None:
    """Read `name:value` as a choice; None: it is none, or cannot be understood."""
    if name in DAYS:
        day = _day(value)
        if day is not None and DAYS[name] == "until":  # before: not of that day
            day -= timedelta(days=1)
        return None if day is None else {DAYS[name]: day}
    if name in SIZES:
        size = SIZE.fullmatch(value)
        return {SIZES[name]: int(size[1]) * UNITS[size[2]]} if size else None
    if name in KIND_WORDS:
        return {"kinds": (str(KINDS[value]),)} if value in KINDS else None
    if name in STATE_WORDS and value in STATES:
        key, state = STATES[value]
        return {key: state}
    return None


def _day(value: str) -> date | None:
    for form in ("%Y-%m-%d", "%Y/%m/%d", "%d/%m/%Y"):
        try:
            day = datetime.strptime(value, form).replace(tzinfo=UTC).date()
        except ValueError:
            continue
        return day if FIRST_DAY < day <= LAST_DAY else None
    return None

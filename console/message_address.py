"""The address of the messages page: what it says, and how it is written. Pure.

Every choice of a person is a part of the query, so a link shows the same again. What
cannot be read of a link is told, and is left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, NamedTuple

from core.browse import FIRST_DAY, LAST_DAY, Filters, Question
from core.model import Kind

EVERYWHERE = 0  # as an integration: all mailboxes
COLUMNS = (
    *("flags", "date", "mailbox", "from", "to", "subject", "attachment", "thread"),
    *("size", "folders", "kind", "direction"),
)
PERIODS = {"1": 1, "7": 7, "30": 30, "90": 90, "365": 365}  # days, today included
CUSTOM = "custom"
DIRECTIONS = ("received", "sent")
KINDS = tuple(str(kind) for kind in Kind)
SEARCH_MOST, TEXT_MOST = 500, 200
ID_BELOW, BYTES_BELOW = 1 << 31, 1 << 40
NUMBER = re.compile(r"[0-9]{1,19}\Z")
YES_NO = {"1": True, "0": False}


@dataclass(frozen=True, slots=True)
class View:
    """What an address says, by the names of its parts; what it does not say is empty.

    `integration` None: it names none. `flat`: the messages of a conversation as a
    table, not as who answers whom.
    """

    integration: int | None = None
    folder: int = 0
    q: str = ""
    period: str = ""
    since: date | None = None
    until: date | None = None
    direction: str = ""
    kinds: tuple[str, ...] = ()
    sender: str = ""
    recipient: str = ""
    domain: str = ""
    subject: str = ""
    unread: bool | None = None
    flagged: bool | None = None
    answered: bool | None = None
    attachment: bool | None = None
    replied: bool | None = None
    threaded: bool | None = None
    larger: int = 0
    smaller: int = 0
    thread: int = 0
    flat: bool = False
    cols: tuple[str, ...] = ()
    before: str = ""
    after: str = ""
    message: int = 0


class Part(NamedTuple):
    """How a part is read, and written; it raises ValueError if it cannot be read."""

    read: Callable[[str], Any]
    write: Callable[[Any], str] = str


# What can be filtered by, in the order in which it is told.
FILTERS = (
    *("folder", "q", "period", "since", "until", "direction", "kinds", "sender"),
    *("recipient", "domain", "subject", "unread", "flagged", "answered", "attachment"),
    *("replied", "threaded", "larger", "smaller", "thread"),
)
PLACE = ("before", "after", "message")  # where one is in what is shown


def read(said: Mapping[str, str]) -> tuple[View, tuple[str, ...]]:
    """Read an address; give what it says, and the names of what cannot be read."""
    values: dict[str, Any] = {}
    refused: list[str] = []
    for name, part in PARTS.items():
        text = said.get(name, "")
        if not text:
            continue
        try:
            values[name] = part.read(text)
        except (ValueError, OverflowError):
            refused.append(name)
    refused += [
        name
        for name in ("kinds", "cols")
        if set(said.get(name, "").split(",")) - {"", *values.get(name, ())}
    ]
    return consistent(View(**values)), tuple(refused)


def write(view: View) -> dict[str, str]:
    """Write an address; what is as usual is not part of it."""
    usual = View()
    return {
        name: part.write(getattr(view, name))
        for name, part in PARTS.items()
        if getattr(view, name) != getattr(usual, name)
    }


def consistent(view: View) -> View:
    """Let the parts of an address agree: a period has one end before the other."""
    if view.since and view.until and view.since > view.until:
        view = replace(view, since=view.until, until=view.since)
    if view.since or view.until:
        view = replace(view, period=CUSTOM)
    if view.after:
        view = replace(view, before="")
    if not view.thread:
        view = replace(view, flat=False)
    return view


def days(view: View, today: date) -> tuple[date | None, date | None]:
    """Give the first and the last day of the period; None: without such an end."""
    if view.period in PERIODS:
        return today - timedelta(days=PERIODS[view.period] - 1), None
    return view.since, view.until


def question(
    view: View, integrations: tuple[int, ...], today: date, zone: str
) -> Question:
    """Give what is asked for of these mailboxes."""
    since, until = days(view, today)
    everywhere = view.integration == EVERYWHERE
    filters = Filters(
        since=since,
        until=until,
        direction=view.direction,
        kinds=view.kinds,
        sender=view.sender,
        recipient=view.recipient,
        domain=view.domain,
        subject=view.subject,
        unread=view.unread,
        flagged=view.flagged,
        answered=view.answered,
        attachment=view.attachment,
        replied=view.replied,
        threaded=view.threaded,
        larger_bytes=view.larger,
        smaller_bytes=view.smaller,
        thread=view.thread,
    )
    folder_id = None if everywhere else view.folder or None
    return Question(integrations, folder_id, view.q, filters, zone, whole=everywhere)


def filtered(view: View) -> tuple[str, ...]:
    """Name the parts by which messages are filtered."""
    usual = View()
    if view.period == CUSTOM and not (view.since or view.until):
        view = replace(view, period="")  # days are still to be chosen
    return tuple(
        name for name in FILTERS if getattr(view, name) != getattr(usual, name)
    )


def cleared(view: View) -> View:
    """Give the same view without any filter."""
    usual = View()
    return replace(view, **{n: getattr(usual, n) for n in (*FILTERS, *PLACE, "flat")})


def _text(most: int) -> Part:
    def read_text(text: str) -> str:
        plain = "".join(c if c.isprintable() else " " for c in text).strip()
        if len(plain) > most:
            raise ValueError
        return plain

    return Part(read_text)


def _number(below: int) -> Part:
    def read_number(text: str) -> int:
        if not NUMBER.match(text) or not 0 < int(text) < below:
            raise ValueError
        return int(text)

    return Part(read_number)


def _one_of(known: tuple[str, ...]) -> Part:
    def read_word(text: str) -> str:
        return known[known.index(text)]

    return Part(read_word)


def _some_of(known: tuple[str, ...]) -> Part:
    def read_words(text: str) -> tuple[str, ...]:
        said = dict.fromkeys(text.split(","))
        return tuple(word for word in said if word in known)

    return Part(read_words, ",".join)


def _read_day(text: str) -> date:
    day = date.fromisoformat(text)
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ValueError
    return day


def _read_key(text: str) -> str:
    if not NUMBER.match(text):
        raise ValueError
    return text


def _read_integration(text: str) -> int:
    return EVERYWHERE if text == "all" else int(ID.read(text))


def _read_yes_no(text: str) -> bool:
    if text not in YES_NO:
        raise ValueError
    return YES_NO[text]


ID = _number(ID_BELOW)
DAY = Part(_read_day, date.isoformat)
KEY = Part(_read_key)
STATE = Part(_read_yes_no, lambda yes: "1" if yes else "0")
PARTS: dict[str, Part] = {
    "integration": Part(_read_integration, lambda one: str(one or "all")),
    "folder": ID,
    "q": _text(SEARCH_MOST),
    "period": _one_of((*PERIODS, CUSTOM)),
    "since": DAY,
    "until": DAY,
    "direction": _one_of(DIRECTIONS),
    "kinds": _some_of(KINDS),
    "sender": _text(TEXT_MOST),
    "recipient": _text(TEXT_MOST),
    "domain": _text(TEXT_MOST),
    "subject": _text(TEXT_MOST),
    "unread": STATE,
    "flagged": STATE,
    "answered": STATE,
    "attachment": STATE,
    "replied": STATE,
    "threaded": STATE,
    "larger": _number(BYTES_BELOW),
    "smaller": _number(BYTES_BELOW),
    "thread": ID,
    "flat": STATE,
    "cols": _some_of(COLUMNS),
    "before": KEY,
    "after": KEY,
    "message": ID,
}

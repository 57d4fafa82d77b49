"""Planned acts towards contacts: what they are, and how each stands. Pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from core.errors import BadInput
from core.text import fold, harmless

TEXT_MAX = {
    "subject": 500,
    "contact": 200,
    "contact_address": 320,
    "company": 200,
    "template": 120,
}
OWNER_MAX = 200  # also of what it is compared by, which may be longer
EARLIEST, LATEST = date(2000, 1, 1), date(2100, 1, 1)
ADDRESS = re.compile(r"[^\s@<>,;\"]+@[^\s@<>,;\"]+")
# What spreadsheets compute: "=…" always, the others where they call or refer.
FORMULA = re.compile(r"\s*(?:=|[+\-@].*[(|!])", re.DOTALL)


class Model(StrEnum):
    """What kind of act an activity is."""

    EMAIL = "email"
    CALL = "call"
    MESSAGE = "message"
    RESEARCH = "research"
    VISIT = "visit"


class State(StrEnum):
    """How an activity stands on a day: exactly one of these."""

    LATE = "late"
    TODAY = "today"
    UPCOMING = "upcoming"
    DONE = "done"
    ANSWERED = "answered"  # by the contact, whether it was marked as done or not


OPEN = (State.LATE, State.TODAY, State.UPCOMING)


@dataclass(frozen=True, slots=True)
class Draft:
    """An activity as a person or a file gives it. `template`: its name, or empty."""

    model: str
    subject: str
    contact: str
    contact_address: str
    company: str
    owner: str
    due_on: date | None
    template: str = ""

    @property
    def identity(self) -> tuple[Any, ...]:
        """Give what makes it the same activity; everything else may change."""
        return (
            fold(self.owner),
            self.model,
            self.subject,
            self.contact_address,
            self.due_on,
        )


CHANGING = ("contact", "company", "template")  # what is not part of the identity


def state_of(
    due_on: date, done_at: datetime | None, answered_at: datetime | None, today: date
) -> State:
    """Tell how an activity stands; `today` is the reader's."""
    if answered_at is not None:
        return State.ANSWERED
    if done_at is not None:
        return State.DONE
    if due_on == today:
        return State.TODAY
    return State.LATE if due_on < today else State.UPCOMING


def cleaned(draft: Draft) -> Draft:
    """Give a draft as it is kept: without spaces around, everything visible."""
    texts: dict[str, Any] = {
        name: harmless(getattr(draft, name)).strip() for name in TEXT_MAX
    }
    owner = " ".join(harmless(draft.owner).split())
    return replace(draft, owner=owner, **texts)


def problems(draft: Draft) -> list[BadInput]:
    """Find everything that cannot be used, field by field."""
    found = []
    if draft.model not in set(Model):
        found.append(BadInput("model", "model_unknown"))
    needed = ("subject", "contact", "owner")
    found += [BadInput(n, "empty") for n in needed if not getattr(draft, n).strip()]
    for name in (*TEXT_MAX, "owner"):
        found += [BadInput(name, why) for why in _text(getattr(draft, name))]
    found += [
        BadInput(name, "too_long")
        for name, most in TEXT_MAX.items()
        if len(getattr(draft, name)) > most
    ]
    if max(len(draft.owner), len(fold(draft.owner))) > OWNER_MAX:
        found.append(BadInput("owner", "too_long"))
    address = draft.contact_address.strip()
    if draft.model == Model.EMAIL and not address:
        found.append(BadInput("contact_address", "empty"))
    if address and not ADDRESS.fullmatch(address):
        found.append(BadInput("contact_address", "address_form"))
    if draft.due_on is None or not EARLIEST <= draft.due_on <= LATEST:
        found.append(BadInput("due_on", "date"))
    return found


def _text(text: str) -> list[str]:
    """Find what no field may hold: controls, halves of characters, formulas."""
    if text.isprintable() and text[:1] not in "=+-@ ":
        return []
    found = []
    if any(unicodedata.category(one) in {"Cc", "Cs"} for one in text):
        found.append("control")
    if FORMULA.match(text):
        found.append("formula")
    return found

"""The activities that go with the demo mailbox. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from core.demo.cast import CONTACTS, OWNER
from core.demo.texts import TOPICS

MODELS = ("email", "email", "call", "email", "visit", "message", "email", "research")
PLANNED = 14
FIRST_DAY = -3


@dataclass(frozen=True, slots=True)
class DemoActivity:
    """A planned act towards a contact of the demo mailbox."""

    model: str
    subject: str
    contact: str
    contact_address: str
    company: str
    owner: str
    due_on: date


def activities(today: date) -> list[DemoActivity]:
    """Give one activity for each of the best contacts, from three days ago on."""
    return [
        DemoActivity(
            model=MODELS[n % len(MODELS)],
            subject=TOPICS[c.language][n % len(TOPICS[c.language])].subject,
            contact=c.name,
            contact_address=c.address,
            company=c.company,
            owner=OWNER,
            due_on=today + timedelta(days=FIRST_DAY + n),
        )
        for n, c in enumerate(CONTACTS[:PLANNED])
    ]

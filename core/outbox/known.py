"""What must be known of a mailbox, and around it, to judge and write a mail."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from core.errors import BadInput, NoIntegration, NotFound
from core.letters import addresses
from core.model import Integration
from core.outbox.draft import Draft
from core.outgoing import Recipient
from core.store import (
    activities,
    blocked,
    conversations,
    integrations,
    pages,
    senders,
    turns,
)
from core.store.blocked import Blocked
from core.store.senders import SenderSettings
from core.store.sending_tables import template

Values = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Known:
    """What is known around a draft. `activity` is a row; `own`: addresses of From.

    `in_reply_to` and `references` are those of an answer. `under_way`: a mail of the
    activity is on its way already.
    """

    integration: Integration
    settings: SenderSettings
    own: tuple[str, ...]
    activity: Any = None
    under_way: bool = False
    blocked: Mapping[str, Blocked] | None = None
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    template_id: int | None = None


def look_up(conn: Connection, draft: Draft, people: Collection[Recipient]) -> Known:
    """Look up what a draft is about.

    Raises:
        NoIntegration: its mailbox has ended.
        NotFound: there is no such mailbox, activity, or message to be answered.

    """
    one = draft.integration_id
    found = integrations.get(conn, one)
    if integrations.standing(conn, one).disconnected_at is not None:
        raise NoIntegration(owner=found.owner)
    settings = senders.of(conn, found)
    activity, under_way = None, False
    if draft.activity_id is not None:
        activity = activities.get(conn, draft.activity_id)
        under_way = bool(turns.live_of_activity(conn, draft.activity_id))
    parent, references = _thread(conn, draft)
    return Known(
        found,
        settings,
        own_addresses(found, settings),
        activity,
        under_way,
        blocked.among(conn, [person.address for person in people]),
        parent,
        references,
        _template(conn, draft.template_id),
    )


def own_addresses(
    integration: Integration, settings: SenderSettings
) -> tuple[str, ...]:
    """Give the addresses that a mailbox may send from, as they go over the wire."""
    found = []
    for text in (integration.address, *settings.aliases):
        try:
            found.append(addresses.address(text, "sender"))
        except BadInput:  # of another time, or of a demo's own server
            found.append(text)
    return tuple(dict.fromkeys(found))


def values_of(known: Known, sender: str, people: Collection[Recipient]) -> Values:
    """Give the values of variables; empty where there is none."""
    row = known.activity
    first = next(iter(people), Recipient(""))
    name = row.contact if row is not None else first.name
    owner = known.settings.name
    return {
        "contact": {
            "name": name,
            "first_name": _first(name),
            "address": row.contact_address if row is not None else first.address,
            "company": row.company if row is not None else "",
        },
        "owner": {"name": owner, "first_name": _first(owner), "address": sender},
        "activity": {
            "subject": row.subject if row is not None else "",
            "due_on": row.due_on.isoformat() if row is not None else "",
        },
    }


def _first(name: str) -> str:
    return next(iter(name.split()), "")


def _thread(conn: Connection, draft: Draft) -> tuple[str, tuple[str, ...]]:
    """Give In-Reply-To and References of an answer (RFC 5322 §3.6.4)."""
    if draft.answers is None:
        return "", ()
    whose = pages.integrations_of(conn, [draft.answers])
    if whose.get(draft.answers) != draft.integration_id:
        raise NotFound(what="message", id=draft.answers)
    found = conversations.headers(conn, [draft.answers])[draft.answers]
    return found.own, (*(found.references or found.answers[:1]), found.own)


def _template(conn: Connection, template_id: int | None) -> int | None:
    """Give the template that a mail was made from, if it is still there."""
    query = select(template.c.id).where(template.c.id == template_id)
    return conn.scalar(query) if template_id is not None else None

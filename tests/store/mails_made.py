"""Mails and what was seen of them, written into a store as they come to be there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert

from core.outgoing import Evidence, Recipient
from core.store import evidence, outbox
from core.store.sending_tables import template
from core.text import fold


def put_template(conn: Connection, name: str, at: datetime) -> int:
    """Store a template; give its id."""
    row = {"name": name, "folded": fold(name), "subject": "", "body": ""}
    made = insert(template).values(**row, bulk=False, changed_at=at)
    return int(conn.scalars(made.returning(template.c.id)).one())


def put_mail(
    conn: Connection,
    number: int,
    integration_id: int,
    planned_at: datetime,
    seen: Sequence[Evidence] = (),
    **more: Any,
) -> int:
    """Store a mail and its evidence; `number` makes its Message-ID."""
    values = {
        "integration_id": integration_id,
        "actor": "test",
        "message_id": f"<{number}@example.org>",
        "sender": "me@example.org",
        "sender_address": "me@example.org",
        "subject": f"Proposta {number}",
        "smtputf8": False,
        "bulk": False,
        "made_at": planned_at - timedelta(minutes=1),
        "not_before": planned_at,
        "next_at": planned_at,
        **more,
    }
    one = outbox.add(conn, values, b"", [Recipient("rui@example.net")])
    for step in seen:
        evidence.add(conn, one, step)
    return one

"""How each person sends: their name, their signature, further addresses, and bounds."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import Connection, select

from core.model import Integration
from core.store.bulk import put_row
from core.store.sending_tables import sender

# Below what large providers take of a person in a day; 500 recipients are Gmail's
# bound (support.google.com/mail/answer/22839), and others have less for new accounts.
PER_HOUR, PER_DAY = 60, 400


@dataclass(frozen=True, slots=True)
class SenderSettings:
    """Name and signature of a person; `aliases`: further addresses of From.

    `per_hour` and `per_day` bound the mails that are sent in that time.
    """

    name: str
    signature: str = ""
    aliases: tuple[str, ...] = ()
    per_hour: int = PER_HOUR
    per_day: int = PER_DAY


def of(conn: Connection, integration: Integration) -> SenderSettings:
    """Give how an integration sends; with its owner's name until another is set."""
    mine = select(sender).where(sender.c.integration_id == integration.id)
    row = conn.execute(mine).first()
    if row is None:
        return SenderSettings(integration.owner)
    found = SenderSettings(
        row.name, row.signature, tuple(row.aliases), row.per_hour, row.per_day
    )
    return found if found.name else replace(found, name=integration.owner)


def put(conn: Connection, integration_id: int, settings: SenderSettings) -> None:
    """Write how an integration sends."""
    values = {
        "name": settings.name,
        "signature": settings.signature,
        "aliases": list(settings.aliases),
        "per_hour": settings.per_hour,
        "per_day": settings.per_day,
    }
    put_row(conn, sender, {"integration_id": integration_id}, values)

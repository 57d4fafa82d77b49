"""How much of its bounds a mailbox has used, and when there is room again. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.store.senders import SenderSettings

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Gauge:
    """Mails sent within the last hour and day, and their bounds.

    `free_at`: when the next may go; None: now.
    """

    per_hour: int
    in_hour: int
    per_day: int
    in_day: int
    free_at: datetime | None


def measure(settings: SenderSettings, sent: Sequence[datetime], now: datetime) -> Gauge:
    """Measure; `sent`: when mails were sent within the last day, oldest first."""
    hour = [at for at in sent if at > now - HOUR]
    free = [
        _free_at(hour, settings.per_hour, HOUR),
        _free_at(sent, settings.per_day, DAY),
    ]
    waits = [at for at in free if at is not None]
    return Gauge(
        settings.per_hour,
        len(hour),
        settings.per_day,
        len(sent),
        max(waits, default=None),
    )


def _free_at(sent: Sequence[datetime], most: int, span: timedelta) -> datetime | None:
    return sent[-most] + span if len(sent) >= most else None

"""What can be wrong with a mailbox, and how bad each is. Pure.

An *incident* is one thing that is wrong, from when until when. Errors are codes of
`core.errors`: the sync fails with them. Warnings are told though the sync is well.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum


class Level(StrEnum):
    """Whether a mailbox is not followed, or followed with a doubt."""

    ERROR = "error"
    WARNING = "warning"


# Warnings, the worst first; the texts of each are `error.<code>.what` and `.do`.
WARNINGS = (
    "behind",  # new mail has not been looked for in a long time
    "deaf",  # IDLE stood, and did not tell of a message
    "silent",  # no mail came, which is improbable
    "quota_full",
    "certificate_1",  # it expires within so many days
    "short",  # the server states messages that we lack
    "folder_vanished",
    "clock_skewed",
    "renumbered",  # UIDVALIDITY is another: a folder is read again
    "quota_nearly_full",
    "certificate_7",
    "certificate_30",
    "issuer_changed",
)
RANK: Mapping[str, int] = {code: rank for rank, code in enumerate(WARNINGS)}


@dataclass(frozen=True, slots=True)
class Incident:
    """One thing that is, or was, wrong with an integration.

    `facts` fill the texts. `times`: how often it was seen. `ended_at` None: it is so.
    """

    id: int
    integration_id: int
    code: str
    level: Level
    since: datetime
    last_at: datetime
    times: int = 1
    ended_at: datetime | None = None
    facts: dict[str, str] = field(default_factory=dict)


def level_of(code: str) -> Level:
    """Tell whether a code is a warning; every other one is an error."""
    return Level.WARNING if code in RANK else Level.ERROR


def recovery(incidents: Iterable[Incident], since: datetime) -> dict[str, timedelta]:
    """Give the mean time to recover by code, of what ended after `since`.

    What has not ended is not counted: its time is not known yet.
    """
    took: dict[str, list[timedelta]] = {}
    for one in incidents:
        if one.ended_at is not None and one.ended_at > since:
            took.setdefault(one.code, []).append(one.ended_at - one.since)
    return {code: sum(some, timedelta()) / len(some) for code, some in took.items()}

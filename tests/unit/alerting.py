"""Rules, incidents and alerts to decide about, as small as a table wants them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from core.alerting import Alert, Rule, Snooze, Watched

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=30)
PASSWORD = "wrong_password"


def ago(seconds: float) -> datetime:
    """Give an instant before `NOW`."""
    return NOW - timedelta(seconds=seconds)


def rule(*codes: str, after_s: int = 0, **changes: object) -> Rule:
    """Make a rule, number 1 unless told otherwise."""
    made = Rule(1, "a rule", codes, after_s, LONG_AGO)
    return replace(made, **changes)  # type: ignore[arg-type]  # fields by name


def incident(code: str = PASSWORD, since_s: float = 60, **changes: object) -> Watched:
    """Make an open incident of mailbox 7, which began so many seconds ago."""
    made = Watched(
        id=5,
        integration_id=7,
        code=code,
        since=ago(since_s),
        last_at=NOW,
        ended_at=None,
        provider="uol",
        host="imap.uol.com.br",
        team="sales",
        followed=True,
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # fields by name


def alert(about: Watched | None = None, **changes: object) -> Alert:
    """Make an alert that fired for rule 1 a minute ago."""
    made = Alert(9, 1, about or incident(), ago(60))
    return replace(made, **changes)  # type: ignore[arg-type]  # fields by name


def snooze(begins_s: float, lasts_s: float, **of: int) -> Snooze:
    """Make a snooze that began so many seconds ago."""
    at = ago(begins_s)
    until = at + timedelta(seconds=lasts_s)
    return Snooze(1, of.get("rule_id"), of.get("integration_id"), at, until)

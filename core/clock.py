"""The time now, as a value that tests may replace; instants as whole milliseconds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)


def now() -> datetime:
    """Give this moment, aware, in UTC, to the millisecond as it is stored."""
    at = datetime.now(UTC)
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def to_ms(at: datetime) -> int:
    """Give milliseconds since 1970 of an aware datetime."""
    return (at - EPOCH) // MILLISECOND


def from_ms(ms: int) -> datetime:
    """Give the aware datetime, in UTC, of milliseconds since 1970."""
    return EPOCH + ms * MILLISECOND

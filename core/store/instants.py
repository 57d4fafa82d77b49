"""Instants as the database keeps them: whole milliseconds since 1970, in UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, types

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)


def to_ms(at: datetime) -> int:
    """Give milliseconds since 1970 of an aware datetime."""
    return (at - EPOCH) // MILLISECOND


def from_ms(ms: int) -> datetime:
    """Give the aware datetime, in UTC, of milliseconds since 1970."""
    return EPOCH + ms * MILLISECOND


class Instant(types.TypeDecorator[datetime]):
    """An aware datetime, kept as milliseconds since 1970."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Any) -> int | None:
        """Store."""
        return None if value is None else to_ms(value)

    def process_result_value(self, value: int | None, _dialect: Any) -> datetime | None:
        """Load."""
        return None if value is None else from_ms(value)

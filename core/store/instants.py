"""Instants as the database keeps them: whole milliseconds since 1970, in UTC."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, types

from core.clock import from_ms, to_ms

__all__ = ["Instant", "from_ms", "to_ms"]


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

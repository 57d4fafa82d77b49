"""Counts that a server stated, as the database keeps them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Integer, types

MOST = 2**31 - 1  # of an INTEGER in PostgreSQL; nobody has so many messages


class Count(types.TypeDecorator[int]):
    """A number up to 2^31 - 1; a server may state 2^32 - 1 (RFC 9051 §9, number)."""

    impl = Integer
    cache_ok = True

    def process_bind_param(self, value: int | None, _dialect: Any) -> int | None:
        """Store."""
        return None if value is None else min(value, MOST)

"""What the volume page asks beside totals: how far they reach, parts, unread mail."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, func, select

from core.store.counting_tables import total_day

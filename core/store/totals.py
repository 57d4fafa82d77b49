"""Totals of messages by day, of each scope, with the quarters of an hour within."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
from sqlalchemy import Connection

from core.store.counted import Change, Mailbox


def count(
    conn: Connection, changes: Sequence[Change], mailboxes: Mapping[int, Mailbox]
) -> None:
    """Count changes of messages in all of their scopes."""


def read(conn: Connection, scope: int, start_ms: int, end_ms: int) -> pd.DataFrame:
    """Give what a scope has of [start, end), per quarter of an hour.

    at (UTC), direction, kind, aside, internal, messages, size_bytes.
    """
    raise NotImplementedError

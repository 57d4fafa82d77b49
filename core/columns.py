"""Frames with fixed columns: what each is called, and its type. Pure.

docs/reference/frames.md tells what every column means; a test compares the two.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from core.model import Kind, Method, Role, State

Columns = Mapping[str, Any]  # types of pandas, by name, in order

AT: Any = "datetime64[ms, UTC]"
TEXT, YES, WHOLE = "str", "bool", "int64"
MAYBE = "Int64"  # a whole number, or not known
DIRECTION = pd.CategoricalDtype(["received", "sent"])
KIND = pd.CategoricalDtype([str(kind) for kind in Kind])
METHOD = pd.CategoricalDtype([str(method) for method in Method])
STATE = pd.CategoricalDtype([str(state) for state in State])
ROLE = pd.CategoricalDtype([str(role) for role in Role])
WHAT = pd.CategoricalDtype(["address", "domain"])
LEVEL = pd.CategoricalDtype(["exact", "derived", "evidence", "none"])
SIDE = pd.CategoricalDtype(["ours", "theirs"])
DAY = "datetime64[ms]"  # midnight: the beginning of a day, without a zone

MESSAGES: Columns = {
    "message_id": WHOLE, "integration_id": WHOLE, "at": AT, "direction": DIRECTION,
    "kind": KIND, "from_name": TEXT, "from_address": TEXT, "recipients": TEXT,
    "copied": TEXT, "subject": TEXT, "size_bytes": WHOLE, "attachment": YES,
    "folders": TEXT, "unread": YES, "flagged": YES, "answered": YES, "thread": WHOLE,
    "in_thread": WHOLE, "received_at": AT, "written_at": AT, "header_message_id": TEXT,
}  # fmt: skip
VOLUME: Columns = {
    "day": DAY, "start": AT, "team": TEXT, "integration_id": MAYBE, "received": WHOLE,
    "sent": WHOLE, "received_bytes": WHOLE, "sent_bytes": WHOLE,
}  # fmt: skip
CORRESPONDENTS: Columns = {
    "month": DAY, "team": TEXT, "integration_id": MAYBE, "direction": DIRECTION,
    "what": WHAT, "name": TEXT, "messages": WHOLE,
}  # fmt: skip
RESPONSES: Columns = {
    "message_id": WHOLE, "integration_id": WHOLE, "owner": TEXT, "team": TEXT,
    "side": SIDE, "whom": TEXT, "domain": TEXT, "asked_at": AT, "answered_at": AT,
    "answer_id": MAYBE, "calendar_s": MAYBE, "business_s": MAYBE,
}  # fmt: skip
WAITING: Columns = {
    "message_id": WHOLE, "integration_id": WHOLE, "owner": TEXT, "team": TEXT,
    "side": SIDE, "whom": TEXT, "domain": TEXT, "asked_at": AT, "calendar_s": WHOLE,
    "business_s": WHOLE,
}  # fmt: skip
DELIVERIES: Columns = {
    "day": DAY, "team": TEXT, "integration_id": MAYBE, "planned": WHOLE, "sent": WHOLE,
    "accepted": WHOLE, "permanent": WHOLE, "temporary": WHOLE, "displayed": WHOLE,
    "answered": WHOLE,
}  # fmt: skip
AVAILABILITY: Columns = {"metric": TEXT, "method": METHOD, "level": LEVEL}
TEAMS: Columns = {"team": TEXT, "mailboxes": WHOLE, "live": WHOLE}
INTEGRATIONS: Columns = {
    "id": WHOLE, "owner": TEXT, "team": TEXT, "address": TEXT, "method": METHOD,
    "provider": TEXT, "demo": YES, "state": STATE, "paused": YES, "problem_code": TEXT,
    "problem_since": AT, "failures": WHOLE, "connected_at": AT, "disconnected_at": AT,
    "login_ok_at": AT, "seen_at": AT, "last_sync_at": AT, "next_at": AT,
    "imap_host": TEXT, "smtp_host": TEXT, "held": MAYBE, "on_server": MAYBE,
}  # fmt: skip
FOLDERS: Columns = {
    "id": WHOLE, "title": TEXT, "role": ROLE, "selectable": YES, "held": WHOLE,
    "on_server": MAYBE, "unread": WHOLE, "unseen_on_server": MAYBE, "poisoned": WHOLE,
    "capped": YES, "compared_at": AT, "missing_since": AT, "problem_code": TEXT,
}  # fmt: skip
RUNS: Columns = {
    "id": WHOLE, "integration_id": WHOLE, "trigger": TEXT, "started_at": AT,
    "finished_at": AT, "outcome": TEXT, "problem_code": TEXT, "folders": WHOLE,
    "done": WHOLE, "total": WHOLE, "added": WHOLE, "read": WHOLE, "flagged": WHOLE,
    "moved": WHOLE, "gone": WHOLE, "poisoned": WHOLE,
}  # fmt: skip
THREADS: Columns = {
    "integration_id": WHOLE, "thread": WHOLE, "messages": WHOLE, "first_at": AT,
    "last_at": AT, "received": WHOLE, "sent": WHOLE,
}  # fmt: skip
FRAMES: Mapping[str, Columns] = {
    "messages": MESSAGES, "volume": VOLUME, "integrations": INTEGRATIONS,
    "folders": FOLDERS, "runs": RUNS, "threads": THREADS, "teams": TEAMS,
    "correspondents": CORRESPONDENTS, "responses": RESPONSES, "waiting": WAITING,
    "deliveries": DELIVERIES, "availability": AVAILABILITY,
}  # fmt: skip


def typed(found: pd.DataFrame, columns: Columns) -> pd.DataFrame:
    """Give those columns, in their order and types, whether there are rows or none."""
    some = found.reindex(columns=list(columns))
    return pd.DataFrame(
        {name: _column(some[name], dtype) for name, dtype in columns.items()}
    )


def empty(columns: Columns) -> pd.DataFrame:
    """Give such a frame without rows."""
    return typed(pd.DataFrame(columns=list(columns)), columns)


def _column(values: pd.Series, dtype: Any) -> pd.Series:
    if dtype in {AT, DAY}:
        values = pd.to_datetime(values, utc=dtype == AT)
    elif dtype == TEXT:
        values = values.astype(object)  # a column of nothing has no texts to keep
    out: pd.Series = values.astype(dtype)
    return out

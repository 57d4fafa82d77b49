"""Use case: look through the messages of an integration."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from core.errors import NotFound
from core.model import Flags
from core.runtime import Runtime
from core.store import frames, pages
from core.store.engine import reading
from core.store.instants import to_ms
from core.store.pages import Key

PAGE = 50
EXPORT_CHUNK = 5_000
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")  # noqa: RUF001 - full-width on purpose


@dataclass(frozen=True, slots=True)
class Query:
    """Which messages; `before`/`after` are keys as `Page` gives them ("ms-id")."""

    integration_id: int
    folder_id: int | None = None
    search: str = ""
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """One page, newest first. `older` and `newer` are keys; empty: no such page.

    `count` is exact up to 10,000; `more` tells that there are more than that.
    """

    rows: pd.DataFrame
    newer: str
    older: str
    count: int
    more: bool


def page(runtime: Runtime, query: Query, size: int = PAGE) -> Page:
    """Give a page of messages; a key that makes no sense gives the first page."""
    before, after = _key(query.before), _key(query.after)
    chosen = (query.integration_id, query.folder_id, query.search)
    with reading(runtime.engine) as conn:
        rows = pages.page(conn, *chosen, before=before, after=after, size=size + 1)
        more = len(rows) > size
        if after is not None:
            rows = rows.iloc[-size:] if more else rows
            newer, older = more, True
        else:
            rows = rows.iloc[:size]
            newer, older = before is not None, more
        found = pages.count(conn, *chosen)
    rows = rows.reset_index(drop=True)
    if rows.empty and (before or after):
        return page(runtime, Query(*chosen), size)
    return Page(
        rows,
        _key_of(rows, 0) if newer else "",
        _key_of(rows, -1) if older else "",
        min(found, pages.COUNT_MOST),
        found > pages.COUNT_MOST,
    )


def message(runtime: Runtime, integration_id: int, message_id: int) -> dict[str, Any]:
    """Give everything that is known of one message of an integration.

    Raises:
        NotFound: it has no such message.

    """
    with reading(runtime.engine) as conn:
        found = pages.one(conn, message_id)
    if found.empty or int(found["integration_id"].iloc[0]) != integration_id:
        raise NotFound(what="message", id=message_id)
    return {str(k): v for k, v in found.iloc[0].to_dict().items()}


def everything(runtime: Runtime, integration_id: int) -> Iterator[pd.DataFrame]:
    """Yield every placement with its message, in frames of at most 5,000 rows."""
    with reading(runtime.engine) as conn:
        query = frames.everything(conn, integration_id)
        streamed = conn.execution_options(yield_per=EXPORT_CHUNK).execute(query)
        for some in streamed.partitions(EXPORT_CHUNK):
            yield _readable(pd.DataFrame([r._asdict() for r in some]))


def formula_safe(text: str) -> str:
    """Keep a spreadsheet from taking a text for a formula (THREATS T17)."""
    return (
        f"'{text}"
        if text.lstrip("\"' ").startswith(FORMULA) or text.startswith(FORMULA)
        else text
    )


def _readable(rows: pd.DataFrame) -> pd.DataFrame:
    rows["flags"] = [
        " ".join(f"\\{f.name.title()}" for f in Flags(n) if f.name)
        for n in rows["flags"]
    ]
    for name in ("at", "received_at", "written_at"):
        rows[name] = pd.to_datetime(rows[name], utc=True).astype("datetime64[ms, UTC]")
    return rows


def _key(text: str) -> Key | None:
    at, _, message_id = text.partition("-")
    numbers = at.isdecimal() and message_id.isdecimal() and len(text) < 40  # noqa: PLR2004 - two numbers
    return Key(int(at), int(message_id)) if numbers else None


def _key_of(rows: pd.DataFrame, position: int) -> str:
    if rows.empty:
        return ""
    row = rows.iloc[position]
    return f"{to_ms(row['at'].to_pydatetime())}-{int(row['message_id'])}"

"""Folders: what is listed, how far each is known, what the server states."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from core.model import Cursor, Folder, Listed, Role, Status
from core.store.messages import forget_generation, only_in
from core.store.schema import folder


def reconcile(
    conn: Connection, integration_id: int, listed: Iterable[Listed], now: datetime
) -> None:
    """Make the folders those that LIST showed; the others are marked as missing.

    What was held of a missing folder is kept, and hidden, until it comes back.
    """
    rows = conn.execute(select(folder).where(folder.c.integration_id == integration_id))
    known = {row.name: row for row in rows}
    seen = {f.name: f for f in listed}
    for name, f in seen.items():
        if name not in known:
            _add(conn, integration_id, f)
        elif _differs(known[name], f):
            values = {**_values(f), "missing_since": None}
            _set(conn, known[name].id, values)
    for name, row in known.items():
        if name not in seen and row.missing_since is None:
            _set(conn, row.id, {"missing_since": now})


def current(conn: Connection, integration_id: int) -> list[Folder]:
    """Give the folders that can be opened, inbox and sent first."""
    rows = conn.execute(
        select(folder)
        .where(
            folder.c.integration_id == integration_id,
            folder.c.missing_since.is_(None),
            folder.c.selectable,
        )
        .order_by(folder.c.id)
    )
    order = list(Role)
    return sorted((_folder(r) for r in rows), key=lambda f: (order.index(f.role), f.id))


def get(conn: Connection, folder_id: int) -> Folder:
    """Give one folder."""
    return _folder(conn.execute(select(folder).where(folder.c.id == folder_id)).one())


def set_cursor(conn: Connection, folder_id: int, cursor: Cursor | None) -> None:
    """Remember how far the folder is known."""
    _set(conn, folder_id, _cursor_values(cursor, ""))


def set_building(conn: Connection, folder_id: int, cursor: Cursor | None) -> None:
    """Remember how far the next generation is built."""
    _set(conn, folder_id, _cursor_values(cursor, "building_"))


def swap(conn: Connection, f: Folder) -> int:
    """Let the built generation take the place of the old; give how many went.

    One transaction: whoever reads sees the old or the new, never both.
    """
    new = f.generation + 1
    gone = only_in(conn, f.id, f.generation, new)
    _set(
        conn,
        f.id,
        {
            "generation": new,
            **_cursor_values(f.building, ""),
            **_cursor_values(None, "building_"),
        },
    )
    forget_generation(conn, f.id, f.generation)
    return gone


def compared(conn: Connection, folder_id: int, status: Status, now: datetime) -> None:
    """Remember what the server stated when it was last asked."""
    _set(
        conn,
        folder_id,
        {
            "on_server": status.messages,
            "unseen_on_server": status.unseen,
            "compared_at": now,
            "problem_code": None,
        },
    )


def refused(conn: Connection, folder_id: int, code: str) -> None:
    """Remember that the server would not open a folder."""
    _set(conn, folder_id, {"problem_code": code})


def _add(conn: Connection, integration_id: int, f: Listed) -> None:
    conn.execute(
        insert(folder).values(
            integration_id=integration_id,
            name=f.name,
            generation=1,
            held=0,
            building_held=0,
            **_values(f),
        )
    )


def _values(f: Listed) -> dict[str, Any]:
    return {
        "title": f.title,
        "delimiter": f.delimiter,
        "role": str(f.role),
        "selectable": f.selectable,
    }


def _differs(row: Row[Any], f: Listed) -> bool:
    now = _values(f)
    return row.missing_since is not None or any(row._mapping[k] != now[k] for k in now)  # noqa: SLF001 - SQLAlchemy's public name


def _set(conn: Connection, folder_id: int, values: dict[str, Any]) -> None:
    conn.execute(update(folder).where(folder.c.id == folder_id).values(**values))


def _cursor_values(cursor: Cursor | None, prefix: str) -> dict[str, Any]:
    names = ("uidvalidity", "low", "high", "modseq")
    values = {prefix + n: getattr(cursor, n) if cursor else None for n in names}
    return {**values, f"{prefix}held": cursor.held if cursor else 0}


def _cursor(row: Row[Any], prefix: str) -> Cursor | None:
    m = row._mapping  # noqa: SLF001 - SQLAlchemy's public name
    names = ("uidvalidity", "low", "high", "modseq", "held")
    values = [m[prefix + n] for n in names]
    return None if values[0] is None else Cursor(*values)


def _folder(row: Row[Any]) -> Folder:
    return Folder(
        id=row.id,
        integration_id=row.integration_id,
        name=row.name,
        title=row.title,
        role=Role(row.role),
        generation=row.generation,
        cursor=_cursor(row, ""),
        building=_cursor(row, "building_"),
    )

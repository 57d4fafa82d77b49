"""Folders: what is listed, how far each is known, what the server states."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, select, update

from core.folder_roles import settled
from core.model import Cursor, Folder, Listed, Role, Status, Sweep
from core.store.placements import forget_generation, only_in
from core.store.schema import folder

NOWHERE = -1  # a UIDVALIDITY that no server states


def reconcile(
    conn: Connection, integration_id: int, found: Sweep, now: datetime
) -> list[int]:
    """Make the folders those that LIST showed; the others are marked as missing.

    What was held of a missing folder is kept, and hidden, until it comes back. A folder
    with the id of a missing one was renamed (RFC 8474 §4): it keeps what it holds. A
    role that was chosen by hand stays. Gives the folders whose role is another now.
    """
    rows = conn.execute(select(folder).where(folder.c.integration_id == integration_id))
    known = {row.name: row for row in rows}
    kept = _recognised(known, found)
    by_hand = {n: Role(r.role_by_hand) for n, r in kept.items() if r.role_by_hand}
    changed = []
    for f in settled(list({f.name: f for f in found.folders}.values()), by_hand):
        values = {**_values(f, found.numbers.get(f.name)), "name": f.name}
        if (row := kept.get(f.name)) is None:
            _add(conn, integration_id, values)
        elif _differs(row, values):
            _set(conn, row.id, {**values, "missing_since": None})
            changed += [row.id] if row.role != f.role else []
    there = {row.id for row in kept.values()}
    for row in known.values():
        if row.id not in there and row.missing_since is None:
            _set(conn, row.id, {"missing_since": now})
    return changed


def _recognised(known: Mapping[str, Row[Any]], found: Sweep) -> dict[str, Row[Any]]:
    """Give what is known of the folders that were found, by their present names."""
    names = {f.name for f in found.folders}
    lost = {
        row.mailbox_id: row
        for name, row in known.items()
        if name not in names and row.mailbox_id
    }
    kept = {name: known[name] for name in names & known.keys()}
    for name in (f.name for f in found.folders if f.name not in known):
        numbers = found.numbers.get(name)
        renamed = lost.pop(numbers.mailbox_id, None) if numbers else None
        if renamed is not None:
            kept[name] = renamed
    return kept


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


def all_of(conn: Connection, integration_id: int) -> dict[int, Folder]:
    """Give every folder that was ever seen, by id."""
    rows = conn.execute(select(folder).where(folder.c.integration_id == integration_id))
    return {row.id: _folder(row) for row in rows}


def get(conn: Connection, folder_id: int) -> Folder:
    """Give one folder."""
    return _folder(conn.execute(select(folder).where(folder.c.id == folder_id)).one())


def inbox(conn: Connection, integration_id: int) -> Folder | None:
    """Give the inbox, whatever role a person gave it; None while it is not known."""
    c = folder.c
    mine = (c.integration_id == integration_id, c.missing_since.is_(None))
    named = func.upper(c.name) == "INBOX"  # RFC 9051 §5.1: in any case
    row = conn.execute(select(folder).where(*mine, named)).first()
    return _folder(row) if row else None


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


def distrust(conn: Connection, integration_id: int) -> None:
    """Believe no UID of an integration any more: its mail is at another server now.

    A server counts UIDs in its own way, and two may state one UIDVALIDITY by chance
    (RFC 9051 §2.3.1.1). What is held stays until each folder was built anew.
    """
    known = (
        folder.c.integration_id == integration_id,
        folder.c.uidvalidity.is_not(None),
    )
    values = {"uidvalidity": NOWHERE, **_cursor_values(None, "building_")}
    conn.execute(update(folder).where(*known).values(**values))


def compared(
    conn: Connection,
    folder_id: int,
    status: Status,
    now: datetime,
    *,
    capped: bool = False,
) -> None:
    """Remember what the server stated when it was last asked."""
    _set(
        conn,
        folder_id,
        {
            "on_server": status.messages,
            "unseen_on_server": status.unseen,
            "compared_at": now,
            "problem_code": None,
            "capped": capped,
        },
    )


def unchanged(conn: Connection, found: Mapping[int, Status], now: datetime) -> None:
    """Remember that folders, by id, are as they were when they were last compared."""
    rows = [
        {"f": i, "m": s.messages, "u": s.unseen, "n": now} for i, s in found.items()
    ]
    if rows:
        values: dict[str, Any] = {
            "on_server": bindparam("m"),
            "unseen_on_server": bindparam("u"),
            "compared_at": bindparam("n"),
            "problem_code": None,
        }
        conn.execute(
            update(folder).where(folder.c.id == bindparam("f")).values(values), rows
        )


def refused(conn: Connection, folder_id: int, code: str) -> None:
    """Remember that the server would not open a folder."""
    _set(conn, folder_id, {"problem_code": code})


def _add(conn: Connection, integration_id: int, values: dict[str, Any]) -> None:
    conn.execute(
        insert(folder).values(
            integration_id=integration_id,
            generation=1,
            held=0,
            building_held=0,
            **values,
        )
    )


def _values(f: Listed, numbers: Status | None) -> dict[str, Any]:
    values: dict[str, Any] = {
        "title": f.title,
        "delimiter": f.delimiter,
        "role": str(f.role),
        "selectable": f.selectable,
    }
    if numbers is not None:  # a folder that gives no STATUS now may have had an id
        values["mailbox_id"] = numbers.mailbox_id
    return values


def _differs(row: Row[Any], now: dict[str, Any]) -> bool:
    return row.missing_since is not None or any(row._mapping[k] != now[k] for k in now)  # noqa: SLF001 - SQLAlchemy's public name


def _set(conn: Connection, folder_id: int, values: dict[str, Any]) -> None:
    conn.execute(update(folder).where(folder.c.id == folder_id).values(**values))


def _cursor_values(cursor: Cursor | None, prefix: str) -> dict[str, Any]:
    names = ("uidvalidity", "low", "high", "modseq")
    values = {prefix + n: getattr(cursor, n) if cursor else None for n in names}
    return {**values, f"{prefix}held": cursor.held if cursor else 0}


def cursor_in(row: Row[Any], prefix: str = "") -> Cursor | None:
    """Read the cursor out of a row of the table."""
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
        cursor=cursor_in(row),
        building=cursor_in(row, "building_"),
        mailbox_id=row.mailbox_id,
    )

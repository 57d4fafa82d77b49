"""Write many rows as tuples: several times quicker than one statement each."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from types import MappingProxyType
from typing import Any, TypeVar

from sqlalchemy import Connection, Select, Table, TextClause
from sqlalchemy.dialects import postgresql, sqlite

Row = tuple[Any, ...]
T = TypeVar("T")
CHUNK = 900  # values in one IN (…)
ROWS = 200  # of one INSERT: a statement a row costs a fifth more


def insert_for(conn: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """Give an INSERT that knows ON CONFLICT, which both databases say alike."""
    if conn.dialect.name == "sqlite":
        return sqlite.insert(table)
    return postgresql.insert(table)


def put_new(conn: Connection, table: Table, values: dict[str, Any]) -> bool:
    """Write a row unless there is one like it; tell whether it is new."""
    new = insert_for(conn, table).values(values).on_conflict_do_nothing()
    first = next(iter(table.primary_key))
    return conn.execute(new.returning(first)).first() is not None


def put_row(
    conn: Connection, table: Table, key: dict[str, Any], values: dict[str, Any]
) -> None:
    """Write a row, in the place of the one with its key if there is one."""
    new = insert_for(conn, table).values(**key, **values)
    conn.execute(new.on_conflict_do_update(index_elements=list(key), set_=values))


def insert_rows(
    conn: Connection,
    table: Table,
    columns: Sequence[str],
    rows: Iterable[Row],
    otherwise: str = "",
) -> int:
    """Insert tuples in the order of `columns`; `otherwise` is an ON CONFLICT clause.

    Gives how many rows were written: with DO NOTHING, how many were new.

    Values go as the database stores them (milliseconds for instants).
    """
    listed = list(rows)
    whole = len(listed) - len(listed) % ROWS
    together = [
        tuple(chain.from_iterable(listed[first : first + ROWS]))
        for first in range(0, whole, ROWS)
    ]
    mark = "%s" if conn.dialect.paramstyle in {"format", "pyformat"} else "?"
    marks = f"({', '.join([mark] * len(columns))})"
    into = f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES "  # noqa: S608 - names of ours
    written = 0
    for values, each in (
        (together, ", ".join([marks] * ROWS)),
        (listed[whole:], marks),
    ):
        if values:
            statement = f"{into}{each} {otherwise}"
            written += conn.exec_driver_sql(statement, values).rowcount
    return written


def update_rows(
    conn: Connection,
    table: Table,
    columns: Sequence[str],
    rows: Iterable[Row],
    where: str,
) -> None:
    """Set `columns` of one row each: tuples of their values, then those of `where`.

    `where` is a condition of ours with `?` for its values; they go as the database
    stores them.
    """
    listed = list(rows)
    if not listed:
        return
    setting = ", ".join(f"{column} = ?" for column in columns)
    statement = f"UPDATE {table.name} SET {setting} WHERE {where}"  # noqa: S608 - ours
    if conn.dialect.paramstyle in {"format", "pyformat"}:
        statement = statement.replace("?", "%s")
    conn.exec_driver_sql(statement, listed)


def pairs(conn: Connection, query: Select[Any]) -> dict[int, int]:
    """Run a query of two columns and give them as a dict, without a Row for each.

    Columns must be of types that need nothing done to them (integers).
    """
    compiled = query.compile(
        dialect=conn.dialect, compile_kwargs={"literal_binds": True}
    )
    found = conn.exec_driver_sql(str(compiled))
    out: dict[int, int] = dict(found.cursor.fetchall())
    found.close()
    return out


def tuples(
    conn: Connection,
    query: TextClause | Select[Any],
    params: Mapping[str, Any] = MappingProxyType({}),
) -> list[tuple[Any, ...]]:
    """Run a query and give its rows as the driver has them, without a Row for each.

    Ten thousand Rows take longer than it takes the database to find them.
    """
    found = conn.execute(query, params)
    out: list[tuple[Any, ...]] = list(found.cursor.fetchall())
    found.close()
    return out


def among(conn: Connection, numbers: Collection[int]) -> tuple[str, str]:
    """Give what stands behind a column that has one of these, and the parameter `some`.

    Parameters of their own take longer to write than what they ask for takes to find.
    """
    listed = ",".join(map(str, numbers))
    if conn.dialect.name == "sqlite":
        return "IN (SELECT value FROM json_each(:some))", f"[{listed}]"
    return "= ANY (CAST(:some AS integer[]))", f"{{{listed}}}"


def chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Cut into lists of at most `size`."""
    rest = iter(items)
    while some := list(islice(rest, size)):
        yield some

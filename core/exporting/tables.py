"""Table as CSV and as Parquet, written as they come.

CSV is as spreadsheets want it: UTF-8 with a byte order mark, the lines and quotes of
RFC 4180, and no cell that is a formula. It has no place for anything but rows (a line
of comment would be a row to every reader), so what made it stands in a file beside it,
under the name that "Metadata Vocabulary for Tabular Data" (W3C, §5.3 of "Model for
Tabular Data") looks for: `messages.csv-metadata.json`. Parquet keeps it inside.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from core.browse import formula_safe
from core.columns import AT, DAY, MAYBE, TEXT, WHOLE, YES, Columns, empty
from core.exporting.ask import Format
from core.exporting.whole import whole

GROUP_ROWS = 20_000  # of a row group
BOM = b"\xef\xbb\xbf"
INSTANT = "%Y-%m-%dT%H:%M:%SZ"
OF_COLUMN = {
    AT: "dateTime",
    YES: {"base": "boolean", "format": "True|False"},
    WHOLE: "integer",
    MAYBE: "integer",
    DAY: "date",
}
OnRows = Callable[[int], None]  # is told how many are written


@dataclass(frozen=True, slots=True)
class Table:
    """Rows to write, frame by frame. `about`: what made them; `key`: of each its own.

    Each frame has the columns, as `core.columns.typed` gives them.
    """

    columns: Columns
    frames: Iterable[pd.DataFrame]
    about: dict[str, Any]
    key: str = ""


def write(kind: Format, path: Path, table: Table, on_rows: OnRows) -> int:
    """Write rows as a table of that kind; give how many there are."""
    to = write_csv if kind is Format.CSV else write_parquet
    return to(path, table, on_rows)


def write_csv(path: Path, table: Table, on_rows: OnRows) -> int:
    """Write rows as CSV, and what made them beside it; give how many there are."""
    done = 0
    with whole(beside(path)) as sidecar, whole(path) as out:
        out.write(BOM)
        out.write(_lines(empty(table.columns), header=True))
        for some in table.frames:
            out.write(_lines(some, header=False))
            done += len(some)
            on_rows(done)
        described = _described(path.name, table, done)
        sidecar.write(json.dumps(described, ensure_ascii=False, indent=1).encode())
    return done


def beside(path: Path) -> Path:
    """Name the file that tells what made a CSV file."""
    return path.with_name(f"{path.name}-metadata.json")


def write_parquet(path: Path, table: Table, on_rows: OnRows) -> int:
    """Write rows as Parquet, what made them in its metadata; give how many there are.

    Keys: malote.made_by, malote.made_at, malote.question (JSON).
    """
    done = 0
    with whole(path) as out, _writer(out, table) as writer:
        for group in _groups(table):
            writer.write_table(group, row_group_size=GROUP_ROWS)
            done += len(group)
            on_rows(done)
    return done


def _lines(some: pd.DataFrame, *, header: bool) -> bytes:
    text = io.StringIO()
    written = pd.DataFrame({name: _as_written(some[name]) for name in some})
    written.to_csv(
        text, index=False, header=header, lineterminator="\r\n", date_format=INSTANT
    )
    return text.getvalue().encode("utf-8", "replace")


def _as_written(column: pd.Series) -> pd.Series:
    if column.dtype == TEXT:
        safe = [formula_safe(text) for text in column]
        return pd.Series(safe, column.index, dtype=object)
    return column.dt.strftime("%Y-%m-%d") if column.dtype == DAY else column


def _described(name: str, table: Table, done: int) -> dict[str, Any]:
    """Describe a CSV file as CSVW does, and what made it."""
    schema = {
        "columns": [
            {"name": column, "datatype": _datatype(dtype)}
            for column, dtype in table.columns.items()
        ],
    }
    return {
        "@context": "http://www.w3.org/ns/csvw",
        "url": name,
        "dialect": {"encoding": "utf-8", "header": True, "lineTerminators": ["\r\n"]},
        "tableSchema": schema | ({"primaryKey": table.key} if table.key else {}),
        "notes": [{**table.about, "rows": done}],
    }


def _datatype(dtype: Any) -> Any:
    return OF_COLUMN.get(dtype, "string") if isinstance(dtype, str) else "string"


def _schema(columns: Columns) -> Any:
    return pa.Schema.from_pandas(empty(columns), preserve_index=False)


def _writer(out: BinaryIO, table: Table) -> Any:
    schema = _schema(table.columns)
    told = {
        f"malote.{name}": value if isinstance(value, str) else json.dumps(value)
        for name, value in table.about.items()
    }
    kept = schema.with_metadata({**schema.metadata, **told})
    return pq.ParquetWriter(out, kept, compression="zstd")


def _groups(table: Table) -> Iterable[Any]:
    """Put frames together to row groups: small ones cost space and reading time."""
    schema, held, size = _schema(table.columns), [], 0
    for some in table.frames:
        held.append(pa.Table.from_pandas(some, schema=schema, preserve_index=False))
        size += len(some)
        if size >= GROUP_ROWS:
            yield pa.concat_tables(held)
            held, size = [], 0
    if held:
        yield pa.concat_tables(held)

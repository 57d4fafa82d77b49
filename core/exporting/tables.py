"""Rows as CSV and as Parquet, written as they come.

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
from pathlib import Path
from typing import Any, BinaryIO

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from core.browse import formula_safe
from core.columns import AT, MESSAGES, TEXT, WHOLE, YES, empty
from core.exporting.whole import whole

GROUP_ROWS = 50_000  # of a row group
BOM = b"\xef\xbb\xbf"
INSTANT = "%Y-%m-%dT%H:%M:%SZ"
OF_COLUMN = {
    AT: "dateTime",
    YES: {"base": "boolean", "format": "True|False"},
    WHOLE: "integer",
}
OnRows = Callable[[int], None]  # is told how many are written
Frames = Iterable[pd.DataFrame]  # of the columns `MESSAGES`


def write_csv(
    path: Path, frames: Frames, about: dict[str, Any], on_rows: OnRows
) -> int:
    """Write rows as CSV, and what made them beside it; give how many there are."""
    rows = 0
    with whole(beside(path)) as sidecar, whole(path) as out:
        out.write(BOM)
        out.write(_lines(empty(MESSAGES), header=True))
        for some in frames:
            out.write(_lines(some, header=False))
            rows += len(some)
            on_rows(rows)
        described = _described(path.name, {**about, "rows": rows})
        sidecar.write(json.dumps(described, ensure_ascii=False, indent=1).encode())
    return rows


def beside(path: Path) -> Path:
    """Name the file that tells what made a CSV file."""
    return path.with_name(f"{path.name}-metadata.json")


def write_parquet(
    path: Path, frames: Frames, about: dict[str, Any], on_rows: OnRows
) -> int:
    """Write rows as Parquet, what made them in its metadata; give how many there are.

    Keys: malote.made_by, malote.made_at, malote.question (JSON).
    """
    rows = 0
    with whole(path) as out, _writer(out, about) as writer:
        for group in _groups(frames):
            writer.write_table(group, row_group_size=GROUP_ROWS)
            rows += len(group)
            on_rows(rows)
    return rows


def _lines(some: pd.DataFrame, *, header: bool) -> bytes:
    safe = {
        name: [formula_safe(text) for text in some[name]]
        for name, dtype in MESSAGES.items()
        if dtype == TEXT
    }
    text = io.StringIO()
    some.assign(**safe).to_csv(
        text, index=False, header=header, lineterminator="\r\n", date_format=INSTANT
    )
    return text.getvalue().encode("utf-8", "replace")


def _described(name: str, about: dict[str, Any]) -> dict[str, Any]:
    """Describe a CSV file as CSVW does, and what made it."""
    return {
        "@context": "http://www.w3.org/ns/csvw",
        "url": name,
        "dialect": {"encoding": "utf-8", "header": True, "lineTerminators": ["\r\n"]},
        "tableSchema": {
            "columns": [
                {"name": column, "datatype": _datatype(dtype)}
                for column, dtype in MESSAGES.items()
            ],
            "primaryKey": "message_id",
        },
        "notes": [about],
    }


def _datatype(dtype: Any) -> Any:
    return OF_COLUMN.get(dtype, "string") if isinstance(dtype, str) else "string"


def _schema() -> Any:
    return pa.Schema.from_pandas(empty(MESSAGES), preserve_index=False)


def _writer(out: BinaryIO, about: dict[str, Any]) -> Any:
    schema = _schema()
    told = {
        f"malote.{name}": value if isinstance(value, str) else json.dumps(value)
        for name, value in about.items()
    }
    kept = schema.with_metadata({**schema.metadata, **told})
    return pq.ParquetWriter(out, kept, compression="zstd")


def _groups(frames: Frames) -> Iterable[Any]:
    """Put frames together to row groups: small ones cost space and reading time."""
    schema, held, size = _schema(), [], 0
    for some in frames:
        held.append(pa.Table.from_pandas(some, schema=schema, preserve_index=False))
        size += len(some)
        if size >= GROUP_ROWS:
            yield pa.concat_tables(held)
            held, size = [], 0
    if held:
        yield pa.concat_tables(held)

"""Read a file of activities: CSV as spreadsheets write it, or JSON of an endpoint."""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter

from core.activities.json_file import read_json
from core.activities.rows import NEEDED, Preview, column
from core.errors import BadInput
from core.text import harmless

CSV_BYTES = FILE_BYTES = 5 << 20
FILE_ROWS = 20_000
SHOWN_CHARS = 200


def read_file(name: str, content: bytes) -> Preview:
    """Read a file by what it is: JSON if its name or its first sign says so, else CSV.

    Raises:
        BadInput: it is no such file at all.

    """
    start = content.removeprefix(codecs.BOM_UTF8).lstrip()[:1]
    if name.lower().endswith(".json") or start in {b"[", b"{"}:
        return read_json(content, FILE_BYTES, FILE_ROWS)
    return read_csv(content)


def read_csv(content: bytes) -> Preview:
    """Read a CSV of activities (comma, semicolon or tab; UTF-8, UTF-16 or Latin-1).

    Raises:
        BadInput: it is no such file at all: too large, no known columns.

    """
    if len(content) > FILE_BYTES:
        raise BadInput("file", "file_too_large")
    text = _decoded(content)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    preview = Preview()
    try:
        places = _places(preview, next(rows, []))
        for row in rows:
            if any(cell.strip() for cell in row):
                _take(preview, places, row, rows.line_num)
            if len(preview.rows) + preview.wrong > FILE_ROWS:
                raise BadInput("file", "file_too_large")
    except csv.Error:
        raise BadInput("file", "file_form") from None
    return preview


def _decoded(content: bytes) -> str:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _delimiter(text: str) -> str:
    header = text.partition("\n")[0]
    return max(",;\t", key=header.count)


def _places(preview: Preview, header: list[str]) -> dict[str, int]:
    """Find where each field stands in a row."""
    found = [column(cell) for cell in header]
    twice = sorted(name for name, n in Counter(found).items() if name and n > 1)
    if twice:
        raise BadInput("file", "columns_twice", columns=", ".join(twice))
    places = {name: at for at, name in enumerate(found) if name}
    if lacking := NEEDED - places.keys():
        raise BadInput("file", "file_columns", columns=", ".join(sorted(lacking)))
    preview.ignore(cell for cell in header if not column(cell))
    return places


def _take(preview: Preview, places: dict[str, int], row: list[str], line: int) -> None:
    beyond = [cell for cell in row[max(places.values()) + 1 :] if cell.strip()]
    if beyond and not preview.ignored:  # a comma in a text has moved all behind it
        said = harmless(", ".join(beyond))[:SHOWN_CHARS]
        preview.refuse(line, [BadInput("file", "too_many_cells", text=said)])
        return
    cells = {name: row[at] for name, at in places.items() if at < len(row)}
    preview.take(line, cells)

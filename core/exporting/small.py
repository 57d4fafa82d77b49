"""A table that a page shows, whole, as CSV and as Parquet."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from core.browse import formula_safe

BOM = "\ufeff"


def as_csv(data: pd.DataFrame, about: Mapping[str, str]) -> bytes:
    """Write CSV (RFC 4180, UTF-8 with a byte order mark), no cell of it a formula.

    It has no place for `about`, but in a comment, which would be a row to a reader.
    """
    del about
    safe = {
        name: [formula_safe(v) if isinstance(v, str) else v for v in data[name]]
        for name in data.columns
        if not pd.api.types.is_numeric_dtype(data[name])
        and not pd.api.types.is_datetime64_any_dtype(data[name])
    }
    text = data.assign(**safe).to_csv(index=False, lineterminator="\r\n")
    return (BOM + text).encode("utf-8", "replace")


def as_parquet(data: pd.DataFrame, about: Mapping[str, str]) -> bytes:
    """Write Parquet; what made it stands in its metadata, under `malote.question`."""
    table = pa.Table.from_pandas(data, preserve_index=False)
    told = {**(table.schema.metadata or {}), "malote.question": json.dumps(dict(about))}
    out = io.BytesIO()
    pq.write_table(table.replace_schema_metadata(told), out)
    return out.getvalue()

"""Read activities from JSON, as an endpoint gives them: a list of objects. Pure.

Nothing is made of what the file says but texts: numbers are kept as they are written,
and objects as their pairs, so that a key that is there twice is seen.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from core.activities.rows import Preview, column
from core.errors import BadInput

LISTS = ("activities", "atividades", "data", "dados", "items", "results")


class _Number(str):
    """A number as it is written: 1e999, NaN and ten thousand digits among them."""

    __slots__ = ()


class _Object(list[tuple[str, Any]]):
    """An object, as its pairs in their order."""


def read_json(content: bytes, most_bytes: int, most_rows: int) -> Preview:
    """Read a list of objects, or the list within {"activities": …} or {"data": …}.

    Raises:
        BadInput: it is no such file at all: too large, no JSON, no such list.

    """
    if len(content) > most_bytes:
        raise BadInput("file", "file_too_large")
    items = _listed(_parsed(content))
    if len(items) > most_rows:
        raise BadInput("file", "file_too_large")
    preview = Preview(numbered=True)
    for number, item in enumerate(items, 1):
        _take(preview, number, item)
    return preview


def _parsed(content: bytes) -> Any:
    try:
        return json.loads(
            content.decode("utf-8-sig"),
            object_pairs_hook=_Object,
            parse_int=_Number,
            parse_float=_Number,
            parse_constant=_Number,
        )
    except json.JSONDecodeError as error:
        raise BadInput("file", "json_form", line=error.lineno) from None
    except (UnicodeDecodeError, RecursionError):
        raise BadInput("file", "json_text") from None


def _listed(parsed: Any) -> list[Any]:
    if isinstance(parsed, _Object):
        lists = [value for key, value in parsed if key in LISTS and _is_list(value)]
        if len(lists) == 1:
            return list(lists[0])
    elif _is_list(parsed):
        return list(parsed)
    raise BadInput("file", "json_list")


def _is_list(value: Any) -> bool:
    return isinstance(value, list) and not isinstance(value, _Object)


def _take(preview: Preview, number: int, item: Any) -> None:
    if not isinstance(item, _Object):
        preview.refuse(number, [BadInput("file", "json_object")])
        return
    cells: dict[str, str] = {}
    wrong = list(_read(item, cells))
    if wrong:
        preview.refuse(number, wrong)
    else:
        preview.ignore(key for key, _ in item if not column(key))
        preview.take(number, cells)


def _read(item: _Object, cells: dict[str, str]) -> Iterable[BadInput]:
    """Write texts by field into `cells`; yield what is wrong with keys and values."""
    seen = set()
    for key, value in item:
        name = column(key)
        if not name:
            continue
        if name in seen:
            yield BadInput(name, "key_twice")
        seen.add(name)
        if isinstance(value, str) and not isinstance(value, _Number):
            cells[name] = value
        elif value is not None:  # null has no word on the field
            yield BadInput(name, "json_text_needed")

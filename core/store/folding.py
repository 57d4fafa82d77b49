"""Compare texts in the database without case and accents, as `core.text.fold` does.

For what is searched by looking at each row; what has many rows keeps its texts folded.
SQLite is given our own function; PostgreSQL translates the letters of our languages,
also where its collation knows no other letters than ASCII.
"""

from __future__ import annotations

import unicodedata
from typing import Any

from sqlalchemy import ColumnElement, String
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction

from core.text import fold

NAME = "malote_fold"
_LATIN = [chr(number) for number in range(0xC0, 0x180)]
_PLAIN = {one: fold(one) for one in _LATIN if unicodedata.decomposition(one)}
ACCENTED = "".join(one for one, plain in _PLAIN.items() if len(plain) == 1)
PLAIN = "".join(_PLAIN[one] for one in ACCENTED)


class folded(GenericFunction[str]):  # noqa: N801 - it reads like `func.lower`
    """A text without case and accents."""

    type = String()
    inherit_cache = True
    name = NAME


@compiles(folded, "postgresql")
def _translated(element: folded, compiler: Any, **options: Any) -> str:
    text = compiler.process(element.clauses, **options)
    return f"lower(translate({text}, '{ACCENTED}', '{PLAIN}'))"


def give(connection: Any) -> None:
    """Give a connection to SQLite the function."""
    connection.create_function(NAME, 1, fold, deterministic=True)


def contains(text: ColumnElement[str], word: str) -> ColumnElement[bool]:
    """Tell whether a text has a word in it, case and accents apart."""
    return folded(text).contains(fold(word), autoescape=True)

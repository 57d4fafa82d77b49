"""What the commands share: how they open the store, print, and exit."""

from __future__ import annotations

import getpass
import json
from datetime import date, datetime
from typing import Annotated, Any

import typer

from core.errors import (
    AddressNotAllowed,
    BadInput,
    Local,
    MailError,
    NotFound,
    Refused,
    Rule,
)
from core.i18n import terminal_texts as texts
from core.runtime import Runtime, open_runtime
from core.settings import read_settings

__all__ = ["texts"]
DONE, USE, SERVER, OWNER, RULE = 0, 2, 3, 4, 5


Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Id = Annotated[int, typer.Argument(help="The integration's id, as `status` shows it.")]


def exit_code(error: MailError) -> int:
    """Give the exit code of an error."""
    match error:
        case BadInput() | NotFound():
            return USE
        case Refused():
            return OWNER
        case Rule() | AddressNotAllowed():
            return RULE
        case Local():
            return USE
        case _:
            return SERVER


def runtime() -> Runtime:
    """Open the store with the settings of the environment."""
    return open_runtime(read_settings())


def actor() -> str:
    """Name who types, for the audit log."""
    try:
        return f"cli:{getpass.getuser()}"
    except (KeyError, OSError):
        return "cli"


def say(value: Any, *, as_json: bool, text: str) -> None:
    """Print a value as JSON for machines, or its text for people."""
    print(json.dumps(plain(value), ensure_ascii=False) if as_json else text)


def plain(value: Any) -> Any:
    """Make something that JSON can hold; instants in ISO 8601, missing as null."""
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if hasattr(value, "to_dict"):  # a frame
        return plain(value.to_dict("records"))
    if hasattr(value, "item"):  # of NumPy
        return plain(value.item())
    # NaN and NaT are not equal to themselves.
    if value is None or value != value:  # noqa: PLR0124
        return None
    return value.isoformat() if isinstance(value, (datetime, date)) else value

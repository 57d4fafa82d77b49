"""What a person may want exported, and the names that files get. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from core.exporting.asked import as_plain, from_plain
from core.question import Question
from core.text import CONTROL

NAME_MOST = 80  # characters of a file's name that a mail chose
# Not in names of files on any system; nor what hides the true ending of one.
FORBIDDEN = re.compile(r'[<>:"/\\|?*%~$`;&\s]+')
DEVICES = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|\Z)", re.IGNORECASE)


class Format(StrEnum):
    """A kind of file; its value is the ending of the name."""

    CSV = "csv"
    PARQUET = "parquet"
    MBOX = "mbox"
    EML = "eml"

    @property
    def of_mail(self) -> bool:
        """Tell whether it holds the messages themselves, fetched from the server."""
        return self in {Format.MBOX, Format.EML}


@dataclass(frozen=True, slots=True)
class Ask:
    """An export that is wanted: all that a question asks for, or chosen messages."""

    format: Format
    question: Question
    ids: tuple[int, ...] = ()

    def as_plain(self) -> dict[str, Any]:
        """Give it as JSON can hold it."""
        return {
            "format": str(self.format),
            "question": as_plain(self.question),
            "ids": list(self.ids),
        }


def ask_of(value: dict[str, Any]) -> Ask:
    """Give an `Ask` again."""
    question = from_plain(value["question"])
    return Ask(Format(value["format"]), question, tuple(value["ids"]))


def file_name(kind: Format, now: datetime) -> str:
    """Name a file by when it was made, in UTC."""
    return f"malote-messages-{now:%Y%m%d-%H%M}.{kind}"


def safe_name(text: str, ending: str) -> str:
    """Make a file's name of what a mail says, that is harmless on every system.

    No separators, controls, marks of direction or names of devices; not hidden, and
    no longer than 80 characters before its own ending.
    """
    plain = FORBIDDEN.sub(" ", CONTROL.sub("", text.encode("utf-8", "ignore").decode()))
    short = plain.strip(" .-")[:NAME_MOST].strip(" .-")
    if not short or DEVICES.match(short):
        short = f"message {short}".strip()
    return f"{short}.{ending}"

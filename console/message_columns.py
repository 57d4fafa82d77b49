"""The columns of the table of messages: what each shows, and which a person wants."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from console.message_address import COLUMNS
from console.privacy_banner import subject_words
from console.widgets import moment_column
from core.i18n import Texts
from core.model import Privacy
from core.watch import Choice

IN_BRACKETS = re.compile(r"\s*<[^<>]*>")
WIDTHS = {
    "flags": 56, "mailbox": 160, "from": 250, "to": 105, "subject": 235,
    "attachment": 60, "thread": 76, "size": 96, "folders": 110, "kind": 150,
    "direction": 92,
}  # fmt: skip
USUAL = ("flags", "date", "from", "subject", "attachment", "thread", "size")
KB = 1000
UNREAD, FLAGGED, ANSWERED, CLIP = "●", "⚑", "↩", "✓"


def usual(*, everywhere: bool, one_folder: bool) -> tuple[str, ...]:
    """Give the columns for who chose none: what is the same in each row is left out."""
    where = "mailbox" if everywhere else "to"
    names = {*USUAL, where} if one_folder else {*USUAL, where, "folders"}
    return tuple(name for name in COLUMNS if name in names)


def cells(
    t: Texts,
    found: pd.DataFrame,
    mailboxes: Mapping[int, Choice],
    levels: Mapping[int, Privacy],
) -> pd.DataFrame:
    """Write rows of `core.browse.Page` under the names of the columns.

    `levels` of privacy: of the mailboxes that have messages without a subject.
    """
    rows = found.to_dict("records")
    return pd.DataFrame(
        {
            "message_id": found["message_id"],
            "flags": [signs(row) for row in rows],
            "date": found["at"],
            "mailbox": [_mailbox(mailboxes.get(row["integration_id"])) for row in rows],
            # Always with the address: a name may be another's address (Mailsploit).
            "from": [sender(row["from_name"], row["from_address"]) for row in rows],
            "to": [IN_BRACKETS.sub("", row["recipients"]) or row["recipients"]
                   for row in rows],
            "subject": [_subject(t, row, levels) for row in rows],
            "attachment": [CLIP if row["attachment"] else "" for row in rows],
            "thread": [_count(row["in_thread"]) for row in rows],
            "size": (found["size_bytes"] / KB).round(1),
            "folders": found["folders"],
            "kind": [t(f"one_of.{row['kind']}") for row in rows],
            "direction": [t(f"one_way.{row['direction']}") for row in rows],
        }
    )  # fmt: skip


def described(t: Texts) -> dict[str, Any]:
    """Describe the columns for a table: head, help, width."""
    text = st.column_config.TextColumn
    out: dict[str, Any] = {
        name: text(label(t, name), width=width, help=_help(t, name))
        for name, width in WIDTHS.items()
    }
    for name in ("thread", "size"):
        out[name] = st.column_config.NumberColumn(
            label(t, name), width=WIDTHS[name], help=_help(t, name), format="localized"
        )
    return out | {"date": moment_column(t, label(t, "date")) | {"width": 125}}


def label(t: Texts, name: str) -> str:
    """Name a column."""
    return t(f"column.{name}")


def signs(row: Mapping[Any, Any]) -> str:
    """Give the signs of a message: unread, flagged, answered."""
    every = (("unread", UNREAD), ("flagged", FLAGGED), ("answered", ANSWERED))
    return " ".join(sign for name, sign in every if row[name])


def sender(name: str, address: str) -> str:
    """Write a name with its address."""
    return f"{name} <{address}>" if name else address


def _help(t: Texts, name: str) -> str | None:
    key = f"column_help.{name}"
    return t(key) if t.has(key) else None


def _mailbox(one: Choice | None) -> str:
    return one.address if one else ""


def _subject(t: Texts, row: Mapping[Any, Any], levels: Mapping[int, Privacy]) -> str:
    if row["subject"] or row["integration_id"] not in levels:
        return str(row["subject"])
    return subject_words(t, levels[row["integration_id"]], "")


def _count(in_thread: Any) -> int | None:
    return int(in_thread) if in_thread > 1 else None

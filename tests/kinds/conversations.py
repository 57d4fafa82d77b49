"""Conversations as programs write their headers, and which mails are told together."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from core.imap.parse import read_message
from core.runtime import Runtime
from core.store import threads
from core.store.engine import writing
from tests.store.building import connected

SOURCE = Path(__file__).with_suffix(".toml")
FIELDS = {
    "id": "Message-ID",
    "in_reply_to": "In-Reply-To",
    "references": "References",
    "subject": "Subject",
}
Groups = tuple[tuple[int, ...], ...]  # numbers of mails, from 1


class Conversation(NamedTuple):
    """Mails in the order in which they are read. `why`: told wrongly, the reason."""

    name: str
    source: str
    mail: tuple[bytes, ...]
    together: Groups
    why: str = ""


def conversations() -> list[Conversation]:
    """Read all of them."""
    return [
        Conversation(
            one["name"],
            one["source"],
            tuple(_header(mail) for mail in one["mail"]),
            tuple(tuple(group) for group in one["together"]),
            one.get("why", ""),
        )
        for one in tomllib.loads(SOURCE.read_text("utf-8"))["conversation"]
    ]


def told(runtime: Runtime, some: Sequence[Conversation]) -> list[Groups]:
    """Give which mails the store joins, each conversation in a mailbox of its own."""
    return [_told(runtime, one) for one in some]


def _told(runtime: Runtime, one: Conversation) -> Groups:
    mailbox = connected(runtime, one.name)
    letters = [_letter(number, raw) for number, raw in enumerate(one.mail, 1)]
    with writing(runtime.engine) as conn:
        joined = threads.join(conn, mailbox, letters)
    groups: dict[int, tuple[int, ...]] = {}
    for number in sorted(joined):
        thread = joined[number].thread
        groups[thread] = (*groups.get(thread, ()), number)
    return tuple(groups.values())


def _letter(number: int, raw: bytes) -> threads.Letter:
    read = read_message(raw, False, "", 0, len(raw), "")
    return threads.letter(number, read.message_id, read.in_reply_to, read.references)


def _header(mail: dict[str, str]) -> bytes:
    lines = [f"{FIELDS[name]}: {value}\r\n" for name, value in mail.items() if value]
    return f"{''.join(lines)}\r\n".encode()

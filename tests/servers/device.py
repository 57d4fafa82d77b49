"""Another device of the same person: what happens to a mailbox behind our back.

    with Device(account) as phone:
        uid = phone.deliver("INBOX", subject="Olá", at=datetime(2026, 3, 1, tzinfo=UTC))
        phone.read("INBOX", uid)
        phone.move("INBOX", uid, "Archive")
    assert snapshot(account)["Archive"]

It speaks plain imapclient to the server's best address, whatever the account's kind,
and knows nothing of our own code. Folder names are decoded, as people read them.
"""

from __future__ import annotations

import email
import re
import smtplib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from ssl import create_default_context
from typing import NamedTuple, Self

from imapclient import IMAPClient

from tests.servers.dovecot import Account, Kind

TIMEOUT_S = 30.0
MESSAGE_ID = b"BODY[HEADER.FIELDS (MESSAGE-ID)]"
WANTED = ["FLAGS", "RFC822.SIZE", "BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)]"]
AT_ONCE = 5000  # a longer list of UIDs makes a command line that Dovecot refuses


class Held(NamedTuple):
    """A message as the server holds it; `\\Recent` is left out."""

    flags: frozenset[str]
    message_id: str
    size_bytes: int


Snapshot = dict[str, dict[int, Held]]


class Device:
    """A logged-in connection that changes a mailbox; acts take one UID or many."""

    def __init__(self, account: Account) -> None:
        self.account = account
        context = create_default_context(cafile=str(account.ca_file))
        self.client = IMAPClient(
            Kind.FULL.value,
            port=account.imap_port,
            ssl_context=context,
            timeout=TIMEOUT_S,
        )
        self.client.login(account.user, account.password)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.logout()

    def deliver(
        self,
        folder: str = "INBOX",
        *,
        at: datetime | None = None,
        flags: Iterable[str] = (),
        raw: bytes | None = None,
        **fields: str,
    ) -> int:
        """Put a message into a folder and give its UID.

        `raw` is taken as it is; else `fields` go to `compose`. `at` is INTERNALDATE.
        """
        at = at or datetime.now(UTC)
        made = compose(at=at, **fields) if raw is None else raw
        answer = self.client.append(folder, made, tuple(flags), at)
        found = re.search(rb"APPENDUID \d+ (\d+)", answer)  # RFC 4315
        assert found, answer
        return int(found[1])

    def uids(self, folder: str) -> list[int]:
        """List what a folder holds."""
        self.client.select_folder(folder, readonly=True)
        return sorted(self.client.search())

    def read(self, folder: str, uids: int | Iterable[int]) -> None:
        """Mark as read."""
        self.flag(folder, uids, r"\Seen")

    def flag(self, folder: str, uids: int | Iterable[int], *flags: str) -> None:
        """Add flags."""
        self.client.select_folder(folder)
        self.client.add_flags(_many(uids), flags)

    def unflag(self, folder: str, uids: int | Iterable[int], *flags: str) -> None:
        """Take flags away."""
        self.client.select_folder(folder)
        self.client.remove_flags(_many(uids), flags)

    def move(self, folder: str, uids: int | Iterable[int], to: str) -> None:
        """Move to another folder, where the messages get new UIDs."""
        self.client.select_folder(folder)
        self.client.move(_many(uids), to)

    def copy(self, folder: str, uids: int | Iterable[int], to: str) -> None:
        """Copy to another folder."""
        self.client.select_folder(folder)
        self.client.copy(_many(uids), to)

    def delete(self, folder: str, uids: int | Iterable[int]) -> None:
        """Delete for good: mark as deleted, and expunge."""
        self.flag(folder, uids, r"\Deleted")
        self.client.uid_expunge(_many(uids))

    def create(self, folder: str) -> None:
        """Make a folder."""
        self.client.create_folder(folder)

    def rename(self, folder: str, to: str) -> None:
        """Give a folder another name."""
        self.client.rename_folder(folder, to)

    def remove(self, folder: str) -> None:
        """Delete a folder with everything in it."""
        self.client.delete_folder(folder)

    def snapshot(self) -> Snapshot:
        """Give what every folder holds: {folder: {uid: Held}}. Changes nothing."""
        listed = self.client.list_folders()
        return {name: self._held(name) for flags, _, name in listed if _opens(flags)}

    def _held(self, folder: str) -> dict[int, Held]:
        held: dict[int, Held] = {}
        uids = self.uids(folder)
        for start in range(0, len(uids), AT_ONCE):
            rows = self.client.fetch(uids[start : start + AT_ONCE], WANTED)
            held |= {uid: _read_row(row) for uid, row in rows.items()}
        return held


def snapshot(account: Account) -> Snapshot:
    """Give what the server holds of an account: {folder: {uid: Held}}."""
    with Device(account) as device:
        return device.snapshot()


def compose(
    *,
    subject: str = "Hello",
    sender: str = "Bruno <bruno@example.net>",
    to: str = "ana@example.org",
    body: str = "A short text.\n",
    at: datetime | None = None,
    message_id: str = "",
    **headers: str,
) -> bytes:
    """Write a message; further headers by name: `in_reply_to=…`, `list_id=…`."""
    message = EmailMessage()
    message["Date"] = format_datetime(at or datetime.now(UTC))
    message["From"] = sender
    message["To"] = to
    message["Subject"] = subject
    message["Message-ID"] = message_id or make_msgid(domain="example.net")
    for name, value in headers.items():
        message[name.replace("_", "-").title()] = value
    message.set_content(body)
    return message.as_bytes()


def deliver_by_lmtp(account: Account, raw: bytes, sender: str = "") -> None:
    """Hand a message to the server as another mail server does (RFC 2033)."""
    with smtplib.LMTP("127.0.0.1", account.lmtp_port, timeout=TIMEOUT_S) as server:
        server.sendmail(sender, [account.address], raw)


def _many(uids: int | Iterable[int]) -> list[int]:
    return [uids] if isinstance(uids, int) else list(uids)


def _opens(flags: Iterable[bytes]) -> bool:
    return not {b"\\noselect", b"\\nonexistent"} & {flag.lower() for flag in flags}


def _read_row(row: Mapping[bytes, object]) -> Held:
    flags, header = row[b"FLAGS"], row[MESSAGE_ID]
    assert isinstance(flags, tuple)
    assert isinstance(header, bytes)
    names = frozenset(flag.decode() for flag in flags) - {r"\Recent"}
    message_id = str(email.message_from_bytes(header).get("Message-ID", "")).strip()
    return Held(names, message_id, int(str(row[b"RFC822.SIZE"])))

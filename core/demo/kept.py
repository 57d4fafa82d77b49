"""What the demo keeps from start to start: ports, password, day and contents."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import time
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime
from hashlib import blake2b
from pathlib import Path

from core.demo import endpoint
from core.demo.cast import ADDRESS, OWNER
from core.demo.folders import DemoMail
from core.secret import Secret

LOCK = "lock"
LOCK_S = 5.0
PASSWORD_BYTES = 18


class InUse(Exception):
    """Another demo runs in the same folder."""


@dataclass(frozen=True, slots=True)
class Kept:
    """The fields of endpoint.json; `contents` names the made-up mail, all of it.

    `uidvalidity` goes up whenever the contents are others (RFC 9051 §2.3.1.1).
    """

    host: str
    imap_port: int
    smtp_port: int
    address: str
    password: Secret
    owner: str
    ca_file: str
    today: str
    contents: str = ""
    uidvalidity: int = 0

    @property
    def day(self) -> date:
        """Give the day before which all made-up mail lies."""
        return date.fromisoformat(self.today)

    def holding(self, mails: Iterable[DemoMail]) -> Kept:
        """Name these contents; UIDVALIDITY stays if they are the same as before."""
        contents = _digest(mails)
        if contents == self.contents:
            return self
        number = max(int(time.time()), self.uidvalidity + 100)
        return replace(self, contents=contents, uidvalidity=number)


def load(directory: Path, ca_file: Path) -> Kept:
    """Read what was kept, or begin: ports 0, a new password, today."""
    fresh = Kept(
        host="localhost",
        imap_port=0,
        smtp_port=0,
        address=ADDRESS,
        password=Secret(secrets.token_urlsafe(PASSWORD_BYTES)),
        owner=OWNER,
        ca_file=str(ca_file),
        today=datetime.now(UTC).date().isoformat(),
    )
    try:
        stored = json.loads((directory / endpoint.FILE).read_text(encoding="utf-8"))
        return replace(
            fresh,
            imap_port=int(stored["imap_port"]),
            smtp_port=int(stored["smtp_port"]),
            password=Secret(stored["password"]),
            today=date.fromisoformat(stored["today"]).isoformat(),
            contents=stored.get("contents", ""),
            uidvalidity=int(stored.get("uidvalidity", 0)),
        )
    except (FileNotFoundError, ValueError, LookupError, TypeError):
        return fresh


def save(directory: Path, kept: Kept) -> None:
    """Write endpoint.json: whole or not at all, for the owner alone."""
    row = {field.name: getattr(kept, field.name) for field in fields(kept)}
    row["password"] = kept.password.reveal()
    write_private(directory / endpoint.FILE, json.dumps(row, indent=1).encode())


def write_private(path: Path, content: bytes) -> None:
    """Write a file of mode 0600, whole or not at all."""
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    handle = os.open(part, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    part.replace(path)


def lock(directory: Path) -> int:
    """Make the folder ours until the process ends; give the handle to hold.

    Raises:
        InUse: another process has had it for five seconds.

    """
    handle = os.open(directory / LOCK, os.O_CREAT | os.O_RDWR, 0o600)
    until = time.monotonic() + LOCK_S
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                os.close(handle)
                raise InUse(str(directory)) from None
            time.sleep(0.05)
        else:
            return handle


def _digest(mails: Iterable[DemoMail]) -> str:
    state = blake2b(digest_size=16)
    for mail in mails:
        words = (mail.folder, *sorted(mail.flags), mail.received_at.isoformat())
        state.update("\0".join((*words, str(len(mail.raw)), "")).encode())
        state.update(mail.raw)
    return state.hexdigest()

"""A laptop that reads mail offline: a Maildir, which mbsync (isync) keeps in step.

    laptop = Laptop(tmp_path / "laptop", account, ("INBOX", "Sent"))
    laptop.sync()
    laptop.read("INBOX", 3)
    laptop.sync()                # the server sees what was done, and tells what it has

What is done between two syncs is done to files; the same seed does the same.
"""

from __future__ import annotations

import email
import itertools
import os
import random
import subprocess
from pathlib import Path

from tests.servers.dovecot import Account

HOST = "localhost"  # mbsync compares names only, and no addresses
TIMEOUT_S = 60.0
LETTERS = {"S": r"\Seen", "F": r"\Flagged", "R": r"\Answered", "T": r"\Deleted"}
# `Expunge Both`: what is marked as deleted on one side ends on both.
CONFIG = """
FSync no

IMAPAccount there
Host {host}
Port {port}
User {user}
Pass {password}
SSLType IMAPS
CertificateFile {ca_file}

IMAPStore far
Account there

MaildirStore near
Path {mail}/
Inbox {mail}/INBOX
SubFolders Verbatim

Channel all
Far :far:
Near :near:
Patterns {folders}
Create Near
Expunge Both
SyncState *
"""


class Laptop:
    """A Maildir with some folders of an account. Not for several threads at once."""

    def __init__(
        self, home: Path, account: Account, folders: tuple[str, ...], seed: int = 0
    ) -> None:
        self.home = home
        self._chance = random.Random(seed)
        self._numbers = itertools.count(1)
        self._mail = home / "mail"
        self._mail.mkdir(parents=True)
        text = CONFIG.format(
            host=HOST,
            port=account.imap_port,
            user=account.user,
            password=account.password,
            ca_file=account.ca_file,
            mail=self._mail,
            folders=" ".join(folders),
        )
        self._config.touch(0o600)
        self._config.write_text(text)

    def sync(self) -> None:
        """Bring the Maildir and the server together."""
        done = subprocess.run(
            ["mbsync", "-c", str(self._config), "all"],
            env={"HOME": str(self.home), "PATH": os.environ["PATH"]},
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"mbsync: {done.stderr.strip()}")

    def write(self, folder: str, raw: bytes) -> None:
        """Put a message into a folder, read already."""
        path = self._mail / folder / "cur" / f"{next(self._numbers)}.laptop:2,S"
        path.write_bytes(raw)

    def read(self, folder: str, count: int) -> None:
        """Mark some messages as read."""
        self._flag(self._some(folder, count), "S")

    def flag(self, folder: str, count: int) -> None:
        """Flag some messages."""
        self._flag(self._some(folder, count), "F")

    def delete(self, folder: str, count: int) -> None:
        """Delete some messages."""
        self._flag(self._some(folder, count), "T")

    def move(self, folder: str, count: int, to: str) -> None:
        """Move some messages: for mbsync they are new there, and gone here."""
        for path in self._some(folder, count):
            self.write(to, path.read_bytes())
            path.unlink()

    def held(self) -> dict[str, list[tuple[str, frozenset[str]]]]:
        """Give what is there, sorted: Message-ID and flags, by folder."""
        return {
            here.name: sorted(
                (_message_id(path), _flags(path)) for path in self._mails(here.name)
            )
            for here in self._mail.iterdir()
            if here.is_dir()
        }

    @property
    def _config(self) -> Path:
        return self.home / "mbsyncrc"

    def _some(self, folder: str, count: int) -> list[Path]:
        there = self._mails(folder)
        return self._chance.sample(there, min(count, len(there)))

    def _mails(self, folder: str) -> list[Path]:
        here = self._mail / folder
        return sorted(path for sub in ("cur", "new") for path in (here / sub).iterdir())

    def _flag(self, paths: list[Path], flag: str) -> None:
        """Add a flag: in a Maildir they are letters at the end of the name, sorted."""
        for path in paths:
            name, _, flags = path.name.partition(":2,")
            letters = "".join(sorted({*flags, flag}))
            path.rename(path.parents[1] / "cur" / f"{name}:2,{letters}")


def _flags(path: Path) -> frozenset[str]:
    letters = path.name.partition(":2,")[2]
    return frozenset(LETTERS[letter] for letter in letters if letter in LETTERS)


def _message_id(path: Path) -> str:
    message = email.message_from_bytes(path.read_bytes())
    return str(message.get("Message-ID", "")).strip()

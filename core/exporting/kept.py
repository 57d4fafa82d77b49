"""Exports that wait to be downloaded: a folder each, for an hour.

    exports/<id>/                mode 0700
      ask.json                   what was asked for
      told.json                  how far it is, and what became of it
      malote-….csv, …            the file itself, once it is whole; mode 0600

The address of a download is signed and good for some minutes: its route does not pass
through a session of the console, so it must know by itself whom to let in.
"""

from __future__ import annotations

import hmac
import json
import os
import re
import secrets
import shutil
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from core.errors import LinkExpired
from core.exporting.tables import beside
from core.runtime import Runtime

FOLDER, ASKED, TOLD = "exports", "ask.json", "told.json"
KEEP_S = 3600
TICKET_S = 900
PURPOSE = "download of an export"
TICKET = re.compile(
    r"(?P<body>(?P<id>[\w-]{22})\.(?P<what>file|about)\.(?P<until>\d{1,12}))"
    r"\.(?P<signed>[0-9a-f]{64})\Z",
    re.ASCII,
)


class State(StrEnum):
    """What became of an export."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Told:
    """How far an export is: `done` of `total` (None: not known) messages.

    `file`: the name on the disk; `name`: that of the download. `left`: how many of the
    chosen messages could not be had. `code` and `facts`: the error that ended it.
    """

    state: State = State.RUNNING
    done: int = 0
    total: int | None = None
    file: str = ""
    name: str = ""
    size_bytes: int = 0
    left: int = 0
    code: str = ""
    facts: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Download:
    """A file to be sent, and the name to save it under."""

    path: Path
    name: str


def new_folder(runtime: Runtime) -> Path:
    """Make the folder of a new export; its name is not to be guessed."""
    folder = runtime.settings.data / FOLDER / secrets.token_urlsafe(16)
    folder.mkdir(parents=True, mode=0o700)
    folder.parent.chmod(0o700)
    return folder


def put(folder: Path, name: str, value: Any) -> None:
    """Write a value as JSON, so that a reader sees the old one or the new one."""
    part = folder / f"{name}.part"
    handle = os.open(part, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        json.dump(value, out)
    part.replace(folder / name)


def tell(folder: Path, told: Told) -> None:
    """Write how far an export is."""
    put(folder, TOLD, asdict(told))


def told_of(folder: Path) -> Told:
    """Read how far an export is; nothing said yet: it runs.

    Raises:
        LinkExpired: it is no more there.

    """
    if not folder.is_dir():
        raise LinkExpired(folder.name)
    try:
        kept = json.loads((folder / TOLD).read_text("utf-8"))
    except FileNotFoundError:
        return Told()
    return Told(**{**kept, "state": State(kept["state"])})


def ticket(runtime: Runtime, folder: Path, what: str = "file") -> str:
    """Give what lets a browser download, for a quarter of an hour.

    `what`: "file", or "about" for what stands beside a CSV file.
    """
    body = f"{folder.name}.{what}.{int(_now(runtime)) + TICKET_S}"
    return f"{body}.{_signed(runtime, body)}"


def download(runtime: Runtime, shown: str) -> Download:
    """Give the file that a ticket is for.

    Raises:
        LinkExpired: it is none of ours or too old, or the file was removed.

    """
    found = TICKET.match(shown)
    if not found or not hmac.compare_digest(
        found["signed"], _signed(runtime, found["body"])
    ):
        raise LinkExpired("ticket")
    if int(found["until"]) < _now(runtime):
        raise LinkExpired("too old")
    folder = runtime.settings.data / FOLDER / found["id"]
    told = told_of(folder)
    path, name = folder / told.file, told.name
    if found["what"] == "about":
        path, name = beside(path), beside(Path(name)).name
    if told.state is not State.DONE or not path.is_file():
        raise LinkExpired("no file")
    return Download(path, name)


def forget_old(runtime: Runtime) -> int:
    """Remove exports of which nothing was written for an hour; give how many."""
    gone = 0
    for folder in (runtime.settings.data / FOLDER).glob("*/"):
        # By the clock of the file system, which wrote them.
        with suppress(FileNotFoundError):
            newest = max(one.stat().st_mtime for one in (folder, *folder.iterdir()))
            if newest < time.time() - KEEP_S:
                shutil.rmtree(folder, ignore_errors=True)
                gone += 1
    return gone


def _now(runtime: Runtime) -> float:
    return runtime.clock().timestamp()


def _signed(runtime: Runtime, body: str) -> str:
    key = runtime.vault.derived(PURPOSE)
    return hmac.new(key, body.encode(), "sha256").hexdigest()

"""Remember what became of the demo mailbox, so that a restart changes nothing.

The made-up mail is the same at each start; the journal holds what differs from it,
one line of JSON for each change: where a message lies, its flags, or that it is gone.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from core.demo.folders import DemoMail

FILE = "changes.jsonl"


@dataclass(frozen=True, slots=True)
class Change:
    """What is so from now on: a message (`mail`), its `flags`, or neither: gone."""

    folder: str
    uid: int
    flags: frozenset[str] | None = None
    mail: DemoMail | None = None


class Journal:
    """A file of changes that belongs to one content of the mailbox."""

    def __init__(self, directory: Path, contents: str) -> None:
        """Open it; changes to other contents are thrown away."""
        self._path, self._contents = directory / FILE, contents
        if not self._path.exists() or not self._matches():
            self._path.unlink(missing_ok=True)
            self._append({"contents": contents})
        self._mend()

    def changes(self) -> Iterator[Change]:
        """Give the changes so far, oldest first."""
        with self._path.open(encoding="utf-8") as file:
            next(file)
            for line in file:
                yield _change(json.loads(line))

    def note(self, change: Change) -> None:
        """Add a change; it is on its way to the disk when this returns."""
        row: dict[str, object] = {"folder": change.folder, "uid": change.uid}
        if change.flags is not None:
            row["flags"] = sorted(change.flags)
        if change.mail is not None:
            row["at"] = change.mail.received_at.isoformat()
            row["raw"] = base64.b64encode(change.mail.raw).decode()
        self._append(row)

    def _matches(self) -> bool:
        with self._path.open(encoding="utf-8") as file:
            try:
                return bool(json.loads(file.readline())["contents"] == self._contents)
            except (ValueError, KeyError, TypeError):
                return False

    def _mend(self) -> None:
        """Take away a last line that a crash has cut short."""
        content = self._path.read_bytes()
        whole = content.rfind(b"\n") + 1
        if whole < len(content):
            os.truncate(self._path, whole)

    def _append(self, row: dict[str, object]) -> None:
        flags = os.O_CREAT | os.O_WRONLY | os.O_APPEND
        with os.fdopen(os.open(self._path, flags, 0o600), "w") as file:
            file.write(json.dumps(row) + "\n")


def _change(row: dict[str, object]) -> Change:
    folder, uid, flags = str(row["folder"]), int(str(row["uid"])), row.get("flags")
    if not isinstance(flags, list):
        return Change(folder, uid)
    named = frozenset(map(str, flags))
    if "raw" not in row:
        return Change(folder, uid, named)
    at, raw = datetime.fromisoformat(str(row["at"])), base64.b64decode(str(row["raw"]))
    return Change(folder, uid, named, DemoMail(folder, named, at, raw))

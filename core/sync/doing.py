"""An act in hand: its places, what the server told of them, what a refusal means."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from core.acting import MailAct, Place
from core.errors import (
    ActRefused,
    FolderReadOnly,
    FolderRefused,
    FolderRenumbered,
    LimitExceeded,
    MailError,
    ProtocolBroken,
)
from core.model import Folder
from core.refusals import code_of
from core.store.mail_acts import Where


@dataclass(slots=True)
class Doing:
    """An act in hand: its places by folder, and what the server told of them."""

    act: MailAct
    folders: dict[int, Folder]
    told: dict[Where, dict[int, int]] = field(default_factory=dict)
    at: str = ""  # title of the folder at hand

    @property
    def target(self) -> Folder:
        """Give the folder that is moved to."""
        return self.folders[self.act.target_id or 0]

    def places_in(self, where: Where) -> list[Place]:
        """List the places in a folder."""
        return [p for p in self.act.places if (p.folder_id, p.generation) == where]

    def change(self, where: Where, by_uid: dict[int, Place]) -> None:
        """Put other places in the stead of those of a folder, by UID."""
        places = [
            by_uid.get(p.uid, p) if (p.folder_id, p.generation) == where else p
            for p in self.act.places
        ]
        self.act = replace(self.act, places=tuple(places))


def is_of_the_act(error: MailError) -> bool:
    """Tell a NO or BAD to a command from what ends a connection.

    OVERQUOTA (RFC 5530 §3) is of the target; other limits are of the mailbox.
    """
    if isinstance(error, FolderRefused):
        return True
    if isinstance(error, LimitExceeded) or "command" not in error.facts:
        return False
    full = code_of(error.facts.get("server_says", "")) == "OVERQUOTA"
    return isinstance(error, ProtocolBroken) or full


def as_refusal(error: MailError, doing: Doing) -> FolderRefused:
    """Say what a refusal means for an act."""
    if isinstance(error, FolderReadOnly | FolderRenumbered):
        return error
    if code_of(error.facts.get("server_says", "")) == "NOPERM":
        return FolderReadOnly(error.detail, **{**error.facts, "folder": doing.at})
    return ActRefused(error.detail, **{**error.facts, "folder": doing.at})

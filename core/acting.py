r"""Acts on messages: what each does to a place, and on which places it is done. Pure.

A place is where a message lies: a folder and a UID. Marks act on every place of a
message. What moves acts on the place that a person sees; seen across folders, see
`places_for`. What moves is shown as marked with \Deleted where it was: on its way out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from core.model import Flags, Problem, Role


class Act(StrEnum):
    """What a person can do to messages."""

    READ = "read"
    UNREAD = "unread"
    FLAG = "flag"
    UNFLAG = "unflag"
    MOVE = "move"
    ARCHIVE = "archive"
    DELETE = "delete"  # into the trash; never out of it for good

    @property
    def moves(self) -> bool:
        """Tell whether it takes messages to another folder."""
        return self not in MARKS

    @property
    def mark(self) -> tuple[Flags, bool]:
        """Give the flag that is changed, and whether it is set."""
        return MARKS.get(self, (Flags.DELETED, True))

    @property
    def opposite(self) -> Act:
        """Give the act that takes a mark back; a move is taken back by a move."""
        return OPPOSITES.get(self, Act.MOVE)

    def shown(self, flags: int) -> int:
        """Give the flags, as bits, as they are shown once this was asked for."""
        bit, on = self.mark
        return flags | bit if on else flags & ~bit


MARKS = {
    Act.READ: (Flags.SEEN, True),
    Act.UNREAD: (Flags.SEEN, False),
    Act.FLAG: (Flags.FLAGGED, True),
    Act.UNFLAG: (Flags.FLAGGED, False),
}
OPPOSITES = {
    Act.READ: Act.UNREAD,
    Act.UNREAD: Act.READ,
    Act.FLAG: Act.UNFLAG,
    Act.UNFLAG: Act.FLAG,
}
# From where a message is moved that is seen across folders and lies in several.
ORDER = (
    Role.INBOX, Role.OTHER, Role.ARCHIVE, Role.JUNK, Role.SENT, Role.DRAFTS,
    Role.TRASH, Role.ALL,
)  # fmt: skip


class Stage(StrEnum):
    """How far an act is."""

    ASKED = "asked"
    DOING = "doing"  # or begun by a worker that died: it is done again
    DONE = "done"
    FAILED = "failed"
    UNDONE = "undone"


OPEN = (Stage.ASKED, Stage.DOING)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message lies, or lay. `flags` are those that the server told last.

    `done`: it was acted on; `ours`: that changed something; `to`: its UID where it was
    moved to, 0 where the server did not tell.
    """

    folder_id: int
    generation: int
    uid: int
    message_id: int
    flags: int
    done: bool = False
    ours: bool = False
    to: int = 0


@dataclass(frozen=True, slots=True)
class Lying:
    """A place, the flags that are shown for it, and what its folder is for."""

    place: Place
    shown: int
    role: Role


@dataclass(frozen=True, slots=True)
class MailAct:
    """An act as it is kept.

    `target_uidvalidity` and `target_uidnext`: of the folder that is moved to, before
    the first attempt: what lies there from that UID on may be of one that was cut.
    `left_marked`: so many stayed in the old folder, marked as deleted.
    """

    id: int
    integration_id: int
    actor: str
    act: Act
    target_id: int | None
    places: tuple[Place, ...]
    stage: Stage
    asked_at: datetime
    ended_at: datetime | None = None
    tries: int = 0
    problem: Problem | None = None
    target_uidvalidity: int = 0
    target_uidnext: int = 0
    left_marked: int = 0
    total: int = 0
    done: int = field(default=0)


def places_for(
    act: Act, lying: Iterable[Lying], seen: int | None, target_id: int | None
) -> list[Place]:
    """Choose the places to act on; those where nothing would change are left out.

    Marks: all of them, for a message that was read was read wherever it lies. Moves:
    those in the folder `seen`. Seen across folders, deleting takes a message from all
    of them into the trash, but not from the view of all mail if it lies elsewhere, too;
    other moves take one place, the first of `ORDER`, and the rest stays.
    """
    if not act.moves:
        return [one.place for one in lying if act.shown(one.shown) != one.shown]
    by_message: dict[int, list[Lying]] = {}
    for one in lying:
        if not one.shown & Flags.DELETED and seen in {None, one.place.folder_id}:
            by_message.setdefault(one.place.message_id, []).append(one)
    chosen = (_moved(act, some, seen, target_id) for some in by_message.values())
    return [one.place for some in chosen for one in some]


def _moved(
    act: Act, lying: Sequence[Lying], seen: int | None, target_id: int | None
) -> list[Lying]:
    elsewhere = [one for one in lying if one.place.folder_id != target_id]
    if seen is not None:
        return elsewhere
    if act is Act.DELETE:
        real = [one for one in elsewhere if one.role is not Role.ALL]
        return real or elsewhere
    if len(elsewhere) < len(lying):  # it lies there already
        return []
    return sorted(elsewhere, key=lambda one: ORDER.index(one.role))[:1]


def drawn(flags: int, acts: Iterable[Act]) -> int:
    """Give the flags to be shown, when some acts are on their way."""
    for act in acts:
        flags = act.shown(flags)
    return flags

"""Use case: mark, move, archive and delete messages, one or many.

It is shown at once, written down with who did it, and done on the server by the next
run (`core.sync.acts`), which a worker begins within a second. What the server refuses
is shown as it was, and told. What was done can be taken back for a while.

There is no login yet: whoever reaches the console may do this, as everything else. Once
there is one, `ask` and `undo` are where an actor's right to the mailbox is asked for.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from core.acting import OPEN, Act, MailAct, Place, Stage, places_for
from core.errors import BadInput, Ended, NotFound
from core.model import Folder, Problem, Role, State
from core.runtime import Runtime
from core.store import folders, integrations, locks, mail_acts, runs
from core.store.engine import reading, writing

MOST = 2_000  # messages of one act
LATELY = timedelta(minutes=10)  # how long an act is told of, and can be taken back
WAITING = {State.NEEDS_PASSWORD, State.NEEDS_PERMISSION, State.NEEDS_ATTENTION}
# Where acts lead that name no folder. Gmail has no archive but the view of all mail: a
# message that is moved there has lost the label that it was seen under, and no more.
LEADS_TO = {Act.ARCHIVE: (Role.ARCHIVE, Role.ALL), Act.DELETE: (Role.TRASH,)}


@dataclass(frozen=True, slots=True)
class Target:
    """A folder that messages can be moved to."""

    id: int
    title: str
    role: Role


@dataclass(frozen=True, slots=True)
class Told:
    """An act as people are told of it: `done` messages of `total`.

    `target` is the title of the folder that is moved to; `left_marked`: so many are
    kept by the server where they were, marked as deleted.
    """

    id: int
    act: Act
    stage: Stage
    done: int
    total: int
    target: str
    asked_at: datetime
    problem: Problem | None
    left_marked: int
    can_undo: bool

    @property
    def is_open(self) -> bool:
        """Tell whether it is on its way."""
        return self.stage in OPEN


def ask(
    runtime: Runtime,
    actor: str,
    integration_id: int,
    message_ids: Collection[int],
    act: Act,
    target_folder_id: int | None = None,
    folder_id: int | None = None,
) -> int | None:
    """Ask for an act on messages seen in a folder (None: across folders); give its id.

    `core.acting.places_for` says on which of a message's places it is done. Gives None
    where nothing would change.

    Raises:
        BadInput: too many or none, no such target, or nobody could do it now.
        Ended: the integration is paused or disconnected.
        NotFound: none of the messages lies in this mailbox.

    """
    wanted = frozenset(message_ids)
    if not 0 < len(wanted) <= MOST:
        raise BadInput("messages", "how_many_messages", most=MOST)
    now = runtime.clock()
    with writing(runtime.engine) as conn:
        locks.hold(conn, [integration_id])
        _check_possible(conn, integration_id)
        target = _target(conn, integration_id, act, target_folder_id)
        lying = mail_acts.lying(conn, integration_id, wanted)
        if not lying:
            raise NotFound(what="message", id=min(wanted))
        target_id = target.id if target else None
        places = places_for(act, lying, folder_id, target_id)
        if not places:
            if act is Act.DELETE:
                raise BadInput("messages", "in_trash")
            return None
        return _write(conn, integration_id, actor, act, target_id, places, now)


def undo(runtime: Runtime, actor: str, act_id: int) -> list[int]:
    """Take an act back; give the ids of the acts that do so.

    An act that nobody began is forgotten. Marks that it changed are changed back, those
    that it found are left. What was moved is moved back from where it is now, an act
    for each folder that it came from.

    Raises:
        BadInput: it is being done, was taken back, is too old, or messages are gone.
        NotFound: there is no such act.
        Ended: as of `ask`.

    """
    now = runtime.clock()
    with writing(runtime.engine) as conn:
        act = mail_acts.get(conn, act_id)
        if act is None:
            raise NotFound(what="act", id=act_id)
        locks.hold(conn, [act.integration_id])
        facts = {"id": str(act.id)}
        runs.record(conn, f"undo_{act.act}", actor, now, act.integration_id, **facts)
        if mail_acts.take_back(conn, act, now):
            return []
        _check_possible(conn, act.integration_id)
        if not _can_undo(act, now):
            raise BadInput("messages", "not_undone")
        back = _back(conn, act)
        if not back:
            raise BadInput("messages", "moved_on")
        mail_acts.mark_undone(conn, act.id)
        one, opposite = act.integration_id, act.act.opposite
        return [
            _write(conn, one, actor, opposite, target_id, places, now)
            for target_id, places in back
        ]


def acts_of(runtime: Runtime, integration_id: int) -> list[Told]:
    """List what is on its way, and what was done or failed lately; newest first."""
    now = runtime.clock()
    with reading(runtime.engine) as conn:
        found = mail_acts.lately(conn, integration_id, now - LATELY)
        known = folders.all_of(conn, integration_id) if found else {}
    return [_told(act, known, now) for act in found]


def targets(runtime: Runtime, integration_id: int) -> list[Target]:
    """List the folders that messages can be moved to: not the view of all mail."""
    with reading(runtime.engine) as conn:
        found = folders.current(conn, integration_id)
    return [Target(f.id, f.title, f.role) for f in found if f.role is not Role.ALL]


def _check_possible(conn: Connection, integration_id: int) -> None:
    """See that there is somebody to do it: a mailbox that is live and opens."""
    integrations.get(conn, integration_id)
    stands = integrations.standing(conn, integration_id)
    if stands.disconnected_at is not None or stands.state is State.PAUSED:
        raise Ended(f"integration {integration_id}")
    if stands.state in WAITING:
        raise BadInput("integration", "mailbox_waits")


def _target(
    conn: Connection, integration_id: int, act: Act, folder_id: int | None
) -> Folder | None:
    if not act.moves:
        return None
    there = folders.current(conn, integration_id)
    if act is Act.MOVE:
        found = next((f for f in there if f.id == folder_id), None)
        if found is None:
            raise BadInput("folder", "not_a_target")
        return found
    for role in LEADS_TO[act]:
        for folder in there:
            if folder.role is role:
                return folder
    raise BadInput("folder", "no_archive" if act is Act.ARCHIVE else "no_trash")


def _write(
    conn: Connection,
    integration_id: int,
    actor: str,
    act: Act,
    target_id: int | None,
    places: list[Place],
    now: datetime,
) -> int:
    """Write down an act, and who asked for it."""
    how = (integration_id, actor, act, target_id, places, now)
    act_id = mail_acts.add(conn, *how)
    facts = {"id": str(act_id), "messages": str(len({p.message_id for p in places}))}
    if target_id is not None:
        facts["folder"] = str(target_id)
    runs.record(conn, f"messages_{act}", actor, now, integration_id, **facts)
    return act_id


def _can_undo(act: MailAct, now: datetime) -> bool:
    if act.stage is Stage.ASKED:
        return True
    ended = act.stage in {Stage.DONE, Stage.FAILED} and act.ended_at is not None
    late = act.ended_at is None or now - act.ended_at > LATELY
    return ended and not late and any(place.ours for place in act.places if place.done)


def _back(conn: Connection, act: MailAct) -> list[tuple[int | None, list[Place]]]:
    """Give what takes an act back: places, and the folder that they are moved to."""
    changed = [place for place in act.places if place.done and place.ours]
    lying = mail_acts.lying(
        conn, act.integration_id, {place.message_id for place in changed}
    )
    if not act.act.moves:
        same = {(p.folder_id, p.generation, p.uid) for p in changed}
        return _unless_empty(
            None,
            [
                one.place
                for one in lying
                if (one.place.folder_id, one.place.generation, one.place.uid) in same
            ],
        )
    there = {f.id for f in folders.current(conn, act.integration_id)}
    in_target = [one.place for one in lying if one.place.folder_id == act.target_id]
    out = []
    for source in sorted({p.folder_id for p in changed} & there):
        some = [_now_at(p, in_target) for p in changed if p.folder_id == source]
        out += _unless_empty(source, [place for place in some if place is not None])
    return out


def _now_at(place: Place, in_target: list[Place]) -> Place | None:
    """Find where a message is that was moved; each copy is taken once."""
    mine = [p for p in in_target if p.message_id == place.message_id]
    exact = [p for p in mine if p.uid == place.to]
    found = exact or sorted(mine, key=lambda p: p.uid)[-1:]
    if not found:
        return None
    in_target.remove(found[0])
    return found[0]


def _unless_empty(
    target_id: int | None, places: list[Place]
) -> list[tuple[int | None, list[Place]]]:
    return [(target_id, places)] if places else []


def _told(act: MailAct, known: dict[int, Folder], now: datetime) -> Told:
    target = known.get(act.target_id or 0)
    return Told(
        id=act.id,
        act=act.act,
        stage=act.stage,
        done=act.done,
        total=act.total,
        target=target.title if target else "",
        asked_at=act.asked_at,
        problem=act.problem,
        left_marked=act.left_marked,
        can_undo=_can_undo(act, now),
    )

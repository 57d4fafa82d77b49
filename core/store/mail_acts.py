"""Acts on messages on their way to the server, and what is shown until they are there.

What is shown at once are the flags of placements, and no other column: what a sync
counts on (which UIDs a folder holds, and how many) changes only under its lease. So
that a sync in the meantime does not show the old flags again, what the server tells is
written down with the open acts (`shown`), and shown with them on top. When an act
fails, what the server told last is left: never something older.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from core.acting import OPEN, Act, Lying, MailAct, Place, Stage, drawn
from core.model import Fetched, Flags, Problem, Role
from core.store import placements
from core.store.bulk import CHUNK, chunks
from core.store.schema import folder, placement
from core.store.search_tables import mail_act

Where = tuple[int, int]  # a folder and its generation


def lying(
    conn: Connection, integration_id: int, message_ids: Collection[int]
) -> list[Lying]:
    """List where messages of an integration lie now, in folders that can be opened."""
    query = (
        select(placement, folder.c.role)
        .join(folder, folder.c.id == placement.c.folder_id)
        .where(
            folder.c.integration_id == integration_id,
            folder.c.generation == placement.c.generation,
            folder.c.missing_since.is_(None),
            folder.c.selectable,
        )
    )
    rows: list[Row[Any]] = []
    for some in chunks(message_ids, CHUNK):
        rows += conn.execute(query.where(placement.c.message_id.in_(some)))
    told = _told(open_of(conn, integration_id))
    return [_lying(row, told) for row in rows]


def add(
    conn: Connection,
    integration_id: int,
    actor: str,
    act: Act,
    target_id: int | None,
    places: Sequence[Place],
    now: datetime,
) -> int:
    """Write down an act that is asked for, and show it; give its id."""
    row = insert(mail_act).values(
        integration_id=integration_id,
        actor=actor,
        act=str(act),
        target_id=target_id,
        places=_json(places),
        state=str(Stage.ASKED),
        asked_at=now,
        total=len(places),
    )
    act_id = int(conn.scalars(row.returning(mail_act.c.id)).one())
    _draw(conn, integration_id, _by_folder(places))
    return act_id


def get(conn: Connection, act_id: int) -> MailAct | None:
    """Give one act, or None where there is none."""
    row = conn.execute(select(mail_act).where(mail_act.c.id == act_id)).first()
    return _act(row) if row else None


def open_of(conn: Connection, integration_id: int) -> list[MailAct]:
    """List the acts of an integration that are on their way, in the order of asking."""
    return _some(conn, mail_act.c.integration_id == integration_id)


def open_of_all(conn: Connection) -> list[MailAct]:
    """List all acts that are on their way, in the order of asking."""
    return _some(conn)


def lately(conn: Connection, integration_id: int, since: datetime) -> list[MailAct]:
    """List what is on its way, and what ended since then; the newest first."""
    c = mail_act.c
    ended = [str(Stage.DONE), str(Stage.FAILED)]
    rows = conn.execute(
        select(mail_act).where(
            c.state.in_(ended), c.integration_id == integration_id, c.ended_at >= since
        )
    )
    found = [*open_of(conn, integration_id), *map(_act, rows)]
    return sorted(found, key=lambda act: act.id, reverse=True)


def begin(conn: Connection, act: MailAct) -> MailAct | None:
    """Take an act in hand; None if it was taken back meanwhile."""
    begun = replace(act, stage=Stage.DOING, tries=act.tries + 1)
    values = {"state": str(begun.stage), "tries": begun.tries}
    return begun if _change_open(conn, act.id, values) else None


def aim(conn: Connection, act: MailAct, uidvalidity: int, uidnext: int) -> MailAct:
    """Remember how the target was before anything was moved to it."""
    aimed = replace(act, target_uidvalidity=uidvalidity, target_uidnext=uidnext)
    values = {"target_uidvalidity": uidvalidity, "target_uidnext": uidnext}
    _change_open(conn, act.id, values)
    return aimed


def note(conn: Connection, act: MailAct) -> None:
    """Write down how far an act is with its places."""
    _change_open(conn, act.id, {"places": _json(act.places)})


def end(conn: Connection, act: MailAct, told: Mapping[Where, Mapping[int, int]]) -> int:
    """Close an act, done or failed, and show what the server `told`, or told before.

    Gives 0 if it was closed already.
    """
    before = conn.execute(select(mail_act).where(mail_act.c.id == act.id)).one()
    if before.state not in OPEN:
        return 0
    known = {(p.folder_id, p.generation, p.uid): p.flags for p in _act(before).places}
    places = [
        replace(p, flags=known.get((p.folder_id, p.generation, p.uid), p.flags))
        for p in act.places
    ]
    values = {
        "state": str(act.stage),
        "ended_at": act.ended_at,
        "places": _json(places),
        "done": act.done,
        "left_marked": act.left_marked,
        "problem_code": act.problem.code if act.problem else None,
        "problem_facts": act.problem.facts if act.problem else None,
    }
    changed = _change_open(conn, act.id, values)
    shown_now = _by_folder([_left(act, p) for p in places])
    for where, flags in told.items():
        shown_now.setdefault(where, {}).update(flags)
    _draw(conn, act.integration_id, shown_now)
    return changed


def take_back(conn: Connection, act: MailAct, now: datetime) -> bool:
    """Take back an act that nobody has begun; False if somebody has."""
    c = mail_act.c
    waits = (c.id == act.id, c.state == str(Stage.ASKED))
    values = {"state": str(Stage.UNDONE), "ended_at": now}
    if not conn.execute(update(mail_act).where(*waits).values(**values)).rowcount:
        return False
    _draw(conn, act.integration_id, _by_folder(act.places))
    return True


def mark_undone(conn: Connection, act_id: int) -> None:
    """Remember that an act was undone by another."""
    mine = mail_act.c.id == act_id
    conn.execute(update(mail_act).where(mine).values(state=str(Stage.UNDONE)))


def shown(
    conn: Connection, integration_id: int, where: Where, told: Mapping[int, int]
) -> dict[int, int]:
    """Give the flags to be shown where the server told these, by UID; note them.

    To be asked before flags of a folder are written, in the same transaction.
    """
    acts = open_of(conn, integration_id)
    for act in acts:
        places = tuple(
            replace(p, flags=told[p.uid])
            if (p.folder_id, p.generation) == where and p.uid in told
            else p
            for p in act.places
        )
        if places != act.places:
            _change_open(conn, act.id, {"places": _json(places)})
    over = _over(acts, where)
    return {uid: drawn(flags, over.get(uid, ())) for uid, flags in told.items()}


def over_fetched(
    conn: Connection, integration_id: int, where: Where, fetched: Sequence[Fetched]
) -> Sequence[Fetched]:
    """Give messages that were fetched with the flags to be shown; note theirs."""
    if not open_of(conn, integration_id):
        return fetched
    told = {one.uid: one.flags for one in fetched}
    flags = shown(conn, integration_id, where, told)
    return [one._replace(flags=flags[one.uid]) for one in fetched]


def told_before(
    conn: Connection, integration_id: int, where: Where, held: dict[int, int]
) -> dict[int, int]:
    """Give the flags that the server told, where other ones are shown for now."""
    told = _told(open_of(conn, integration_id))
    mine = {uid: bits for (*at, uid), bits in told.items() if tuple(at) == where}
    return {uid: mine.get(uid, bits) for uid, bits in held.items()} if mine else held


def _draw(
    conn: Connection, integration_id: int, told: Mapping[Where, Mapping[int, int]]
) -> None:
    for where, flags in told.items():
        placements.set_flags(conn, *where, shown(conn, integration_id, where, flags))


def _over(acts: Iterable[MailAct], where: Where) -> dict[int, list[Act]]:
    """Give the open acts on each UID of a folder, in order."""
    over: dict[int, list[Act]] = {}
    for act in acts:
        for p in act.places:
            if (p.folder_id, p.generation) == where:
                over.setdefault(p.uid, []).append(act.act)
    return over


def _told(acts: Iterable[MailAct]) -> dict[tuple[int, int, int], int]:
    """Give what the server told of the places of open acts."""
    return {
        (p.folder_id, p.generation, p.uid): p.flags for act in acts for p in act.places
    }


def _lying(row: Row[Any], told: Mapping[tuple[int, int, int], int]) -> Lying:
    at = (row.folder_id, row.generation, row.uid)
    place = Place(*at, row.message_id, told.get(at, row.flags))
    return Lying(place, row.flags, Role(row.role))


def _left(act: MailAct, place: Place) -> Place:
    """Keep what was moved away out of sight, until a sync finds that it is gone."""
    if act.act.moves and place.done:
        return replace(place, flags=place.flags | Flags.DELETED)
    return place


def _by_folder(places: Iterable[Place]) -> dict[Where, dict[int, int]]:
    out: dict[Where, dict[int, int]] = {}
    for p in places:
        out.setdefault((p.folder_id, p.generation), {})[p.uid] = p.flags
    return out


def _some(conn: Connection, *which: Any) -> list[MailAct]:
    is_open = mail_act.c.state.in_([str(stage) for stage in OPEN])
    query = select(mail_act).where(is_open, *which).order_by(mail_act.c.id)
    return [_act(row) for row in conn.execute(query)]


def _change_open(conn: Connection, act_id: int, values: Mapping[str, Any]) -> int:
    is_open = mail_act.c.state.in_([str(stage) for stage in OPEN])
    mine = mail_act.c.id == act_id
    return conn.execute(update(mail_act).where(mine, is_open).values(values)).rowcount


def _json(places: Iterable[Place]) -> list[dict[str, Any]]:
    return [asdict(place) for place in places]


def _act(row: Row[Any]) -> MailAct:
    problem = Problem(row.problem_code, row.problem_facts) if row.problem_code else None
    return MailAct(
        id=row.id,
        integration_id=row.integration_id,
        actor=row.actor,
        act=Act(row.act),
        target_id=row.target_id,
        places=tuple(Place(**place) for place in row.places),
        stage=Stage(row.state),
        asked_at=row.asked_at,
        ended_at=row.ended_at,
        tries=row.tries,
        problem=problem,
        target_uidvalidity=row.target_uidvalidity,
        target_uidnext=row.target_uidnext,
        left_marked=row.left_marked,
        total=row.total,
        done=row.done,
    )

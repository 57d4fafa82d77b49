"""Acts on a stored mailbox, and what a server and a sync would make of them."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select

from core import browse, mail_acts
from core.acting import Act, MailAct
from core.browse import Question
from core.errors import FolderReadOnly
from core.model import Flags
from core.runtime import Runtime
from core.store import folders, mail_acts as kept, placements
from core.store.engine import reading, writing
from core.store.schema import audit, folder
from core.sync.acts import close
from core.sync.copy import Copy, Ledger
from tests.store.building import OWN, connected, listed, put, some

SEEN, FLAGGED, DELETED = int(Flags.SEEN), int(Flags.FLAGGED), int(Flags.DELETED)


def mailbox(runtime: Runtime) -> int:
    """Store a mailbox with six messages in its inbox; 3 and 6 are unread."""
    one = connected(runtime)
    ids = listed(runtime, one, "Inbox", "Trash", "Archive", "Other")
    put(runtime, one, ids["Inbox"], some(6))
    return one


def folder_id(runtime: Runtime, name: str) -> int:
    with reading(runtime.engine) as conn:
        return int(conn.scalars(select(folder.c.id).where(folder.c.name == name)).one())


def flags(runtime: Runtime, name: str = "Inbox") -> dict[int, int]:
    with reading(runtime.engine) as conn:
        return placements.known_flags(conn, folder_id(runtime, name), 1)


def ids(runtime: Runtime, one: int) -> list[int]:
    rows = browse.page(runtime, Question((one,))).rows
    return sorted(int(i) for i in rows["message_id"])


def ask(runtime: Runtime, one: int, act: Act, *uids: int, to: str = "") -> int:
    """Act on messages of the inbox: here UIDs and ids are equal."""
    target = folder_id(runtime, to) if to else None
    seen = folder_id(runtime, "Inbox")
    act_id = mail_acts.ask(runtime, "ana", one, uids, act, target, seen)
    assert act_id is not None
    return act_id


def act_of(runtime: Runtime, act_id: int) -> MailAct:
    with reading(runtime.engine) as conn:
        act = kept.get(conn, act_id)
    assert act is not None
    return act


def copy_of(runtime: Runtime) -> Copy:
    return Copy(runtime.engine, runtime.clock, Ledger(), OWN, lambda _: None)


def server_tells(runtime: Runtime, now: dict[int, int]) -> None:
    """Write what a sync was told of flags, as it does."""
    with reading(runtime.engine) as conn:
        inbox = folders.get(conn, folder_id(runtime, "Inbox"))
    copy_of(runtime).write_changed(inbox, now)


def fail(runtime: Runtime, act_id: int) -> None:
    with writing(runtime.engine) as conn:
        error = FolderReadOnly("no", folder="Inbox")
        close(conn, act_of(runtime, act_id), error, runtime.clock)


def succeed(runtime: Runtime, act_id: int, told: dict[int, int]) -> None:
    act = act_of(runtime, act_id)
    places = tuple(replace(p, done=True, ours=True) for p in act.places)
    where = (folder_id(runtime, "Inbox"), 1)
    with writing(runtime.engine) as conn:
        close(conn, replace(act, places=places), None, runtime.clock, {where: told})


def audited(runtime: Runtime) -> list[tuple[str, str]]:
    with reading(runtime.engine) as conn:
        rows = conn.execute(select(audit.c.act, audit.c.actor).order_by(audit.c.id))
        return [(row.act, row.actor) for row in rows]

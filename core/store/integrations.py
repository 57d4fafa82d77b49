"""Owners, their integrations, credentials, and who may sync one now."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    Select,
    delete,
    exc,
    insert,
    or_,
    select,
    update,
)

from core.errors import AlreadyIntegrated, NotFound
from core.model import (
    Acknowledgement,
    Integration,
    Method,
    Privacy,
    Problem,
    Security,
    Server,
    State,
)
from core.store import incidents, owners
from core.store.access_tables import credential
from core.store.bulk import CHUNK, chunks
from core.store.schema import integration, owner
from core.text import fold

POSTPONED = timedelta(minutes=3)


@dataclass(frozen=True, slots=True)
class Standing:
    """How an integration stands: its state as kept, its clocks, its last problem.

    `login_ok_at` is the configuration clock, `seen_at` the runtime clock. `busy` tells
    that a worker holds it now.
    """

    state: State
    problem: Problem | None
    problem_since: datetime | None
    failures: int
    connected_at: datetime
    disconnected_at: datetime | None
    login_ok_at: datetime | None
    seen_at: datetime | None
    next_at: datetime | None
    requested_at: datetime | None
    lease_holder: str | None
    lease_until: datetime | None

    def backs_off(self, now: datetime) -> bool:
        """Tell whether it failed, and waits for the time to be tried again."""
        return self.failures > 0 and (self.next_at is None or self.next_at > now)


def create(
    conn: Connection, new: Integration, ack: Acknowledgement, now: datetime
) -> int:
    """Store a new integration (its id is ignored); give its id.

    Raises:
        AlreadyIntegrated: the owner has a live one (the database says so).

    """
    values = {
        "owner_id": owners.owner_id(conn, new.owner, now),
        "method": str(new.method),
        "address": new.address,
        "login": new.login,
        "demo": new.demo,
        "provider": new.provider,
        "privacy": str(new.privacy),
        "credentials_at": now,
        "acknowledged_version": ack.version,
        "acknowledged_by": ack.by,
        "acknowledged_at": ack.at,
        "connected_at": now,
        "state": str(State.OK),
        "paused": False,
        "failures": 0,
        "login_ok_at": now,
        "next_at": now,
        **_server("imap", new.imap),
        **_server("smtp", new.smtp),
    }
    try:
        with conn.begin_nested():
            made = insert(integration).values(**values).returning(integration.c.id)
            return int(conn.scalars(made).one())
    except exc.IntegrityError:
        raise AlreadyIntegrated(owner=new.owner) from None


def get(conn: Connection, integration_id: int) -> Integration:
    """Give one integration, live or ended.

    Raises:
        NotFound: there is none with this id.

    """
    row = conn.execute(_joined().where(integration.c.id == integration_id)).first()
    if row is None:
        raise NotFound(what="integration", id=integration_id)
    return _integration(row)


def live(conn: Connection) -> list[Integration]:
    """List the live integrations, by owner."""
    query = _joined().where(integration.c.disconnected_at.is_(None))
    return [_integration(r) for r in conn.execute(query.order_by(owner.c.folded))]


def live_of(conn: Connection, owner_name: str) -> Integration | None:
    """Give the live integration of an owner, if there is one."""
    row = conn.execute(
        _joined().where(
            owner.c.folded == fold(owner_name), integration.c.disconnected_at.is_(None)
        )
    ).first()
    return _integration(row) if row else None


def in_good_standing(conn: Connection, ids: Collection[int]) -> list[Integration]:
    """List those of some integrations that are live, OK, not asked for and free."""
    c = integration.c
    rows = conn.execute(
        _joined().where(
            c.id.in_(ids),
            c.disconnected_at.is_(None),
            c.paused.is_(False),
            c.state == str(State.OK),
            c.problem_code.is_(None),
            c.requested_at.is_(None),
            c.lease_holder.is_(None),
        )
    )
    return [_integration(row) for row in rows]


def standing(conn: Connection, integration_id: int) -> Standing:
    """Tell how an integration stands."""
    c = integration.c
    row = conn.execute(select(integration).where(c.id == integration_id)).one()
    problem = (
        Problem(row.problem_code, row.problem_facts or {}) if row.problem_code else None
    )
    return Standing(
        state=State.PAUSED if row.paused else State(row.state),
        problem=problem,
        problem_since=row.problem_since,
        failures=row.failures,
        connected_at=row.connected_at,
        disconnected_at=row.disconnected_at,
        login_ok_at=row.login_ok_at,
        seen_at=row.seen_at,
        next_at=row.next_at,
        requested_at=row.requested_at,
        lease_holder=row.lease_holder,
        lease_until=row.lease_until,
    )


def privacy_of(conn: Connection, integration_id: int) -> Privacy:
    """Tell how much is kept of an integration now; nothing is there: the least."""
    query = select(integration.c.privacy).where(integration.c.id == integration_id)
    return Privacy(conn.scalar(query) or Privacy.METADATA)


def credentials_since(
    conn: Connection, ids: Collection[int]
) -> dict[int, datetime | None]:
    """Tell when integrations were last connected, or reconnected."""
    c, found = integration.c, {}
    for some in chunks(ids, CHUNK):
        rows = conn.execute(select(c.id, c.credentials_at).where(c.id.in_(some)))
        found.update({row.id: row.credentials_at for row in rows})
    return found


def change(conn: Connection, integration_id: int, **values: Any) -> None:
    """Set columns of an integration."""
    if values:
        conn.execute(
            update(integration)
            .where(integration.c.id == integration_id)
            .values(**values)
        )


def reconnect(conn: Connection, changed: Integration, now: datetime) -> bool:
    """Give a live integration other servers and another login, and let it begin anew.

    Its lease is taken away: a run that began with what was before writes no more. A
    pause and the level of privacy stay. Gives False when it has ended.
    """
    values = {
        "method": str(changed.method),
        "login": changed.login,
        "demo": changed.demo,
        "provider": changed.provider,
        "credentials_at": now,
        "state": str(State.OK),
        "problem_code": None,
        "problem_facts": None,
        "problem_since": None,
        "failures": 0,
        "login_ok_at": now,
        "next_at": now,
        "lease_holder": None,
        "lease_until": None,
        **_server("imap", changed.imap),
        **_server("smtp", changed.smtp),
    }
    incidents.end_all(conn, changed.id, now)
    c = integration.c
    of_live = (c.id == changed.id, c.disconnected_at.is_(None))
    done = conn.execute(update(integration).where(*of_live).values(**values))
    return done.rowcount == 1


def disconnect(conn: Connection, integration_id: int, now: datetime) -> bool:
    """End an integration and forget its credentials; its history stays.

    Gives False when it had ended already.
    """
    ended = conn.execute(
        update(integration)
        .where(
            integration.c.id == integration_id, integration.c.disconnected_at.is_(None)
        )
        .values(disconnected_at=now, next_at=None, requested_at=None)
    )
    incidents.end_all(conn, integration_id, now)
    conn.execute(
        delete(credential).where(credential.c.integration_id == integration_id)
    )
    return ended.rowcount == 1


def due(conn: Connection, now: datetime) -> list[int]:
    """List the integrations that should be synced now, the longest waiting first."""
    c = integration.c
    free = or_(c.lease_until.is_(None), c.lease_until < now)
    wanted = or_(c.next_at <= now, c.requested_at.is_not(None))
    rows = conn.scalars(
        select(c.id)
        .where(c.disconnected_at.is_(None), c.paused.is_(False), free, wanted)
        .order_by(c.next_at.nulls_first())
    )
    return list(rows)


def postpone(conn: Connection, integration_id: int, now: datetime) -> None:
    """Leave an integration alone for a while: something of ours broke on it."""
    change(conn, integration_id, next_at=now + POSTPONED, requested_at=None)


def _joined() -> Select[Any]:
    return select(integration, owner.c.name.label("owner")).join(owner)


def _server(prefix: str, server: Server) -> dict[str, Any]:
    return {
        f"{prefix}_host": server.host,
        f"{prefix}_port": server.port,
        f"{prefix}_security": str(server.security),
    }


def _integration(row: Row[Any]) -> Integration:
    return Integration(
        id=row.id,
        owner=row.owner,
        address=row.address,
        login=row.login,
        method=Method(row.method),
        imap=Server(row.imap_host, row.imap_port, Security(row.imap_security)),
        smtp=Server(row.smtp_host, row.smtp_port, Security(row.smtp_security)),
        demo=row.demo,
        provider=row.provider,
        record_until=row.record_until,
        privacy=Privacy(row.privacy),
    )

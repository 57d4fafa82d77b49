"""Sinks, and the notices on their way to them: an outbox."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from core.alerting import Sink
from core.errors import NotFound
from core.store.alert_tables import alert_notice, alert_sink


@dataclass(frozen=True, slots=True)
class Notice:
    """A message to one sink: which alerts of which rule it tells, and of what."""

    id: int
    sink_id: int
    rule_id: int
    what: str
    alerts: tuple[int, ...]
    created_at: datetime
    due_at: datetime
    tries: int


def sinks(conn: Connection, *, lock: bool = False) -> list[Sink]:
    """List the sinks, by name. `lock`: none of them goes until this is written."""
    query = select(alert_sink).order_by(alert_sink.c.name, alert_sink.c.id)
    kept = query.with_for_update(read=True, key_share=True)
    rows = conn.execute(kept if lock else query)
    return [_sink(row) for row in rows]


def sink(conn: Connection, sink_id: int) -> Sink:
    """Give one sink.

    Raises:
        NotFound: there is none with this id.

    """
    return _sink(_row(conn, sink_id))


def sealed(conn: Connection, sink_id: int) -> bytes:
    """Give the sealed URL of a sink.

    Raises:
        NotFound: there is none with this id.

    """
    return bytes(_row(conn, sink_id).sealed)


def add_sink(
    conn: Connection, name: str, language: str, shown: str, now: datetime
) -> int:
    """Store a sink that has no URL yet; give its id, to which the URL is bound."""
    made = insert(alert_sink).values(
        name=name,
        language=language,
        shown=shown,
        key_id="",
        sealed=b"",
        enabled=True,
        created_at=now,
    )
    return int(conn.scalars(made.returning(alert_sink.c.id)).one())


def seal_sink(conn: Connection, sink_id: int, key_id: str, value: bytes) -> None:
    """Store the sealed URL of a sink."""
    here = alert_sink.c.id == sink_id
    conn.execute(update(alert_sink).where(here).values(key_id=key_id, sealed=value))


def delete_sink(conn: Connection, sink_id: int) -> None:
    """Forget a sink, its URL, and what was on its way to it."""
    here = alert_sink.c.id == sink_id
    conn.execute(select(alert_sink.c.id).where(here).with_for_update()).all()
    conn.execute(delete(alert_notice).where(alert_notice.c.sink_id == sink_id))
    conn.execute(delete(alert_sink).where(here))


def worked(conn: Connection, sink_id: int, now: datetime) -> None:
    """Note that something was sent, and that what waits for the sink is due."""
    here = alert_sink.c.id == sink_id
    well = {"ok_at": now, "failed_at": None, "failed_words": ""}
    conn.execute(update(alert_sink).where(here).values(**well))
    c = alert_notice.c
    # Not what another worker sends at this moment: that has no words.
    waits = (c.sink_id == sink_id, c.due_at > now, c.words != "")
    conn.execute(update(alert_notice).where(*waits).values(due_at=now))


def failed(conn: Connection, sink_id: int, words: str, now: datetime) -> None:
    """Note that nothing could be sent, and why; since when stays."""
    c = alert_sink.c
    mine = update(alert_sink).where(c.id == sink_id)
    conn.execute(mine.where(c.failed_at.is_(None)).values(failed_at=now))
    conn.execute(mine.values(failed_words=words))


def put(
    conn: Connection,
    sink_ids: Iterable[int],
    rule_id: int,
    what: str,
    alerts: Collection[int],
    now: datetime,
) -> None:
    """Put a notice into the outbox, for each of some sinks."""
    rows = [
        {
            "sink_id": sink_id,
            "rule_id": rule_id,
            "what": what,
            "alerts": list(alerts),
            "created_at": now,
            "due_at": now,
        }
        for sink_id in sink_ids
    ]
    if rows:
        conn.execute(insert(alert_notice), rows)


def due(conn: Connection, now: datetime, most: int) -> list[Notice]:
    """List what is to be sent now, what was tried least first.

    A recovery waits for what fired: nobody is to hear of the end before the beginning.
    """
    c, before = alert_notice.c, alert_notice.alias("before").c
    earlier = select(before.id).where(
        before.sink_id == c.sink_id,
        before.rule_id == c.rule_id,
        before.due_at.is_not(None),
        before.id < c.id,
        before.what != c.what,
    )
    query = select(alert_notice).where(c.due_at <= now, ~earlier.exists())
    rows = conn.execute(query.order_by(c.tries, c.id).limit(most))
    return [_notice(row) for row in rows]


def claim(conn: Connection, one: Notice, until: datetime) -> bool:
    """Take a notice for sending; False when another worker has it."""
    c = alert_notice.c
    as_read = (c.id == one.id, c.due_at == one.due_at, c.tries == one.tries)
    taken = conn.execute(
        update(alert_notice)
        .where(*as_read)
        .values(due_at=until, tries=one.tries + 1, words="")
    )
    return taken.rowcount == 1


def sent(conn: Connection, notice_id: int, now: datetime) -> None:
    """Note that a notice was sent."""
    here = alert_notice.c.id == notice_id
    gone = {"sent_at": now, "due_at": None, "words": ""}
    conn.execute(update(alert_notice).where(here).values(**gone))


def unsent(
    conn: Connection,
    one: Notice,
    words: str,
    again_at: datetime | None,
    now: datetime,
) -> None:
    """Note why a notice was not sent, and when to try again; None: never.

    Others that are due at the same sink wait as long: they would fail too.
    """
    c = alert_notice.c
    mine = update(alert_notice).where(c.id == one.id)
    conn.execute(mine.values(due_at=again_at, words=words))
    if again_at is not None:
        others = (c.sink_id == one.sink_id, c.due_at <= now)
        wait = update(alert_notice).where(*others)
        conn.execute(wait.values(due_at=again_at, words=words))


def on_the_way(conn: Connection) -> set[int]:
    """Give the ids of alerts of which a notice is not sent yet."""
    lists = select(alert_notice.c.alerts).where(alert_notice.c.due_at.is_not(None))
    return {alert_id for ids in conn.scalars(lists) for alert_id in ids}


def _row(conn: Connection, sink_id: int) -> Row[Any]:
    row = conn.execute(select(alert_sink).where(alert_sink.c.id == sink_id)).first()
    if row is None:
        raise NotFound(what="sink", id=sink_id)
    return row


def _sink(row: Row[Any]) -> Sink:
    return Sink(
        row.id,
        row.name,
        row.language,
        row.shown,
        row.created_at,
        row.ok_at,
        row.failed_at,
        row.failed_words,
    )


def _notice(row: Row[Any]) -> Notice:
    return Notice(
        row.id,
        row.sink_id,
        row.rule_id,
        row.what,
        tuple(row.alerts),
        row.created_at,
        row.due_at,
        row.tries,
    )

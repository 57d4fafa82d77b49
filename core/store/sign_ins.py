"""Sign-ins under way at a provider, by hashes of what browsers hold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from core.model import Method, Privacy, Problem
from core.store.access_tables import sign_in


class Stage(StrEnum):
    """How far a sign-in is."""

    BEGUN = "begun"
    CONSENTED = "consented"  # there are tokens, and nothing is connected yet
    FAILED = "failed"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class SignIn:
    """A sign-in: what was asked for, and what came of it."""

    ticket: str
    method: Method
    owner: str
    address: str
    actor: str
    integration_id: int | None
    browser: str
    sealed: bytes
    stage: Stage
    made_id: int | None
    problem: Problem | None
    created_at: datetime
    privacy: Privacy


def add(conn: Connection, one: SignIn, state: str, key_id: str) -> None:
    """Store a new sign-in; `state` is the hash of what the provider gives back."""
    conn.execute(
        insert(sign_in).values(
            ticket=one.ticket,
            method=str(one.method),
            owner=one.owner,
            address=one.address,
            actor=one.actor,
            integration_id=one.integration_id,
            state=state,
            key_id=key_id,
            sealed=one.sealed,
            stage=str(one.stage),
            created_at=one.created_at,
            privacy=str(one.privacy),
        )
    )


def get(conn: Connection, ticket: str, since: datetime) -> SignIn | None:
    """Give a sign-in that is not older than `since`."""
    return _first(conn, sign_in.c.ticket == ticket, sign_in.c.created_at >= since)


def bind(conn: Connection, ticket: str, browser: str) -> bool:
    """Bind a sign-in to a browser; False when it is another's, or was used."""
    c = sign_in.c
    done = conn.execute(
        update(sign_in)
        .where(
            c.ticket == ticket,
            c.stage == str(Stage.BEGUN),
            c.state != "",
            c.browser.in_(("", browser)),
        )
        .values(browser=browser)
    )
    return done.rowcount == 1


def take(conn: Connection, state: str, browser: str, since: datetime) -> SignIn | None:
    """Use the state of a sign-in, which works once, in its browser, and in time."""
    c = sign_in.c
    mine = (c.state == state, c.browser == browser, c.created_at >= since)
    found = _first(conn, *mine, c.stage == str(Stage.BEGUN))
    if found is None:
        return None
    used = conn.execute(
        update(sign_in).where(c.ticket == found.ticket, *mine).values(state="")
    )
    return found if used.rowcount == 1 else None


def become(conn: Connection, ticket: str, stage: Stage, /, **values: Any) -> None:
    """Go on to a stage, with what belongs to it."""
    conn.execute(
        update(sign_in)
        .where(sign_in.c.ticket == ticket)
        .values(stage=str(stage), **values)
    )


def remove_old(conn: Connection, before: datetime) -> None:
    """Forget sign-ins that were begun before a time, whatever became of them."""
    conn.execute(delete(sign_in).where(sign_in.c.created_at < before))


def _first(conn: Connection, *where: Any) -> SignIn | None:
    row = conn.execute(select(sign_in).where(*where)).first()
    if row is None:
        return None
    problem = None
    if row.problem_code:
        problem = Problem(row.problem_code, dict(row.problem_facts or {}))
    return SignIn(
        row.ticket,
        Method(row.method),
        row.owner,
        row.address,
        row.actor,
        row.integration_id,
        row.browser,
        bytes(row.sealed),
        Stage(row.stage),
        row.made_id,
        problem,
        row.created_at,
        Privacy(row.privacy),
    )

"""Passwords that a host refused: of which owner and login, and when each was sent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, delete, insert, select

from core.store import locks
from core.store.access_tables import refused_login
from core.text import fold


class Who(NamedTuple):
    """Whose password it is: the owner as was typed, and the user name that was sent."""

    owner: str
    login: str

    def folded(self) -> Who:
        """Give both as they are compared: however they are written, they are one."""
        return Who(fold(self.owner), fold(self.login))


def alone(conn: Connection, host: str) -> None:
    """Let nobody else count, and add, at a host until this transaction ends."""
    locks.alone(conn, f"refused_login {host}")


def times(
    conn: Connection, who: Who, host: str, since: datetime
) -> tuple[Sequence[datetime], Sequence[datetime]]:
    """Tell when a host refused passwords of an owner, and of a login; oldest first."""
    c, who = refused_login.c, who.folded()
    lately = select(c.at).where(c.host == host, c.at > since).order_by(c.at)
    of_owner = conn.scalars(lately.where(c.owner == who.owner)).all()
    of_login = conn.scalars(lately.where(c.login == who.login)).all()
    return of_owner, of_login


def add(conn: Connection, who: Who, host: str, now: datetime) -> int:
    """Note one; give its id."""
    owner, login = who.folded()
    row = insert(refused_login).values(owner=owner, login=login, host=host, at=now)
    return int(conn.scalars(row.returning(refused_login.c.id)).one())


def remove(conn: Connection, row_id: int) -> None:
    """Take one back: it was not refused."""
    conn.execute(delete(refused_login).where(refused_login.c.id == row_id))


def clear(conn: Connection, login: str, host: str) -> None:
    """Forget those of a login at a host, whoever's: its password was accepted."""
    c = refused_login.c
    mine = delete(refused_login).where(c.login == fold(login), c.host == host)
    conn.execute(mine)


def forget_before(conn: Connection, at: datetime) -> None:
    """Remove what is too old to count, whoever's."""
    conn.execute(delete(refused_login).where(refused_login.c.at <= at))

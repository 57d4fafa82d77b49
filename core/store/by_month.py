"""Correspondents month by month, a part at a time."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, select, tuple_

from core.store.counting_tables import contact_month, correspondent

C = contact_month.c
WHAT = ("address", "domain")


class Month(NamedTuple):
    """Messages with a correspondent in a month."""

    name_id: int
    month: int
    name: str
    messages: int

    @property
    def key(self) -> tuple[int, int]:
        """Give what no two of a scope and direction share; they are in its order."""
        return self.name_id, self.month


def rows(
    conn: Connection,
    of: tuple[int, str, str],
    months: tuple[int, int],
    after: tuple[int, int],
    most: int,
) -> list[Month]:
    """Give what a scope has of the months, the first and the last included.

    `of`: scope, what, direction; `after`: the key of the last one given before.
    """
    scope, what, direction = of
    query = (
        select(C.name_id, C.month, correspondent.c.name, C.messages)
        .join(correspondent, correspondent.c.id == C.name_id)
        .where(
            C.scope == scope,
            C.what == what,
            C.direction == direction,
            tuple_(C.name_id, C.month) > after,
            C.month.between(*months),
        )
        .order_by(C.name_id, C.month)
        .limit(most)
    )
    return [Month(*row) for row in conn.execute(query)]

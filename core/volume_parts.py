"""Use case: whose the mail of many mailboxes is: of which teams, of which mailboxes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import pandas as pd
from sqlalchemy import Connection

from core import metrics
from core.clock import to_ms
from core.runtime import Runtime
from core.scopes import Scope
from core.store import directory, scoping, volumes
from core.store.engine import reading
from core.store.volumes import Wanted
from core.volume import Question

SHOWN = 50
# Mailboxes times days: so many are summed in a tenth of a second.
MOST = 60_000


class By(StrEnum):
    """What mail is told apart by."""

    TEAM = "team"
    MAILBOX = "mailbox"


@dataclass(frozen=True, slots=True)
class Parts:
    """The largest parts of a scope, the largest first.

    `rows`: scope (as it stands in a link), name, received, sent, received_bytes,
    sent_bytes, share; `of` how many there are that have any. `days_most`: that many
    days can be told apart; 0: those asked for were.
    """

    rows: pd.DataFrame
    of: int = 0
    days_most: int = 0


def ways(runtime: Runtime, scope: Scope) -> list[By]:
    """Give by what the mail of a scope can be told apart."""
    if scope.is_mailbox:
        return []
    with reading(runtime.engine) as conn:
        teams = not scope.id and scoping.teams(conn)
    return [By.TEAM, By.MAILBOX] if teams else [By.MAILBOX]


def largest(runtime: Runtime, question: Question, by: By) -> Parts:
    """Give the teams or mailboxes of a scope with most mail in the period."""
    start, end = metrics.bounds(question.days.first, question.days.last, question.zone)
    wanted = Wanted(question.kinds, question.asides, question.internal)
    with reading(runtime.engine) as conn:
        ids = _scopes(conn, question.scope, by)
        if len(ids) * question.days.count > MOST:
            return Parts(_table(pd.DataFrame()), 0, MOST // len(ids))
        found = volumes.parts(conn, ids, to_ms(start), to_ms(end), wanted)
        table = _table(found)
        shown = table.head(SHOWN)
        names = _names(conn, [int(one) for one in shown["scope"]])
    name = [names.get(int(one), "") for one in shown["scope"]]
    link = [Scope(int(one)).text for one in shown["scope"]]
    return Parts(shown.assign(name=name, scope=link), len(table))


def _table(found: pd.DataFrame) -> pd.DataFrame:
    """Put directions beside each other; the largest first."""
    columns = {
        f"{direction}{ending}": (what, direction)
        for what, ending in (("messages", ""), ("size_bytes", "_bytes"))
        for direction in metrics.DIRECTIONS
    }
    names = ["scope", "name", *columns, "share"]
    if found.empty:
        return pd.DataFrame(columns=names)
    wide = found.pivot_table(
        index="scope",
        columns="direction",
        values=["messages", "size_bytes"],
        aggfunc="sum",
        fill_value=0,
    )
    out = pd.DataFrame(
        {name: wide.get(key, 0) for name, key in columns.items()}, index=wide.index
    ).reset_index()
    whole = out["received"] + out["sent"]
    out = out.assign(name="", share=whole / whole.sum(), whole=whole)
    out = out.sort_values(["whole", "scope"], ascending=[False, True])
    return out[names].reset_index(drop=True)


def _scopes(conn: Connection, scope: Scope, by: By) -> list[int]:
    if by is By.TEAM:
        return [-id_ for id_, _ in scoping.teams(conn)]
    return list(scoping.integrations(conn, scope.id))


def _names(conn: Connection, ids: list[int]) -> dict[int, str]:
    named = directory.named(conn, [one for one in ids if one > 0])
    teams = {-id_: name for id_, name in scoping.teams(conn)}
    return teams | {
        id_: f"{one.owner} \u00b7 {one.address}" for id_, one in named.items()
    }

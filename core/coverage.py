"""Use case: say beside numbers of how many mailboxes they are, and how whole those."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from core.runtime import Runtime
from core.scopes import Scope
from core.store import coverage as kept, marks
from core.store.engine import reading

LATE = timedelta(hours=1)  # after which a mailbox that nobody looked at is behind


@dataclass(frozen=True, slots=True)
class Quality:
    """How much numbers of a scope stand on.

    `live` mailboxes are followed; `behind` of them not to this moment, for longest
    `since` then; `partial` are, but not all of their mail is held. `first`: when the
    first message that is held was received or sent. `to_count`: at most how many
    messages of the whole installation are still to be counted.
    """

    live: int
    behind: int
    partial: int
    since: datetime | None
    first: datetime | None
    to_count: int

    @property
    def incomplete(self) -> int:
        """Count the mailboxes of which something is missing."""
        return self.behind + self.partial


def quality(runtime: Runtime, scope: Scope) -> Quality:
    """Tell it in two queries, whatever the number of mailboxes and messages."""
    with reading(runtime.engine) as conn:
        found = kept.of_scope(conn, scope.id, runtime.clock() - LATE)
        done, until = marks.counted(conn)
    return Quality(*found, to_count=max(0, until - done))

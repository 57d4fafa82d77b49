"""Use case: of whom numbers are: everybody, a team, or one mailbox."""

from __future__ import annotations

from dataclasses import dataclass

from core.runtime import Runtime
from core.store import directory, scoping
from core.store.engine import reading

EVERYBODY, TEAM = "all", "team-"
DIGITS_MOST = 10


@dataclass(frozen=True, slots=True)
class Scope:
    """Whom numbers are of. `id`: 0 everybody, a mailbox above, a team below zero.

    `name`: of the team, or owner and address of the mailbox; empty for everybody.
    """

    id: int = 0
    name: str = ""

    @property
    def text(self) -> str:
        """Give it as it stands in a link: "all", "team-3", "12"."""
        if self.id < 0:
            return f"{TEAM}{-self.id}"
        return str(self.id) if self.id else EVERYBODY

    @property
    def is_mailbox(self) -> bool:
        """Tell whether it is one mailbox."""
        return self.id > 0


ALL = Scope()


def teams(runtime: Runtime) -> list[Scope]:
    """List the teams that have mailboxes, by name."""
    with reading(runtime.engine) as conn:
        return [Scope(-id_, name) for id_, name in scoping.teams(conn)]


def find(runtime: Runtime, text: str) -> Scope | None:
    """Give the scope that a link names; None: there is no such one."""
    if text == EVERYBODY:
        return ALL
    digits = text.removeprefix(TEAM)
    if not digits.isdecimal() or len(digits) > DIGITS_MOST:
        return None
    with reading(runtime.engine) as conn:
        if text.startswith(TEAM):
            name = scoping.team_name(conn, int(digits))
            return None if name is None else Scope(-int(digits), name)
        one = directory.choice(conn, int(digits))
    return None if one is None else Scope(one.id, f"{one.owner} \u00b7 {one.address}")


def mailboxes(runtime: Runtime, scope: Scope) -> tuple[int, ...]:
    """Give the ids of the integrations that a scope is made of, ended ones too."""
    with reading(runtime.engine) as conn:
        return scoping.integrations(conn, scope.id)

"""Whose numbers are wanted: everybody's, a team's, or those of some mailboxes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from core.errors import BadInput
from core.store import whose
from core.store.whose import Mailbox

Which = int | Sequence[int] | None  # an integration, some, or (None) all of them
BY = ("", "team", "mailbox")
ALL = 0


@dataclass(frozen=True, slots=True)
class Part:
    """Numbers that are told together. `scopes` add up to them.

    `mailbox`: the one they are of; None: of more than one.
    """

    team: str
    mailbox: int | None
    scopes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Whose:
    """The mailboxes that were chosen; `team`: by its name; `whole`: all there are."""

    mailboxes: tuple[Mailbox, ...]
    team: str
    whole: bool

    @property
    def ids(self) -> tuple[int, ...]:
        """Give the ids of the mailboxes."""
        return tuple(one.id for one in self.mailboxes)

    @property
    def scopes(self) -> tuple[int, ...]:
        """Give the fewest scopes that are these mailboxes, each of them once."""
        if self.whole:
            return (ALL,)
        team_id = self.mailboxes[0].team_id if self.team else 0
        return (-team_id,) if team_id else self.ids

    def parts(self, by: str) -> list[Part]:
        """Give the numbers that are wanted: one, or one for each team or mailbox.

        Raises:
            BadInput: `by` is neither "team" nor "mailbox", nor empty.

        """
        match by:
            case "":
                one = self.ids[0] if len(self.ids) == 1 and not self.whole else None
                return [Part(self.team, one, self.scopes)]
            case "mailbox":
                return [Part(one.team, one.id, (one.id,)) for one in self.mailboxes]
            case "team":
                return self._teams()
        raise BadInput("by", "by_unknown", by=by)

    def _teams(self) -> list[Part]:
        of: dict[str, list[Mailbox]] = {}
        for one in self.mailboxes:
            of.setdefault(one.team, []).append(one)
        complete = self.whole or bool(self.team)
        return [
            Part(name, None, (-some[0].team_id,))
            if complete and some[0].team_id
            else Part(name, None, tuple(one.id for one in some))
            for name, some in sorted(of.items())
        ]


def find(conn: Connection, integration: Which, team: str | None) -> Whose:
    """Find the mailboxes that are asked for: of a team, by number, or all.

    Raises:
        BadInput: there is no such team, or both were asked for.

    """
    every = whose.mailboxes(conn)
    if team is not None:
        if integration is not None:
            raise BadInput("team", "team_or_mailbox")
        mine = tuple(one for one in every if one.team == team)
        if not mine:
            raise BadInput("team", "team_unknown", team=team)
        return Whose(mine, team, whole=False)
    if integration is None:
        return Whose(tuple(every), "", whole=True)
    asked = {integration} if isinstance(integration, int) else set(integration)
    return Whose(tuple(one for one in every if one.id in asked), "", whole=False)


def one_of(name: str, given: str | None, known: tuple[str, ...]) -> tuple[str, ...]:
    """Give what was chosen, or all there is if nothing was.

    Raises:
        BadInput: what was chosen is not known.

    """
    if given is None:
        return known
    if given not in known:
        raise BadInput(name, f"{name}_unknown", **{name: given})
    return (given,)

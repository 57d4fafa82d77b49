"""What is counted of messages: the words of `core.store.counting`."""

from __future__ import annotations

from typing import NamedTuple

ALL = 0  # the scope of everybody


class Was(NamedTuple):
    """What of a message may change, as it was counted."""

    at_ms: int
    direction: str
    kind: str
    aside: str


class Fact(NamedTuple):
    """A message as it is counted. `own` and `named` are hashes of Message-IDs.

    `recipients` and `copied` are To and Cc as they are shown: "Name <address>, …".
    `named`: of In-Reply-To and References. `own` 0: it has no Message-ID.
    """

    id: int
    integration_id: int
    at_ms: int
    direction: str
    kind: str
    aside: str
    size_bytes: int
    from_address: str
    recipients: str
    copied: str
    own: int
    named: tuple[int, ...]


class Change(NamedTuple):
    """A message to count (`sign` 1), or to take away as it was counted (-1)."""

    sign: int
    fact: Fact


class Mailbox(NamedTuple):
    """An integration as it is counted; `team_id` 0: its owner is of no team."""

    id: int
    address: str
    team_id: int

    @property
    def scopes(self) -> tuple[int, ...]:
        """Give the scopes that its messages are counted in."""
        return (ALL, self.id, -self.team_id) if self.team_id else (ALL, self.id)

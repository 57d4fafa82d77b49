"""What alerts are made of: rules, alerts, snoozes, sinks. Pure.

A *rule* watches incidents; an *alert* is an incident that one rule tells of; a *sink*
is where it is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from core.errors import MailError, Retry
from core.incidents import Level, level_of

# Classes of errors, as codes of a rule: one that is made later belongs to one of them.
FOR_A_PERSON = "errors.person"  # it stays until somebody changes something
PASSING = "errors.passing"  # tried again by itself
NOBODY = 0  # in `sinks` of a rule whose last chosen sink was removed


@dataclass(frozen=True, slots=True)
class Rule:
    """Which incidents are told, and to whom.

    `codes` name incidents, or a class of errors; empty: every error. `provider`, `team`
    empty: all. `sinks` empty: all. `name` is a person's text, or `builtin.<key>` of
    those that come with Malote.
    """

    id: int
    name: str
    codes: tuple[str, ...]
    after_s: int
    created_at: datetime
    provider: str = ""
    team: str = ""
    sinks: tuple[int, ...] = ()
    enabled: bool = True

    @property
    def after(self) -> timedelta:
        """Give how long an incident must last to fire."""
        return timedelta(seconds=self.after_s)


@dataclass(frozen=True, slots=True)
class Watched:
    """An incident as rules see it. `followed`: the mailbox is live and not paused."""

    id: int
    integration_id: int
    code: str
    since: datetime
    last_at: datetime
    ended_at: datetime | None
    provider: str
    host: str
    team: str
    followed: bool

    @property
    def place(self) -> str:
        """Name whose fault may be shared: the provider, or the server."""
        return self.provider or self.host


@dataclass(frozen=True, slots=True)
class Alert:
    """An incident that a rule fired for.

    `closed_at` tells that nothing is left to tell: its recovery was told, or it
    recovered before it was told.
    """

    id: int
    rule_id: int
    incident: Watched
    fired_at: datetime
    told_at: datetime | None = None
    recovered_at: datetime | None = None
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """An alert with what it is about, for people. `place`: provider's id, or host."""

    id: int
    rule_id: int
    integration_id: int
    owner: str
    address: str
    place: str
    code: str
    facts: Mapping[str, str]
    since: datetime
    fired_at: datetime
    told_at: datetime | None = None
    recovered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Snooze:
    """Until when nothing is told of a mailbox, a rule, or both. None: of every one."""

    id: int
    rule_id: int | None
    integration_id: int | None
    at: datetime
    until: datetime

    def covers(self, rule_id: int, integration_id: int) -> bool:
        """Tell whether an alert of that rule and mailbox is meant."""
        mailbox = self.integration_id in {None, integration_id}
        return mailbox and self.rule_id in {None, rule_id}


@dataclass(frozen=True, slots=True)
class Sink:
    """Where alerts are told. `shown` is its URL without anything secret.

    `failed_at`: since then nothing could be sent, for `failed_words`; None: it works.
    """

    id: int
    name: str
    language: str
    shown: str
    created_at: datetime
    ok_at: datetime | None = None
    failed_at: datetime | None = None
    failed_words: str = ""


def needs_person(code: str) -> bool:
    """Tell whether an error stays until somebody changes something."""
    return code in _never()


def names(codes: tuple[str, ...], code: str) -> bool:
    """Tell whether codes of a rule name the code of an incident."""
    if level_of(code) is Level.WARNING:
        return code in codes
    error_class = FOR_A_PERSON if needs_person(code) else PASSING
    return not codes or code in codes or error_class in codes


@cache
def _never() -> frozenset[str]:
    return frozenset(e.code for e in _errors(MailError) if e.retry is Retry.NEVER)


def _errors(error: type[MailError]) -> Iterator[type[MailError]]:
    yield error
    for child in error.__subclasses__():
        yield from _errors(child)

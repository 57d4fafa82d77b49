"""Mailboxes of several teams to count: messages come in any order, and change."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import time
from typing import NamedTuple

import pandas as pd
from sqlalchemy import BigInteger, select, type_coerce

from core import watch
from core.business import Calendar
from core.clock import to_ms
from core.model import Fetched, Kind, Message, Role
from core.runtime import Runtime
from core.store import counting, indexing, messages, owners, totals
from core.store.counting_tables import team
from core.store.engine import reading, writing
from core.store.placements import Place
from core.store.schema import integration, message, owner
from core.store.slots import DAY_MS
from core.store.vocabulary import Vocabulary
from tests.store.building import connected, listed, made

FOLDERS = {"Inbox": Role.INBOX, "Sent": Role.SENT, "Junk": Role.JUNK}
ADDRESSES = ("me@acme.com.br", "me@mail.acme.com.br", "me@other.example")
TEAMS = ("", "Vendas", "Suporte", "Zé & Cia")
CALENDARS = [
    Calendar(),
    Calendar(zone="Asia/Kathmandu"),
    replace(Calendar(), opens=time(8), holidays=""),
]
# Days of 23, 24 and 25 hours, and half an hour less and more (Lord Howe Island).
ABOUT = [
    to_ms(pd.Timestamp(day, tz="UTC").to_pydatetime())
    for day in ("2026-03-29", "2026-04-05", "2026-10-04", "2026-10-25", "2025-12-31")
]
ZONES = (
    "UTC", "America/Sao_Paulo", "Europe/Berlin", "America/New_York", "Asia/Kolkata",
    "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Chatham", "Pacific/Apia",
)  # fmt: skip
KEYS = ["direction", "kind", "aside", "internal"]
LONG_AGO, FAR_AHEAD = -DAY_MS * 3_000, DAY_MS * 40_000


class Person(NamedTuple):
    """Who writes or is written to; `registered`: the domain that somebody owns."""

    name: str
    address: str
    registered: str

    @property
    def shown(self) -> str:
        """Give name and address, as To and Cc are kept."""
        return f"{self.name} <{self.address}>" if self.name else self.address


PEOPLE = [
    Person("", "ana@acme.com.br", "acme.com.br"),
    Person("Bia, a Chefe", "bia@mail.acme.com.br", "acme.com.br"),
    Person("caio@casa, Caio", "caio@outra.com.br", "outra.com.br"),
    Person("João", "joao@acme.com", "acme.com"),
    Person("", "li@other.example", "other.example"),
    Person("Nobody", "", ""),
]
OWN = ("acme.com.br", "acme.com.br", "other.example")


class World:
    """Some mailboxes in a store, and what is known of their messages."""

    def __init__(self, runtime: Runtime, seed: int, name: str = "Owner") -> None:
        """Connect three mailboxes."""
        self.runtime, self.drawn = runtime, random.Random(seed)
        self.owners = [f"{name} {n}" for n in range(len(ADDRESSES))]
        self.boxes = [
            connected(runtime, *both)
            for both in zip(self.owners, ADDRESSES, strict=True)
        ]
        self.folders = {one: listed(runtime, one, *FOLDERS) for one in self.boxes}
        self._made = 0
        self._lying: dict[tuple[int, str], list[Message]] = {}
        self._vocabulary = Vocabulary()

    @property
    def acts(self) -> dict[str, Callable[[], object]]:
        """Give what may happen, by name."""
        return {
            "deliver": self.deliver,
            "copy": self.copy,
            "role": self.choose_role,
            "take_in": lambda: self.take_in(self.drawn.randrange(1, 12)),
            "catch_up": lambda: self.catch_up(self.drawn.randrange(1, 6)),
            "team": self.set_team,
            "calendar": self.use_calendar,
        }

    def deliver(self, title: str = "") -> None:
        """Put new messages into a folder."""
        n = self.drawn.randrange(len(self.boxes))
        new = [self._message(n) for _ in range(self.drawn.randrange(1, 10))]
        self._put(self.boxes[n], title or self.drawn.choice(list(FOLDERS)), new)

    def copy(self, into: str = "") -> None:
        """Put messages into another folder: they turn out to be sent, or no junk."""
        one = self.drawn.choice(self.boxes)
        mine = (some for (box, _), some in self._lying.items() if box == one)
        there = [m for some in mine for m in some[-9:]]
        title = into or self.drawn.choice(list(FOLDERS))
        self._put(one, title, self.drawn.sample(there, min(len(there), 3)))

    def choose_role(self) -> None:
        """Let a person say what a folder is for."""
        one = self.drawn.choice(self.boxes)
        role = self.drawn.choice([Role.SENT, Role.JUNK, Role.ARCHIVE, None])
        watch.set_role(self.runtime, self.folders[one]["Junk"], role, "test")

    def take_in(self, most: int) -> int:
        """Take some of what waits into the index."""
        with writing(self.runtime.engine) as conn:
            return indexing.take_in(conn, self._vocabulary, most)

    def catch_up(self, most: int) -> int:
        """Count some of the older messages."""
        with writing(self.runtime.engine) as conn:
            return counting.catch_up(conn, most)

    def set_team(self) -> None:
        """Put an owner into a team."""
        who, into = self.drawn.choice(self.owners), self.drawn.choice(TEAMS)
        with writing(self.runtime.engine) as conn:
            owners.set_team(conn, who, into)

    def use_calendar(self) -> None:
        """Let the organisation have other working hours."""
        with writing(self.runtime.engine) as conn:
            counting.use_calendar(conn, self.drawn.choice(CALENDARS))

    def settle(self) -> None:
        """Take in and count all that waits."""
        while self.take_in(7) or self.catch_up(5):
            pass

    def _message(self, n: int) -> Message:
        drawn = self.drawn
        self._made += 1
        identity = f"m{self._made}"
        mine = Person("", ADDRESSES[n], OWN[n])
        sender = mine if drawn.random() < 0.3 else drawn.choice(PEOPLE)
        to, copied = (
            drawn.sample(PEOPLE, drawn.randrange(most)) for most in (len(PEOPLE), 3)
        )
        at_ms = drawn.choice(ABOUT) + drawn.randrange(-2 * DAY_MS, 2 * DAY_MS)
        domains = [p.registered for p in (*to, *copied) if p.address]
        return made(
            identity=identity,
            kind=str(drawn.choice(list(Kind))),
            from_name=sender.name,
            from_address=sender.address,
            subject=" ".join([sender.registered or "-", *domains]),
            recipients=_shown(to),
            copied=_shown(copied),
            message_id=f"<{identity}@x>" if drawn.random() < 0.9 else "",
            references=f"<m{drawn.randrange(40)}@x>" if drawn.random() < 0.5 else "",
            received_ms=at_ms,
            written_ms=at_ms - drawn.choice([0, 1_000, 40 * 60_000, 3 * DAY_MS]),
            size_bytes=drawn.choice([0, 1, 900, 5_000, 3 * 2**30]),
        )

    def _put(self, one: int, title: str, some: Iterable[Message]) -> None:
        lying = self._lying.setdefault((one, title), [])
        fetched = [Fetched(uid, 0, m) for uid, m in enumerate(some, len(lying) + 1)]
        lying += [m for _, _, m in fetched]
        own = frozenset({ADDRESSES[self.boxes.index(one)]})
        place = Place(one, self.folders[one][title], 1, FOLDERS[title], own)
        with writing(self.runtime.engine) as conn:
            messages.put(conn, place, fetched)


def _shown(people: Iterable[Person]) -> str:
    return ", ".join(p.shown if p.address else p.name for p in people)


def naive(runtime: Runtime) -> pd.DataFrame:
    """Give every message of the store as METRICS counts it.

    Whose domains they are of stands in their subjects.
    """
    c = message.c
    query = select(
        c.integration_id, c.subject, type_coerce(c.at, BigInteger).label("at"),
        c.direction, c.kind, c.aside, c.size_bytes,
        integration.c.address, team.c.id.label("team"),
    )  # fmt: skip
    query = query.select_from(message.join(integration).join(owner))
    query = query.outerjoin(team, team.c.name == owner.c.team)
    with reading(runtime.engine) as conn:
        found = pd.DataFrame(conn.execute(query).mappings().all(), dtype=object)
    registered = dict(zip(ADDRESSES, OWN, strict=True))
    asked = (found["address"], found["direction"], found["subject"])
    found["internal"] = [
        _is_internal(registered[address], direction, *words.split())
        for address, direction, words in zip(*asked, strict=True)
    ]
    found["at"] = pd.to_datetime(found["at"].astype("int64"), unit="ms", utc=True)
    return found


def _is_internal(own: str, direction: str, sender: str, *to: str) -> bool:
    return sender == own if direction == "received" else bool(to) and {*to} == {own}


def of_scope(found: pd.DataFrame, scope: int) -> pd.DataFrame:
    """Give the messages that are of a scope."""
    if scope > 0:
        return found[found["integration_id"] == scope]
    return found[found["team"] == -scope] if scope else found


def by_day(found: pd.DataFrame, zone: str) -> dict[tuple[object, ...], tuple[int, int]]:
    """Give (messages, bytes) by day of a zone and by all that is told apart."""
    sums: dict[tuple[object, ...], tuple[int, int]] = {}
    days = found["at"].dt.tz_convert(zone).dt.date
    counts = found["messages"] if "messages" in found else [1] * len(found)
    rows = zip(
        days, *(found[k] for k in KEYS), counts, found["size_bytes"], strict=True
    )
    for *key, n, size in rows:
        before = sums.get(tuple(key), (0, 0))
        sums[tuple(key)] = (before[0] + n, before[1] + size)
    return sums


def same_as_naive(world: World) -> None:
    """Compare the totals of every scope, by days of every zone, with the messages."""
    every = naive(world.runtime)
    teams = {-int(one) for one in every["team"].dropna().unique()}
    with reading(world.runtime.engine) as conn:
        ever = {-int(one) for one in conn.scalars(select(team.c.id))}
        for scope in (0, *world.boxes, *ever):
            mine = of_scope(every, scope)
            held = totals.read(conn, scope, LONG_AGO, FAR_AHEAD)
            assert not len(held) or scope >= 0 or scope in teams
            for zone in ZONES:
                assert by_day(held, zone) == by_day(mine, zone), (scope, zone)

"""Mailboxes of teams, drawn at random, with whom their mail is; and a naive recount.

The recount is written from METRICS, in pandas, with nothing of `core` but the rows of
messages: whom each is to is remembered beside the store.
"""

from __future__ import annotations

import random
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
from sqlalchemy import BigInteger, insert, select, type_coerce, update

from core.business import ZONE
from core.clock import to_ms
from core.model import Fetched, Kind, Message, Role
from core.runtime import Runtime
from core.store import indexing, messages
from core.store.counting_tables import contact, contact_month, correspondent, team
from core.store.engine import reading, writing
from core.store.placements import Place
from core.store.schema import integration, message, owner
from core.store.vocabulary import Vocabulary
from core.text import harmless
from tests.store.building import START, connected, listed, made

ROLES = {
    "Inbox": Role.INBOX, "Sent": Role.SENT, "Archive": Role.ARCHIVE,
    "Trash": Role.TRASH, "Junk": Role.JUNK,
}  # fmt: skip
BOXES = ("ana@acme.example", "bia@acme.example", "caio@filial.com.br")
LONG = "x" * 400
# Addresses, and what somebody registered of each.
WHO = {
    "ana@acme.example": "@acme.example",
    "bia@acme.example": "@acme.example",
    "caio@filial.com.br": "@filial.com.br",
    "dora@mail.filial.com.br": "@filial.com.br",
    "joão@café.com.br": "@café.com.br",
    "李@例え.日本": "@例え.日本",
    "o'brien\"--@x.example": "@x.example",
    "=cmd|'@evil.co.uk": "@evil.co.uk",
    "a\ufffdb@sub.a.evil.co.uk": "@evil.co.uk",
    "root@[10.0.0.1]": "@[10.0.0.1]",
    "root@10.0.0.1": "@10.0.0.1",
    "%_\\@localhost": "@localhost",
    f"{LONG}@long.example": "@long.example",
    f"{LONG}y@long.example": "@long.example",
    f"y@{LONG}": f"@{LONG}"[:330],
}
NONE = ("@", "@nobody.example", "nobody@", "nobody", "")
NAMES = (
    *("", "", "Ana", "Souza, Ana", "c, a@b", "<Ana>", "Zé \ufffd", "'; --", "x, y, z"),
)
SPAN_DAYS = 500
SPAN = ["messages", "first_month", "last_month"]
KEYS = ["scope", "what", "direction", "name", "month"]


class Teams:
    """Three mailboxes, two of a team; whom each message is to, by its identity."""

    def __init__(self, runtime: Runtime, seed: int, name: str) -> None:
        """Make them, with nothing in them."""
        self.runtime, self.drawn, self.name = runtime, random.Random(seed), name
        self.vocabulary, self.numbers = Vocabulary(), 0
        self.to: dict[str, list[str]] = {}
        self.known: dict[int, list[Message]] = {}
        self.boxes = {
            connected(runtime, f"{name} {n}", address): address
            for n, address in enumerate(BOXES)
        }
        self.folders = {one: listed(runtime, one, *ROLES) for one in self.boxes}
        with writing(runtime.engine) as conn:
            self.teams = [
                conn.execute(
                    insert(team).values(name=f"{name} {t}").returning(team.c.id)
                ).scalar_one()
                for t in "AB"
            ]
        for n, one in enumerate(self.boxes):
            self.join(one, n % 2)

    def join(self, one: int, which: int | None) -> None:
        """Put the owner of a mailbox into a team, by its place, or into none."""
        kept = "" if which is None else f"{self.name} {'AB'[which]}"
        mine = select(integration.c.owner_id).where(integration.c.id == one)
        with writing(self.runtime.engine) as conn:
            conn.execute(
                update(owner)
                .where(owner.c.id == mine.scalar_subquery())
                .values(team=kept)
            )

    def live(self, turns: int) -> None:
        """Receive, send, file, find again in other folders; take some of it in."""
        for _ in range(turns):
            for one in self.boxes:
                for title in self.drawn.sample(list(ROLES), 2):
                    self._put(one, title, self.drawn.randrange(1, 12))
            self.take_in(self.drawn.randrange(5, 40))

    def take_in(self, most: int) -> int:
        """Take some of what waits into the index."""
        with writing(self.runtime.engine) as conn:
            return indexing.take_in(conn, self.vocabulary, most)

    def settle(self) -> None:
        """Take all of it in."""
        while self.take_in(30):
            pass

    def _put(self, one: int, title: str, count: int) -> None:
        known = self.known.setdefault(one, [])
        again = self.drawn.sample(known, min(len(known), count // 2))
        new = [self._letter() for _ in range(count)]
        known += new
        fetched = []
        for letter in {m.identity: m for m in (*again, *new)}.values():
            self.numbers += 1
            fetched.append(Fetched(self.numbers, 0, letter))
        own = frozenset({self.boxes[one]})
        place = Place(one, self.folders[one][title], 1, ROLES[title], own)
        with writing(self.runtime.engine) as conn:
            messages.put(conn, place, fetched)

    def _letter(self) -> Message:
        drawn = self.drawn
        self.numbers += 1
        identity = f"{self.name}-{self.numbers}"
        people = [
            [self._person() for _ in range(drawn.choice([0, 1, 1, 2, 5]))]
            for _ in range(2)
        ]
        self.to[identity] = [one for some in people for one in some]
        at = to_ms(START) - drawn.randrange(SPAN_DAYS * 86_400) * 1000
        return made(
            identity=identity,
            kind=drawn.choice([Kind.PERSON] * 4 + [*Kind]),
            from_address=self._person(),
            recipients=", ".join(map(self._shown, people[0])),
            copied=", ".join(map(self._shown, people[1])),
            received_ms=at,
            written_ms=at - drawn.choice([0, 3_600_000, 10**10]),
            message_id=f"<{identity}@x>",
        )

    def _person(self) -> str:
        at = min(int(self.drawn.paretovariate(0.7)) - 1, len(WHO) + len(NONE) - 1)
        return harmless([*WHO, *NONE][at])

    def _shown(self, address: str) -> str:
        name = self.drawn.choice(NAMES)
        return f"{name} <{address}>" if name else address


def naive(world: Teams) -> pd.DataFrame:
    """Count again, from the messages: scope, what, direction, name, month, messages."""
    m = message.c
    query = (
        select(
            m.identity, type_coerce(m.at, BigInteger).label("at"), m.direction, m.kind,
            m.aside, m.from_address, m.integration_id.label("box"),
            integration.c.address, team.c.id.label("team"),
        )
        .join(integration, integration.c.id == m.integration_id)
        .join(owner, owner.c.id == integration.c.owner_id)
        .outerjoin(team, team.c.name == owner.c.team)
        .where(m.integration_id.in_(world.boxes))
    )  # fmt: skip
    with reading(world.runtime.engine) as conn:
        rows = pd.DataFrame([row._asdict() for row in conn.execute(query)])
    rows = rows[rows["kind"].isin(["person", "list"]) & (rows["aside"] == "no")]
    each_one = [_of(world, one) for one in rows.to_dict("records")]
    rows = pd.DataFrame(each_one)
    named = rows.melt(
        ["identity", "box", "scope", "direction", "month"],
        ["address", "domain", "all"], "what", "name",
    )  # fmt: skip
    each = named.explode("name").dropna(subset="name").explode("scope")
    once = each.drop_duplicates(["identity", "box", *KEYS])
    return once.groupby(KEYS).size().rename("messages").reset_index()


def _of(world: Teams, row: dict[Any, Any]) -> dict[str, Any]:
    """Give a message with its month, its scopes, and all names that it counts for."""
    at = datetime.fromtimestamp(row["at"] / 1000, ZoneInfo(ZONE))
    to = world.to[row["identity"]] if row["direction"] == "sent" else []
    others = to or ([row["from_address"]] if row["direction"] == "received" else [])
    found = [who for who in others if who in WHO and who != row["address"]]
    return {
        "identity": row["identity"],
        "box": row["box"],
        "direction": row["direction"],
        "month": at.year * 12 + at.month - 1,
        "scope": [0, row["box"]]
        + ([] if pd.isna(row["team"]) else [-int(row["team"])]),
        "address": [who[:330] for who in found],
        "domain": [WHO[who] for who in found],
        "all": [""],
    }


def held(world: Teams) -> pd.DataFrame:
    """Give what is counted by month, in the same columns."""
    c = contact_month.c
    query = select(
        c.scope, c.what, c.direction, correspondent.c.name, c.month, c.messages
    ).join(correspondent)
    with reading(world.runtime.engine) as conn:
        return pd.DataFrame([row._asdict() for row in conn.execute(query)])


def spans(runtime: Runtime) -> dict[tuple[object, ...], tuple[int, ...]]:
    """Give messages, first and last month of each correspondent, over all months."""
    query = select(contact, correspondent.c.name).join(correspondent)
    with reading(runtime.engine) as conn:
        return {
            (r.scope, r.what, r.direction, r.name): tuple(getattr(r, n) for n in SPAN)
            for r in conn.execute(query)
        }

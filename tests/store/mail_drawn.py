"""Mailboxes drawn at random, with what mail brings: accents, tricks, oddities.

What is known of each message is kept beside the store, as plain values: a scan over
them (`tests.store.scan`) says what a search must find.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import select

from core.clock import to_ms
from core.model import Fetched, Flags, Kind, Message, Role
from core.runtime import Runtime
from core.store import indexing, messages
from core.store.engine import reading, writing
from core.store.placements import Place
from core.store.schema import folder, message
from core.store.search_tables import listing
from core.store.vocabulary import Vocabulary
from core.text import fold, harmless
from tests.store.building import START, connected, listed

SUBJECT = [
    "Reunião", "reuniao", "REUNIÃO", "re", "Re:", "fwd", "RES:", "a", "à", "é", "2026",
    "2026-11", "Proposta", "proposta2", "Straße", "STRASSE", "İstanbul", "ışık", "ILIK",
    "ﬁnal", "东京会议", "会议", "東京", "Ünal", "naïve", "ΣΊΣΥΦΟΣ", "σίσυφος",
    "😀", "🇧🇷", "x" * 70, "x" * 64, "x" * 63 + "é", "ℌello", "Ⅷ", "½", "100%", "c++",
    "don't", "_", "foo_bar", "über-cool", "ação/reação", "<b>", "NOT", "OR", "AND",
    "NEAR(a", "*", "^", "'", ")", "(", "subject:", "e\u0301te\u0301", "한국어",
    "नमस्ते", "a\x00b", "a\u202eb", "Ǆ", "ŉ", "ᾳ", "!", "&", "|", "\\", ":*", "i1",
    "dexample.com", "ﬀ",
]  # fmt: skip
NAMES = [
    "Ana", "ANA", "Maria", "Aparecida", "aparecida", "João", "Joao", "Conceição",
    "Müller", "Mueller", "Ünal", "Łukasz", "Øre", "O'Brien", "D’Ávila", "李", "李小龍",
    "Ivo", "Al", "Li", "x", "José-Luís", "山田太郎", "😀", "sa", "Sá", "Σίσυφος",
    "İpek",
]  # fmt: skip
LOCALS = [
    "ana",
    "ana.souza",
    "j.o",
    "no-reply",
    "bounce+a=b",
    "li",
    "x_1",
    "aparecida7",
]
DOMAINS = [
    "example.com", "mail.example.com", "empresa.com.br", "bücher.example", "localhost",
    "xn--bcher-kva.example", "a.b.c.d.example", "exämple.com", "my_host.example",
    "[::1]",
    "my-host.example", "my.host.example",
]  # fmt: skip
SIZES = [0, 1, 900, 1023, 1024, 5000, 1 << 20]
SENT = Role.SENT.value.title()
FOLDERS = ("Inbox", SENT, "Archive", "Gone")
SECONDS = 400_000  # from the first message to the last


@dataclass(frozen=True, slots=True)
class Person:
    """A name and an address."""

    name: str
    local: str
    domain: str

    @property
    def address(self) -> str:
        """Give the address, without the name."""
        return harmless(f"{self.local}@{self.domain}").lower()

    @property
    def shown(self) -> str:
        """Give name and address, as To and Cc are kept."""
        return f"{harmless(self.name)} <{self.address}>" if self.name else self.address


@dataclass(frozen=True, slots=True)
class Known:
    """What a message is and where it lies: flags by folder."""

    integration_id: int
    identity: str
    at_ms: int
    direction: str
    kind: str
    size_bytes: int
    attachment: bool
    subject: str
    sender: Person
    to: tuple[Person, ...]
    copied: tuple[Person, ...]
    own: str  # Message-ID, without the brackets; empty: none
    named: frozenset[str]  # of other messages
    places: dict[int, list[int]] = field(default_factory=dict)
    id: int = 0
    taken: bool = False  # it is in the index
    seen: bool = False  # it was, once: what it joined stays joined

    @property
    def key(self) -> tuple[int, int]:
        """Give by what messages are put in order."""
        return self.at_ms, self.id


class World:
    """Some mailboxes in a store, and what is known of them."""

    def __init__(self, runtime: Runtime, drawn: random.Random, name: str) -> None:
        """Make mailboxes: read, taken in, changed, and read again."""
        self.runtime, self.drawn = runtime, drawn
        self.vocabulary = Vocabulary()
        self.known: dict[tuple[int, str], Known] = {}
        self.boxes = [connected(runtime, f"{name} {n}") for n in range(3)]
        self.folders = {one: self._folders(one) for one in self.boxes}
        for _ in range(3):
            for one in self.boxes:
                self._deliver(one, drawn.randrange(5, 25))
            self._take_in(drawn.randrange(20, 60))
        self._copy_to_sent()
        self._take_out()
        self._lose_a_folder()

    def all(self, boxes: Sequence[int]) -> list[Known]:
        """Give what is known of the messages of some mailboxes."""
        return [one for one in self.known.values() if one.integration_id in boxes]

    def _folders(self, one: int) -> dict[str, int]:
        found = listed(self.runtime, one, *FOLDERS)
        with reading(self.runtime.engine) as conn:
            query = select(folder.c.name, folder.c.id)
            rows = conn.execute(query.where(folder.c.integration_id == one))
            return {row[0]: row[1] for row in rows if row[0] in found}

    def _deliver(self, one: int, count: int) -> None:
        title = self.drawn.choice(FOLDERS)
        new = [self._message(one, title) for _ in range(count)]
        again = [k for k in self.all([one]) if self.drawn.random() < 0.1]
        twice = new[: count // 8]  # in one folder two times
        self._put(one, title, [*new, *again, *twice])

    def _message(self, one: int, title: str) -> Known:
        drawn, number = self.drawn, len(self.known) + 1
        at_ms = to_ms(START) + drawn.randrange(SECONDS) // 900 * 900_000
        others = [k.own for k in self.all([one]) if k.own] + [
            f"far{drawn.randrange(9)}"
        ]
        named = drawn.sample(others, min(len(others), drawn.choice([0, 0, 0, 1, 1, 3])))
        own = f"m{number}@x" if drawn.random() < 0.9 else ""
        known = Known(
            one, f"{one}-{number}", at_ms, "sent" if title == SENT else "received",
            drawn.choice(list(Kind)), drawn.choice(SIZES),
            drawn.random() < 0.3, self._some(SUBJECT, 6), self._person(),
            self._people(4), self._people(2), own, frozenset(named) - {own},
        )  # fmt: skip
        self.known[one, known.identity] = known
        return known

    def _some(self, words: list[str], most: int) -> str:
        chosen = self.drawn.choices(words, k=self.drawn.randrange(most + 1))
        return self.drawn.choice([" ", " ", " ", ", ", "-"]).join(chosen)

    def _person(self) -> Person:
        local, domain = self.drawn.choice(LOCALS), self.drawn.choice(DOMAINS)
        return Person(self._some(NAMES, 3), local, domain)

    def _people(self, most: int) -> tuple[Person, ...]:
        return tuple(self._person() for _ in range(self.drawn.randrange(most + 1)))

    def _put(self, one: int, title: str, some: Sequence[Known]) -> None:
        folder_id = self.folders[one][title]
        lying = sum(len(k.places.get(folder_id, ())) for k in self.known.values())
        fetched = []
        for uid, known in enumerate(some, lying + 1):
            bits = self.drawn.choice([0, 0, Flags.SEEN]) | self.drawn.choice(
                [0, 0, Flags.FLAGGED, Flags.ANSWERED]
            )
            fetched.append(Fetched(uid, int(bits), _stored(known)))
            known.places.setdefault(folder_id, []).append(int(bits))
        place = Place(
            one, folder_id, 1, Role.SENT if title == SENT else Role.INBOX, frozenset()
        )
        with writing(self.runtime.engine) as conn:
            messages.put(conn, place, fetched)
        self._learn(one, {k.identity for k in some} if title == SENT else set())

    def _learn(self, one: int, sent: set[str]) -> None:
        """Note the ids that the store gave, and who turned out to have been sent."""
        query = select(message.c.identity, message.c.id)
        with reading(self.runtime.engine) as conn:
            ids = dict(conn.execute(query.where(message.c.integration_id == one)).all())
        for known in self.all([one]):
            new = replace(known, id=ids[known.identity])
            if known.identity in sent and known.direction != "sent":
                # A copy in Sent: it waits, to be taken in as what it is.
                new = replace(new, direction="sent", taken=False)
            self.known[one, known.identity] = new

    def _take_in(self, most: int) -> None:
        with writing(self.runtime.engine) as conn:
            indexing.take_in(conn, self.vocabulary, most)
        self._look_who_is_taken()

    def _look_who_is_taken(self) -> None:
        with reading(self.runtime.engine) as conn:
            taken = set(conn.scalars(select(listing.c.message_id)))
        for key, known in self.known.items():
            there = known.id in taken
            self.known[key] = replace(known, taken=there, seen=known.seen or there)

    def _copy_to_sent(self) -> None:
        for one in self.boxes:
            some = [k for k in self.all([one]) if self.drawn.random() < 0.06]
            self._put(one, SENT, some)
        self._look_who_is_taken()

    def _take_out(self) -> None:
        some = [k.id for k in self.known.values() if self.drawn.random() < 0.1]
        with writing(self.runtime.engine) as conn:
            indexing.unlist(conn, some)
        self._take_in(self.drawn.randrange(30))

    def _lose_a_folder(self) -> None:
        """One folder is missing on the server: what lies only there is hidden."""
        one = self.drawn.choice(self.boxes)
        listed(self.runtime, one, *(name for name in FOLDERS if name != "Gone"))
        gone = self.folders[one]["Gone"]
        for known in self.all([one]):
            known.places.pop(gone, None)


def _stored(known: Known) -> Message:
    """Give a message as the reader of headers would have made it."""
    subject = harmless(known.subject)
    to = ", ".join(one.shown for one in known.to)
    copied = ", ".join(one.shown for one in known.copied)
    name = harmless(known.sender.name)
    people = f"{name} {known.sender.address}\n{to}\n{copied}"
    return Message(
        identity=known.identity,
        kind=known.kind,
        from_name=name,
        from_address=known.sender.address,
        recipients=to,
        copied=copied,
        subject=subject,
        message_id=f"<{known.own}>" if known.own else "",
        in_reply_to=" ".join(f"<{one}>" for one in sorted(known.named)[:1]),
        references=" ".join(f"<{one}>" for one in sorted(known.named)),
        written_ms=known.at_ms,
        received_ms=known.at_ms,
        size_bytes=known.size_bytes,
        attachment=known.attachment,
        folded=f"{fold(subject)}\n{fold(people)}",
    )

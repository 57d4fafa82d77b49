"""Random conversations that come to some mailboxes, in any order."""

from __future__ import annotations

import random
from dataclasses import dataclass
from itertools import count

from sqlalchemy import Connection, select, update

from core.clock import to_ms
from core.model import Fetched, Kind, Message, Role
from core.runtime import Runtime
from core.store import indexing, messages
from core.store.bulk import put_new
from core.store.counting_tables import team as table
from core.store.engine import reading, writing
from core.store.placements import Place
from core.store.schema import message, owner
from core.store.vocabulary import Vocabulary
from tests.store.building import START, connected, listed, made

FOLDERS = {
    "Inbox": Role.INBOX, "Sent": Role.SENT, "Junk": Role.JUNK, "Trash": Role.TRASH,
    "Drafts": Role.DRAFTS,
}  # fmt: skip
OTHERS = ("ana@mail.acme.com.br", "bo@acme.com.br", "cy@uni.example.org", "dé@x.test")
KINDS = [*[Kind.PERSON] * 8, Kind.LIST, Kind.AUTOMATIC, Kind.BOUNCE, Kind.RECEIPT]
NUMBERS = count()  # no owner twice, in whatever order examples come
REACH_S = 70 * 86_400


@dataclass(frozen=True, slots=True)
class Drawn:
    """A message of a mailbox, and the folder in which it is seen first."""

    integration_id: int
    folder: str
    message: Message


class Mail:
    """Some mailboxes, two of them of a team, and mail that is to come."""

    def __init__(self, runtime: Runtime, seed: int, many: int = 50) -> None:
        """Draw `many` messages for each of three mailboxes; none has come yet."""
        self.runtime, self.drawn = runtime, random.Random(seed)
        self.vocabulary = Vocabulary()
        self.names = [f"Owner {next(NUMBERS)}" for _ in range(3)]
        self.boxes = {
            connected(runtime, name, f"me{n}@uni.example.org"): n
            for n, name in enumerate(self.names)
        }
        with writing(runtime.engine) as conn:
            for name in self.names[:2]:
                put_in_team(conn, name, "Sales")
        self.folders = {one: listed(runtime, one, *FOLDERS) for one in self.boxes}
        self.messages: dict[tuple[int, str], Message] = {}
        self.coming = [self._message(one, n) for one in self.boxes for n in range(many)]
        self.uid = 0

    def arrive(self) -> None:
        """Let all come, in any order, and be taken in now and then."""
        self.drawn.shuffle(self.coming)
        while self.coming:
            some = self.drawn.randrange(1, 40)
            now, self.coming = self.coming[:some], self.coming[some:]
            for one in now:
                self._put(one)
            if self.drawn.random() < 0.7:
                self.take_in(self.drawn.randrange(1, 40))
            if self.drawn.random() < 0.3:
                self.change()
        while self.is_behind():  # what waits may be gone, and then none is taken in
            self.take_in(self.drawn.randrange(5, 40))

    def change(self) -> None:
        """Let some be seen in another folder too: sent, or no junk after all."""
        with reading(self.runtime.engine) as conn:
            query = select(message.c.integration_id, message.c.identity)
            known = [(row[0], row[1]) for row in conn.execute(query)]
        for one, identity in known:
            if one in self.boxes and self.drawn.random() < 0.08:
                title = self.drawn.choice(["Sent", "Inbox", "Trash"])
                again = self.messages[one, identity]
                self._put(Drawn(one, title, again))
            elif one in self.boxes and self.drawn.random() < 0.05:
                self._wait_again(one, identity)

    def is_behind(self) -> bool:
        """Tell whether anything waits."""
        with reading(self.runtime.engine) as conn:
            return indexing.is_behind(conn)

    def take_in(self, most: int) -> int:
        """Take in up to so many; give how many."""
        with writing(self.runtime.engine) as conn:
            return indexing.take_in(conn, self.vocabulary, most)

    def _message(self, one: int, number: int) -> Drawn:
        drawn, me = self.drawn, f"me{self.boxes[one]}@uni.example.org"
        sent = drawn.random() < 0.4
        other = drawn.choice([*OTHERS, me]) if drawn.random() < 0.9 else me
        ids = [f"<{n}@x>" for n in drawn.choices(range(40), k=drawn.choice([0, 1, 2]))]
        at = to_ms(START) + drawn.randrange(REACH_S) * 1000
        at = at // 900_000 * 900_000 if drawn.random() < 0.5 else at
        folder = "Sent" if sent else drawn.choice(["Inbox"] * 6 + list(FOLDERS))
        new = made(
            identity=f"m{number}",
            kind=drawn.choice(KINDS),
            from_address=me if sent else other,
            recipients=f"Some, One <{other}>, {me}" if sent else me,
            # The same Message-ID now and then; and none.
            message_id=f"<{number % 40}@x>" if drawn.random() < 0.95 else "",
            in_reply_to="".join(ids[:1]),
            references=" ".join(ids),
            written_ms=at,
            received_ms=at,
        )
        self.messages[one, new.identity] = new
        return Drawn(one, folder, new)

    def _put(self, one: Drawn) -> None:
        self.uid += 1
        id_, role = self.folders[one.integration_id][one.folder], FOLDERS[one.folder]
        place = Place(one.integration_id, id_, 1, role, frozenset())
        with writing(self.runtime.engine) as conn:
            messages.put(conn, place, [Fetched(self.uid, 0, one.message)])

    def _wait_again(self, one: int, identity: str) -> None:
        """Have a message wait that does not change after all."""
        mine = (message.c.integration_id == one, message.c.identity == identity)
        with writing(self.runtime.engine) as conn:
            indexing.unlist(conn, conn.scalars(select(message.c.id).where(*mine)).all())


def put_in_team(conn: Connection, name: str, team: str) -> None:
    """Have an owner be of a team."""
    put_new(conn, table, {"name": team})
    conn.execute(update(owner).where(owner.c.name == name).values(team=team))

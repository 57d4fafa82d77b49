"""The steps of any plan, done on a model of our copy, make it equal to the server's."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given, settings, strategies as st

from core.imap.features import Features
from core.model import Cursor, Role, Status
from core.sync.plan import (
    Build,
    CompareFlags,
    FetchChanged,
    FetchDelta,
    FetchNew,
    Fill,
    Step,
    Swap,
    Verify,
    plan,
)
from tests.unit.mailbox_in_memory import MemoryFolder, mail

FEATURES = [
    Features(),
    Features(condstore=True),
    Features(condstore=True, qresync=True),
]
EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["arrive", "arrive", "flag", "expunge", "go", "forget"]),
        st.integers(0, 31),
    ),
    max_size=12,
)
QUICK_ONES = 10 * settings().max_examples
LATER = ["nothing", "nothing", "nothing", "recreate", "count again", "no modseq"]


@dataclass
class Model:
    """Our copy of a folder, and what it knows of itself."""

    server: MemoryFolder
    features: Features
    cursor: Cursor | None = None
    held: dict[int, int] | None = None
    low: int = 1
    high: int = 1

    def follow(self) -> tuple[Step, ...]:
        """Plan once, and do what was planned; give it."""
        now = self.status()
        steps = plan(self.cursor, None, now, self.features)
        if self.cursor is None or self.cursor.uidvalidity != now.uidvalidity:
            self.held = {}
            self.cursor = Cursor(now.uidvalidity, 1, now.uidnext, 0, 0)
        self.low, self.high = self.cursor.low, self.cursor.high
        for step in steps:
            self._do(step)
        self.know(low=1)
        return steps

    def status(self) -> Status:
        """Give the numbers of the server's folder."""
        f = self.server
        keeps = self.features.condstore and f.keeps_modseq
        return Status(f.uidvalidity, f.uidnext, f.modseq if keeps else 0, len(f.held))

    def know(self, low: int) -> None:
        """Know the folder from a UID on, as of now."""
        now = self.status()
        if self.held is None:
            self.held = {u: flags for u, flags in self.there().items() if u >= low}
        numbers = (now.uidvalidity, low, now.uidnext, now.highestmodseq)
        self.cursor = Cursor(*numbers, len(self.held))

    def there(self) -> dict[int, int]:
        """Give what lies on the server."""
        return {uid: flags for uid, (_, flags) in self.server.held.items()}

    def _do(self, step: Step) -> None:
        assert self.held is not None
        there, changed, mine = self.there(), self.server.changed, self.held
        match step:
            case Fill(cursor):
                mine |= {u: f for u, f in there.items() if u < cursor.low}
                self.low = 1
            case Build(cursor):
                self.held = {u: f for u, f in there.items() if u < cursor.high}
            case Swap():
                pass
            case FetchNew(first, end):
                mine |= {u: f for u, f in there.items() if first <= u < end}
                self.high = end
            case FetchDelta(since, upto) | FetchChanged(since, upto):
                news = {u for u in mine if u <= upto and changed.get(u, 0) > since}
                mine |= {u: there[u] for u in news}
                if isinstance(step, FetchDelta):
                    self._drop(self.server.gone_since(since, upto))
            case CompareFlags(upto):
                self._drop([u for u in mine if u <= upto and u not in there])
                mine |= {u: there[u] for u in mine if u <= upto}
            case Verify(messages):
                if self.low == 1 and len(mine) != messages:
                    self._drop([u for u in mine if u not in there])
                    lacking = [u for u in there if u < self.high and u not in mine]
                    mine |= {u: there[u] for u in lacking}

    def _drop(self, uids: list[int]) -> None:
        assert self.held is not None
        for uid in uids:
            self.held.pop(uid, None)


def let(folder: MemoryFolder, events: list[tuple[str, int]]) -> None:
    """Let things happen in a folder."""
    for what, number in events:
        uids = sorted(folder.held)
        if what == "arrive":
            folder.arrive(mail(number), number)
        elif what == "go":
            folder.arrive(mail(number))
            folder.expunge(folder.uidnext - 1)
        elif what == "forget":
            folder.forgotten = folder.modseq
        elif uids and what == "flag":
            folder.flag(uids[number % len(uids)], number)
        elif uids and what == "expunge":
            folder.expunge(uids[number % len(uids)])


@pytest.mark.soak_sized
@settings(max_examples=QUICK_ONES)
@given(
    before=EVENTS,
    after=EVENTS,
    later=st.sampled_from(LATER),
    features=st.sampled_from(FEATURES),
    low=st.sampled_from([0, 1, 1, 3, 6]),
)
def test_a_plan_makes_our_copy_equal(
    before: list[tuple[str, int]],
    after: list[tuple[str, int]],
    later: str,
    features: Features,
    low: int,
) -> None:
    folder = MemoryFolder(Role.INBOX)
    model = Model(folder, features)
    let(folder, before)
    if low:  # 0: never looked at; above 1: the first sync was cut off there
        model.know(low)
    if later == "recreate":
        folder.recreate()
    elif later == "no modseq":
        folder.keeps_modseq = False
    let(folder, after)
    if later == "count again":
        folder.count_again(1)
    model.follow()
    assert model.held == model.there()
    if features.condstore and folder.keeps_modseq:
        assert plan(model.cursor, None, model.status(), features) == ()
    assert not set(map(type, model.follow())) & {Fill, Build, Swap, FetchNew}

"""A walk over words gives what a look at every message gives, in pieces of any size."""

from __future__ import annotations

import random

import pytest
from sqlalchemy import Connection, event, select

from core.positions import END, position_of
from core.question import Question, wanted
from core.runtime import Runtime
from core.store import matching, word_walks
from core.store.engine import reading
from core.store.instants import to_ms
from core.store.schema import message
from core.store.walks import Reach
from core.store.wanted import has
from core.store.word_walks import WordWalk
from core.terms import Term
from tests.store.mailbox_made import fill

COUNT = 1_200
SEARCHES = (
    "reuniao", "reu", "extraordinario", "souza", "areci", "souza contrato",
    '"reuniao semanal"', "souza@empresa1.example", "ana.souza@empresa1.exa",
    "domain:empresa7.example", "reuniao -semanal", "reuniao from:souza",
)  # fmt: skip


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let few messages be many, so that GIN is asked for what is rare among them."""
    monkeypatch.setattr(word_walks, "SAMPLE", 40)
    monkeypatch.setattr(word_walks, "STEP_MOST", 200)
    monkeypatch.setattr(word_walks, "FAR", 300)
    monkeypatch.setattr(word_walks, "KEPT", 7)


def test_a_walk_gives_what_a_look_at_every_message_gives(runtime: Runtime) -> None:
    fill(runtime, COUNT)
    drawn = random.Random(3)
    with reading(runtime.engine) as conn:
        for search in SEARCHES:
            terms = wanted(Question((1,), search=search)).terms
            every = sorted(_looked_through(conn, terms))
            for newest in (True, False):
                low, high = sorted(drawn.choices([-1, *every, END], k=2))
                for reach in (Reach(-1, END, newest), Reach(low, high, newest)):
                    expected = [x for x in every if reach.low < x < reach.high]
                    expected = expected[::-1] if newest else expected
                    found = _walked(conn, terms, reach, drawn)
                    assert found == expected, (search, reach)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_the_index_is_asked_for_what_is_rare_and_once(runtime: Runtime) -> None:
    fill(runtime, COUNT)
    asked: list[str] = []
    event.listen(
        runtime.engine, "before_cursor_execute", lambda *how: asked.append(how[2])
    )
    with reading(runtime.engine) as conn:
        for search, times in (("example", 0), ("reuniao", 0), ("xyzzy", 1)):
            terms = wanted(Question((1,), search=search)).terms
            asked.clear()
            _walked(conn, terms, Reach(-1, END), random.Random(3), most=3)
            assert sum("hits" in one for one in asked) == times, search


def _looked_through(conn: Connection, terms: tuple[Term, ...]) -> list[int]:
    query = select(message.c.at, message.c.id, message.c.search)
    return [
        position_of(to_ms(at), number)
        for at, number, search in conn.execute(query)
        if has(terms, search)
    ]


def _walked(
    conn: Connection,
    terms: tuple[Term, ...],
    reach: Reach,
    drawn: random.Random,
    most: int = 0,
) -> list[int]:
    """Walk to the end, so many at a time, or as many as are drawn."""
    matched = matching.query(conn, terms, None)
    if matched is None:
        return []
    walk, found = WordWalk(matched), list[int]()
    while True:
        size = most or drawn.randrange(1, 90)
        some = walk(conn, reach, size)
        found += some
        if len(some) < size:
            return found
        reach = reach.after(some[-1])

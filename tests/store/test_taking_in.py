"""The index: in whatever order and however often messages come in, it is the same."""

import random
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from sqlalchemy import delete, select

from core import browse
from core.browse import Filters, Question
from core.jobs.listing import Indexer
from core.model import Fetched, Role
from core.runtime import Runtime
from core.store import indexing, messages, vocabulary
from core.store.engine import reading, writing
from core.store.placements import Place
from core.store.schema import message
from core.store.search_tables import listing, thread_link, unlisted, word
from core.store.vocabulary import Vocabulary
from tests.store.building import connected, listed, made, put, some
from tests.store.mail_drawn import World
from tests.store.mailbox_made import take_all_in
from tests.store.scan import answered_ids, conversations

Letter = tuple[int, list[int]]  # a message, and those that it names


def letters_put(runtime: Runtime, owner: str, letters: Sequence[Letter]) -> int:
    """Store messages in this order."""
    one = connected(runtime, owner)
    inbox = listed(runtime, one, "Inbox")["Inbox"]
    fetched = [
        Fetched(
            uid,
            0,
            made(
                identity=f"{number}",
                message_id=f"<{number}@x>",
                references=" ".join(f"<{other}@x>" for other in named),
                in_reply_to="".join(f"<{other}@x>" for other in named[-1:]),
            ),
        )
        for uid, (number, named) in enumerate(letters, 1)
    ]
    put(runtime, one, inbox, fetched)
    return one


def index_of(
    runtime: Runtime, one: int
) -> dict[str, tuple[frozenset[str], bool, bool]]:
    """Give, by identity: who is in its conversation, is it in one, was it answered."""
    c = listing.c
    query = select(message.c.identity, c.thread, c.threaded, c.replied)
    query = query.join(message, message.c.id == c.message_id)
    with reading(runtime.engine) as conn:
        rows = conn.execute(query.where(c.integration_id == one)).all()
    heaps: dict[int, set[str]] = {}
    for identity, thread, _, _ in rows:
        heaps.setdefault(thread, set()).add(identity)
    return {r[0]: (frozenset(heaps[r[1]]), bool(r[2]), bool(r[3])) for r in rows}


def again(runtime: Runtime) -> None:
    """Throw the index away, and make it anew."""
    with writing(runtime.engine) as conn:
        ids = list(conn.scalars(select(message.c.id)))
        indexing.unlist(conn, ids)
        conn.execute(delete(thread_link))
    take_all_in(runtime)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
@given(
    named=st.lists(st.lists(st.integers(0, 14), max_size=3), min_size=2, max_size=12),
    seed=st.integers(0, 1000),
    most=st.integers(1, 5),
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_order_of_messages_does_not_matter(
    runtime: Runtime, named: list[list[int]], seed: int, most: int
) -> None:
    letters = [
        (number, [n for n in others if n != number])
        for number, others in enumerate(named)
    ]
    mixed = random.Random(seed).sample(letters, len(letters))
    tag = f"{runtime.clock().timestamp()}"
    one, other = (
        letters_put(runtime, f"{tag} {n}", order)
        for n, order in enumerate((letters, mixed))
    )
    known = Vocabulary()
    while True:  # a few at a time
        with writing(runtime.engine) as conn:
            if not indexing.take_in(conn, known, most):
                break
    assert index_of(runtime, one) == index_of(runtime, other)
    assert len(index_of(runtime, one)) == len(letters)


def test_one_message_joins_two_conversations(runtime: Runtime) -> None:
    one = letters_put(runtime, "A", [(1, []), (2, [1]), (3, []), (4, [3])])
    take_all_in(runtime)
    assert index_of(runtime, one)["2"] == (frozenset("12"), True, False)
    inbox = listed(runtime, one, "Inbox")["Inbox"]
    joins = made(identity="5", message_id="<5@x>", references="<2@x> <4@x>")
    put(runtime, one, inbox, [Fetched(9, 0, joins)])
    take_all_in(runtime)
    found = index_of(runtime, one)
    assert {heap for heap, _, _ in found.values()} == {frozenset("12345")}
    assert [found[n][2] for n in "12345"] == [True, True, True, True, False]


def test_conversations_stay_within_a_mailbox(runtime: Runtime) -> None:
    one = letters_put(runtime, "A", [(1, [])])
    other = letters_put(runtime, "B", [(2, [1])])
    take_all_in(runtime)
    assert index_of(runtime, one) == {"1": (frozenset("1"), False, False)}
    assert index_of(runtime, other) == {"2": (frozenset("2"), True, False)}


@pytest.mark.parametrize("seed", range(3))
def test_conversations_are_the_scans(runtime: Runtime, seed: int) -> None:
    world = World(runtime, random.Random(seed), "Owner")
    take_all_in(runtime)
    everything = [replace(k, taken=True, seen=True) for k in world.known.values()]
    by_id = {k.id: k for k in everything}
    answered = answered_ids(everything)
    heaps = {
        frozenset(by_id[i].identity for i in ids) for ids in conversations(everything)
    }
    for box in world.boxes:
        found = index_of(runtime, box)
        assert {heap for heap, _, _ in found.values()} <= heaps
        for identity, (_, threaded, replied) in found.items():
            known = world.known[box, identity]
            assert replied is ((box, known.own) in answered)
            assert threaded is (replied or bool(known.named))


@pytest.mark.parametrize("seed", range(2))
def test_an_index_made_anew_is_the_same(runtime: Runtime, seed: int) -> None:
    world = World(runtime, random.Random(seed), "Owner")
    take_all_in(runtime)
    searches = [
        "ana",
        "reuniao",
        "re",
        "domain:example.com",
        '"a"',
        "-ana",
        "is:unread",
    ]
    asked = [Question((box,), search=s) for box in world.boxes for s in searches]
    before = [index_of(runtime, box) for box in world.boxes]
    found = [browse.count(runtime, one) for one in asked]
    again(runtime)
    assert [index_of(runtime, box) for box in world.boxes] == before
    assert [browse.count(runtime, one) for one in asked] == found
    assert any(one.found for one in found)


def test_what_broke_in_the_middle_is_done_again(runtime: Runtime) -> None:
    one = letters_put(runtime, "A", [(1, []), (2, [1]), (3, [2])])
    known = Vocabulary()
    with runtime.engine.connect() as conn:  # as `writing` does when it breaks
        assert indexing.take_in(conn, known) == 3
        conn.rollback()
    known.forget()  # as the worker does
    with reading(runtime.engine) as conn:
        assert indexing.behind(conn) == 3
    with writing(runtime.engine) as conn:
        assert indexing.take_in(conn, known) == 3
        assert indexing.take_in(conn, known) == 0
        assert not indexing.is_behind(conn)
        assert conn.scalar(select(word.c.people).where(word.c.word == "conceicao"))
    assert len(index_of(runtime, one)["1"][0]) == 3
    assert browse.count(runtime, Question((one,), search="from:onceica")).found == 3


def test_what_is_copied_to_sent_is_sent_in_the_index_too(runtime: Runtime) -> None:
    one = connected(runtime)
    ids = listed(runtime, one, "Inbox", "Sent")
    put(runtime, one, ids["Inbox"], some(5))
    take_all_in(runtime)
    sent = Question((one,), filters=Filters(direction="sent"))
    assert browse.count(runtime, sent).found == 0
    with writing(runtime.engine) as conn:
        place = Place(one, ids["Sent"], 1, Role.SENT, frozenset())
        messages.put(conn, place, some(2))
    assert browse.count(runtime, sent).found == 2  # at once, by looking through them
    take_all_in(runtime)
    assert browse.count(runtime, sent).found == 2
    with reading(runtime.engine) as conn:
        assert conn.scalar(select(unlisted.c.message_id)) is None
        rows = conn.scalars(select(listing.c.position)).all()
    assert len(rows) == len(set(rows)) == 5


def test_what_changes_twice_before_it_is_taken_in_is_taken_in(runtime: Runtime) -> None:
    one = connected(runtime)
    ids = listed(runtime, one, "Trash", "Inbox", "Sent")
    (mail,) = some(1)
    put(runtime, one, ids["Trash"], [mail])
    take_all_in(runtime)
    put(runtime, one, ids["Inbox"], [mail])  # no trash after all
    put(runtime, one, ids["Sent"], [mail])  # and it was sent
    assert take_all_in(runtime) == 1
    found = browse.page(runtime, Question((one,), search="reuniao"))
    assert list(found.rows["direction"]) == ["sent"]


def test_the_worker_takes_in_what_waits_until_it_is_stopped(runtime: Runtime) -> None:
    one = connected(runtime)
    inbox = listed(runtime, one, "Inbox")["Inbox"]
    put(runtime, one, inbox, some(30))
    stopped = Indexer(runtime.engine, stopping=lambda: True)
    stopped.tick()
    assert browse.waiting(runtime) == 30
    Indexer(runtime.engine, stopping=lambda: False).tick()
    assert browse.waiting(runtime) == 0
    assert browse.count(runtime, Question((one,), search="reuniao")).found == 30


def test_words_are_found_by_beginning_and_by_any_part(runtime: Runtime) -> None:
    with writing(runtime.engine) as conn:
        known = Vocabulary()
        known.add(conn, ["ana", "anais", "banana", "李小龍"], {"banana", "李小龍"})
        known.add(conn, ["ana", "mariana"], {"ana", "mariana"})
        assert sorted(vocabulary.beginning_with(conn, "ana", 9) or []) == [
            "ana",
            "anais",
        ]
        assert vocabulary.beginning_with(conn, "ana", 1) is None
        assert vocabulary.beginning_with(conn, "x", 9) == []
        assert vocabulary.holding(conn, "ana", 9) == ["ana", "banana", "mariana"]
        assert vocabulary.holding(conn, "ana", 2) is None
        assert vocabulary.holding(conn, "李小龍", 9) == ["李小龍"]
        assert vocabulary.holding(conn, "nan", 9) == ["banana"]
        with pytest.raises(ValueError, match="at least"):
            vocabulary.holding(conn, "an", 9)


def test_a_folder_of_another_mailbox_gives_nothing(runtime: Runtime) -> None:
    one, other = connected(runtime, "A"), connected(runtime, "B")
    theirs = listed(runtime, other, "Inbox", "Private")["Private"]
    put(runtime, other, theirs, some(3))
    for search in ("", "reuniao"):
        question = Question((one,), folder_id=theirs, search=search)
        assert browse.page(runtime, question).rows.empty
        assert browse.count(runtime, question).found == 0
    take_all_in(runtime)
    assert browse.count(runtime, Question((one,), theirs, "reuniao")).found == 0


def test_words_of_many_mailboxes_are_those_of_the_mailboxes_asked_for(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.store.walks.APART_MOST", 1)
    boxes = [letters_put(runtime, name, [(1, [])]) for name in "ABC"]
    take_all_in(runtime)
    for search in ("conceicao", ""):
        asked = Question(tuple(boxes[:2]), search=search)
        assert browse.count(runtime, asked).found == 2
        assert (
            browse.count(runtime, replace(asked, integrations=tuple(boxes))).found == 3
        )


def test_a_message_that_lies_twice_in_a_folder_hides_none(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.store.pages.FIRST_CHUNK", 2)
    one = connected(runtime)
    inbox = listed(runtime, one, "Inbox")["Inbox"]
    both = some(8)
    put(runtime, one, inbox, [*both, *(f._replace(uid=f.uid + 50) for f in both)])
    found, page = [], browse.page(runtime, Question((one,), inbox), size=1)
    while True:
        found += list(page.rows["message_id"])
        if not page.older:
            break
        page = browse.page(runtime, Question((one,), inbox), before=page.older, size=1)
    assert len(found) == 8
    assert all(newer > older for newer, older in pairwise(found))

"""A search finds what a plain scan finds: ten thousand questions, drawn at random.

Each world of mailboxes is read, indexed in part, changed, and asked many questions; the
second half of them with a store that takes small steps, so that every way is gone.
"""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from core import browse
from core.browse import Filters, Question
from core.model import Kind
from core.positions import END, key_of
from core.question import wanted
from core.runtime import Runtime
from core.store import matching, pages, walks, word_walks
from core.store.engine import reading
from core.store.walks import Reach
from tests.store.mail_drawn import DOMAINS, LOCALS, NAMES, SUBJECT, World
from tests.store.scan import Asked, Sought, scan

pytestmark = pytest.mark.slow

WORLDS, QUESTIONS = 20, 500
PAGED = 50  # one question in so many goes through the pages that people see
NAMES_OF_PARTS = {
    "any": [""], "subject": ["subject:", "assunto:", "SUBJECT:"],
    "sender": ["from:", "de:"], "recipients": ["to:", "para:", "cc:"],
    "domain": ["domain:", "dominio:", "domínio:"],
}  # fmt: skip
STATES = ("unread", "flagged", "answered", "attachment", "replied", "threaded")
ZONES = ("UTC", "America/Sao_Paulo", "Asia/Tokyo")


def question_of(asked: Asked, drawn: random.Random) -> Question:
    """Write what is asked for as a person would, typed or chosen."""
    typed = [_typed(one, drawn) for one in asked.sought]
    drawn.shuffle(typed)
    filters = Filters(
        since=asked.since, until=asked.until, direction=asked.direction,
        kinds=asked.kinds, from_address=asked.from_address,
        larger_bytes=asked.larger, smaller_bytes=asked.smaller,
        **{name: getattr(asked, name) for name in STATES},
    )  # fmt: skip
    return Question(asked.boxes, asked.folder, " ".join(typed), filters, asked.zone)


def drawn_question(world: World, drawn: random.Random) -> Asked:  # noqa: C901 - flat
    """Draw what is asked for; much of it is there to be found."""
    boxes = tuple(drawn.sample(world.boxes, drawn.choice([1, 1, 2, 3])))
    asked = Asked(boxes, _sought(world, drawn), zone=drawn.choice(ZONES))
    changes: dict[str, Any] = {}
    if drawn.random() < 0.2:
        home = drawn.choice(world.boxes)  # it may be another's: then nothing is there
        changes["folder"] = drawn.choice(list(world.folders[home].values()))
    if drawn.random() < 0.15:
        changes["since"] = date(2026, 3, 1) + timedelta(drawn.randrange(-1, 6))
    if drawn.random() < 0.15:
        changes["until"] = date(2026, 3, 1) + timedelta(drawn.randrange(-1, 6))
    if drawn.random() < 0.1:
        changes["direction"] = drawn.choice(["sent", "received"])
    if drawn.random() < 0.1:
        some = drawn.sample(list(Kind), drawn.choice([1, 2]))
        changes["kinds"] = tuple(map(str, some))
    if drawn.random() < 0.05:
        changes["from_address"] = drawn.choice(
            list(world.known.values())
        ).sender.address
    for name in STATES:
        if drawn.random() < 0.08:
            changes[name] = drawn.choice([True, True, False])
    sizes = [1, 900, 1023, 1024, 1025, 4999, 5000, 1 << 20, (1 << 20) + 1]
    if drawn.random() < 0.08:
        changes["larger"] = drawn.choice(sizes)
    if drawn.random() < 0.08:
        changes["smaller"] = drawn.choice(sizes)
    return replace(asked, **changes)


def _typed(one: Sought, drawn: random.Random) -> str:
    minus = "-" if one.unwanted else ""
    name = drawn.choice(NAMES_OF_PARTS[one.part])
    return f'{minus}{name}"{one.text}"' if one.quoted else f"{minus}{name}{one.text}"


def _sought(world: World, drawn: random.Random) -> tuple[Sought, ...]:
    count = drawn.choice([0, 1, 1, 1, 1, 2, 2, 3])
    found = (_one_sought(world, drawn) for _ in range(count))
    return tuple(one for one in found if one is not None)


def _one_sought(world: World, drawn: random.Random) -> Sought | None:
    part = drawn.choice(list(NAMES_OF_PARTS))
    quoted, unwanted = drawn.random() < 0.25, drawn.random() < 0.2
    text = _text(world, drawn, part)
    if drawn.random() < 0.3:
        text = drawn.choice([str.upper, str.lower, str.title, str.swapcase])(text)
    text = text.replace('"', "")
    if not quoted:  # words that stand alone, and are not taken for an operator
        text = drawn.choice(text.split() or ["x"])
        text = text.lstrip("-").replace(":", "")
    return Sought(part, text, quoted=quoted, unwanted=unwanted) if text else None


def _text(world: World, drawn: random.Random, part: str) -> str:
    one = drawn.choice(list(world.known.values()))
    if drawn.random() < 0.2:
        return drawn.choice([*SUBJECT, *NAMES, *LOCALS, *DOMAINS, "nowhere", "zzz"])
    people = (one.sender, *one.to, *one.copied)
    who = drawn.choice(people)
    if part == "domain":
        labels = who.domain.split(".")
        text = ".".join(labels[drawn.randrange(len(labels)) :])
        return drawn.choice(["", "@", "."]) + text
    in_subject = part == "subject" or (part == "any" and drawn.random() < 0.5)
    text = (
        one.subject if in_subject else drawn.choice([who.shown, who.name, who.address])
    )
    pieces = text.split()
    if pieces and drawn.random() < 0.7:
        first = drawn.randrange(len(pieces))
        text = " ".join(pieces[first : first + drawn.choice([1, 1, 2, 3])])
    return _cut(text, drawn)


def _cut(text: str, drawn: random.Random) -> str:
    match drawn.randrange(4):
        case 0:
            return text[: drawn.randrange(1, 12)]
        case 1:
            return text[drawn.randrange(4) :]
        case 2:
            return text[drawn.randrange(4) :][: drawn.randrange(1, 8)]
    return text


def found(
    runtime: Runtime, question: Question, size: int, *, newest: bool
) -> list[int]:
    """Go all the way in steps of a size; give ids in the order in which they came."""
    asked = wanted(question)
    reach, out = Reach(-1, END, newest), []
    with reading(runtime.engine) as conn:
        while True:
            step = pages.find(conn, asked, reach, size)
            out += step.positions
            if step.seen_to is None:
                return [key_of(position)[1] for position in out]
            reach = reach.after(step.seen_to)


def through_pages(runtime: Runtime, question: Question, size: int) -> list[int]:
    """Turn all pages as a person does; and back again, which must show the same."""
    out: list[int] = []
    shown = browse.page(runtime, question, size=size)
    while True:
        ids = [int(one) for one in shown.rows["message_id"]]
        if out and ids[:1] == out[:1]:
            break  # nothing was left: that is the first page again
        out += ids
        if not shown.older:
            break
        shown = browse.page(runtime, question, before=shown.older, size=size)
    back = out[-len(ids) :] if ids and ids[:1] != out[:1] else list(out)
    while shown.newer:
        shown = browse.page(runtime, question, after=shown.newer, size=size)
        ids = [int(one) for one in shown.rows["message_id"]]
        back = [*(one for one in ids if one not in back), *back]
    assert back == out
    return out


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let few messages be many, so that long ways are gone in small mailboxes."""
    monkeypatch.setattr(pages, "PROBE", 4)
    monkeypatch.setattr(matching, "WORDS_MOST", 2)
    monkeypatch.setattr(matching, "ENDS_MOST", 1)
    monkeypatch.setattr(word_walks, "SAMPLE", 8)
    monkeypatch.setattr(word_walks, "FAR", 50)
    monkeypatch.setattr(word_walks, "KEPT", 6)
    monkeypatch.setattr(walks, "MOST_OF", 2)
    monkeypatch.setattr(pages, "FIRST_CHUNK", 3)
    monkeypatch.setattr(pages, "CHUNK", 5)
    monkeypatch.setattr(pages, "SCAN_MOST", 17)


def ask(world: World, drawn: random.Random, count: int) -> None:
    """Ask so many questions of a world; every answer must be the scan's."""
    everything = list(world.known.values())
    for number in range(count):
        asked = drawn_question(world, drawn)
        question = question_of(asked, drawn)
        expected = scan(everything, asked)
        size = drawn.randrange(4, 60)
        told = (question, asked)
        assert found(world.runtime, question, size, newest=True) == expected, told
        if number % 5 == 0:
            back = found(world.runtime, question, size, newest=False)
            assert back == expected[::-1], told
            counted = browse.count(world.runtime, question)
            assert counted.found <= len(expected), told
            assert not counted.exact or counted.found == len(expected), told
        if number % PAGED == 0:
            shown = through_pages(world.runtime, question, 2 + size)
            assert shown == expected, told


ON_BOTH = [("sqlite", seed) for seed in range(WORLDS)] + [
    ("postgresql", seed) for seed in (3, WORLDS - 3)
]
FIRST = [one for one in ON_BOTH if one[1] < WORLDS // 2]
SECOND = [one for one in ON_BOTH if one[1] >= WORLDS // 2]


@pytest.mark.parametrize(("database_url", "seed"), FIRST, indirect=["database_url"])
def test_a_search_finds_what_a_scan_finds(runtime: Runtime, seed: int) -> None:
    drawn = random.Random(seed)
    ask(World(runtime, drawn, "Owner"), drawn, QUESTIONS)


@pytest.mark.parametrize(("database_url", "seed"), SECOND, indirect=["database_url"])
@pytest.mark.usefixtures("small_steps")
def test_so_it_does_in_small_steps(runtime: Runtime, seed: int) -> None:
    drawn = random.Random(seed)
    ask(World(runtime, drawn, "Owner"), drawn, QUESTIONS)

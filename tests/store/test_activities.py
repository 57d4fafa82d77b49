"""The panel of activities: states in the reader's day, pages by key, changes."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, update

from core.activities import (
    OPEN,
    Draft,
    Page,
    Question,
    State,
    change,
    create,
    delete,
    draft_of,
    has_mail,
    import_demo,
    mark_done,
    owners,
    panel,
    sender_for,
)
from core.errors import BadInput, NotFound
from core.outgoing import Recipient
from core.planned import cleaned
from core.runtime import Runtime
from core.store import activities as store, outbox
from core.store.engine import reading, writing
from core.store.schema import activity, audit
from core.templates import listed
from tests.store.building import connected

TODAY = date(2026, 3, 10)
ONE = Draft("call", "Retorno", "Bia", "", "Açaí", "Ana", TODAY)


def fill(runtime: Runtime, count: int) -> None:
    """Store activities of three owners, on days around today."""
    chance = random.Random(7)
    drafts = [
        Draft(
            chance.choice(("email", "call", "visit")),
            f"Assunto {n}",
            f"Contato {n % 13}",
            f"c{n}@x.example",
            "",
            chance.choice(("Ana", "Bia", "Íris")),
            TODAY + timedelta(days=chance.randint(-5, 5)),
        )
        for n in range(count)
    ]
    with writing(runtime.engine) as conn:
        store.add(conn, [cleaned(one) for one in drafts], runtime.clock())


def ids(page: Page) -> list[int]:
    return [int(one) for one in page.rows["id"]]


def only(runtime: Runtime) -> int:
    (found,) = ids(panel(runtime, Question(TODAY, "all")))
    return found


def acts(runtime: Runtime) -> list[tuple[str, dict[str, str]]]:
    with reading(runtime.engine) as conn:
        rows = conn.execute(select(audit.c.act, audit.c.facts).order_by(audit.c.id))
        return [(row[0], row[1]) for row in rows]


@pytest.mark.parametrize("state", ["open", "all", "late", "upcoming"])
def test_every_page_by_key_is_every_activity_once(runtime: Runtime, state: str) -> None:
    fill(runtime, 730)
    asked = Question(TODAY, state)
    first = panel(runtime, asked)
    seen, page = ids(first), first
    while page.next:
        page = panel(runtime, replace(asked, after=page.next))
        seen += ids(page)
    assert len(seen) == len(set(seen)) == first.count
    days = [sender_for(runtime, one)[0].due_on for one in seen]
    assert days == sorted(days, reverse=state == "all")
    back = ids(page)
    while page.previous:
        page = panel(runtime, replace(asked, before=page.previous))
        back = ids(page) + back
    assert back == seen
    assert not first.previous


def test_states_are_counted_in_the_readers_day_and_each_once(runtime: Runtime) -> None:
    fill(runtime, 200)
    everything = ids(panel(runtime, Question(TODAY, "all")))
    mark_done(runtime, everything[0], "test")
    with writing(runtime.engine) as conn:
        answered = activity.c.id.in_(everything[1:4])
        at = datetime(2026, 3, 9, tzinfo=UTC)
        conn.execute(update(activity).where(answered).values(answered_at=at))
    for today in (TODAY, TODAY + timedelta(days=1)):
        counts = panel(runtime, Question(today)).counts
        assert sum(counts.values()) == 200
        assert (counts[State.DONE], counts[State.ANSWERED]) == (1, 3)
        for state in State:
            shown = panel(runtime, Question(today, str(state)))
            assert shown.count == counts[state]
            assert set(shown.rows["state"]) <= {str(state)}
    before = panel(runtime, Question(TODAY)).counts[State.LATE]
    assert (
        panel(runtime, Question(TODAY + timedelta(days=1))).counts[State.LATE] > before
    )


def test_search_model_and_owner_narrow_what_is_counted(runtime: Runtime) -> None:
    fill(runtime, 100)
    create(runtime, replace(ONE, company="50% Açaí", owner="Íris"), "test")
    for search in ("50% AÇAÍ", "açaí iris", "retorno BIA"):
        found = panel(runtime, Question(TODAY, search=search))
        assert [found.count, sum(found.counts.values())] == [1, 1]
    assert panel(runtime, Question(TODAY, search="5_%")).count == 0
    named = owners(runtime)
    assert list(named.values()) == ["Ana", "Bia", "Íris"]
    by_owner = [panel(runtime, Question(TODAY, owner_id=one)).count for one in named]
    assert sum(by_owner) == panel(runtime, Question(TODAY)).count == 101
    calls = panel(runtime, Question(TODAY, model="call"))
    assert set(calls.rows["model"]) == {"call"}


@pytest.mark.parametrize(
    "key",
    ["x", "20260310", "20269999.1", "20260310.99999999999", "٢٠٢٦٠٣١٠.1", ".", "1.1"],
)
def test_a_key_that_cannot_be_read_shows_the_first_page(
    runtime: Runtime, key: str
) -> None:
    create(runtime, ONE, "test")
    assert panel(runtime, Question(TODAY, after=key)).count == 1
    assert len(panel(runtime, Question(TODAY, after=key)).rows) == 1


def test_a_page_that_is_there_no_more_is_the_first_one(runtime: Runtime) -> None:
    create(runtime, ONE, "test")
    assert ids(panel(runtime, Question(TODAY, after="20991231.5")))
    assert ids(panel(runtime, Question(TODAY, before="20000101.5")))


def test_what_is_changed_is_in_the_audit_log(runtime: Runtime) -> None:
    create(runtime, ONE, "test")
    one = only(runtime)
    now = replace(ONE, contact="  Íris ", due_on=TODAY + timedelta(days=1))
    assert change(runtime, one, now, "Ana")
    assert not change(runtime, one, now, "Ana")
    row, _ = sender_for(runtime, one)
    assert draft_of(row) == replace(now, contact="Íris")
    told = {
        "id": str(one),
        "contact": "Bia → Íris",
        "due_on": "2026-03-10 → 2026-03-11",
    }
    assert acts(runtime)[-1] == ("change_activity", told)


def test_the_owner_of_an_activity_may_be_changed(runtime: Runtime) -> None:
    create(runtime, ONE, "test")
    assert change(runtime, only(runtime), replace(ONE, owner="Rui"), "test")
    assert sender_for(runtime, only(runtime))[0].owner == "Rui"


def test_an_activity_does_not_become_one_that_exists(runtime: Runtime) -> None:
    create(runtime, ONE, "test")
    one = only(runtime)
    assert create(runtime, replace(ONE, subject="Outro"), "test")
    with pytest.raises(BadInput, match="exists"):
        change(runtime, one, replace(ONE, subject="Outro", owner="ANA"), "test")
    assert sender_for(runtime, one)[0].subject == "Retorno"
    assert not create(runtime, replace(ONE, owner="ana"), "test")


def test_an_activity_without_mail_is_deleted_and_one_with_mail_stays(
    runtime: Runtime,
) -> None:
    create(runtime, ONE, "test")
    one = only(runtime)
    integration_id, now = connected(runtime), runtime.clock()
    values = {
        "integration_id": integration_id, "activity_id": one, "actor": "test",
        "message_id": "<1@x.example>", "sender": "", "sender_address": "a@x.example",
        "subject": "", "smtputf8": False, "bulk": False, "made_at": now,
        "not_before": now, "next_at": now,
    }  # fmt: skip
    with writing(runtime.engine) as conn:
        mail_id = outbox.add(conn, values, b"x", [Recipient("b@x.example")])
    assert has_mail(runtime, one)
    assert not delete(runtime, one, "test")
    assert outbox_has(runtime, mail_id)
    create(runtime, replace(ONE, subject="Outro"), "test")
    other = next(i for i in ids(panel(runtime, Question(TODAY, "all"))) if i != one)
    assert delete(runtime, other, "test")
    assert acts(runtime)[-1][0] == "delete_activity"
    assert acts(runtime)[-1][1]["subject"] == "Outro"
    with pytest.raises(NotFound):
        delete(runtime, other, "test")


def outbox_has(runtime: Runtime, mail_id: int) -> bool:
    with reading(runtime.engine) as conn:
        return outbox.get(conn, mail_id).activity_id is not None


def test_reopening_takes_back_that_it_was_answered(runtime: Runtime) -> None:
    create(runtime, ONE, "test")
    one = only(runtime)
    with writing(runtime.engine) as conn:
        conn.execute(update(activity).values(answered_at=runtime.clock()))
    mark_done(runtime, one, "test", done=False)
    assert panel(runtime, Question(TODAY)).count == 1


def test_the_demo_brings_templates_that_its_activities_name(runtime: Runtime) -> None:
    assert import_demo(runtime, "test") == 15
    assert import_demo(runtime, "test") == 0
    shown = panel(runtime, Question(runtime.clock().date()))
    names = {one.name for one in listed(runtime)}
    assert set(shown.rows["template"]) - {""} <= names
    assert len(names) == 3
    assert all(shown.counts[one] for one in OPEN)

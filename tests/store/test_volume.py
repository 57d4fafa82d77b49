"""The volume page's numbers against the messages themselves, on both databases."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update

from core import volume, volume_parts
from core.clock import to_ms
from core.metrics import Against, Days, Step
from core.model import Fetched, Flags, Kind, Role
from core.runtime import Runtime
from core.scopes import ALL, Scope
from core.store.engine import writing
from core.store.schema import integration
from core.volume import Question
from core.volume_parts import By
from tests.store.building import START, connected, listed, made, put, some
from tests.store.mailbox_made import take_all_in

KATHMANDU = ZoneInfo("Asia/Kathmandu")
MARCH = Days(date(2026, 3, 1), date(2026, 3, 31))


@pytest.fixture
def two(runtime: Runtime) -> tuple[int, int]:
    """Fill two mailboxes, an hour between messages."""
    ids = []
    for n, owner in enumerate(("Ana", "Bia")):
        one = connected(runtime, owner, f"me{n}@example.org")
        folders = listed(runtime, one, "Inbox", "Sent", "Junk", "Projects", "Old")
        put(runtime, one, folders["Inbox"], some(100 + 50 * n))
        put(runtime, one, folders["Sent"], some(20, first=300, identity=f"s{n}"))
        put(runtime, one, folders["Junk"], some(5, first=400))
        put(runtime, one, folders["Projects"], some(7, first=500))
        put(runtime, one, folders["Old"], some(9, first=600))
        ids.append(one)
    take_all_in(runtime)
    return ids[0], ids[1]


def asked(scope: Scope, days: Days = MARCH, **more: object) -> Question:
    return Question(scope, days, KATHMANDU, **more)  # type: ignore[arg-type]  # by name


def test_every_scope_is_the_sum_of_its_mailboxes(
    runtime: Runtime, two: tuple[int, int]
) -> None:
    everybody, ana, bia = (
        volume.counted(runtime, asked(Scope(one)), Against.NONE).steps
        for one in (0, *two)
    )
    assert ana["received"].sum() == 116
    assert list(everybody["received"]) == list(ana["received"] + bia["received"])
    assert list(everybody["sent_bytes"]) == list(ana["sent_bytes"] + bia["sent_bytes"])
    naive = Counter(
        (START + timedelta(hours=uid)).astimezone(KATHMANDU).date()
        for uid in (*range(1, 101), *range(500, 507), *range(600, 609))
    )
    shown = ana[ana["received"] > 0]
    assert dict(zip(shown["start"].dt.date, shown["received"], strict=True)) == naive


def test_what_was_set_aside_is_a_choice(runtime: Runtime, two: tuple[int, int]) -> None:
    junk = asked(Scope(two[0]), asides=("junk",))
    assert volume.counted(runtime, junk, Against.NONE).steps["received"].sum() == 5


@pytest.mark.usefixtures("two")
def test_a_long_period_is_read_in_pieces(runtime: Runtime) -> None:
    days = Days(date(2024, 1, 1), date(2026, 12, 31))
    found = volume.counted(runtime, asked(ALL, days, step=Step.MONTH), Against.NONE)
    short = volume.counted(runtime, asked(ALL), Against.NONE)
    assert len(found.steps) == 36
    assert found.steps["received"].sum() == short.steps["received"].sum()
    assert found.daily["start"].iloc[0].date() == date(2023, 12, 26)


def test_a_folder_and_a_role(runtime: Runtime, two: tuple[int, int]) -> None:
    folders = listed(runtime, two[0], "Inbox", "Sent", "Junk", "Projects", "Old")
    one = asked(Scope(two[0]), folder_id=folders["Projects"])
    assert volume.counted(runtime, one, Against.NONE).steps["received"].sum() == 7
    others = asked(Scope(two[0]), role=Role.OTHER)
    assert volume.counted(runtime, others, Against.NONE).steps["received"].sum() == 16
    drafts = asked(Scope(two[0]), role=Role.DRAFTS)
    assert volume.counted(runtime, drafts, Against.NONE).nothing
    assert volume.roles(runtime, two[0]) == [
        Role.INBOX, Role.SENT, Role.JUNK, Role.OTHER,
    ]  # fmt: skip


def test_a_period_is_compared_with_what_is_held_only(
    runtime: Runtime, two: tuple[int, int]
) -> None:
    days = Days(date(2026, 3, 3), date(2026, 3, 4))
    found = volume.counted(runtime, asked(Scope(two[0]), days), Against.BEFORE)
    assert found.changes["received"].now == 48
    assert found.changes["received"].before is not None
    assert found.compared == Days(date(2026, 3, 1), date(2026, 3, 2))
    assert found.held_since == date(2026, 3, 1)
    year = volume.counted(runtime, asked(Scope(two[0]), days), Against.YEAR)
    assert year.compared is None
    assert year.changes["received"].share is None


@pytest.mark.parametrize("last", [date(2026, 3, 3), date(2026, 3, 31)])
@pytest.mark.usefixtures("two")
def test_mailboxes_are_told_apart_to_the_quarter(runtime: Runtime, last: date) -> None:
    days = Days(date(2026, 3, 3), last)
    told = volume_parts.largest(runtime, asked(ALL, days), By.MAILBOX)
    assert told.of == 2
    for row in told.rows.to_dict("records"):
        one = volume.counted(
            runtime, asked(Scope(int(row["scope"])), days), Against.NONE
        )
        for name in ("received", "sent", "received_bytes", "sent_bytes"):
            assert row[name] == one.steps[name].sum()
    assert told.rows["share"].sum() == pytest.approx(1)
    assert "me" in told.rows["name"].iloc[0]


@pytest.mark.usefixtures("two")
def test_too_much_to_tell_apart_is_said(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(volume_parts, "MOST", 20)
    told = volume_parts.largest(runtime, asked(ALL), By.MAILBOX)
    assert told.rows.empty
    assert told.days_most == 10


def test_unread_mail_by_age(runtime: Runtime) -> None:
    one = connected(runtime)
    folders = listed(runtime, one, "Inbox", "Archive")
    inbox, archive = folders["Inbox"], folders["Archive"]
    today = runtime.clock().astimezone(KATHMANDU).date()
    noon = volume.midnight(today, KATHMANDU) + timedelta(seconds=1)
    ages = [0, 1, 2, 3, 7, 8, 30, 31, 400]
    unread = [letter(n, noon - timedelta(days=days)) for n, days in enumerate(ages, 1)]
    seen = letter(50, noon, Flags.SEEN)
    mine = letter(51, noon, 0, from_address="me@example.org")
    put(runtime, one, inbox, [*unread, seen, mine])
    put(runtime, one, inbox, [unread[0]._replace(uid=60)])  # a copy
    put(runtime, one, archive, [letter(70, noon)])
    found = volume.backlog(runtime, Scope(one), KATHMANDU)
    assert found.ages == {"today": 1, "two_days": 2, "week": 2, "month": 2, "older": 2}
    assert found.unread == 9


def test_unread_mail_of_many_is_what_servers_state(
    runtime: Runtime, two: tuple[int, int]
) -> None:
    with writing(runtime.engine) as conn:
        conn.execute(update(integration).values(unread=integration.c.id * 10))
    found = volume.backlog(runtime, ALL, KATHMANDU)
    assert found == volume.Backlog(10 * sum(two), 2, None)


def letter(uid: int, at: datetime, flags: int = 0, **more: object) -> Fetched:
    ms = to_ms(at)
    one = made(
        identity=f"u{uid}", written_ms=ms, received_ms=ms, kind=Kind.PERSON, **more
    )
    return Fetched(uid, int(flags), one)

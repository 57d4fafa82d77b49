"""Numbers for analysts: as a plain recount of the messages gives them."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from sqlalchemy import select

from core.analysis import Malote, numbers
from core.columns import CORRESPONDENTS, RESPONSES, VOLUME, WAITING
from core.domains import addresses_in, registered_of
from core.errors import BadInput
from core.metrics import DEFAULT_ASIDES, DEFAULT_KINDS
from core.runtime import Runtime
from core.store import calendars
from core.store.engine import reading
from core.store.frames import frame
from core.store.schema import integration, message, owner
from tests.store.responses_drawn import Mail

FIRST, LAST = date(2026, 3, 3), date(2026, 5, 5)  # some of it lies before, some after
PLACES = (
    # Clocks change by an hour in March; are half an hour, or three quarters, from UTC.
    "America/New_York", "America/Sao_Paulo", "Asia/Kathmandu", "Australia/Lord_Howe",
)  # fmt: skip
KEYS = ["team", "integration_id"]


@pytest.fixture
def malote(runtime: Runtime) -> Malote:
    """Give mailboxes with conversations of some months: two of a team, and one."""
    Mail(runtime, seed=8).arrive()
    return Malote(runtime.engine)


def held(malote: Malote) -> list[dict[str, Any]]:
    """Give what is counted by default, straight from the messages."""
    m = message.c
    query = (
        select(
            m.id, m.integration_id, owner.c.team, m.at, m.direction, m.size_bytes,
            m.from_address, m.recipients, m.copied, integration.c.address,
        )
        .join(integration, integration.c.id == m.integration_id)
        .join(owner)
        .where(m.kind.in_(DEFAULT_KINDS), m.aside.in_(DEFAULT_ASIDES))
    )  # fmt: skip
    with reading(malote._engine) as conn:
        found = frame(conn, query).to_dict("records")
    return [{str(name): value for name, value in one.items()} for one in found]


def day_of(one: dict[str, Any], zone: str, step: str) -> date:
    day: date = one["at"].to_pydatetime().astimezone(ZoneInfo(zone)).date()
    if step == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if step == "month" else day


def recounted(messages: list[dict[str, Any]], zone: str, step: str, by: str) -> Any:
    true: Counter[tuple[Any, ...]] = Counter()
    for one in messages:
        if FIRST <= day_of(one, zone, "day") <= LAST:
            mailbox = one["integration_id"] if by == "mailbox" else None
            key = (day_of(one, zone, step), one["team"] if by else "", mailbox)
            true[(*key, one["direction"])] += 1
            true[(*key, f"{one['direction']}_bytes")] += one["size_bytes"]
    return true


def test_volume_is_a_recount(malote: Malote) -> None:
    messages = held(malote)
    steps, parts = ("hour", "day", "week", "month"), ("", "team", "mailbox")
    for zone, step, by in product(PLACES, steps, parts):
        found = malote.volume(FIRST, LAST, zone=zone, step=step, by=by)
        assert dict(found.dtypes) == dict(pd.Series(VOLUME))
        assert not found.duplicated([*KEYS, "start"]).any()
        told: Counter[tuple[Any, ...]] = Counter()
        for row in found.to_dict("records"):
            of = None if pd.isna(row["integration_id"]) else row["integration_id"]
            for name in ("received", "sent", "received_bytes", "sent_bytes"):
                told[(row["day"].date(), row["team"], of, name)] += row[name]
        assert +told == recounted(messages, zone, step, by)


def test_every_hour_has_a_row_those_that_come_twice_two(malote: Malote) -> None:
    new_york = "America/New_York"
    spring = malote.volume(
        date(2026, 3, 8), date(2026, 3, 8), zone=new_york, step="hour"
    )
    autumn = malote.volume(
        date(2026, 11, 1), date(2026, 11, 1), zone=new_york, step="hour"
    )
    assert (len(spring), len(autumn)) == (23, 25)
    assert set(autumn["day"]) == {pd.Timestamp(2026, 11, 1)}
    assert (autumn["start"].diff().dropna() == pd.Timedelta(hours=1)).all()
    one = malote.volume(date(2026, 11, 1), date(2026, 11, 1), zone=new_york)
    assert one["start"][0].to_pydatetime() == datetime(2026, 11, 1, 4, tzinfo=UTC)


def test_whose_numbers_they_are(malote: Malote) -> None:
    ids = [int(one) for one in malote.integrations().sort_values("id")["id"]]
    of_team = malote.volume(FIRST, LAST, team="Sales")
    assert set(of_team["team"]) == {"Sales"}
    some = malote.volume(FIRST, LAST, integration=ids[:2])
    assert list(some["received"]) == list(of_team["received"])
    assert of_team["received"].sum() > 0
    alone = malote.volume(FIRST, LAST, team="")
    assert list(alone["sent"]) == list(
        malote.volume(FIRST, LAST, integration=ids[2])["sent"]
    )
    within = malote.volume(FIRST, LAST, internal=True)
    without = malote.volume(FIRST, LAST, internal=False)
    whole = malote.volume(FIRST, LAST)
    assert list(within["sent"] + without["sent"]) == list(whole["sent"])
    assert within["sent"].sum() > 0
    assert malote.volume(FIRST, LAST, integration=[])["sent"].sum() == 0
    teams = malote.teams()
    assert dict(zip(teams["team"], teams["mailboxes"], strict=True)) == {
        "": 1,
        "Sales": 2,
    }


@pytest.mark.parametrize(
    ("field", "wanted"),
    [
        ("team", {"team": "nobody"}),
        ("team", {"team": "Sales", "integration": 1}),
        ("by", {"by": "owner"}),
        ("step", {"step": "year"}),
        ("folder", {"folder": 1, "internal": True}),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_means_nothing_is_told(
    malote: Malote, field: str, wanted: dict[str, Any]
) -> None:
    with pytest.raises(BadInput) as told:
        malote.volume(FIRST, LAST, **wanted)
    assert told.value.field == field
    for ask in (
        lambda: malote.correspondents("person"),
        lambda: malote.correspondents(direction="up"),
        lambda: malote.responses(side="both"),
        lambda: malote.waiting(side="both"),
    ):
        with pytest.raises(BadInput):
            ask()


@pytest.mark.parametrize("what", ["address", "domain"])
@pytest.mark.parametrize("rows", [3, 2_000])
def test_correspondents_are_a_recount(
    malote: Malote, monkeypatch: pytest.MonkeyPatch, what: str, rows: int
) -> None:
    monkeypatch.setattr(numbers, "ROWS", rows)
    true: Counter[tuple[Any, ...]] = Counter()
    for one in held(malote):
        others = {one["from_address"]}
        if one["direction"] == "sent":
            others = {*addresses_in(one["recipients"]), *addresses_in(one["copied"])}
        others = {name.lower() for name in others} - {one["address"]}
        if what == "domain":
            others = {registered_of(name) for name in others}
        month = day_of(one, malote.zone(), "month")
        for name in others:
            true[(month, one["integration_id"], one["direction"], name)] += 1
    asked = malote.correspondents(what, by="mailbox")
    assert all(len(some) <= rows for some in asked)
    found = asked.frame()
    assert dict(found.dtypes) == dict(pd.Series(CORRESPONDENTS))
    names = ["month", "integration_id", "direction", "name"]
    keys = zip(found["month"].dt.date, *(found[n] for n in names[1:]), strict=True)
    assert dict(zip(keys, found["messages"], strict=True)) == dict(true)
    assert asked.frame(most=4).equals(found.head(4))


def test_correspondents_add_up(malote: Malote) -> None:
    parts = malote.correspondents(by="mailbox").frame()
    sums = parts.groupby(["name", "direction", "month"], observed=True)["messages"]
    for whole in (
        malote.correspondents().frame(),
        malote.correspondents(integration=list(malote.integrations()["id"])).frame(),
        malote.correspondents(by="team").frame(),
    ):
        found = whole.groupby(["name", "direction", "month"], observed=True)["messages"]
        assert found.sum().equals(sums.sum())
    march = malote.correspondents(
        first=date(2026, 3, 9), last=date(2026, 3, 9), direction="sent"
    ).frame()
    assert set(march["month"]) == {pd.Timestamp(2026, 3, 1)}
    assert set(march["direction"]) == {"sent"}


def test_responses_are_the_messages_they_name(
    malote: Malote, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(numbers, "ROWS", 7)
    asked = malote.responses()
    assert all(len(some) <= 7 for some in asked)
    found = asked.frame()
    assert dict(found.dtypes) == dict(pd.Series(RESPONSES))
    assert found["message_id"].is_unique
    assert set(found["side"]) == {"ours", "theirs"}
    mails = malote.messages().frame().set_index("message_id")
    with reading(malote._engine) as conn:
        calendar = calendars.kept(conn)
    answered = found.dropna(subset=["answer_id"])
    assert 10 < len(answered) < len(found)
    assert (
        found.loc[found["answer_id"].isna(), ["answered_at", "calendar_s"]]
        .isna()
        .all(axis=None)
    )
    for row in found.to_dict("records"):
        mail = mails.loc[row["message_id"]]
        sent = row["side"] == "theirs"
        assert (mail["at"], mail["direction"] == "sent") == (row["asked_at"], sent)
        assert row["whom"] == (mail["recipients"] if sent else mail["from_address"])
    for row in answered.to_dict("records"):
        answer = mails.loc[row["answer_id"]]
        assert answer["at"] == row["answered_at"]
        assert answer["direction"] != mails.loc[row["message_id"], "direction"]
        took = (row["answered_at"] - row["asked_at"]).total_seconds()
        assert row["calendar_s"] == max(took, 0)
        ends = (
            int(row[name].timestamp()) * 1000 for name in ("asked_at", "answered_at")
        )
        assert row["business_s"] == calendar.business_seconds(*ends)


def test_responses_of_some_days_sides_and_mailboxes(malote: Malote) -> None:
    every, zone = malote.responses().frame(), "Asia/Kathmandu"
    some = malote.responses(
        FIRST, FIRST + timedelta(30), side="ours", zone=zone
    ).frame()
    days = every["asked_at"].dt.tz_convert(zone).dt.date
    inside = (days >= FIRST) & (days <= FIRST + timedelta(30))
    assert set(some["message_id"]) == set(
        every[inside & (every["side"] == "ours")]["message_id"]
    )
    team = malote.responses(team="Sales").frame()
    assert set(team["team"]) == {"Sales"}
    assert len(team) == (every["team"] == "Sales").sum()
    assert malote.responses(integration=[]).frame().empty


def test_those_that_wait_the_oldest_first(malote: Malote) -> None:
    now = datetime(2026, 9, 1, tzinfo=UTC)
    every = malote.responses(side="theirs").frame()
    open_ones = every[every["answer_id"].isna()]
    found = malote.waiting(side="theirs", now=now)
    assert dict(found.dtypes) == dict(pd.Series(WAITING))
    assert set(found["message_id"]) == set(open_ones["message_id"])
    assert found["asked_at"].is_monotonic_increasing
    waited = (now - found["asked_at"]).dt.total_seconds()
    assert list(found["calendar_s"]) == list(waited)
    assert (found["business_s"] < found["calendar_s"]).all()
    assert malote.waiting(side="theirs", most=3)["message_id"].equals(
        found["message_id"].head(3)
    )
    team = malote.waiting(side="theirs", team="Sales")
    assert len(team) == (open_ones["team"] == "Sales").sum()

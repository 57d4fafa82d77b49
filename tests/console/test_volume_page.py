"""The volume page: its numbers, its link, and the way from a click to messages."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from streamlit.testing.v1 import AppTest

from console import volume_way
from core import volume
from core.i18n import Texts
from core.metrics import Against, Days, Step
from core.runtime import Runtime
from core.scopes import ALL, Scope
from core.volume import Question
from tests.console.conftest import visit, words
from tests.store.building import START, connected, listed, put, some
from tests.store.mailbox_made import take_all_in

ZONE = "America/Sao_Paulo"
MARCH = {"period": "custom", "from": "2026-03-01", "to": "2026-03-31"}
MARCH_DAYS = Days(date(2026, 3, 1), date(2026, 3, 31))


@pytest.fixture
def two(runtime: Runtime) -> tuple[int, int]:
    """Fill two mailboxes: 100 received and 20 sent each, 4 in the junk folder."""
    ids = []
    for n, owner in enumerate(("Ana", "Bia")):
        one = connected(runtime, owner, f"me{n}@example.org")
        folders = listed(runtime, one, "Inbox", "Sent", "Junk")
        put(runtime, one, folders["Inbox"], some(100))
        put(runtime, one, folders["Sent"], some(20, first=200))
        put(runtime, one, folders["Junk"], some(4, first=300))
        ids.append(one)
    take_all_in(runtime)
    return ids[0], ids[1]


def numbers(at: AppTest) -> list[str]:
    return [one.value for one in at.metric]


def said(at: AppTest, name: str) -> str:
    """Give a part of the link; a list of one until the page itself wrote it."""
    value = at.query_params[name]
    return value if isinstance(value, str) else value[0]


def test_everybody_is_shown_first(two: tuple[int, int]) -> None:
    at = visit("volume", **MARCH)
    assert not at.exception
    assert not at.error
    assert numbers(at)[:2] == ["200", "40"]
    one = visit("volume", of=str(two[0]), **MARCH)
    assert numbers(one)[:2] == ["100", "20"]


def test_a_link_of_a_mailbox_from_another_page(two: tuple[int, int]) -> None:
    at = visit("volume", integration=str(two[1]), **MARCH)
    assert numbers(at)[:2] == ["100", "20"]
    assert said(at, "of") == str(two[1])
    assert "integration" not in at.query_params


@pytest.mark.parametrize("language", ["pt_BR", "en"])
@pytest.mark.parametrize(
    ("step", "against"),
    [("hour", "before"), ("day", "year"), ("week", "none"), ("month", "before")],
)
@pytest.mark.usefixtures("two")
def test_every_step_in_every_language(language: str, step: str, against: str) -> None:
    at = visit("volume", language, step=step, against=against, **MARCH)
    assert not at.exception
    assert not at.error
    assert "chart." not in words(at)
    assert "volume." not in words(at)


def test_a_link_shows_the_same_again(two: tuple[int, int]) -> None:
    chosen = {"of": str(two[0]), "asides": "junk", "folder": "", **MARCH}
    at = visit("volume", **chosen)
    assert numbers(at)[0] == "104"
    assert at.pills(key="volume_asides").value == ["junk"]
    at.segmented_control(key="volume_step").set_value("week").run()
    at.segmented_control(key="volume_against").set_value("none").run()
    at.segmented_control(key="volume_internal").set_value("internal").run()
    assert said(at, "step") == "week"
    assert said(at, "against") == "none"
    assert said(at, "internal") == "internal"
    assert numbers(at)[:2] == ["0", "20"]
    at.segmented_control(key="volume_internal").set_value("external").run()
    assert numbers(at)[:2] == ["104", "0"]
    at.pills(key="volume_asides").set_value(["drafts"]).run()
    at.segmented_control(key="volume_internal").set_value("internal").run()
    at.pills(key="volume_kinds").set_value(["bounce"]).run()
    assert "Nenhuma mensagem" in words(at)


def test_a_folder_and_a_role_of_one_mailbox(two: tuple[int, int]) -> None:
    at = visit("volume", of=str(two[0]), folder="sent", **MARCH)
    assert numbers(at)[:2] == ["0", "20"]
    assert visit("volume", **MARCH).selectbox(key="volume_no_place").disabled
    at = visit("volume", of=str(two[0]), folder="999", **MARCH)
    assert "pasta" in words(at).lower()
    assert numbers(at)[:2] == ["100", "20"]


@pytest.mark.usefixtures("two")
def test_hours_of_a_long_period_are_days() -> None:
    at = visit("volume", step="hour", period="365")
    assert not at.exception
    assert at.segmented_control(key="volume_step").value == "day"


@pytest.mark.usefixtures("two")
def test_sums_are_compared_with_what_is_held_only() -> None:
    days = {"period": "custom", "from": "2026-03-04", "to": "2026-03-05"}
    at = visit("volume", **days)
    assert at.metric[0].delta.endswith("%")
    assert "Em comparação com 02/03/2026 a 03/03/2026" in words(at)
    at = visit("volume", against="year", **days)
    assert at.metric[0].delta == ""
    assert "Não há nada guardado" in words(at)


def test_mailboxes_are_told_apart(two: tuple[int, int]) -> None:
    at = visit("volume", **MARCH)
    told = at.dataframe[0].value
    assert list(told["scope"]) == [str(one) for one in two]
    assert list(told["received"]) == [100, 100]
    assert not visit("volume", of=str(two[0]), **MARCH).dataframe


def counted(runtime: Runtime, scope: Scope, step: Step) -> volume.Volume:
    question = Question(scope, MARCH_DAYS, ZoneInfo(ZONE), step)
    return volume.counted(runtime, question, Against.NONE)


def point(curve: int, index: int) -> dict[str, int]:
    return {"curve_number": curve, "point_index": index}


def test_bars_lead_to_their_messages(runtime: Runtime, two: tuple[int, int]) -> None:
    t = Texts("en", ZONE)
    found = counted(runtime, Scope(two[0]), Step.DAY)
    query = volume_way.bars_query(t, found, [point(0, 1)])
    assert query == {
        "integration": str(two[0]), "kinds": "person,list", "direction": "received",
        "since": "2026-03-02", "until": "2026-03-02",
    }  # fmt: skip
    shown = visit("messages", **query)
    expected = int(found.steps["received"].iloc[1])
    assert f"{expected} mensagens" in words(shown)
    several = volume_way.bars_query(t, found, [point(0, 1), point(1, 4), point(2, 9)])
    assert (several["since"], several["until"]) == ("2026-03-02", "2026-03-05")
    assert "direction" not in several
    assert volume_way.bars_query(t, found, [point(2, 9)]) == {}  # what was before
    assert volume_way.bars_query(t, found, []) == {}


@pytest.mark.usefixtures("two")
@pytest.mark.parametrize(
    ("step", "index", "since", "until"),
    [
        (Step.WEEK, 0, "2026-03-01", "2026-03-01"),  # cut by the period
        (Step.WEEK, 1, "2026-03-02", "2026-03-08"),
        (Step.MONTH, 0, "2026-03-01", "2026-03-31"),
    ],
)
def test_a_week_and_a_month_lead_to_their_days(
    runtime: Runtime, step: Step, index: int, since: str, until: str
) -> None:
    found = counted(runtime, ALL, step)
    query = volume_way.bars_query(Texts("en", ZONE), found, [point(1, index)])
    assert (query["since"], query["until"]) == (since, until)
    assert query["integration"] == "all"


def test_an_hour_and_a_cell_begin_with_their_messages(
    runtime: Runtime, two: tuple[int, int]
) -> None:
    t, zone = Texts("en", ZONE), ZoneInfo(ZONE)
    found = counted(runtime, Scope(two[0]), Step.HOUR)
    at = START + timedelta(hours=48)
    here = at.astimezone(zone)
    index = found.steps["start"].to_list().index(at)
    by_hour = volume_way.bars_query(t, found, [point(0, index)])
    # A week later there were no more messages received: it is the latest such day.
    cell = point(1, here.weekday() * 24 + here.hour)
    by_cell = volume_way.cell_query(t, found, "received", [cell])
    assert by_cell == by_hour
    shown = visit("messages", **by_cell)
    newest = shown.dataframe[0].value["date"].max()
    assert at <= newest < at + timedelta(hours=1)
    assert volume_way.cell_query(t, found, "received", [point(0, 3)]) == {}
    assert volume_way.cell_query(t, found, "sent", [point(1, 4 * 24)]) == {}

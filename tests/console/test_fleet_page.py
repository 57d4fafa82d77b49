"""The fleet page: what it shows, and that a link shows the same again."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from console.fleet_table import COLUMNS, SIGNS, age, columns
from console.widgets import NONE
from core import fleet
from core.fleet import Group, Question, Sort
from core.i18n import Texts
from core.model import State
from core.runtime import Runtime
from core.store import incidents, integrations
from core.store.engine import writing
from core.text import fold
from tests.console.conftest import visit, words
from tests.store.building import connected
from tests.store.fleet_made import fill

LIVE = 60 - 1  # of sixty made-up ones one has ended


@pytest.fixture
def sixty(runtime: Runtime) -> Runtime:
    """Make sixty integrations, some of them broken."""
    fill(runtime, 60, days=2)
    return runtime


def rows(at: AppTest) -> pd.DataFrame:
    assert not at.exception
    assert not at.error
    (table,) = at.dataframe
    shown: pd.DataFrame = table.value
    return shown


def heat(at: AppTest) -> dict[str, Any]:
    (chart,) = at.get("plotly_chart")
    traces: list[dict[str, Any]] = json.loads(chart.proto.spec)["data"]
    return traces[0]


def group(at: AppTest, name: str) -> str:
    return str(at.button(key=f"fleet_group_{name}").label)


@pytest.mark.parametrize(
    ("language", "said", "go"),
    [
        ("en", "No mailbox is connected", "Fleet"),
        ("pt_BR", "Nenhuma caixa conectada", "Todas as caixas"),
    ],
)
@pytest.mark.usefixtures("runtime")
def test_without_a_mailbox_it_says_so(language: str, said: str, go: str) -> None:
    at = visit("fleet", language)
    assert not at.exception
    assert not at.dataframe
    assert said in words(at)
    assert at.title[0].value == go
    assert at.get("page_link")


def test_one_mailbox_is_a_row_and_a_line_of_cells(runtime: Runtime) -> None:
    connected(runtime, "Ana", "ana@example.org")
    at = visit("fleet", "en")
    (row,) = rows(at).to_dict("records")
    assert (row["owner"], row["address"]) == ("Ana", "ana@example.org")
    assert row["state"] == "… Waiting"
    assert row["coverage"] == "Not yet read"
    assert (row["reason"], row["lag"]) == ("", "")
    assert heat(at)["y"] == ["ana@example.org"]


@pytest.mark.parametrize(
    ("language", "reason", "state", "counted"),
    [
        ("en", "No answer in time", "↻ Retrying", "Need a person **1**"),
        (
            "pt_BR", "Sem resposta a tempo", "↻ Tentando de novo",
            "Precisam de alguém **1**",
        ),
    ],
)  # fmt: skip
def test_sixty_are_shown_the_worst_first(
    sixty: Runtime, language: str, reason: str, state: str, counted: str
) -> None:
    del sixty
    at = visit("fleet", language)
    shown = rows(at)
    assert len(shown) == fleet.SIZE
    assert shown["state"].iloc[0].startswith("✕ ")
    assert (shown["state"].iloc[1], shown["reason"].iloc[1]) == (state, reason)
    assert shown["do"].iloc[1]
    assert group(at, "needs_person") == counted
    assert group(at, "all").endswith(f"**{LIVE}**")
    assert heat(at)["y"] == list(shown["address"])


def test_a_link_shows_page_filter_and_sort_again(sixty: Runtime) -> None:
    at = visit("fleet", "en", sort="owner", page="2")
    owners = [fold(owner) for owner in rows(at)["owner"]]
    assert owners == sorted(owners)
    assert len(rows(at)) == LIVE - fleet.SIZE
    assert f"51 to {LIVE} of {LIVE}" in words(at)
    at = visit("fleet", "en", state="warning", provider="uol")
    asked = Question(group=Group.WARNING, provider="uol")
    expected = fleet.page(sixty, asked, Texts("en").zone)
    assert list(rows(at)["address"]) == list(expected.rows["address"])
    assert 0 < len(rows(at)) < fleet.SIZE
    assert set(rows(at)["state"]) == {"! With warning"}
    assert at.selectbox(key="fleet_provider").value == "uol"
    at = visit("fleet", "en", q="lima", team="-")
    assert at.text_input(key="fleet_q").value == "lima"
    assert all("Lima" in owner for owner in rows(at)["owner"])


def test_ended_ones_are_shown_when_asked_for(sixty: Runtime) -> None:
    del sixty
    at = visit("fleet", "en", state="ended")
    assert set(rows(at)["state"]) == {f"{NONE} Disconnected"}


def test_what_a_link_says_wrongly_is_not_asked(sixty: Runtime) -> None:
    del sixty
    wrong = {"state": "happy", "sort": "luck", "page": "minus"}
    at = visit("fleet", "en", **wrong)
    assert len(rows(at)) == fleet.SIZE


def test_a_page_beyond_the_end_becomes_the_last_in_the_link_too(sixty: Runtime) -> None:
    del sixty
    at = visit("fleet", "en", page="99")
    assert len(rows(at)) == LIVE - fleet.SIZE
    assert at.query_params["page"] == "2"


def test_pages_are_turned_and_only_those_that_there_are(sixty: Runtime) -> None:
    del sixty
    at = visit("fleet", "en")
    assert [at.button(key=f"fleet_{x}").disabled for x in ("first", "previous")] == [
        1,
        1,
    ]
    at.button(key="fleet_next").click().run()
    assert at.query_params["page"] == "2"
    assert "Page 2 of 2" in words(at)
    assert at.button(key="fleet_last").disabled
    at.button(key="fleet_first").click().run()
    assert "page" not in at.query_params
    assert len(rows(at)) == fleet.SIZE


def test_totals_filter_when_pressed_and_begin_at_the_first_page(sixty: Runtime) -> None:
    del sixty
    at = visit("fleet", "en", page="2")
    at.button(key="fleet_group_warning").click().run()
    assert set(rows(at)["state"]) == {"! With warning"}
    assert at.query_params["state"] == "warning"
    assert "page" not in at.query_params
    at.button(key="fleet_group_all").click().run()
    assert "state" not in at.query_params


def test_a_search_that_finds_nothing_says_so_with_a_way_on(sixty: Runtime) -> None:
    del sixty
    at = visit("fleet", "pt_BR", state="paused")
    at.text_input(key="fleet_q").set_value("ninguém").run()
    assert not at.dataframe
    assert "Nenhuma caixa corresponde" in words(at)
    at.button(key="fleet_show_all").click().run()
    assert len(rows(at)) == fleet.SIZE
    assert not at.query_params


def test_filters_and_sort_are_written_into_the_link(sixty: Runtime) -> None:
    del sixty
    at = visit("fleet", "en", page="2")
    at.selectbox(key="fleet_sort").set_value("lag").run()
    assert len(rows(at)) == fleet.SIZE  # another order begins at its first page
    assert "page" not in at.query_params
    at.selectbox(key="fleet_provider").set_value("uol").run()
    at.selectbox(key="fleet_team").set_value("Vendas").run()
    link = {name: at.query_params[name] for name in at.query_params}
    assert link == {"provider": "uol", "sort": "lag", "team": "Vendas"}
    assert set(rows(at)["provider_name"]) == {fleet.provider_name("uol")}


def test_a_chosen_row_opens_its_sync(sixty: Runtime) -> None:
    at = visit("fleet", "en")
    first = fleet.page(sixty, Question(), Texts("en", "America/Sao_Paulo").zone)
    key = f"fleet-{hash(first.ids)}"
    selection = {"rows": [1], "columns": [], "cells": []}
    at.session_state[key] = {"selection": selection}
    at.run()
    assert at.query_params["integration"] == str(first.ids[1])


def test_texts_of_people_are_mere_text(runtime: Runtime) -> None:
    hostile = "<b>[x](http://evil.example)</b>"
    one = connected(runtime, f"Ana {hostile}", "ana@example.org")
    with writing(runtime.engine) as conn:
        integrations.change(conn, one, last_sync_at=runtime.clock())
        facts = {"folders": hostile, "n": "1"}
        incidents.observe(conn, one, "folder_vanished", runtime.clock(), **facts)
    at = visit("fleet", "en")
    assert rows(at)["owner"].iloc[0].endswith(hostile)
    assert hostile not in words(at)


def test_what_rows_are_sorted_by_is_in_sight() -> None:
    for sort in Sort:
        shown = columns(sort)
        assert sorted(shown) == sorted(COLUMNS)
        assert {*shown[:7]} >= {"state", "owner", "address", "reason"}
    assert columns(Sort.PROVIDER)[4] == "provider_name"
    assert columns(Sort.WORST) == COLUMNS


def test_every_state_has_its_sign() -> None:
    assert {str(state) for state in State} | {"waiting", "disconnected"} == set(SIGNS)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.4, "0 s"), (-3, "0 s"), (59, "59 s"), (60, "1 min"), (3599, "59 min"),
        (3600, "1 h"), (86_400 * 1200, "1,200 d"), (float("nan"), ""),
    ],
)  # fmt: skip
def test_an_age_is_short(seconds: float, said: str) -> None:
    assert age(Texts("en"), seconds) == said


@pytest.mark.parametrize("language", ["pt_BR", "en"])
def test_other_pages_lead_here_instead_of_showing_all(
    runtime: Runtime, language: str
) -> None:
    for number in range(51):
        connected(runtime, f"Owner {number:02}", f"owner{number:02}@example.org")
    for name, shown in (("start", 10), ("integrations", 50)):
        at = visit(name, language)
        assert not at.exception
        said = words(at)
        assert sum(f"owner{n:02}@example.org" in said for n in range(51)) == shown
        links = [link.proto.label for link in at.get("page_link")]
        assert Texts(language)("fleet.all_of_them", n=51) in links

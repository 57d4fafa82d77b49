"""The page of response times: its numbers, its links, and what it says of nothing."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pandas as pd
import pytest
from babel.dates import get_day_names
from streamlit.testing.v1 import AppTest

from console import response_charts
from console.response_charts import length, percent
from core import responses, scopes
from core.business import month_number
from core.clock import to_ms
from core.i18n import Texts
from core.model import Fetched
from core.responses import By, Question, Side
from core.runtime import Runtime
from core.store import integrations
from core.store.engine import writing
from tests.console.conftest import visit, words
from tests.store.building import connected, listed, made, put
from tests.store.mailbox_made import take_all_in

HOUR = 3_600_000
HOSTILE = "**Ana** [x](http://evil.example) <b>"


@pytest.fixture
def answered(runtime: Runtime) -> int:
    """Let ten people write, of whom eight are answered after 1, 2 … 8 hours."""
    return fill(runtime, "Ana", 8)


def fill(runtime: Runtime, owner: str, answers: int) -> int:
    address = f"{owner.lower()}@example.org"
    one = connected(runtime, owner, address)
    folders = listed(runtime, one, "Inbox", "Sent")
    begin = to_ms(runtime.clock()) - 20 * HOUR
    for n in range(1, 11):
        asked = {
            "identity": f"q{n}", "message_id": f"<q{n}@x>", "from_name": HOSTILE,
            "from_address": f"p{n}@acme.com.br", "recipients": address,
            "subject": f"{HOSTILE} {n}", "written_ms": begin, "received_ms": begin,
        }  # fmt: skip
        put(runtime, one, folders["Inbox"], [Fetched(n, 0, made(**asked))])
        at = begin + n * HOUR
        answer = {
            "identity": f"a{n}", "message_id": f"<a{n}@x>", "in_reply_to": f"<q{n}@x>",
            "from_address": address, "recipients": f"p{n}@acme.com.br",
            "written_ms": at, "received_ms": at,
        }  # fmt: skip
        if n <= answers:
            put(runtime, one, folders["Sent"], [Fetched(n, 0, made(**answer))])
    take_all_in(runtime)
    return one


def metrics(at: AppTest) -> dict[str, str]:
    assert not at.exception
    assert not at.error
    return {one.label: one.value for one in at.metric}


def charts(at: AppTest) -> list[dict[str, Any]]:
    return [json.loads(one.proto.spec) for one in at.get("plotly_chart")]


def compared(at: AppTest) -> pd.DataFrame:
    assert not at.exception
    (frame,) = (frame.value for frame in at.dataframe if "p50" in frame.value)
    return pd.DataFrame(frame)


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "No mailbox is connected"), ("pt_BR", "Nenhuma caixa conectada")],
)
@pytest.mark.usefixtures("runtime")
def test_without_a_mailbox_it_says_so(language: str, said: str) -> None:
    at = visit("responses", language)
    assert not at.exception
    assert said in words(at)
    assert at.get("page_link")


def test_without_questions_it_says_so_and_draws_nothing(runtime: Runtime) -> None:
    connected(runtime)
    at = visit("responses", "en")
    assert not metrics(at)
    assert not charts(at)
    assert "no message that a person wrote to us" in words(at)
    at = visit("responses", "pt_BR", side="theirs")
    assert "não há mensagem que escrevemos a alguém" in words(at)


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", {"Answered": "8", "Not answered yet": "2", "Reply rate": "80 %",
                "Half within": "4 h", "Nine tenths within": "8 h"}),
        ("pt_BR", {"Respondidas": "8", "Ainda sem resposta": "2",
                   "Taxa de resposta": "80 %", "Metade em até": "4 h"}),
    ],
)  # fmt: skip
def test_of_one_mailbox_numbers_are_exact(
    answered: int, language: str, expected: dict[str, str]
) -> None:
    at = visit("responses", language, of=str(answered))
    assert expected.items() <= metrics(at).items()
    said = words(at)
    assert "exact" in said if language == "en" else "exatos" in said
    assert len(charts(at)) == 2
    assert HOSTILE not in said


@pytest.mark.usefixtures("answered")
def test_of_all_they_are_as_near_as_is_said(runtime: Runtime) -> None:
    fill(runtime, "Bia", 4)
    at = visit("responses", "en")
    assert metrics(at)["Answered"] == "12"
    assert metrics(at)["15 min"] == "0 %"
    assert "off by up to 13 %" in words(at)
    people = compared(at)
    assert list(people["owner"]) == ["Ana", "Bia"]
    assert list(people["answered"]) == [8, 4]
    assert 4 / 1.13 <= people["p50"].iloc[0] <= 4 * 1.13
    at.segmented_control(key="responses_group").set_value("domains").run()
    assert at.query_params["group"] == "domains"
    assert list(compared(at)["domain"]) == ["acme.com.br"]
    at = visit("responses", "pt_BR", group="weekdays")
    days = get_day_names("wide", locale="pt_BR")
    assert set(compared(at)["weekday"]) <= set(days.values())
    at = visit("responses", "en", group="teams")
    assert "Teams are compared where" in words(at)


def test_what_waits_is_listed_with_a_link_to_it(answered: int) -> None:
    at = visit("responses", "en", of=str(answered))
    (waiting,) = (frame.value for frame in at.dataframe if "link" in frame.value)
    assert len(waiting) == 2
    assert list(waiting["waited"]) == ["20 h", "20 h"]
    assert all(waiting["subject"].str.startswith(HOSTILE))
    one = waiting.iloc[0]
    assert (
        one["link"] == f"/messages?integration={answered}&message={one['message_id']}"
    )
    at = visit(
        "messages", "en", integration=str(answered), message=str(one["message_id"])
    )
    assert not at.exception
    assert "Ana" in words(at)


def test_the_link_says_what_is_asked(answered: int) -> None:
    at = visit("responses", "en", side="theirs", by="business", months="12", of="all")
    assert "Working time: Mon, Tue, Wed, Thu, Fri, 09:00 to 18:00" in words(at)
    assert metrics(at)["Not answered yet"] == "8"
    at.segmented_control(key="responses_side").set_value("ours").run()
    assert at.query_params["side"] == "ours"
    assert metrics(at)["Answered"] == "8"
    at = visit("responses", "en", side="nobody", by="moon")
    assert metrics(at)["Answered"] == "8"
    assert answered


def test_who_is_disconnected_is_not_waited_for(runtime: Runtime) -> None:
    one = fill(runtime, "Ana", 0)
    with writing(runtime.engine) as conn:
        integrations.change(conn, one, disconnected_at=runtime.clock())
    at = visit("responses", "en")  # nobody answers where nobody is connected
    assert not [frame for frame in at.dataframe if "link" in frame.value]
    assert "Nothing of this period waits" in words(at)


def test_a_report_adds_up_over_months_days_and_people(runtime: Runtime) -> None:
    fill(runtime, "Ana", 8)
    month = month_number(runtime.clock().date())
    asked = Question(scopes.ALL, month - 1, month)
    found = responses.report(runtime, asked)
    assert found.total["answered"] == found.months["answered"].sum() == 8
    assert found.weekdays["answered"].sum() == found.people["answered"].sum() == 8


def test_lengths_are_short_and_of_the_language() -> None:
    en, pt = Texts("en"), Texts("pt_BR")
    assert [length(en, x, By.CALENDAR) for x in (40, 900, 5400, 86_400, 200_000)] == [
        "40 s", "15 min", "1.5 h", "24 h", "2.3 d",
    ]  # fmt: skip
    assert length(pt, 5400, By.CALENDAR) == "1,5 h"
    assert length(en, 200_000, By.BUSINESS) == "56 h"  # no days of 24 hours
    assert length(en, float("nan"), By.CALENDAR) == percent(en, float("nan"))
    assert percent(pt, 0.834) == "83 %"


def test_a_curve_of_nothing_is_not_drawn(runtime: Runtime) -> None:
    connected(runtime)
    month = month_number(datetime(2026, 3, 1, tzinfo=UTC).date())
    asked = Question(scopes.ALL, month, month, Side.THEIRS)
    found = responses.report(runtime, asked)
    t = Texts("en")
    assert response_charts.curve(found.curve, t, By.CALENDAR) is None
    assert response_charts.months(found.months, [], t, By.CALENDAR) is None
    assert responses.waiting(runtime, asked).empty
    assert found.people.empty

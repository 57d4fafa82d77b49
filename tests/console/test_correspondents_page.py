"""The correspondents page: its lists, the words for what is not there, the ways on."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest

from console import correspondent_charts
from console.correspondent_way import query
from core.business import month_number
from core.clock import to_ms
from core.correspondents import Question
from core.i18n import Texts
from core.model import Fetched
from core.question import typed
from core.runtime import Runtime
from core.terms import Where, matches, texts_of
from tests.console.conftest import visit, words
from tests.store.building import connected, listed, made, put
from tests.store.mailbox_made import take_all_in

HOSTILE = '<a"href=x>evil</a>@evil.example'
AGO = {"now": 0, "before": 60, "long": 150}  # days
WHO = {
    "friend@acme.example": ("now", 4),
    "ann@sub.acme.example": ("now", 2),
    HOSTILE: ("now", 1),
    "quiet@other.example": ("long", 6),
    "seldom@other.example": ("long", 4),
    "colleague@mail.example.org": ("long", 1),
}


@pytest.fixture
def mailbox(runtime: Runtime) -> int:
    """Fill a mailbox: who writes now, who is new, and who fell silent."""
    one = connected(runtime, "Ana")
    ids = listed(runtime, one, "Inbox", "Sent")
    received, uid = [], 0
    for address, (when, count) in WHO.items():
        at = to_ms(runtime.clock() - timedelta(days=AGO[when]))
        for _ in range(count):
            uid += 1
            values = {"received_ms": at, "written_ms": at, "identity": f"i{uid}"}
            new = made(from_address=address, message_id=f"<{uid}@x>", **values)
            received.append(Fetched(uid, 0, new))
    now = to_ms(runtime.clock())
    sent = made(
        identity="s", from_address="me@example.org", received_ms=now, written_ms=now,
        recipients="F <friend@acme.example>, B <b@y.example>", copied="me@example.org",
    )  # fmt: skip
    put(runtime, one, ids["Inbox"], received)
    put(runtime, one, ids["Sent"], [Fetched(1, 0, sent)])
    take_all_in(runtime)
    return one


def tables(at: Any) -> list[list[tuple[str, int]]]:
    assert not at.exception
    assert not at.error
    return [
        list(zip(one.value["name"], one.value["messages"], strict=True))
        for one in at.dataframe
    ]


def test_lists_are_shown_with_their_definitions(mailbox: int) -> None:
    at = visit("correspondents", of=str(mailbox))
    assert tables(at) == [
        [("friend@acme.example", 4), ("ann@sub.acme.example", 2), (HOSTILE, 1)],
        [("b@y.example", 1), ("friend@acme.example", 1)],
        [("friend@acme.example", 4), ("ann@sub.acme.example", 2), (HOSTILE, 1)],
        [("quiet@other.example", 6)],
    ]
    said = words(at)
    assert "Mensagens recebidas, por remetente." in said
    assert "Correspondentes novos 3" in said
    assert [round(one, 3) for one in at.dataframe[0].value["share"]] == [
        round(n / 7, 3) for n in (4, 2, 1)
    ]


@pytest.mark.usefixtures("mailbox")
def test_domains_are_those_that_were_registered() -> None:
    at = visit("correspondents", "en", of="all", what="domain", months="12")
    assert tables(at)[0] == [
        ("@other.example", 10), ("@acme.example", 6), ("@evil.example", 1),
        ("@example.org", 1),
    ]  # fmt: skip
    assert list(at.dataframe[0].value["internal"]) == ["no", "no", "no", "yes"]
    assert "it cannot be told who is new" in words(at)
    assert "New correspondents not known" in words(at)
    assert "Nobody who used to write has fallen silent." in words(at)


def test_bars_have_no_markup_of_others(mailbox: int) -> None:
    at = visit("correspondents", of=str(mailbox))
    chart = json.loads(at.get("plotly_chart")[0].proto.spec)
    assert "<a" not in json.dumps(chart["layout"]["yaxis"])
    (bars,) = chart["data"]
    assert not any("<a" in one for one in bars["customdata"])
    assert bars["text"][0] == "4 \u00b7 57,1 %"


@pytest.mark.usefixtures("runtime")
@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "No mailbox is connected"), ("pt_BR", "Nenhuma caixa conectada")],
)
def test_without_mailboxes_it_leads_to_them(language: str, said: str) -> None:
    at = visit("correspondents", language)
    assert said in words(at)
    assert not at.dataframe


def test_without_messages_each_list_says_so(runtime: Runtime) -> None:
    connected(runtime)
    at = visit("correspondents", "en", months="nonsense", what="nonsense")
    assert not at.exception
    for sentence in (
        "Nobody wrote in",
        "Nothing was sent",
        "cannot be told",
        "Nobody who",
    ):
        assert sentence in words(at)


def test_a_choice_is_written_into_the_link(mailbox: int) -> None:
    at = visit("correspondents", of=str(mailbox))
    at.segmented_control(key="what_pick").set_value("domain").run()
    assert at.query_params["what"] in ("domain", ["domain"])
    assert tables(at)[0][0] == ("@acme.example", 6)


MARCH = month_number(date(2026, 3, 1))


@pytest.mark.parametrize("name", [*WHO, 'o"brien@x.example', "root@[10.0.0.1]"])
def test_a_name_is_found_by_its_link(name: str) -> None:
    asked = query(
        name, Question(3, "address", MARCH, MARCH + 1), "received", ever=False
    )
    assert asked["integration"] == "3"
    assert (asked["since"], asked["until"]) == ("2026-03-01", "2026-04-30")
    found = typed(asked["q"])
    assert not found.unclear
    (term,) = found.terms
    assert term.where is Where.SENDER
    assert matches(term, texts_of(f"subject\nana {name}\n\n"))
    assert not matches(term, texts_of("subject\nana other@elsewhere.example\n\n"))


def test_links_of_domains_and_of_what_was_sent() -> None:
    question = Question(-2, "domain", MARCH, MARCH)
    asked = query("@acme.com.br", question, "sent", ever=True)
    assert asked["integration"] == "all"
    assert asked["q"] == 'domain:"acme.com.br"'
    assert "since" not in asked
    (term,) = typed(asked["q"]).terms
    assert matches(term, texts_of("s\nme me@x\nana <ana@mail.acme.com.br>\n"))


def test_long_names_are_cut() -> None:
    assert len(correspondent_charts.plain("x" * 300, 30)) == 30
    assert correspondent_charts.percent(Texts("pt_BR"), 0.125) == "12,5 %"

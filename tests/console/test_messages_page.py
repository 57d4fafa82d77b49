"""The messages page: what is chosen narrows it, and is in the link."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest

from core import browse
from core.clock import to_ms
from core.runtime import Runtime
from tests.console.conftest import visit, words
from tests.console.message_boxes import (
    ALL,
    CHIP_MARK,
    Boxes,
    chips,
    letter,
    shown,
)
from tests.store.building import START, connected, listed, put


@pytest.mark.usefixtures("boxes")
def test_everything_is_shown_newest_first(boxes: Boxes) -> None:
    at = visit("messages", integration=str(boxes.ana))
    assert shown(at) == ALL
    assert "10 mensagens" in words(at)
    assert chips(at) == []
    assert not at.error


@pytest.mark.parametrize(
    ("asked", "found", "chip"),
    [
        ({"q": "fatura"}, [2], "Busca: fatura"),
        ({"q": "de:bruno"}, [4], "Busca: de:bruno"),
        ({"unread": "1"}, [1], "Não lidas"),
        ({"unread": "0"}, [n for n in ALL if n != 1], "Lidas"),
        ({"flagged": "1"}, [2], "Marcadas"),
        ({"answered": "1"}, [3], "Respondidas"),
        ({"attachment": "1"}, [4], "Com anexo"),
        ({"replied": "1"}, [7, 3], "Com resposta aqui"),
        ({"threaded": "1"}, [9, 7, 3], "Em conversas"),
        ({"direction": "sent"}, [9], "Enviadas"),
        ({"kinds": "bounce,list"}, [5], "Tipo: Devoluções, Listas"),
        ({"larger": "4000000"}, [3], "A partir de 4 MB"),
        ({"sender": "bruno"}, [4], "De: bruno"),
        ({"recipient": "carla"}, [5], "Para: carla"),
        ({"domain": "acme.example"}, [5, 4], "Domínio: acme.example"),
        ({"subject": "marco"}, [2], "Assunto: marco"),
        ({"since": "2026-03-02"}, [1440], "Desde 02/03/2026"),
        ({"until": "2026-03-01"}, [n for n in ALL if n < 15], "Até 01/03/2026"),
        ({"unread": "1", "flagged": "1"}, [], "Não lidas"),
        ({"domain": "acme.example", "kinds": "bounce"}, [5], "Domínio: acme.example"),
    ],
)
def test_each_filter_narrows_and_is_told(
    boxes: Boxes, asked: dict[str, str], found: list[int], chip: str
) -> None:
    at = visit("messages", integration=str(boxes.ana), **asked)
    assert not at.exception
    assert not at.error
    assert shown(at) == found
    assert chip in chips(at)
    for button in [b for b in at.button if str(b.key).startswith(CHIP_MARK)]:
        at = at.button(key=str(button.key)).click().run()
    assert shown(at) == ALL
    assert set(at.query_params) == {"integration"}


def test_a_folder_is_a_filter_too(boxes: Boxes) -> None:
    at = visit("messages", integration=str(boxes.ana), folder=str(boxes.archive))
    assert shown(at) == [1440, 10]
    assert chips(at) == ["Pasta: Archive"]
    assert "folders" not in at.dataframe[0].proto.column_order
    at = visit("messages", integration=str(boxes.ana), folder="9999")
    assert shown(at) == ALL
    assert "O link indica uma pasta que esta caixa não tem" in words(at)


@pytest.mark.parametrize(
    ("key", "value", "part", "said", "found"),
    [
        ("filter_sender", "bruno", "sender", "bruno", [4]),
        ("filter_recipient", "carla", "recipient", "carla", [5]),
        ("filter_domain", "filial.acme.example", "domain", "filial.acme.example", [5]),
        ("filter_subject", '"fatura de"', "subject", '"fatura de"', [2]),
        ("search", "é:marcada", "q", "é:marcada", [2]),
    ],
)
def test_what_is_typed_is_in_the_link(
    boxes: Boxes, key: str, value: str, part: str, said: str, found: list[int]
) -> None:
    at = visit("messages", integration=str(boxes.ana), before="9" * 18)
    at.text_input(key=key).set_value(value).run()
    assert at.query_params[part] == said
    assert "before" not in at.query_params
    assert shown(at) == found
    assert at.text_input(key=key).value == value
    again = visit(
        "messages", integration=str(boxes.ana), **{part: at.query_params[part]}
    )
    assert shown(again) == found


@pytest.mark.parametrize(
    ("key", "value", "part", "said", "found"),
    [
        ("filter_unread", "yes", "unread", "1", [1]),
        ("filter_flagged", "no", "flagged", "0", [n for n in ALL if n != 2]),
        ("filter_direction", "sent", "direction", "sent", [9]),
        ("filter_larger", 1_000_000, "larger", "1000000", [3]),
    ],
)
def test_what_is_picked_is_in_the_link(
    boxes: Boxes, key: str, value: Any, part: str, said: str, found: list[int]
) -> None:
    at = visit("messages", integration=str(boxes.ana))
    at.selectbox(key=key).set_value(value).run()
    assert at.query_params[part] == said
    assert shown(at) == found
    at.button(key="chips_clear").click().run()
    assert part not in at.query_params
    assert shown(at) == ALL


def test_periods(boxes: Boxes, runtime: Runtime) -> None:
    one = connected(runtime, "Now", "now@example.org")
    inbox = listed(runtime, one, "Other")["Other"]
    now = to_ms(runtime.clock() - timedelta(minutes=1))
    put(runtime, one, inbox, [letter(1, written_ms=now, received_ms=now), letter(2)])
    at = visit("messages", integration=str(one))
    at.selectbox(key="message_period").set_value("7").run()
    assert at.query_params["period"] == "7"
    assert len(shown(at)) == 1
    assert chips(at) == ["Últimos 7 dias"]
    at.selectbox(key="message_period").set_value("custom").run()
    assert len(shown(at)) == 2
    at.date_input(key="message_until").set_value(date(2026, 3, 1)).run()
    assert at.query_params["until"] == "2026-03-01"
    assert shown(at) == [2]
    at.date_input(key="message_since").set_value(date(2026, 3, 2)).run()
    assert chips(at) == ["01/03/2026 a 02/03/2026"]  # in their order
    del boxes


def test_what_a_link_says_wrongly_is_told_and_left_out(boxes: Boxes) -> None:
    at = visit(
        "messages",
        integration=str(boxes.ana),
        since="0001-01-01",
        larger="9" * 40,
        cols="date,secret",
        unread="1",
    )
    assert shown(at) == [1]
    assert "ficaram de fora: since, larger, cols" in words(at)
    at.button(key="chip_unread").click().run()
    assert "ficaram de fora" not in words(at)
    assert at.query_params["cols"] == "date"


def test_what_was_not_understood_of_a_search_stays(boxes: Boxes) -> None:
    asked = "ata é:verde antes:ontem -é:lida"
    at = visit("messages", integration=str(boxes.ana), q=asked)
    assert "não foi entendido" in words(at)
    for piece in ("é:verde", "antes:ontem", "-é:lida"):
        assert piece in words(at)
    assert at.text_input(key="search").value == asked
    assert shown(at) == [1440, 10, 9, 7, 5, 4, 3, 1]


def test_all_mailboxes_have_a_column_for_it(boxes: Boxes) -> None:
    at = visit("messages", integration="all")
    assert shown(at) == [1440, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]
    frame = at.dataframe[0].value
    assert frame["mailbox"].iloc[5] == "bia@example.org"
    assert "mailbox" in at.dataframe[0].proto.column_order
    assert at.selectbox(key="integration_pick").value == 0
    at.selectbox(key="integration_pick").set_value(boxes.bia).run()
    assert at.query_params["integration"] == str(boxes.bia)
    assert shown(at) == [6]
    at.selectbox(key="integration_pick").set_value(0).run()
    assert at.query_params["integration"] == "all"


@pytest.mark.parametrize("number", ["0", "9" * 30, "all ", "-1"])
def test_a_mailbox_that_does_not_exist_is_told(boxes: Boxes, number: str) -> None:
    at = visit("messages", integration=number)
    assert "não existe" in words(at)
    assert shown(at) == ALL
    del boxes


def test_a_day_is_jumped_to_and_left_again(boxes: Boxes) -> None:
    at = visit("messages", integration=str(boxes.ana))
    assert at.date_input(key="jump").value == date(2026, 4, 30)
    at.date_input(key="jump").set_value(date(2026, 3, 15)).run()
    assert shown(at) == ALL[1:]
    assert at.date_input(key="jump").value == date(2026, 3, 1)
    at.button(key="newest").click().run()
    assert shown(at) == ALL
    assert "before" not in at.query_params


@pytest.mark.parametrize("language", ["pt_BR", "en"])
def test_a_search_that_is_not_at_its_end_leads_on(
    boxes: Boxes, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    more = browse.Page(pd.DataFrame(), "", browse.before_day(START.date(), "UTC"), True)
    first = browse.page

    def page(runtime: Runtime, question: browse.Question, **where: Any) -> browse.Page:
        return first(runtime, question, **where) if where["before"] else more

    monkeypatch.setattr(browse, "page", page)
    at = visit("messages", language, integration=str(boxes.ana), q="ata")
    said = words(at)
    assert "25.000" in said or "25,000" in said
    assert "Nenhuma mensagem" not in said
    at.button(key="go_on").click().run()
    assert shown(at) == [10, 9, 7, 5, 4, 3, 1]


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (browse.Count(1, exact=True), "1 mensagem"),
        (browse.Count(9_999, exact=True), "9.999 mensagens"),
        (browse.Count(10_000, exact=False, about=1_000_000), "Cerca de 1.000.000"),
        (browse.Count(10_000, exact=False), "Mais de 10.000 mensagens"),
        (browse.Count(10_000, exact=False, about=9_000), "Mais de 10.000 mensagens"),
    ],
)
def test_the_count_is_told_in_words(
    boxes: Boxes, count: browse.Count, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(browse, "count", lambda *_: count)
    assert said in words(visit("messages", integration=str(boxes.ana)))


@pytest.mark.parametrize(("count", "told"), [(1_000, False), (1_001, True)])
def test_that_many_wait_for_the_index_is_told(
    boxes: Boxes, count: int, told: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(browse, "waiting", lambda _: count)
    at = visit("messages", integration=str(boxes.ana))
    assert ("entrando no índice" in words(at)) is told


def test_nothing_found_is_told_with_a_way_out(boxes: Boxes) -> None:
    at = visit("messages", integration=str(boxes.ana), q="inexistente", unread="1")
    assert "Nenhuma mensagem" in words(at)
    at.button(key="none_clear").click().run()
    assert shown(at) == ALL


@pytest.mark.parametrize("language", ["pt_BR", "en"])
def test_a_part_that_breaks_leaves_the_choices(
    boxes: Boxes, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(browse, "page", broken)
    at = visit("messages", language, integration=str(boxes.ana), q="ata")
    assert not at.exception
    assert len(at.error) == 1
    assert at.text_input(key="search").value == "ata"

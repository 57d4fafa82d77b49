"""The outbox: what is in which stage, what can be done, and how mailboxes send."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import timedelta
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from console.outbox_list import PAGE
from core import outbox
from core.model import Problem
from core.outbox import SenderSettings
from core.outgoing import Recipient, Stage, Verdict
from core.runtime import Runtime
from core.store import integrations, outbox as kept
from core.store.engine import writing
from tests.console.conftest import visit, words
from tests.console.writing import queued, set_stage
from tests.store.building import connected

LANGUAGES = pytest.mark.parametrize("language", ["pt_BR", "en"])
REFUSED = Problem(
    "submission_refused",
    {"host": "smtp.example.org", "server_says": "550 5.1.1 <b>no such user</b>"},
)


@pytest.fixture
def one(runtime: Runtime) -> int:
    """Connect Ana's mailbox."""
    return connected(runtime, "Ana")


def page(language: str = "pt_BR", **question: str) -> AppTest:
    at = visit("outbox", language, **question)
    assert not at.exception
    return at


def rows(at: AppTest) -> list[dict[Hashable, Any]]:
    return at.dataframe[0].value.to_dict("records")


def press(at: AppTest, key: str) -> AppTest:
    at.button(key=key).click().run()
    assert not at.exception
    return at


def keys(at: AppTest) -> set[str]:
    return {str(button.key) for button in at.button}


@LANGUAGES
def test_without_mail_and_without_a_mailbox_it_says_so(
    runtime: Runtime, language: str
) -> None:
    none, empty = {
        "pt_BR": ("Nenhuma caixa integrada", "Não há nenhum e-mail assim"),
        "en": ("No mailbox is integrated", "There is no such mail"),
    }[language]
    assert none in words(page(language))
    connected(runtime, "Ana")
    assert empty in words(page(language))


def test_stages_are_counted_and_chosen(runtime: Runtime, one: int) -> None:
    waits = queued(runtime, one, subject="Espera")
    set_stage(runtime, queued(runtime, one, subject="Foi"), Stage.SENT)
    at = page()
    pills = at.button_group(key="outbox_stage")
    assert "… Na fila · 1" in pills.options
    assert [row["subject"] for row in rows(at)] == ["Foi", "Espera"]
    pills.set_value(Stage.QUEUED).run()
    assert not at.exception
    assert [row["subject"] for row in rows(at)] == ["Espera"]
    assert "queued" in at.query_params["stage"]
    assert [row["stage"] for row in rows(page(stage="sent"))] == ["✓ Enviado"]
    assert waits


def test_mail_of_one_mailbox_is_listed(runtime: Runtime, one: int) -> None:
    other = connected(runtime, "Bia", "bia@example.org")
    queued(runtime, one, subject="De Ana")
    queued(runtime, other, subject="De Bia")
    at = page(integration=str(other))
    assert [row["subject"] for row in rows(at)] == ["De Bia"]
    assert "Como esta caixa envia" in [expander.label for expander in at.expander]
    assert len(rows(page())) == 2


def test_it_is_paged_by_key(runtime: Runtime, one: int) -> None:
    ids = [queued(runtime, one, subject=f"N{n}") for n in range(PAGE + 2)]
    at = page()
    assert len(rows(at)) == PAGE
    press(at, "outbox_older")
    assert [row["subject"] for row in rows(at)] == ["N1", "N0"]
    press(at, "outbox_newest")
    assert rows(at)[0]["subject"] == f"N{len(ids) - 1}"
    at = page(before="1")  # nothing is older
    assert len(rows(at)) == PAGE


@LANGUAGES
def test_a_link_shows_a_mail_with_what_servers_said(
    runtime: Runtime, one: int, language: str
) -> None:
    mail = queued(runtime, one, to="joao@acai.example", cc="eva@example.net")
    told = Recipient(
        "joao@acai.example", verdict=Verdict.REFUSED, code=550, said="5.1.1 no user"
    )
    with writing(runtime.engine) as conn:
        kept.tell(conn, mail, [told])
    set_stage(runtime, mail, Stage.FAILED, problem=REFUSED)
    at = page(language, mail=str(mail))
    people = at.dataframe[1].value.to_dict("records")
    assert [row["code"] for row in people] == ["550", ""]
    assert people[0]["said"] == "5.1.1 no user"
    said = words(at)
    assert "550 5.1.1 <b>no such user</b>" in said
    assert {"pt_BR": "Leia as palavras do servidor", "en": "Read the server's"}[
        language
    ] in said
    press(at, "outbox_again")
    assert outbox.one(runtime, mail).stage is Stage.QUEUED


def test_an_unknown_mail_is_told_once(one: int) -> None:
    at = page(mail="99")
    assert len(at.error) == 1
    assert one


def test_a_waiting_mail_is_cancelled(runtime: Runtime, one: int) -> None:
    later = runtime.clock() + timedelta(days=1)
    mail = queued(runtime, one, at=later)
    at = page(mail=str(mail))
    assert "Programado para" in str(rows(at)[0]["note"])
    assert keys(at) & {"outbox_again", "outbox_lost"} == set()
    press(at, "outbox_cancel")
    assert outbox.one(runtime, mail).stage is Stage.CANCELLED
    assert "Cancelado por uma pessoa" in words(at)
    assert "outbox_cancel" not in keys(at)


def test_what_was_sent_meanwhile_is_not_cancelled(runtime: Runtime, one: int) -> None:
    mail = queued(runtime, one)
    at = page(mail=str(mail))
    set_stage(runtime, mail, Stage.SENT)
    press(at, "outbox_cancel")
    assert outbox.one(runtime, mail).stage is Stage.SENT
    assert "foi enviado, cancelado ou mudado" in words(at)


@pytest.mark.parametrize(
    ("act", "stage"), [("arrived", Stage.SENT), ("lost", Stage.QUEUED)]
)
def test_a_person_settles_what_is_uncertain(
    runtime: Runtime, one: int, act: str, stage: Stage
) -> None:
    mail = queued(runtime, one)
    set_stage(runtime, mail, Stage.UNCERTAIN, at_brink=True)
    at = page(mail=str(mail))
    assert "nunca o reenvia sozinho" in words(at)
    press(at, f"outbox_{act}")
    assert outbox.one(runtime, mail).stage is stage


def test_a_paused_mailbox_is_why_nothing_goes(runtime: Runtime, one: int) -> None:
    mail = queued(runtime, one)
    with writing(runtime.engine) as conn:
        integrations.change(conn, one, paused=True)
    assert "pausada ou desconectada" in words(page(mail=str(mail)))


# ---- how a mailbox sends


def test_name_signature_aliases_and_limits_are_set(runtime: Runtime, one: int) -> None:
    at = page(integration=str(one))
    assert at.button(key="sender_save").disabled
    at.text_input(key=f"sender_{one}_name_0").set_value("Ana Lima")
    at.text_area(key=f"sender_{one}_signature_0").set_value("Ana\nVendas")
    at.text_area(key=f"sender_{one}_aliases_0").set_value(
        "v@example.org\nx@example.org"
    )
    at.number_input(key=f"sender_{one}_per_hour_0").set_value(5).run()
    press(at, "sender_save")
    assert outbox.sender_of(runtime, one) == SenderSettings(
        "Ana Lima", "Ana\nVendas", ("v@example.org", "x@example.org"), 5
    )
    assert "0 de 5 na última hora" in [str(b.proto.text) for b in at.get("progress")]
    at.text_area(key=f"sender_{one}_aliases_1").set_value("nobody").run()
    press(at, "sender_save")
    assert len(at.error) == 1
    assert outbox.sender_of(runtime, one).aliases == ("v@example.org", "x@example.org")


# ---- the block list


def test_who_is_blocked_is_added_and_taken_off(runtime: Runtime, one: int) -> None:
    at = page()
    at.text_input(key="blocked_pattern").set_value("@Spam.example")
    at.text_input(key="blocked_reason").set_value("Pediu *para* sair")
    press(at, "blocked_add")
    (found,) = outbox.blocked(runtime)
    assert (found.pattern, found.reason) == ("@spam.example", "Pediu *para* sair")
    assert "Todos os endereços que terminam em @spam.example" in words(at)
    assert at.text_input(key="blocked_pattern").value == ""
    press(at, "blocked_add")
    assert len(at.error) == 1
    press(at, f"unblock_{found.id}")
    assert outbox.blocked(runtime) == []
    assert one

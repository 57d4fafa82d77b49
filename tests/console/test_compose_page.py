"""Writing mail: whom for, what stands in the way, sent once; what is typed stays."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from console.compose_purpose import addressed
from core import outbox
from core.connect import disconnect
from core.outbox import SenderSettings
from core.outgoing import Field, Stage
from core.runtime import Runtime
from tests.console.conftest import words
from tests.console.writing import (
    GREETING,
    activity,
    compose,
    content,
    field,
    has,
    queued,
    send,
    write,
)
from tests.store.building import connected, listed, put, some

LANGUAGES = pytest.mark.parametrize("language", ["pt_BR", "en"])


@pytest.fixture
def one(runtime: Runtime) -> int:
    """Connect Ana's mailbox, and plan an activity of hers."""
    mailbox = connected(runtime, "Ana")
    activity(runtime)
    return mailbox


# ---- whom for


@LANGUAGES
def test_without_an_integration_it_leads_to_one(
    runtime: Runtime, language: str
) -> None:
    activity(runtime, owner="Bia")
    at = compose(language)
    assert {"pt_BR": "não tem integração", "en": "no e-mail integration"}[
        language
    ] in words(at)
    (link,) = at.get("page_link")
    assert link.proto.query_string == "activity=1"
    assert not has(at, "to")


def test_an_activity_fills_in_whom_and_what(one: int) -> None:
    at = compose()
    assert field(at, "to").value == "João Lima <joao@acai.example>"
    assert field(at, "subject").value == "Proposta"
    assert "Executa a atividade: Proposta" in words(at)
    assert one


def test_what_does_not_exist_is_told(one: int) -> None:
    assert "não existe" in words(compose(activity="99"))
    assert "não existe" in words(compose(answer="99"))
    assert one


def test_a_disconnected_mailbox_sends_nothing(runtime: Runtime, one: int) -> None:
    disconnect(runtime, one, "test")
    assert "desconectada" in words(compose(integration=str(one)))
    assert "não tem integração" in words(compose())


def test_an_answer_goes_to_who_wrote_and_keeps_the_thread(
    runtime: Runtime, one: int
) -> None:
    folder = listed(runtime, one, "Inbox")["Inbox"]
    put(runtime, one, folder, some(1))
    at = write(compose(answer="1"), text="Sim.")
    assert "ana@example.net" in field(at, "to").value
    assert field(at, "subject").value.startswith("Re: ")
    send(at)
    (mail,) = outbox.listed(runtime)
    head = content(runtime, mail.id)
    assert "In-Reply-To: <" in head
    assert "References: <" in head


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("João Lima", "João Lima <a@b.example>"),
        ("Lima, João", '"Lima, João" <a@b.example>'),
        ('J "x" \\ <y>', '"J x  <y>" <a@b.example>'),
        ("", "a@b.example"),
        ("a@b.example", "a@b.example"),
    ],
)
def test_a_name_is_written_as_a_person_would_type_it(name: str, typed: str) -> None:
    assert addressed(name, "a@b.example") == typed


def test_from_offers_the_aliases(runtime: Runtime, one: int) -> None:
    known = SenderSettings("Ana Lima", "Ana", ("vendas@example.org",))
    outbox.set_sender(runtime, one, known, "test")
    at = write(compose(), sender="vendas@example.org", text="Olá")
    send(at)
    (mail,) = outbox.listed(runtime)
    assert mail.sender_address == "vendas@example.org"


# ---- sending


@LANGUAGES
def test_it_is_queued_and_the_activity_is_shown_again(
    runtime: Runtime, one: int, language: str
) -> None:
    at = write(compose(language), text=GREETING)
    assert not at.button(key="compose_send").disabled
    send(at)
    (mail,) = outbox.listed(runtime)
    assert (mail.stage, mail.activity_id) == (Stage.QUEUED, 1)
    assert mail.integration_id == one
    told = {"pt_BR": "na caixa de saída", "en": "in the outbox"}[language]
    assert told in str(at.toast[0].value)
    assert "1" in at.query_params["activity"]


def test_what_was_sent_is_not_there_any_more(runtime: Runtime, one: int) -> None:
    send(write(compose(integration=str(one)), to="a@b.example", subject="S", text="T"))
    at = compose(integration=str(one))
    assert field(at, "text").value == ""
    assert len(outbox.listed(runtime)) == 1


def test_an_activity_with_mail_on_its_way_says_so(runtime: Runtime, one: int) -> None:
    queued(runtime, one, activity_id=1)
    at = compose()
    assert "Esta atividade já tem um e-mail" in words(at)
    assert at.button(key="compose_send").disabled


@LANGUAGES
def test_everything_that_stands_in_the_way_is_told_at_once(
    runtime: Runtime, one: int, language: str
) -> None:
    outbox.block(runtime, "@spam.example", "Pediu para sair", "test")
    at = write(
        compose(language, integration=str(one)),
        to="nobody",
        subject="",
        text="{{contact.company}}",
    )
    said = "\n".join(line for line in words(at).splitlines() if line.startswith("• "))
    assert "nobody" in said
    assert "contact.company" in said
    assert {"pt_BR": "Assunto", "en": "Subject"}[language] in said
    assert at.button(key="compose_send").disabled
    write(at, to="x@spam.example")
    assert "Pediu para sair" in words(at)


def test_the_time_is_that_of_the_readers_clock(runtime: Runtime, one: int) -> None:
    at = write(compose(), text="Olá", when="later")
    chosen = field(at, "at").value
    assert "America/Sao_Paulo" in words(at).replace("\\", "")
    write(at, at=chosen + timedelta(days=1))
    send(at)
    (mail,) = outbox.listed(runtime)
    local = mail.not_before.astimezone(ZoneInfo("America/Sao_Paulo"))
    assert local.replace(tzinfo=None) == chosen + timedelta(days=1)
    assert mail.integration_id == one


def test_a_follow_up_waits_behind_the_mail(runtime: Runtime, one: int) -> None:
    at = write(compose(), text="Olá", follow=True, days=5, follow_text="E então?")
    send(at)
    second, first = outbox.listed(runtime)
    assert second.follows_id == first.id
    assert (second.not_before - first.not_before).days == 5
    assert one


def test_copies_are_hidden_only_while_they_are_empty(
    runtime: Runtime, one: int
) -> None:
    at = compose()
    assert not has(at, "cc")
    write(at, copies=True)
    write(at, bcc="eva@example.net")
    write(at, copies=False, text="Olá")
    assert field(at, "bcc").value == "eva@example.net"
    send(at)
    (mail,) = outbox.listed(runtime)
    assert [r.field for r in mail.recipients] == [Field.TO, Field.BCC]
    assert "eva@" not in content(runtime, mail.id)
    assert one


# ---- how it will look


def test_the_preview_has_the_variables_filled_in(runtime: Runtime, one: int) -> None:
    outbox.set_sender(runtime, one, SenderSettings("Ana Lima", "Ana | 11 5555"), "test")
    at = write(compose(), text=GREETING)
    (frame,) = at.get("iframe")
    assert frame.proto.src.startswith("/api/draft/")
    write(at, view="text")
    assert "Olá João, da Açaí Ltda." in at.code[-1].value
    assert "Ana | 11 5555" in at.code[-1].value
    write(at, view="headers")
    assert "Subject: Proposta" in at.code[-1].value
    write(at, signed=False, view="text")
    assert "11 5555" not in at.code[-1].value


@LANGUAGES
def test_the_limits_and_what_is_not_tracked_are_told(one: int, language: str) -> None:
    said = words(compose(language))
    bars = [str(bar.proto.text) for bar in compose(language).get("progress")]
    told = {
        "pt_BR": ("não rastreia aberturas nem cliques", "0 de 60 na última hora"),
        "en": ("does not track opens and clicks", "0 of 60 in the last hour"),
    }[language]
    assert told[0] in said
    assert told[1] in bars
    assert one

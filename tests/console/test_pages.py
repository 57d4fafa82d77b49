"""Every page opens: empty, full and failing, in both languages."""

from __future__ import annotations

import pytest

from console.nav import TABLE
from core import watch
from core.activities import Draft, create
from core.connect import disconnect
from core.model import State
from core.runtime import Runtime
from core.store import integrations, runs, workers
from core.store.engine import writing
from tests.console.conftest import visit, words
from tests.store.building import START, connected, listed, put, some

pytestmark = pytest.mark.usefixtures("runtime")
PAGES = [entry.name for entry in TABLE]
TITLES = {
    ("activities", "pt_BR"): "Painel de Atividades",
    ("activities", "en"): "Activity panel",
    ("compose", "pt_BR"): "Escrever e-mail",
    ("compose", "en"): "Compose",
    ("outbox", "pt_BR"): "Caixa de saída",
    ("outbox", "en"): "Outbox",
    ("sync", "pt_BR"): "Situação da sincronização",
    ("sync", "en"): "Sync status",
    ("alerts", "pt_BR"): "Alertas",
    ("alerts", "en"): "Alerts",
    ("messages", "pt_BR"): "Mensagens",
    ("messages", "en"): "Messages",
    ("volume", "pt_BR"): "Volume",
    ("integrations", "pt_BR"): "Integrações",
    ("integrations", "en"): "Integrations",
}


@pytest.fixture
def full(runtime: Runtime) -> int:
    """Store an integration with folders, messages, a run and activities."""
    one = connected(runtime, "Ana")
    ids = listed(runtime, one, "Inbox", "Sent", "Clientes")
    put(runtime, one, ids["Inbox"], some(120))
    put(runtime, one, ids["Sent"], some(20, first=200))
    due = START.date()
    for model, owner in (("email", "Ana"), ("email", "Bia"), ("call", "Ana")):
        address = f"{model}@x.example"
        draft = Draft(model, f"Ato de {owner}", "João", address, "Açaí", owner, due)
        create(runtime, draft, "test")
    return one


@pytest.mark.parametrize("language", ["pt_BR", "en"])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_opens_on_an_empty_store(name: str, language: str) -> None:
    at = visit(name, language)
    assert not at.exception
    assert not at.error
    assert at.title[0].value == TITLES.get((name, language), at.title[0].value)


@pytest.mark.parametrize("language", ["pt_BR", "en"])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_opens_on_a_full_store(full: int, name: str, language: str) -> None:
    at = visit(name, language, integration=str(full))
    assert not at.exception
    assert not at.error


@pytest.mark.parametrize("name", ["sync", "messages", "volume"])
def test_an_unknown_integration_in_the_link_is_told(full: int, name: str) -> None:
    at = visit(name, integration=str(full + 999))
    assert not at.exception
    assert "não existe" in words(at)


def test_an_unknown_activity_and_an_unknown_message_are_told(
    full: int,
) -> None:
    assert "não existe" in words(visit("activities", activity="999"))
    at = visit("messages", integration=str(full), message="999999")
    assert not at.exception
    assert "não existe" in words(at)


def test_a_stored_problem_is_told_with_what_to_do(runtime: Runtime, full: int) -> None:
    now = runtime.clock()
    with writing(runtime.engine) as conn:
        integrations.change(
            conn,
            full,
            state=str(State.NEEDS_PASSWORD),
            problem_code="wrong_password",
            problem_facts={"host": "imap.example.org", "server_says": "<b>no</b>"},
            problem_since=now,
            failures=2,
        )
        runs.tell(conn, full, "problem", now, problem="wrong_password")
    said = words(visit("sync", integration=str(full)))
    assert "recusou o usuário ou a senha" in said
    assert "Digite a senha novamente" in said
    assert "<b>no</b>" in said
    assert "Precisa da senha" in said


def test_a_silent_worker_is_told(runtime: Runtime) -> None:
    with writing(runtime.engine) as conn:
        workers.leave(conn, "test:0:0")
    assert "Nenhum processo de sincronização" in words(visit("sync"))


def test_pause_resume_and_sync_now(runtime: Runtime, full: int) -> None:
    at = visit("sync", integration=str(full))
    at.button(key="sync_now").click().run()
    assert watch.standing(runtime, full).requested_at is not None
    at.button(key="sync_pause").click().run()
    assert watch.standing(runtime, full).state == "paused"
    at.button(key="sync_resume").click().run()
    assert watch.standing(runtime, full).state != "paused"
    assert not at.exception


def test_one_integration_per_owner_is_told_with_the_way_out(
    runtime: Runtime, full: int
) -> None:
    at = visit("integrations")
    assert "Só é possível um provedor por vez: para conectar outro" in words(at)
    assert not [b for b in at.button if b.key == "connect_imap"]
    disconnect(runtime, full, "test")
    assert [b for b in visit("integrations").button if b.key == "connect_imap"]


@pytest.mark.usefixtures("full")
def test_an_activity_without_integration_leads_to_integrations() -> None:
    at = visit("activities", activity="2")
    at.button(key="execute").click().run()
    assert "ainda não tem integração de e-mail" in words(at)
    at = visit("activities", activity="1")
    at.button(key="execute").click().run()
    assert "Executa a atividade: Ato de Ana" in words(at)
    at = visit("activities", activity="3")
    at.button(key="execute").click().run()
    assert not at.exception
    at.button(key="mark_done").click().run()
    assert not at.exception


def test_messages_are_searched_and_turned(full: int) -> None:
    at = visit("messages", integration=str(full))
    assert "140 mensagens" in words(at)
    at.button(key="older").click().run()
    assert "before" in at.query_params
    at = visit("messages", integration=str(full), q="nothing like this")
    assert "Nenhuma mensagem" in words(at)
    assert not at.exception


def test_what_imap_cannot_tell_is_said_in_words(full: int) -> None:
    said = words(visit("volume", integration=str(full), period="365"))
    assert "Não disponível via IMAP: aberturas" in said
    assert "Não disponível via IMAP" in said

"""The way of the article in Chromium, to its end: an activity is executed, answered."""

from __future__ import annotations

import re
from datetime import date

import pytest
from playwright.sync_api import Locator, Page, expect

from core import activities
from core.activities import Draft
from core.runtime import open_runtime
from core.settings import Settings
from tests.browser.conftest import Console
from tests.browser.test_ways import confirm, fill, submit
from tests.servers.device import Device, compose, deliver_by_lmtp, snapshot
from tests.servers.dovecot import Account, Dovecot
from tests.servers.smtp import Submission

pytestmark = [pytest.mark.browser, pytest.mark.server]
OWNER, SUBJECT = "Ana Souza", "Proposta para a Açaí"
TEXT = "Olá {{contact.first_name}}, segue a **proposta**."


@pytest.fixture
def bruno(dovecot: Dovecot, submission: Submission) -> Account:
    """Give the mailbox of whom is written to; what is sent arrives there."""
    box = dovecot.mailbox("bruno")
    submission.hand_on = lambda sent: deliver_by_lmtp(box, sent.raw, sent.sender)
    return box


@pytest.fixture
def planned(console: Console, bruno: Account) -> Console:
    """Plan an e-mail activity of Ana's towards Bruno."""
    runtime = open_runtime(Settings(data=console.data))
    draft = Draft(
        "email", SUBJECT, "Bruno Lima", bruno.address, "Açaí", OWNER, date(2026, 12, 1)
    )
    activities.create(runtime, draft, "test")
    runtime.engine.dispose()
    return console


def connect_on_the_way(console: Console, page: Page, account: Account) -> None:
    """Go from an activity to Integrations and back, as the article does."""
    console.visit(page, "activities?activity=1")
    page.get_by_role("button", name="Executar atividade").click()
    page.get_by_role(
        "link", name="Clique aqui para realizar a integração de e-mail"
    ).click()
    expect(page.get_by_text(f"Você veio da atividade: {SUBJECT}")).to_be_visible()
    page.get_by_role("button", name="Conectar com IMAP").click()
    dialog = page.get_by_role("dialog")
    fill(dialog, account, account.password)
    confirm(dialog)
    submit(dialog).click()
    expect(page.get_by_role("heading", name="Painel de Atividades")).to_be_visible()
    expect(page).to_have_url(re.compile("activity=1"))


def execute(page: Page) -> Locator:
    """Execute the activity; give the field of the text."""
    page.get_by_role("button", name="Executar atividade").click()
    expect(page.get_by_role("heading", name="Escrever e-mail")).to_be_visible()
    return page.get_by_label("Texto", exact=True)


def test_an_activity_is_executed_arrives_once_and_is_answered(
    planned: Console,
    page: Page,
    account: Account,
    bruno: Account,
    submission: Submission,
) -> None:
    connect_on_the_way(planned, page, account)
    execute(page).fill(TEXT)
    page.get_by_text("Texto simples").click()
    expect(page.get_by_text("Olá Bruno, segue a")).to_be_visible()
    page.get_by_role("button", name="Enviar", exact=True).dblclick()
    expect(page.get_by_role("heading", name="Painel de Atividades")).to_be_visible()

    (sent,) = submission.sent_by(account.address)
    assert sent.to == (bruno.address,)
    assert sent.message["Subject"] == SUBJECT
    assert len(snapshot(bruno)["INBOX"]) == 1

    page.get_by_role("link", name="Caixa de saída").first.click()
    expect(page.get_by_text("✓ Enviado · 1")).to_be_visible()

    answer = compose(
        subject=f"Re: {SUBJECT}",
        sender=f"Bruno Lima <{bruno.address}>",
        to=account.address,
        in_reply_to=str(sent.message["Message-ID"]),
    )
    planned.visit(page, "outbox?mail=1")
    deliver_by_lmtp(account, answer, bruno.address)
    opened = page.locator(".st-key-outbox_mail")  # the table has it, out of sight
    expect(opened.get_by_text("Respondido em").first).to_be_visible()
    planned.visit(page, "activities?activity=1")
    expect(page.get_by_text("Respondida em").first).to_be_visible()
    assert len(submission.sent_by(account.address)) == 1


def test_what_is_typed_is_there_after_leaving_without_a_further_click(
    planned: Console, page: Page, account: Account
) -> None:
    connect_on_the_way(planned, page, account)
    text = execute(page)
    text.click()
    page.keyboard.type("Meio escrito")
    page.get_by_role("link", name="Início").click(delay=150)  # as a hand does
    expect(page.get_by_role("heading", name="Início")).to_be_visible()
    page.go_back()
    expect(page.get_by_label("Texto", exact=True)).to_have_value("Meio escrito")


def test_a_message_is_answered_in_its_conversation(
    planned: Console,
    page: Page,
    account: Account,
    submission: Submission,
) -> None:
    with Device(account) as phone:
        phone.deliver("INBOX", subject="Pergunta", message_id="<q1@example.net>")
    connect_on_the_way(planned, page, account)
    planned.visit(page, "sync?integration=1")  # which tells when it was read
    expect(page.get_by_text("A caixa está sendo acompanhada.")).to_be_visible()
    planned.visit(page, "messages?integration=1&message=1")
    page.get_by_role("link", name="Responder").click()
    expect(page.get_by_label("Assunto", exact=True)).to_have_value("Re: Pergunta")
    page.get_by_label("Texto", exact=True).fill("Resposta")
    page.get_by_role("button", name="Enviar", exact=True).click()
    expect(page.get_by_role("heading", name="Caixa de saída")).to_be_visible()
    (sent,) = submission.sent_by(account.address)
    assert sent.message["In-Reply-To"] == "<q1@example.net>"

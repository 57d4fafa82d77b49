"""The ways that people go, in Chromium, to the end."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from core.demo import endpoint
from tests.browser.conftest import Console
from tests.servers.device import Device
from tests.servers.dovecot import Account, Dovecot
from tests.servers.running_demo import letter, send

pytestmark = [pytest.mark.browser, pytest.mark.server]
ACTIVITIES = (
    "model,subject,contact,contact e-mail,company,owner,due\n"
    "email,Proposta para a Açaí,João,joao@acai.example,Açaí,Ana Souza,2026-01-02\n"
    "call,Ligar,Bia,,Fagundes,Ana Souza,2026-01-03\n"
)


def fill(dialog: Locator, account: Account, password: str, owner: str = "") -> None:
    """Fill in the dialog, as a person does: field after field."""
    if owner:
        dialog.get_by_label("Responsável", exact=True).fill(owner)
    dialog.get_by_label("E-mail", exact=True).fill(account.address)
    dialog.get_by_label("Senha", exact=True).fill(password)
    dialog.get_by_label("Servidor de entrada (IMAP)", exact=True).fill(account.host)
    dialog.get_by_label("Servidor de saída (SMTP)", exact=True).fill("127.0.0.1")
    ports = dialog.get_by_text("Portas, segurança e usuário")
    if not dialog.get_by_label("Porta de entrada", exact=True).is_visible():
        ports.click()
    dialog.get_by_label("Porta de entrada", exact=True).fill(str(account.imap_port))
    dialog.get_by_label("Porta de saída", exact=True).fill(str(account.smtp_port))


def confirm(dialog: Locator) -> None:
    """Confirm the limitations."""
    dialog.get_by_text("Entendo as limitações").click()


def submit(dialog: Locator) -> Locator:
    return dialog.get_by_role("button", name="Conectar", exact=True)


def connect_from_settings(
    console: Console, page: Page, account: Account, owner: str = "Ana Souza"
) -> None:
    console.visit(page, "integrations")
    page.get_by_role("button", name="Conectar com IMAP").click()
    dialog = page.get_by_role("dialog")
    fill(dialog, account, account.password, owner)
    confirm(dialog)
    submit(dialog).click()
    expect(
        page.get_by_role("heading", name="Situação da sincronização")
    ).to_be_visible()


def test_from_settings_to_messages_and_volume(
    console: Console, page: Page, dovecot: Dovecot, account: Account
) -> None:
    dovecot.fill(account, {"INBOX": 120, "Sent": 30})
    with Device(account) as phone:
        phone.deliver("INBOX", subject="<b>Reunião</b> ![x](http://evil.example/p.png)")
    connect_from_settings(console, page, account)
    expect(page.get_by_text("A caixa está sendo acompanhada.")).to_be_visible()
    assert "integration=1" in page.url
    assert "@" not in page.url

    page.get_by_role("link", name="Mensagens").first.click()
    expect(page.get_by_text("151 mensagens")).to_be_visible()
    page.get_by_label("Buscar em assunto e endereços").fill("reuniao")
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 mensagem", exact=True)).to_be_visible()
    assert "q=reuniao" in page.url

    console.visit(page, "volume?integration=1&period=365")
    expect(
        page.get_by_text("Mensagens recebidas e enviadas por dia").first
    ).to_be_visible()
    expect(page.get_by_text("Não disponível via IMAP: aberturas")).to_be_visible()


def test_from_an_activity_and_back_to_it(
    console: Console, page: Page, account: Account, tmp_path: Path
) -> None:
    file = tmp_path / "activities.csv"
    file.write_text(ACTIVITIES)
    console.visit(page)
    page.get_by_role("link", name="Painel de Atividades").click()
    page.get_by_role("button", name="Importar arquivo").click()
    dialog = page.get_by_role("dialog")
    dialog.locator("input[type=file]").set_input_files(file)
    dialog.get_by_role("button", name="Importar", exact=True).click()
    expect(page.get_by_text("2 novas atividades foram importadas.")).to_be_visible()

    search = page.get_by_label("Buscar por assunto, contato, empresa ou responsável")
    search.fill("acai")
    page.keyboard.press("Enter")
    choose_the_row(page)
    page.get_by_role("button", name="Executar atividade").click()
    page.get_by_role(
        "link", name="Clique aqui para realizar a integração de e-mail"
    ).click()
    expect(
        page.get_by_text("Você veio da atividade: Proposta para a Açaí")
    ).to_be_visible()

    page.get_by_role("button", name="Conectar com IMAP").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Responsável", exact=True)).to_have_value("Ana Souza")
    fill(dialog, account, account.password)
    confirm(dialog)
    submit(dialog).click()
    expect(page.get_by_role("heading", name="Painel de Atividades")).to_be_visible()
    assert "activity=1" in page.url
    page.get_by_role("button", name="Executar atividade").click()
    expect(page).to_have_url(re.compile(r"/compose\?.*activity=1"))


def choose_the_row(page: Page) -> None:
    """Choose the only row of a table: it is drawn, so it is clicked by place."""
    table = page.get_by_test_id("stDataFrame").first
    expect(table.locator("canvas").first).to_be_visible()
    grid = table.locator("table[role=grid]")  # of its head and the row that was found
    expect(grid).to_have_attribute("aria-rowcount", "2")
    table.click(position={"x": 16, "y": 52})
    expect(page.get_by_role("button", name="Executar atividade")).to_be_visible()


def test_connect_is_disabled_until_confirmed_and_a_wrong_password_is_told(
    console: Console, page: Page, account: Account
) -> None:
    console.visit(page, "integrations")
    page.get_by_role("button", name="Conectar com IMAP").click()
    dialog = page.get_by_role("dialog")
    expect(submit(dialog)).to_be_disabled()
    fill(dialog, account, "not the password", "Ana Souza")
    expect(submit(dialog)).to_be_disabled()
    confirm(dialog)
    expect(submit(dialog)).to_be_enabled()
    submit(dialog).click()
    told = dialog.get_by_role("alert")  # the report says it once more
    expect(told.get_by_text("recusou o usuário ou a senha")).to_be_visible()
    expect(dialog.get_by_label("E-mail", exact=True)).to_have_value(account.address)
    expect(dialog.get_by_label("Senha", exact=True)).to_have_value("")

    dialog.get_by_label("Senha", exact=True).fill(account.password)
    submit(dialog).click()
    expect(
        page.get_by_role("heading", name="Situação da sincronização")
    ).to_be_visible()


def test_the_keyboard_alone_is_enough(
    console: Console, page: Page, account: Account
) -> None:
    console.visit(page, "integrations")
    page.get_by_role("button", name="Conectar com IMAP").click()
    dialog = page.get_by_role("dialog")
    fill(dialog, account, "", "Ana Souza")
    dialog.get_by_label("Senha", exact=True).focus()
    page.keyboard.type(account.password)
    page.keyboard.press("Tab")
    dialog.get_by_role("checkbox").focus()
    page.keyboard.press("Space")
    expect(submit(dialog)).to_be_enabled()
    submit(dialog).focus()
    page.keyboard.press("Enter")
    title = page.get_by_role("heading", name="Situação da sincronização")
    expect(title).to_be_visible()


def test_empty_fields_are_told_at_the_field(console: Console, page: Page) -> None:
    console.visit(page, "integrations")
    page.get_by_role("button", name="Conectar com IMAP").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Servidor de entrada (IMAP)", exact=True).fill(
        "https://imap.example.com/"
    )
    confirm(dialog)
    submit(dialog).click()
    expect(dialog.get_by_text("Este campo é obrigatório.")).to_have_count(4)
    expect(dialog.get_by_text("Somente o nome do servidor")).to_be_visible()


def test_a_second_integration_of_the_same_owner_is_refused(
    console: Console, page: Page, account: Account
) -> None:
    connect_from_settings(console, page, account)
    console.visit(page, "integrations")
    expect(
        page.get_by_text("Só é possível um provedor por vez: para conectar")
    ).to_be_visible()
    expect(page.get_by_role("button", name="Conectar com IMAP")).to_have_count(0)
    page.get_by_role("button", name="Conectar a caixa de outra pessoa").click()
    dialog = page.get_by_role("dialog")
    fill(dialog, account, account.password, "ana souza")
    confirm(dialog)
    submit(dialog).click()
    expect(dialog.get_by_text("já tem uma integração de e-mail")).to_be_visible()


def test_disconnecting_asks_first_and_lets_another_in(
    console: Console, page: Page, account: Account
) -> None:
    connect_from_settings(console, page, account)
    console.visit(page, "integrations")
    page.get_by_role("button", name="Desconectar").first.click()
    dialog = page.get_by_role("dialog")
    expect(
        dialog.get_by_text("A senha guardada é apagada imediatamente")
    ).to_be_visible()
    dialog.get_by_role("button", name="Desconectar").click()
    expect(page.get_by_role("button", name="Conectar com IMAP")).to_be_visible()


@pytest.mark.parametrize(
    ("page", "words"),
    [("pt-BR", "Boas-vindas ao Malote."), ("en-US", "Welcome to Malote.")],
    indirect=["page"],
)
def test_the_language_is_the_browsers_and_can_be_changed(
    console: Console, page: Page, words: str
) -> None:
    console.visit(page)
    expect(page.get_by_text(words)).to_be_visible()
    page.get_by_label(re.compile("Idioma|Language")).click()
    other = "English" if "Boas" in words else "Português (Brasil)"
    page.get_by_role("option", name=other).click()
    there = "Welcome to Malote." if other == "English" else "Boas-vindas ao Malote."
    expect(page.get_by_text(there)).to_be_visible()


def test_the_demo_mailbox_from_an_empty_console(console: Console, page: Page) -> None:
    console.visit(page)
    page.get_by_role("button", name="Abrir a caixa de demonstração").click()
    dialog = page.get_by_role("dialog")
    confirm(dialog)
    submit(dialog).click()
    expect(
        page.get_by_role("heading", name="Situação da sincronização")
    ).to_be_visible()
    expect(page.get_by_text("A caixa está sendo acompanhada.")).to_be_visible()
    expect(page.get_by_text("O servidor avisa o Malote")).to_be_visible()
    held = page.get_by_test_id("glide-cell-2-0").first  # of the inbox
    expect(held).to_have_text(re.compile(r"1\d{3}"))
    before = int(held.text_content() or 0)
    demo = endpoint.read(console.data / "demo")
    assert demo is not None
    send(demo, letter(demo.address, "Chegou agora"))
    expect(held).to_have_text(str(before + 1))
    page.get_by_role("link", name="Mensagens").first.click()
    expect(page.get_by_text(re.compile(r"2\.\d{3} mensagens"))).to_be_visible()
    page.get_by_role("link", name="Painel de Atividades").click()
    expect(page.get_by_test_id("stDataFrame").first).to_be_visible()


def test_a_deep_link_as_the_first_visit_has_the_frame_around_it(
    console: Console, page: Page
) -> None:
    console.visit(page, "volume")
    expect(page.get_by_role("link", name="Integrações").first).to_be_visible()
    expect(page.get_by_role("heading", name="Volume")).to_be_visible()

"""The page of one mailbox in Chromium: it draws itself again, and nothing is lost."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Console
from tests.browser.test_ways import connect_from_settings
from tests.servers.dovecot import Account, Dovecot

pytestmark = [pytest.mark.browser, pytest.mark.server]


def choose(page: Page, view: str) -> None:
    """Choose a part; once more where the page moved away under the click."""
    radio = page.get_by_role("radio", name=view)
    radio.click()
    with suppress(AssertionError):
        expect(radio).to_be_checked(timeout=3_000)
        return
    radio.click()
    expect(radio).to_be_checked()


def test_what_a_person_does_with_a_mailbox(
    console: Console, page: Page, dovecot: Dovecot, account: Account, tmp_path: Path
) -> None:
    dovecot.fill(account, {"INBOX": 20, "Feitos": 3})
    connect_from_settings(console, page, account)
    expect(page.get_by_text("A caixa está sendo acompanhada.")).to_be_visible()

    choose(page, "Registro da conexão")
    page.get_by_role("button", name="Registrar conexão").click()
    log = page.get_by_test_id("stCode")
    expect(log).to_contain_text("IDLE")  # it comes by itself: the part stays chosen
    expect(page).to_have_url(re.compile("view=recording"))
    with page.expect_download() as download:
        page.get_by_role("button", name="Baixar").click()
    download.value.save_as(tmp_path / "log.txt")
    text = (tmp_path / "log.txt").read_text()
    assert "AUTHENTICATE PLAIN …" in text
    assert account.user not in text
    page.get_by_role("button", name="Parar").click()
    expect(page.get_by_role("button", name="Registrar conexão")).to_be_visible()

    choose(page, "Servidor")
    expect(log).to_have_count(0)
    choose(page, "Pastas")
    page.get_by_role("button", name="Mudar uma função").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Função").click()
    page.get_by_role("option", name="Enviadas").click()
    dialog.get_by_role("button", name="Mudar", exact=True).click()
    expect(dialog).to_have_count(0)
    expect(page.get_by_text("A função foi mudada.")).to_be_visible()
    expect(page.get_by_text("Enviadas (escolhida)")).to_be_attached()

    page.get_by_role("button", name="Reconectar").click()
    expect(page).to_have_url(re.compile("integrations$"))
    address = page.get_by_role("dialog").get_by_label("E-mail", exact=True)
    expect(address).to_have_value(account.address)
    page.get_by_role("button", name="Cancelar").click()
    page.get_by_role("link", name="Situação da sincronização").first.click()
    page.locator(".st-key-sync_disconnect button").click()
    page.get_by_role("dialog").get_by_role("button", name="Desconectar").click()
    expect(page.get_by_text("Desconectada; o que foi lido permanece.")).to_be_visible()
    expect(page.get_by_role("button", name="Sincronizar agora")).to_have_count(0)

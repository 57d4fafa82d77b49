"""Acts on messages in Chromium: shown at once, done on the server, taken back."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from core import analysis
from tests.browser.conftest import Console
from tests.browser.test_ways import connect_from_settings
from tests.servers.device import snapshot
from tests.servers.dovecot import Account, Dovecot

pytestmark = [pytest.mark.browser, pytest.mark.server]


def in_inbox(console: Console) -> int:
    """Give a message that lies in INBOX: folders are read side by side."""
    with analysis.open(console.data) as malote:
        folders = malote.folders(1)
        inbox = int(folders["id"][folders["title"] == "INBOX"].iloc[0])
        found = malote.messages(folder=inbox, integration=1).frame()
        return int(found["message_id"].iloc[0])


def test_a_message_is_deleted_and_comes_back(
    console: Console, page: Page, dovecot: Dovecot, account: Account
) -> None:
    dovecot.fill(account, {"INBOX": 3, "Trash": 1, "Projetos": 1})
    connect_from_settings(console, page, account)
    expect(page.get_by_text("A caixa está sendo acompanhada.")).to_be_visible()
    console.visit(page, f"messages?integration=1&message={in_inbox(console)}")
    page.get_by_role("button", name="Sinalizar", exact=True).click()
    expect(page.get_by_text("1 mensagem sinalizada.")).to_be_visible()
    flags = [held.flags for held in snapshot(account)["INBOX"].values()]
    assert sum(r"\Flagged" in some for some in flags) == 1

    page.get_by_role("button", name="Excluir", exact=True).click()
    expect(page.get_by_text("1 mensagem movida para a lixeira.")).to_be_visible()
    expect(page).not_to_have_url(re.compile("message="))
    assert len(snapshot(account)["Trash"]) == 2

    page.get_by_role("button", name="Desfazer").click()
    expect(page.get_by_text("1 mensagem movida para INBOX.")).to_be_visible()
    assert len(snapshot(account)["Trash"]) == 1
    assert len(snapshot(account)["INBOX"]) == 3


def test_a_message_is_moved_to_a_folder_of_choice(
    console: Console, page: Page, dovecot: Dovecot, account: Account
) -> None:
    dovecot.fill(account, {"INBOX": 3, "Projetos": 1})
    connect_from_settings(console, page, account)
    expect(page.get_by_text("A caixa está sendo acompanhada.")).to_be_visible()
    console.visit(page, f"messages?integration=1&message={in_inbox(console)}")
    page.get_by_role("button", name="Mover", exact=True).click()
    page.get_by_label("Mover para").click()
    page.get_by_role("option", name="Projetos").click()
    page.get_by_role("button", name="Mover", exact=True).last.click()
    expect(page.get_by_text("1 mensagem movida para Projetos.")).to_be_visible()
    assert len(snapshot(account)["Projetos"]) == 2

"""Sign in at the provider, lose the permission, sign in again: in Chromium."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Console, serving_console
from tests.browser.test_ways import confirm
from tests.certificates import Certificates
from tests.servers.authority import Authority
from tests.servers.consent import CLIENT_ID, CLIENT_SECRET
from tests.servers.dovecot import Account, Dovecot, free_ports
from tests.servers.installation import HOSTS
from tests.servers.serving import HOST

pytestmark = [pytest.mark.browser, pytest.mark.server]
GO = "Continuar com o Google"
FOLLOWED = "A caixa está sendo acompanhada."


@dataclass
class Place:
    """A console that is registered at an authorization server, and a mailbox."""

    console: Console
    authority: Authority
    account: Account


@pytest.fixture
def place(
    tmp_path: Path,
    certificates: Certificates,
    authority: Authority,
    oauth_dovecot: Dovecot,
) -> Iterator[Place]:
    account, (port,) = oauth_dovecot.mailbox(), free_ports(1)
    public = f"http://localhost:{port}"
    authority.client.redirect_uris = [f"{public}/oauth/callback"]
    with serving_console(
        tmp_path,
        certificates,
        port,
        MALOTE_ALLOW_HOSTS=HOSTS,
        MALOTE_PLAINTEXT_HOSTS=HOST,
        MALOTE_OAUTH_FILE=str(authority.file(tmp_path, account.imap, account.smtp)),
        MALOTE_GOOGLE_CLIENT_ID=CLIENT_ID,
        MALOTE_GOOGLE_CLIENT_SECRET=CLIENT_SECRET,
    ) as console:
        yield Place(console, authority, account)


def dialog_of(page: Page) -> Locator:
    return page.get_by_role("dialog")


def go_to_provider(page: Page) -> None:
    dialog_of(page).get_by_role("link", name=GO).click()
    expect(page.get_by_text("wants to read and send mail")).to_be_visible()


def begin(place: Place, page: Page) -> None:
    """Go from the card to the provider's page."""
    place.console.visit(page, "integrations")
    page.get_by_role("button", name=GO).click()
    dialog = dialog_of(page)
    dialog.get_by_label("Responsável", exact=True).fill("Ana Souza")
    expect(dialog.get_by_role("button", name=GO)).to_be_disabled()
    confirm(dialog)
    go_to_provider(page)


def consent(place: Place, page: Page, answer: str = "Allow") -> None:
    page.get_by_label("Account").fill(place.account.address)
    page.get_by_role("button", name=answer).click()


def is_followed(page: Page) -> None:
    title = page.get_by_role("heading", name="Situação da sincronização")
    expect(title).to_be_visible()
    expect(page.get_by_text(FOLLOWED)).to_be_visible()


def test_a_person_signs_in_loses_the_permission_and_signs_in_again(
    place: Place, page: Page
) -> None:
    begin(place, page)
    consent(place, page)
    is_followed(page)
    assert "@" not in page.url
    assert "sign_in" not in page.url
    assert len(place.authority.of(place.account.address)) == 1

    place.authority.withdraw(place.account.address)
    place.authority.expire(place.account.address)
    page.get_by_role("button", name="Sincronizar agora").click()
    expect(page.get_by_text("Precisa de permissão").first).to_be_visible()
    expect(page.get_by_text("O provedor não dá mais acesso.")).to_be_visible()

    page.get_by_role("button", name="Reconectar").click()  # leads to the dialog
    go_to_provider(page)
    expect(page.get_by_label("Account")).to_have_value(place.account.address)
    consent(place, page)
    is_followed(page)
    expect(page).to_have_url(re.compile(r"integration=1$"))  # the same: history stays

    place.console.visit(page, "integrations")
    page.get_by_role("button", name="Desconectar").first.click()
    dialog = dialog_of(page)
    expect(dialog.get_by_text("A permissão também é retirada")).to_be_visible()
    dialog.get_by_role("button", name="Desconectar").click()
    expect(page.get_by_text("Desconectada").first).to_be_visible()
    assert all(token.revoked for token in place.authority.of(place.account.address))


def test_a_refused_consent_is_told_and_may_be_begun_again(
    place: Place, page: Page
) -> None:
    begin(place, page)
    consent(place, page, "Deny")
    dialog = dialog_of(page)
    expect(dialog.get_by_text("O login não foi concluído.")).to_be_visible()
    dialog.get_by_role("button", name="Começar de novo").click()
    again = dialog_of(page)
    owner = again.get_by_label("Responsável", exact=True)
    expect(owner).to_have_value("Ana Souza")
    confirm(again)
    go_to_provider(page)
    consent(place, page)
    is_followed(page)


def test_another_account_than_was_typed_is_not_connected(
    place: Place, page: Page
) -> None:
    place.console.visit(page, "integrations")
    page.get_by_role("button", name=GO).click()
    dialog = dialog_of(page)
    dialog.get_by_label("Responsável", exact=True).fill("Ana Souza")
    dialog.get_by_label("E-mail", exact=True).fill("bia@example.org")
    confirm(dialog)
    go_to_provider(page)
    consent(place, page)
    told = dialog_of(page).get_by_text("Você digitou bia@example.org e entrou como")
    expect(told).to_be_visible()
    place.console.visit(page, "integrations")
    expect(page.get_by_text("Nenhuma ainda.")).to_be_visible()

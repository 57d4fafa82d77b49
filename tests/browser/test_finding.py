"""One address in, servers out: what a person sees while typing it, in Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Console, serving_console
from tests.browser.test_ways import confirm, submit
from tests.certificates import DOMAIN, Certificates
from tests.servers.dovecot import PASSWORD, Account, Dovecot
from tests.servers.looking import LOCAL, OWN, config
from tests.servers.names import Names, answering
from tests.servers.pages import Page as HttpPage, Site, serving

pytestmark = [pytest.mark.browser, pytest.mark.server]
ADDRESS = f"ana.souza@{DOMAIN}"


@dataclass
class Place:
    """A console that asks our DNS, and the servers of a domain unknown to it."""

    console: Console
    names: Names
    site: Site
    account: Account


@pytest.fixture
def place(
    tmp_path: Path, certificates: Certificates, dovecot: Dovecot
) -> Iterator[Place]:
    hosts = [f"{label}.{DOMAIN}" for label in ("imap", "smtp", "autoconfig")]
    with ExitStack() as stack:
        names = stack.enter_context(answering(dict.fromkeys([DOMAIN, *hosts], LOCAL)))
        site = stack.enter_context(serving(certificates.good))
        console = stack.enter_context(
            serving_console(
                tmp_path,
                certificates,
                MALOTE_ALLOW_HOSTS=",".join([DOMAIN, *hosts]),
                MALOTE_DNS_SERVER=names.place,
                MALOTE_DISCOVERY_PORT=str(site.port),
                MALOTE_DISCOVERY_DATABASE="",
            )
        )
        yield Place(console, names, site, dovecot.mailbox())


def dialog_with(page: Page, console: Console, address: str) -> Locator:
    """Open the dialog and type an address, as a person does: then leave the field."""
    console.visit(page, "integrations")
    page.get_by_role("button", name="Conectar com IMAP").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Responsável", exact=True).fill("Ana Souza")
    dialog.get_by_label("E-mail", exact=True).fill(address)
    dialog.get_by_label("E-mail", exact=True).press("Tab")
    return dialog


def servers_are(dialog: Locator, imap: str, smtp: str) -> None:
    incoming = dialog.get_by_label("Servidor de entrada (IMAP)", exact=True)
    outgoing = dialog.get_by_label("Servidor de saída (SMTP)", exact=True)
    expect(incoming).to_have_value(imap)
    expect(outgoing).to_have_value(smtp)


def connect(page: Page, dialog: Locator) -> None:
    dialog.get_by_label("Senha", exact=True).fill(PASSWORD)
    confirm(dialog)
    submit(dialog).click()
    title = page.get_by_role("heading", name="Situação da sincronização")
    expect(title).to_be_visible()
    expect(page.get_by_text("A caixa está sendo acompanhada.")).to_be_visible()


def test_a_known_provider_says_what_it_needs_and_its_servers_are_filled_in(
    console: Console, page: Page
) -> None:
    dialog = dialog_with(page, console, "ana.souza@uol.com.br")
    expect(dialog.get_by_text("Provedor: UOL Mail")).to_be_visible()
    expect(dialog.get_by_text("a parte antes do @").first).to_be_visible()
    servers_are(dialog, "imap.uol.com.br", "smtps.uol.com.br")
    dialog.get_by_text("Portas, segurança e usuário").click()
    expect(dialog.get_by_label("Usuário", exact=True)).to_have_value("ana.souza")
    field = dialog.get_by_label("E-mail", exact=True)
    field.fill("ana.souza@yahoo.com.br")
    field.press("Tab")
    servers_are(dialog, "imap.mail.yahoo.com", "smtp.mail.yahoo.com")
    expect(dialog.get_by_label("Usuário", exact=True)).to_have_value("")
    expect(
        dialog.get_by_role("link", name="Abrir a página do provedor")
    ).not_to_have_count(0)


def test_what_a_person_typed_is_not_overwritten(console: Console, page: Page) -> None:
    dialog = dialog_with(page, console, "ana@empresa.example")
    incoming = dialog.get_by_label("Servidor de entrada (IMAP)", exact=True)
    incoming.fill("imap.empresa.example")
    field = dialog.get_by_label("E-mail", exact=True)
    field.fill("ana@uol.com.br")
    field.press("Tab")
    expect(dialog.get_by_text("Provedor: UOL Mail")).to_be_visible()
    expect(incoming).to_have_value("imap.empresa.example")


def test_an_unknown_provider_is_found_by_dns(place: Place, page: Page) -> None:
    one = place.account
    place.names.records[f"_imaps._tcp.{DOMAIN}"] = [
        f"SRV 0 1 {one.imap_port} imap.{DOMAIN}."
    ]
    place.names.records[f"_submissions._tcp.{DOMAIN}"] = [
        f"SRV 0 1 {one.smtp_port} smtp.{DOMAIN}."
    ]
    dialog = dialog_with(page, place.console, ADDRESS)
    expect(dialog.get_by_text(f"O Malote ainda não conhece {DOMAIN}.")).to_be_visible()
    assert place.names.asked == []  # not before the person asks
    dialog.get_by_role("button", name="Encontrar os servidores").click()
    expect(dialog.get_by_text("indicado pelo DNS do domínio")).to_be_visible()
    servers_are(dialog, f"imap.{DOMAIN}", f"smtp.{DOMAIN}")
    assert place.site.asked == []  # DNS alone was asked
    connect(page, dialog)


def test_an_unknown_provider_is_found_by_its_own_configuration(
    place: Place, page: Page
) -> None:
    one = place.account
    said = config().replace(b"<port>993<", b"<port>%d<" % one.imap_port)
    said = said.replace(b"<port>465<", b"<port>%d<" % one.smtp_port)
    place.site.pages[OWN] = HttpPage(said)
    dialog = dialog_with(page, place.console, ADDRESS)
    dialog.get_by_role("button", name="Encontrar os servidores").click()
    expect(dialog.get_by_text("O DNS não indica servidores")).to_be_visible()
    assert place.site.asked == []
    dialog.get_by_role("button", name="Procurar mais").click()
    expect(
        dialog.get_by_text("indicado pela configuração do próprio domínio")
    ).to_be_visible()
    servers_are(dialog, f"imap.{DOMAIN}", f"smtp.{DOMAIN}")
    connect(page, dialog)


@pytest.mark.parametrize(
    ("address", "title"),
    [
        ("ana@gmail.com", "Esta caixa é do Google"),
        ("ana@hotmail.com", "Esta caixa é da Microsoft"),
    ],
)
def test_an_address_of_google_or_microsoft_is_led_to_its_button(
    console: Console, page: Page, address: str, title: str
) -> None:
    dialog = dialog_with(page, console, address)
    expect(dialog.get_by_text(title)).to_be_visible()
    expect(dialog.get_by_label("Senha", exact=True)).to_have_count(0)
    dialog.get_by_role("button", name="Continuar com").click()
    other = page.get_by_role("dialog")
    expect(other.get_by_text("O login ainda não está configurado")).to_be_visible()
    expect(other.get_by_text("/oauth/callback")).to_be_visible()


def test_an_own_domain_at_google_is_known_by_its_mail_host(
    place: Place, page: Page
) -> None:
    place.names.records[DOMAIN] = ["MX 1 aspmx.l.google.com.", *LOCAL]
    dialog = dialog_with(page, place.console, ADDRESS)
    dialog.get_by_role("button", name="Encontrar os servidores").click()
    expect(dialog.get_by_text("Esta caixa é do Google")).to_be_visible()
    expect(dialog.get_by_label("Senha", exact=True)).to_have_count(0)
    dialog.get_by_role("button", name="Usar uma senha de app").click()
    expect(dialog.get_by_label("Senha", exact=True)).to_be_visible()
    servers_are(dialog, "imap.gmail.com", "smtp.gmail.com")


def test_a_domain_that_takes_no_mail_says_so(place: Place, page: Page) -> None:
    place.names.records[DOMAIN] = ["MX 0 ."]
    dialog = dialog_with(page, place.console, ADDRESS)
    dialog.get_by_role("button", name="Encontrar os servidores").click()
    expect(dialog.get_by_text("informa que não recebe e-mail")).to_be_visible()

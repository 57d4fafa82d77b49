"""Hostile mails, delivered to a real server and opened in the console."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Dialog, Page, Response, expect

from core.store import integrations
from core.store.engine import open_engine, reading, writing
from core.store.schema import message
from tests.browser.canary import Canary, listening
from tests.browser.conftest import Console
from tests.browser.hostile import PLAIN, vectors
from tests.browser.test_ways import connect_from_settings
from tests.servers import letters
from tests.servers.device import Device, snapshot
from tests.servers.dovecot import Account

pytestmark = [pytest.mark.browser, pytest.mark.server]
TOGETHER = 12  # vectors in one mail
SUBJECTS = {
    "![x](http://{h}/subject.png)": "Markdown",
    "[click](http://{h}/link) **bold** :material/home: $x^2$": "more Markdown",
    "<img src=http://{h}/s.png onerror=alert(1)>": "HTML",
    "a\u202egnp.exe": "direction",
}


@pytest.fixture
def canary() -> Iterator[Canary]:
    with listening() as canary:
        yield canary


def allow_bodies(console: Console, level: str = "body") -> dict[str, int]:
    """Set how much may be read; give the ids of messages by subject."""
    engine = open_engine(f"sqlite:///{console.data}/malote.db")
    with writing(engine) as conn:
        integrations.change(conn, 1, privacy=level)
    with reading(engine) as conn:
        rows = conn.execute(message.select()).all()
    engine.dispose()
    return {row.subject: row.id for row in rows}


def open_message(console: Console, page: Page, one: int) -> Response:
    """Open a message; give what the frame was answered, once it has it all."""
    with page.expect_response(re.compile("/api/preview/")) as answered:
        console.visit(page, f"messages?integration=1&message={one}")
    answered.value.finished()
    frame = page.locator(".st-key-message_preview iframe")
    expect(frame).to_be_visible()
    return answered.value


def deliver(account: Account, *mails: bytes) -> None:
    with Device(account) as phone:
        for raw in mails:
            phone.deliver("INBOX", raw=raw)


def test_hostile_mails_change_nothing_around_their_frame(
    console: Console, page: Page, account: Account, canary: Canary
) -> None:
    dialogs: list[str] = []

    def dialog(opened: Dialog) -> None:
        dialogs.append(opened.message)
        opened.dismiss()

    page.on("dialog", dialog)
    sources = [source for _, source in vectors(canary.host)]
    some = [sources[n : n + TOGETHER] for n in range(0, len(PLAIN), TOGETHER)]
    names = [f"Vectors {n}" for n in range(len(some))]
    mails = [
        letters.of_html("\n<hr>\n".join(one), name)
        for name, one in zip(names, some, strict=True)
    ]
    deliver(account, *mails)
    connect_from_settings(console, page, account)
    expect(page.get_by_text("A caixa está sendo acompanhada.")).to_be_visible()
    ids = allow_bodies(console)
    before = snapshot(account)
    for name in names:
        answer = open_message(console, page, ids[name])
        assert answer.status == 200
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("sandbox allow-popups")
        assert "<script" not in answer.text().lower()
        frame = page.locator(".st-key-message_preview iframe")
        assert frame.get_attribute("title") == "Conteúdo da mensagem"
        box = frame.bounding_box()
        assert box is not None
        assert box["height"] >= 180
        page.mouse.click(box["x"] + 30, box["y"] + 20)
        sidebar = page.get_by_test_id("stSidebar")
        expect(sidebar.get_by_role("link", name="Mensagens")).to_be_visible()
        expect(page.get_by_role("heading", level=1)).to_have_text("Mensagens")
        assert page.evaluate("() => !!window.owned") is False
        assert page.title() != "owned"
        assert page.url.startswith(console.url)
        assert page.locator("iframe").count() == 1
    assert dialogs == []
    assert canary.heard == []
    assert snapshot(account) == before  # nothing was marked as read


def test_subjects_and_names_are_shown_as_text(
    console: Console, page: Page, account: Account, canary: Canary
) -> None:
    told = [s.format(h=canary.host) for s in SUBJECTS]
    mails = [
        letters.of_html("<p>x</p>", subject).replace(
            b"From: Bruno", f"From: =?utf-8?q?{_quoted(subject)}?=".encode()
        )
        for subject in told
    ]
    deliver(account, *mails)
    connect_from_settings(console, page, account)
    expect(page.get_by_text("A caixa está sendo acompanhada.")).to_be_visible()
    ids = list(allow_bodies(console).values())
    shown = page.locator(".st-key-message_preview")
    for one, subject in zip(ids, told, strict=True):
        open_message(console, page, one)
        seen = subject.replace("\u202e", "⟨U+202E⟩")
        expect(shown.get_by_text(f"{seen} <bruno@example.net>")).to_be_visible()
        assert shown.locator("img").count() == 0
        assert shown.locator("a").count() == 0
    expect(shown.get_by_text("mudam a direção do texto").first).to_be_visible()
    assert canary.heard == []


def _quoted(text: str) -> str:
    return "".join(f"={b:02X}" for b in text.encode())


def test_a_person_looks_into_a_message_and_takes_an_attachment(
    console: Console, page: Page, account: Account, tmp_path: Path
) -> None:
    stated = (
        b"Authentication-Results: mx.example.org;"
        b" spf=pass smtp.mailfrom=www.example.net; dkim=fail header.d=example.net\r\n"
    )
    made = stated + letters.with_files(("..\\relat\u00f3rio.exe", b"MZ data"))
    deliver(account, made, letters.of_html("<p>Olá</p>", "HTML", text="O texto"))
    connect_from_settings(console, page, account)
    expect(page.get_by_text("A caixa está sendo acompanhada.")).to_be_visible()
    shown = page.locator(".st-key-message_preview")
    allow_bodies(console, "subject")
    console.visit(page, "messages?integration=1&message=1")
    expect(shown.get_by_text("O nível de privacidade desta caixa")).to_be_visible()
    ids = allow_bodies(console)
    console.visit(page, f"messages?integration=1&message={ids['Com anexos']}")
    expect(shown.get_by_text("SPF: aprovado")).to_be_visible()
    expect(shown.get_by_text("DKIM: reprovado")).to_be_visible()
    expect(shown.get_by_text("(www.example.net)").first).to_be_visible()
    assert shown.locator("a").count() == 0  # also a domain is mere text
    expect(shown.get_by_text("DMARC: não informado")).to_be_visible()
    expect(shown.get_by_text("Segundo mx.example.org")).to_be_visible()
    expect(shown.get_by_text("Segue anexo.")).to_be_visible()
    expect(shown.get_by_text("Pode executar um programa")).to_be_visible()
    shown.get_by_role("button", name="Buscar").click()
    with page.expect_download() as download:
        shown.get_by_role("button", name="Salvar").click()
    assert download.value.suggested_filename == "relatório.exe"
    download.value.save_as(tmp_path / "got")
    assert (tmp_path / "got").read_bytes() == b"MZ data"
    shown.get_by_role("radio", name="Cabeçalhos").click()
    expect(shown.get_by_test_id("stCode")).to_contain_text("Subject: Com anexos")
    shown.get_by_role("radio", name="Código-fonte").click()
    expect(shown.get_by_test_id("stCode")).to_contain_text("Segue anexo.")

    open_message(console, page, ids["HTML"])
    expect(shown.get_by_text("nunca são carregados")).to_be_visible()
    shown.get_by_role("radio", name="Texto").click()
    expect(shown.get_by_test_id("stCode")).to_contain_text("O texto")


def test_a_token_of_nobody_opens_nothing(console: Console, page: Page) -> None:
    console.visit(page)
    for token in ("x", "A" * 75, "a.b~c", "AAAA" * 40):
        answer = page.request.get(f"{console.url}/api/preview/{token}")
        assert answer.status == 410
        assert answer.headers["content-security-policy"].startswith("sandbox")
    head = page.request.head(f"{console.url}/api/preview/x")
    assert head.status == 405

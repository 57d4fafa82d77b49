"""A person sets up a sink with the keyboard, tests it, and hears of what is wrong."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core.runtime import open_runtime
from core.settings import Settings
from tests.browser.conftest import Console, serving_console
from tests.certificates import Certificates
from tests.servers.alerting import Alarmed
from tests.servers.hook import hook

pytestmark = pytest.mark.browser
CANARY = "Zq7CANARY9f3e"
LOOKS_S = 30.0  # the worker looks each five seconds, and sends each five


def test_from_nobody_is_told_to_an_alert_that_is_snoozed(
    tmp_path: Path, certificates: Certificates, page: Page
) -> None:
    at_once = serving_console(tmp_path, certificates, MALOTE_ALERT_GROUP_S="0")
    with hook() as told, at_once as console:
        console.visit(page, "alerts")
        expect(page.get_by_text("Ninguém é avisado ainda")).to_be_visible()
        page.locator(".st-key-sink_first button").press("Enter")
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("Nome").fill("Plantão")
        dialog.get_by_label("URL", exact=True).fill(told.url(CANARY))
        page.keyboard.press("Tab")  # a field is read when it is left
        page.locator(".st-key-sink_store button").press("Enter")
        expect(dialog).to_have_count(0)
        expect(page.get_by_text("Plantão")).to_be_visible()
        page.get_by_role("button", name="Testar").press("Enter")
        expect(page.get_by_text("O teste foi enviado")).to_be_visible()
        assert told.titles == ["[Malote] Teste"]
        wrong(console)
        expect(page.get_by_text("senha recusada").first).to_be_visible()
        told.until(2, LOOKS_S)
        assert told.titles[1] == "[Malote] ana1@example.org: senha recusada"
        page.get_by_role("button", name="Silenciar").first.press("Enter")
        expect(dialog).to_be_visible()
        dialog.get_by_role("button", name="8 horas").press("Enter")
        expect(dialog).to_have_count(0)
        expect(page.get_by_text(re.compile("^Silenciado até")).first).to_be_visible()
        assert CANARY not in page.content()


def wrong(console: Console) -> None:
    """Let a password be refused, as the worker's sync would note it."""
    runtime = open_runtime(Settings(data=console.data))
    alarmed = Alarmed.of(runtime)
    box = alarmed.mailbox()
    alarmed.wrong(box, host="imap.example.org")
    runtime.engine.dispose()

"""Exporting in Chromium: how far it is, cancelling, the download, and its address."""

from __future__ import annotations

import json
import re
import urllib.request
from pathlib import Path
from urllib.error import HTTPError

import pandas as pd
import pytest
from playwright.sync_api import Locator, Page, expect

from core import browse, watch
from core.privacy import Privacy
from core.question import Question
from core.runtime import Runtime, open_runtime
from core.settings import Settings
from tests.browser.conftest import Console
from tests.store.mailbox_made import RARE, fill

pytestmark = [pytest.mark.browser, pytest.mark.server]
MANY = 30_000
FAR = re.compile(r"^[\d.]+ (?:mensagens até agora|de [\d.]+ mensagens)…$")


def button(page: Page, key: str) -> Locator:
    return page.locator(f".st-key-{key}").get_by_role("button")


def opened_panel(console: Console, page: Page, question: str) -> None:
    console.visit(page, f"messages?{question}")
    button(page, "export_panel").click()
    expect(button(page, "export_go")).to_be_visible()


def panel(page: Page) -> Locator:
    return page.get_by_test_id("stPopoverBody")


def kept(console: Console) -> list[Path]:
    return list((console.data / "exports").glob("*/*"))


def saved(page: Page, label: str, folder: Path) -> Path:
    with page.expect_download() as download:
        panel(page).get_by_role("link", name=label).click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def test_what_a_person_does_with_an_export(
    console: Console, page: Page, tmp_path: Path
) -> None:
    runtime = open_runtime(Settings(data=console.data))
    one = fill(runtime, MANY)
    cancelled(console, page, one)
    downloaded(console, page, one, tmp_path)
    refused(console, page, one, runtime)
    runtime.engine.dispose()


def cancelled(console: Console, page: Page, one: int) -> None:
    """Start one of all messages; end it while it runs."""
    opened_panel(console, page, f"integration={one}")
    expect(panel(page).get_by_text("Cerca de 30.000 mensagens")).to_be_visible()
    button(page, "export_go").click()
    expect(button(page, "export_cancel")).to_be_visible()
    expect(panel(page).get_by_text(FAR)).to_be_visible()
    assert kept(console)
    button(page, "export_cancel").click()
    expect(button(page, "export_go")).to_be_visible()
    assert kept(console) == []


def downloaded(console: Console, page: Page, one: int, folder: Path) -> None:
    """Export what a search finds; save it, and what made it."""
    opened_panel(console, page, f"integration={one}&q=extraordinario")
    expect(panel(page).get_by_text(f"{RARE} mensagens", exact=True)).to_be_visible()
    button(page, "export_go").click()
    expect(
        page.get_by_text(re.compile(rf"{RARE} mensagens, [\d,]+ kB"))
    ).to_be_visible()
    sheet = saved(page, "Baixar", folder)
    assert sheet.read_bytes().startswith(b"\xef\xbb\xbf")
    read = pd.read_csv(sheet)
    assert len(read) == RARE
    assert read["subject"].str.contains("extraordinário").all()
    about = json.loads(saved(page, "O que gerou este arquivo", folder).read_text())
    assert about["notes"][0]["question"]["search"] == "extraordinario"
    link = panel(page).get_by_role("link", name="Baixar").get_attribute("href") or ""
    with urllib.request.urlopen(console.url + link) as answer:  # noqa: S310 - ours
        assert answer.headers["content-disposition"].startswith("attachment")
        assert answer.headers["cache-control"] == "no-store"
    button(page, "export_again").click()
    expect(button(page, "export_go")).to_be_visible()
    assert kept(console) == []
    for gone in (link, link[:-1], "/api/export/x"):
        with pytest.raises(HTTPError) as error:
            urllib.request.urlopen(console.url + gone)  # noqa: S310 - ours
        with error.value:
            assert error.value.code == 410


def refused(console: Console, page: Page, one: int, runtime: Runtime) -> None:
    """Choose a message: as .eml it cannot be had at this level of privacy."""
    watch.set_privacy(runtime, one, Privacy.SUBJECT, "test")
    found = browse.page(runtime, Question((one,), search="extraordinario")).rows
    of_it = f"q=extraordinario&message={found['message_id'].iloc[0]}"
    opened_panel(console, page, f"integration={one}&{of_it}")
    panel(page).get_by_text(".eml, a mensagem escolhida").click()
    expect(panel(page).get_by_text("1 mensagem escolhida")).to_be_visible()
    button(page, "export_go").click()
    expect(
        panel(page).get_by_text("O nível de privacidade desta caixa")
    ).to_be_visible()
    assert kept(console) == []

"""The messages page in a browser: clicks and the address bar say the same."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core.runtime import open_runtime
from core.settings import Settings
from tests.browser.conftest import Console, serving_console
from tests.certificates import Certificates
from tests.store.mailbox_made import fill

pytestmark = pytest.mark.browser
ROW_PX, HEAD_PX = 33, 36


@pytest.fixture
def messages(tmp_path: Path, certificates: Certificates) -> Iterator[Console]:
    """Serve a mailbox of three hundred messages."""
    runtime = open_runtime(Settings(data=tmp_path / "data"))
    fill(runtime, 300, name="Ana")
    runtime.engine.dispose()
    with serving_console(tmp_path, certificates) as running:
        yield running


def tick(page: Page, row: int) -> None:
    """Click the box of a row; rows stand where they stand, so nothing may move."""
    canvas = page.get_by_test_id("stDataFrame").locator("canvas").first
    expect(canvas).to_be_visible()
    canvas.click(position={"x": 17, "y": HEAD_PX + ROW_PX * row + 16}, force=True)


def test_ticks_filters_and_links(messages: Console, page: Page) -> None:
    messages.visit(page, "messages?integration=1")
    expect(page.get_by_text("300 mensagens")).to_be_visible()
    tick(page, 2)
    expect(page).to_have_url(re.compile(r"message=\d+"))
    expect(page.locator(".st-key-message_details")).to_be_visible()
    tick(page, 3)
    expect(page.get_by_text("2 mensagens selecionadas")).to_be_visible()
    expect(page).not_to_have_url(re.compile("message="))
    expect(page.locator(".st-key-message_details")).to_have_count(0)
    page.locator(".st-key-older button").click()
    expect(page).to_have_url(re.compile(r"before=\d+"))
    expect(page.get_by_text("Marque linhas para agir")).to_be_visible()

    page.locator(".st-key-message_filters button").first.click()
    sender = page.locator(".st-key-filter_sender input")
    sender.fill("souza")
    sender.press("Enter")
    expect(page.locator(".st-key-chip_sender")).to_be_visible()
    expect(sender).to_have_value("souza")  # the popover stays, and so does the word
    page.keyboard.press("Escape")
    search = page.locator(".st-key-search input")
    search.fill("é:não-lida é:verde")
    search.press("Enter")
    expect(page.get_by_text("não foi entendido")).to_be_visible()
    expect(search).to_have_value("é:não-lida é:verde")
    url = page.url
    counted = page.locator(".st-key-pager").inner_text()

    page.goto(url)  # as a link would
    expect(page.locator(".st-key-chip_sender")).to_contain_text("De: souza")
    expect(page.locator(".st-key-search input")).to_have_value("é:não-lida é:verde")
    expect(page.locator(".st-key-pager")).to_contain_text(counted.splitlines()[0])
    page.locator(".st-key-chips_clear button").click()
    expect(page).to_have_url(re.compile(r"messages\?integration=1$"))
    expect(page.get_by_text("300 mensagens")).to_be_visible()


def test_a_view_is_kept_and_opened_again(messages: Console, page: Page) -> None:
    messages.visit(page, "messages?integration=1&flagged=1&cols=date%2Cfrom")
    page.locator(".st-key-message_views button").first.click()
    name = page.locator(".st-key-view_name input")
    name.fill("As *marcadas*")
    name.press("Tab")
    page.locator(".st-key-view_save button").click()
    expect(page.get_by_role("button", name="As *marcadas*")).to_be_visible()
    expect(name).to_have_value("")
    messages.visit(page, "messages?integration=1&q=outra")
    page.locator(".st-key-message_views button").first.click()
    page.get_by_role("button", name="As *marcadas*").click()
    expect(page).to_have_url(re.compile("flagged=1.*cols=date%2Cfrom"))
    expect(page).not_to_have_url(re.compile("q="))
    expect(page.locator(".st-key-search input")).to_have_value("")

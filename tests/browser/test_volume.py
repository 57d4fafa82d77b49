"""From a bar and a cell of the volume page to their messages, by the mouse."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from core.runtime import open_runtime
from core.settings import Settings
from tests.browser.conftest import Console, serving_console
from tests.certificates import Certificates
from tests.store.building import connected, listed, put, some
from tests.store.mailbox_made import take_all_in

pytestmark = pytest.mark.browser
WEEK = "volume?of=1&period=custom&from=2026-03-01&to=2026-03-07"


@pytest.fixture
def volumes(tmp_path: Path, certificates: Certificates) -> Iterator[Console]:
    """Serve a mailbox with a message an hour."""
    runtime = open_runtime(Settings(data=tmp_path / "data"))
    one = connected(runtime)
    folders = listed(runtime, one, "Inbox", "Sent")
    put(runtime, one, folders["Inbox"], some(100))
    put(runtime, one, folders["Sent"], some(60, first=200))
    take_all_in(runtime)
    runtime.engine.dispose()
    with serving_console(tmp_path, certificates) as running:
        yield running


def click(page: Page, mark: Locator) -> None:
    """Click where a mark is drawn: Plotly hears it on a layer above."""
    mark.scroll_into_view_if_needed()
    box = mark.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.locator(".hoverlayer .hovertext").first).to_be_visible()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def test_a_click_leads_to_the_messages(volumes: Console, page: Page) -> None:
    volumes.visit(page, WEEK)
    bars = page.locator(".st-key-chart_volume_day .barlayer .trace").first
    expect(bars.locator(".point")).to_have_count(7)
    click(page, bars.locator(".point path").nth(1))
    expect(page).to_have_url(re.compile("/messages"))
    for part in ("integration=1", "since=2026-03-02", "until=2026-03-02"):
        assert part in page.url
    assert "direction=received" in page.url
    expect(page.get_by_text("24 mensagens", exact=True)).to_be_visible()

    page.go_back()
    expect(page.get_by_role("heading", name="Volume")).to_be_visible()
    cells = page.locator(".st-key-chart_volume_week_received .scatterlayer .point")
    expect(cells).to_have_count(168)
    click(page, cells.nth(10))  # Monday, ten o'clock
    expect(page).to_have_url(re.compile(r"/messages.*before="))
    assert "since=2026-03-02" in page.url
    expect(page.get_by_text("02/03/2026").first).to_be_visible()

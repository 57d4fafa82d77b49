"""Correspondents, as a person meets them: a bar leads to its messages."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Page, expect

from core.clock import to_ms
from core.model import Fetched
from core.runtime import open_runtime
from core.settings import Settings
from tests.browser.conftest import Console
from tests.store.building import connected, listed, made, put
from tests.store.mailbox_made import take_all_in


def fill(console: Console) -> int:
    """Make a mailbox with three messages of one, and one of another."""
    runtime = open_runtime(Settings(data=console.data))
    one = connected(runtime, "Ana")
    inbox = listed(runtime, one, "Inbox")["Inbox"]
    at = to_ms(runtime.clock())
    who = ["bia@acme.example"] * 3 + ["caio@other.example"]
    fetched = [
        Fetched(
            uid,
            0,
            made(
                identity=f"i{uid}", message_id=f"<{uid}@x>", from_address=address,
                subject=f"Ata {uid}", received_ms=at, written_ms=at,
            ),
        )
        for uid, address in enumerate(who, 1)
    ]  # fmt: skip
    put(runtime, one, inbox, fetched)
    take_all_in(runtime)
    runtime.engine.dispose()
    return one


def test_a_bar_leads_to_its_messages(console: Console, page: Page) -> None:
    one = fill(console)
    console.visit(page, f"correspondents?of={one}")
    chart = page.locator(".st-key-figure_writers")
    expect(chart.get_by_text("bia@acme.example")).to_be_visible()
    drawn = chart.locator(".nsewdrag").bounding_box()
    assert drawn
    page.mouse.click(drawn["x"] + 20, drawn["y"] + drawn["height"] / 4)
    expect(page).to_have_url(re.compile("/messages"))
    asked = parse_qs(urlsplit(page.url).query)
    assert asked["q"] == ['from:"bia@acme.example"']
    assert asked["integration"] == [str(one)]
    expect(page.get_by_text("3 mensagens")).to_be_visible()
    expect(page.get_by_test_id("stDataFrame").locator("canvas").first).to_be_visible()

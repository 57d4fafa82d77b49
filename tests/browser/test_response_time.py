"""The page of response times in a browser: what waits is a click away."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core.clock import to_ms
from core.model import Fetched
from core.runtime import open_runtime
from core.settings import Settings
from tests.browser.conftest import Console, serving_console
from tests.certificates import Certificates
from tests.store.building import connected, listed, made, put
from tests.store.mailbox_made import take_all_in

pytestmark = pytest.mark.browser


@pytest.fixture
def asked(tmp_path: Path, certificates: Certificates) -> Iterator[tuple[Console, str]]:
    """Serve a mailbox with a question that waits; give the link to its message."""
    runtime = open_runtime(Settings(data=tmp_path / "data"))
    one = connected(runtime)
    inbox = listed(runtime, one, "Inbox")["Inbox"]
    at = to_ms(runtime.clock()) - 7_200_000
    new = made(
        identity="q", subject="Orçamento", message_id="<q@x>", written_ms=at,
        received_ms=at,
    )  # fmt: skip
    put(runtime, one, inbox, [Fetched(1, 0, new)])
    take_all_in(runtime)
    runtime.engine.dispose()
    with serving_console(tmp_path, certificates) as running:
        yield running, f"messages?integration={one}&message=1"


def test_what_waits_is_told_in_the_time_that_is_chosen(
    asked: tuple[Console, str], page: Page
) -> None:
    console, link = asked
    console.visit(page, "responses")
    expect(page.get_by_text("Ainda sem resposta").first).to_be_visible()
    page.get_by_role("radio", name="Tempo útil").click()
    expect(page.get_by_text("Tempo útil: seg.")).to_be_visible()
    expect(page).to_have_url(f"{console.url}/responses?by=business")
    page.reload()
    expect(page.get_by_text("Tempo útil: seg.")).to_be_visible()
    heading = page.get_by_role("heading", name="Esperando resposta")
    expect(heading).to_be_visible()
    console.visit(page, link)
    expect(page.locator(".st-key-message_preview")).to_be_visible()

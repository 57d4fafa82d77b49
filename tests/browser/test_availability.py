"""Who asks by keyboard how sure a number is comes to the row that says it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Console

pytestmark = pytest.mark.browser


def test_a_badge_leads_to_the_matrix_by_keyboard(console: Console, page: Page) -> None:
    console.visit(page, "delivery")
    badge = page.locator(".st-key-chart_delivery_ladder a")
    expect(badge).to_have_count(1)
    for _ in range(100):
        page.keyboard.press("Tab")
        if badge.evaluate("one => one === document.activeElement"):
            break
    expect(badge).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{console.url}/availability?metric=delivery")
    row = page.get_by_role("row").filter(has_text="(Escolhida)")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("Entrega do e-mail enviado")
    expect(row.get_by_role("cell").filter(has_text="Evidência")).to_have_count(3)

"""The fleet page in a browser: it follows by itself, and takes nothing away."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import update

from core.runtime import Runtime, open_runtime
from core.settings import Settings
from core.store.engine import writing
from core.store.schema import integration, owner
from tests.browser.conftest import Console, serving_console
from tests.certificates import Certificates
from tests.store.fleet_made import fill

pytestmark = pytest.mark.browser
TABLE = '[data-testid="stDataFrame"]'


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Runtime]:
    """Make sixty mailboxes before the console starts."""
    runtime = open_runtime(Settings(data=tmp_path / "data"))
    fill(runtime, 60, days=2)
    yield runtime
    runtime.engine.dispose()


@pytest.fixture
def fleet(
    store: Runtime, tmp_path: Path, certificates: Certificates
) -> Iterator[Console]:
    """Serve them."""
    del store
    with serving_console(tmp_path, certificates) as running:
        yield running


def total(page: Page, name: str) -> Locator:
    return page.locator(f".st-key-fleet_group_{name} button").first  # the visible one


def test_it_follows_by_itself_and_leaves_what_is_typed(
    fleet: Console, store: Runtime, page: Page
) -> None:
    fleet.visit(page, "fleet?page=2")  # a link, before any other page
    paused = total(page, "paused")
    expect(paused).to_contain_text("2")
    expect(page.get_by_text("51 a 59 de 59")).to_be_visible()
    field = page.get_by_role("textbox", name="Buscar responsável ou endereço")
    field.press_sequentially("so")
    with writing(store.engine) as conn:
        some = integration.c.id.in_([20, 21, 22])
        conn.execute(update(integration).where(some).values(paused=True))
    expect(paused).to_contain_text("5")
    expect(field).to_have_value("so")
    expect(field).to_be_focused()
    expect(page.get_by_text("51 a 59 de 59")).to_be_visible()
    field.press_sequentially("uza 55")
    field.press("Enter")
    expect(page.get_by_text("1 a 1 de 1")).to_be_visible()
    assert page.url.endswith("/fleet?q=souza+55")


@pytest.mark.parametrize("page", ["en-US"], indirect=True)
def test_totals_filter_by_keyboard_and_the_matrix_follows(
    fleet: Console, page: Page
) -> None:
    fleet.visit(page, "fleet")
    matrix = page.locator(".js-plotly-plot")
    expect(matrix.locator(".ytick")).to_have_count(50)
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_text("51 to 59 of 59")).to_be_visible()
    expect(page).to_have_url(f"{fleet.url}/fleet?page=2")
    expect(matrix.locator(".ytick")).to_have_count(9)
    total(page, "paused").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{fleet.url}/fleet?state=paused")
    expect(matrix.locator(".ytick")).to_have_count(2)
    page.reload()
    expect(page.get_by_text("1 to 2 of 2")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_a_row_opens_its_integration(
    fleet: Console, store: Runtime, page: Page
) -> None:
    with writing(store.engine) as conn:
        conn.execute(update(owner).where(owner.c.id == 42).values(name="<b>Zé</b> *x*"))
    fleet.visit(page, "fleet?q=42&sort=owner")
    expect(page.get_by_text("1 a 1 de 1")).to_be_visible()
    table = page.locator(TABLE)
    expect(table.locator("canvas").first).to_be_visible()
    table.click(position={"x": 18, "y": 36 + 16})
    expect(page).to_have_url(f"{fleet.url}/sync?integration=42")
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Situação da sincronização"
    )

"""Take the pictures of the documentation: `python -m tools.pictures [FOLDER]`.

Starts the real console on data of its own, connects the demo mailbox through the
dialog, as a person would, and takes every page in both languages and both themes.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, Position, expect, sync_playwright

PICTURES = Path(__file__).parents[1] / "docs" / "pictures"
CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
PATIENCE_S = 90.0
ZONE = "America/Sao_Paulo"
Theme = Literal["light", "dark"]
THEMES: tuple[Theme, ...] = ("light", "dark")
LANGUAGES = ("pt-BR", "en-US")
FIRST_BOX: Position = {"x": 17, "y": 36 + 16}  # that ticks the first row of a table
PAGES = (
    *("", "activities", "compose", "outbox", "fleet", "sync", "alerts"),
    *("messages", "volume", "correspondents", "integrations", "templates"),
)


@dataclass(frozen=True, slots=True)
class Camera:
    """A browser, the console's address, and where pictures go."""

    browser: Browser
    address: str
    folder: Path

    @contextmanager
    def view(self, language: str, theme: Theme) -> Iterator[Page]:
        """Open a page as a reader of that language, with that theme."""
        context = self.browser.new_context(
            locale=language,
            timezone_id=ZONE,
            color_scheme=theme,
            reduced_motion="reduce",
            viewport={"width": 1360, "height": 860},
        )
        page = context.new_page()
        page.set_default_timeout(PATIENCE_S * 1000)
        yield page
        context.close()

    def take(self, page: Page, name: str, language: str, theme: Theme) -> None:
        """Keep what is seen, once nothing moves any more."""
        settle(page)
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"{name}.{language[:2]}.{theme}.png"
        page.screenshot(path=path)
        print(path)


def settle(page: Page) -> None:
    """Wait until the page is drawn: fonts, tables and charts too."""
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0)
    for canvas in page.get_by_test_id("stDataFrame").all():
        expect(canvas.locator("canvas").first).to_be_visible()
    page.evaluate("document.fonts.ready")
    until(lambda: _still(page), "the page to stand still")


def _still(page: Page) -> bool:
    before = page.screenshot()
    page.wait_for_timeout(400)
    return before == page.screenshot()


def until(true: Callable[[], bool], what: str) -> None:
    """Wait for something that comes true by itself."""
    end = time.monotonic() + PATIENCE_S
    while not true():
        if time.monotonic() > end:
            sys.exit(f"pictures: waited in vain for {what}")
        time.sleep(0.2)


@contextmanager
def console() -> Iterator[str]:
    """Run the console on data of its own; give its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://localhost:{port}"
    with tempfile.TemporaryDirectory(prefix="malote-pictures-") as data:
        own = {"MALOTE_DATA": data, "MALOTE_PORT": str(port)}
        command = [sys.executable, "-m", "console.server"]
        process = subprocess.Popen(command, env=os.environ | own)
        try:
            until(lambda: ready(address), "the console")
            yield address
        finally:
            process.terminate()
            process.wait()


def ready(address: str) -> bool:
    """Tell whether the console answers and its worker lives."""
    with suppress(OSError), urllib.request.urlopen(f"{address}/readyz") as answer:  # noqa: S310 - our own console
        return bool(answer.status == 200)  # noqa: PLR2004 - HTTP's OK
    return False


def press(page: Page, key: str) -> None:
    """Press the button with this key."""
    page.locator(f".st-key-{key} button").click()


def greet(camera: Camera) -> None:
    """Take what a newcomer sees: two doors, the dialog, what an address needs."""
    for language, theme in views():
        with camera.view(language, theme) as page:
            page.goto(camera.address)
            camera.take(page, "welcome", language, theme)
            page.goto(f"{camera.address}/integrations")
            press(page, "connect_imap")
            expect(page.get_by_role("dialog")).to_be_visible()
            camera.take(page, "connect", language, theme)
            type_address(page, "ana.souza@bol.com.br", "connect_provider")
            camera.take(page, "provider", language, theme)
            type_address(page, "ana.souza@gmail.com", "connect_lead")
            camera.take(page, "lead", language, theme)
            press(page, "connect_lead_go")
            expect(page.get_by_text("/oauth/callback")).to_be_visible()
            camera.take(page, "sign_in", language, theme)


def type_address(page: Page, address: str, shows: str) -> None:
    """Type an address, leave the field as a person does, and wait for what it shows."""
    field = page.locator(".st-key-connect_address input")
    field.fill(address)
    field.press("Tab")
    expect(page.locator(f".st-key-{shows}")).to_be_visible()
    page.mouse.click(5, 5)  # away from a help that opens with the focus


def connect_demo(camera: Camera) -> None:
    """Connect the demo mailbox as a person does, and wait until it is read."""
    with camera.view("pt-BR", "light") as page:
        page.goto(camera.address)
        press(page, "door_demo")
        box = page.locator(".st-key-connect_acknowledged")
        box.locator("label").click()
        press(page, "connect_submit")
        expect(page).to_have_url(re.compile(r"/sync\?integration="))
        expect(page.get_by_text("A caixa está sendo acompanhada.")).to_be_visible()


def tour(camera: Camera) -> None:
    """Take every page as it is with the demo mailbox connected."""
    for language, theme in views():
        with camera.view(language, theme) as page:
            for name in PAGES:
                page.goto(f"{camera.address}/{name}")
                camera.take(page, name or "start", language, theme)
            look_into_messages(camera, page, language, theme)


def look_into_messages(camera: Camera, page: Page, language: str, theme: Theme) -> None:
    """Take what the messages page has behind its buttons."""
    page.goto(f"{camera.address}/messages?period=365&kinds=person&attachment=1")
    press(page, "message_filters")
    camera.take(page, "message_filters", language, theme)
    page.goto(f"{camera.address}/messages?threaded=1&cols=flags,date,from,subject")
    settle(page)
    table = page.get_by_test_id("stDataFrame").locator("canvas").first
    table.click(position=FIRST_BOX, force=True)
    inside = page.locator(".st-key-message_preview")
    expect(inside).to_be_visible()
    inside.scroll_into_view_if_needed()
    camera.take(page, "message", language, theme)
    press(page, "conversation_open")
    back = page.locator(".st-key-thread_back")
    expect(back).to_be_visible()
    back.scroll_into_view_if_needed()
    camera.take(page, "conversation", language, theme)


def views() -> Iterator[tuple[str, Theme]]:
    """Give each language with each theme."""
    for language in LANGUAGES:
        for theme in THEMES:
            yield language, theme


def main(folder: Path) -> None:
    """Take them all."""
    expect.set_options(timeout=PATIENCE_S * 1000)
    with console() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        camera = Camera(browser, address, folder)
        greet(camera)
        connect_demo(camera)
        tour(camera)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURES)

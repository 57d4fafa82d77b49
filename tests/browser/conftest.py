"""A running console and a Chromium that looks at it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.certificates import Certificates
from tests.servers.dovecot import free_ports
from tests.servers.installation import HOSTS

CHROMIUM_FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run",
]  # fmt: skip
START_S, STOP_S = 60, 20
expect.set_options(timeout=30_000)


@dataclass
class Console:
    """A console that runs, with its worker beside it."""

    url: str
    data: Path
    process: subprocess.Popen[str]

    def visit(self, page: Page, path: str = "") -> None:
        """Open a page and wait until it shows its title."""
        page.goto(f"{self.url}/{path}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()


@pytest.fixture
def console(tmp_path: Path, certificates: Certificates) -> Iterator[Console]:
    """Start `malote serve` on an empty store."""
    with serving_console(tmp_path, certificates) as running:
        yield running


@contextmanager
def serving_console(
    tmp_path: Path, certificates: Certificates, port: int = 0, **settings: str
) -> Iterator[Console]:
    """Run `malote serve` with further settings; stop it as Ctrl-C does."""
    port = port or free_ports(1)[0]
    environment = {
        **os.environ,
        "MALOTE_DATA": str(tmp_path / "data"),
        "MALOTE_PORT": str(port),
        "MALOTE_ALLOW_HOSTS": HOSTS,
        "MALOTE_CA_FILE": str(certificates.ca_file),
        "LC_ALL": "C.UTF-8",
        **settings,
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "core.cli", "serve"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    said: list[str] = []
    reader = threading.Thread(target=lambda: said.extend(process.stdout or []))
    reader.start()
    running = Console(f"http://localhost:{port}", tmp_path / "data", process)
    try:
        _wait(f"{running.url}/readyz", process)
        yield running
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(STOP_S)
        reader.join()
        if process.stdout:
            process.stdout.close()
    assert "Traceback" not in "".join(said), "".join(said)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start Debian's Chromium."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=CHROMIUM_FLAGS
        )
        yield opened
        opened.close()


@pytest.fixture(params=["pt-BR"])
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    """Open a new browser; Portuguese unless the test asks for another language."""
    context = browser.new_context(
        locale=request.param,
        timezone_id="America/Sao_Paulo",
        viewport={"width": 1360, "height": 900},
        reduced_motion="reduce",
    )
    opened = context.new_page()
    broken: list[str] = []
    strange: list[str] = []
    opened.on("pageerror", lambda error: broken.append(str(error)))
    opened.on("request", lambda request: strange.append(request.url))
    # What a test that fails shows of the browser; of the others nobody sees it.
    opened.on("console", lambda said: _tell(f"{said.type}: {said.text}"))
    yield opened
    _tell(f"{opened.url}\n{opened.locator('body').inner_text()}")
    context.close()
    assert not broken
    inside = (
        "http://localhost", "ws://localhost", "http://127.0.0.1", "data:", "blob:",
    )  # fmt: skip
    assert not [url for url in strange if not url.startswith(inside)]


def _tell(words: str) -> None:
    sys.stdout.write(f"{words}\n")


def _wait(url: str, process: subprocess.Popen[str]) -> None:
    """Wait until the console and its worker are ready."""
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        assert process.poll() is None, "the console ended"
        with suppress(URLError, ConnectionError), urllib.request.urlopen(url):  # noqa: S310 - our own
            return
        time.sleep(0.1)  # it does not listen yet
    pytest.fail("the console did not become ready")

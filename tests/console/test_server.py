"""The launcher, running: closed, tuned, and quick to end."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from core.runtime import open_runtime
from core.settings import Settings
from tests.servers.dovecot import free_ports

START_S, STOP_S = 60, 20
# The launcher itself, with a health check that also tells how the process is tuned.
LAUNCHER = """
import os, socket
from starlette.responses import JSONResponse
from streamlit import config
from console import server

def quick(client):
    for name in os.listdir("/proc/self/fd"):
        try:
            found = socket.socket(fileno=os.dup(int(name)))
        except OSError:
            continue
        with found:
            try:
                if found.getpeername()[:2] == client:
                    return bool(found.getsockopt(socket.SOL_TCP, socket.TCP_NODELAY))
            except OSError:
                continue

async def tuned(request):
    return JSONResponse({
        "collects": config.get_option("runner.postScriptGC"),
        "address": config.get_option("server.address"),
        "quick": quick(tuple(request.client)),
    })

server.healthz = tuned
server.main()
"""


@dataclass
class Running:
    """A console that runs."""

    port: int
    process: subprocess.Popen[str]

    def get(self, path: str) -> Any:
        return urllib.request.urlopen(f"http://127.0.0.1:{self.port}/{path}")


def environment(data: Path, port: int) -> dict[str, str]:
    own = {"MALOTE_DATA": str(data), "MALOTE_PORT": str(port), "LC_ALL": "C.UTF-8"}
    return {**os.environ, **own}


def launch(data: Path, port: int, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, *arguments],
        env=environment(data, port),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Start the launcher; in the end it must stop by itself, in good order."""
    (port,) = free_ports(1)
    process = launch(tmp_path_factory.mktemp("console"), port, "-c", LAUNCHER)
    running = Running(port, process)
    try:
        wait(running)
        yield running
    finally:
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=STOP_S)
    assert "Traceback" not in said


def wait(running: Running) -> None:
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        assert running.process.poll() is None, running.process.communicate()
        with suppress(OSError), running.get("_stcore/health"):
            return
        time.sleep(0.1)  # it does not listen yet
    pytest.fail("the console did not become ready")


def test_the_process_is_tuned_and_listens_on_loopback_only(console: Running) -> None:
    with console.get("healthz") as answer:
        told = json.load(answer)
    assert told == {"collects": False, "address": "127.0.0.1", "quick": True}


@pytest.mark.parametrize("path", ["", "volume", "healthz", "app/static/icon.png"])
def test_every_answer_carries_the_headers_of_a_closed_page(
    console: Running, path: str
) -> None:
    with console.get(path) as answer:
        assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize(
    ("host", "status"), [("localhost", 101), ("evil.example", 403)]
)
def test_a_foreign_host_gets_no_conversation(
    console: Running, host: str, status: int
) -> None:
    asked = {
        "Host": host,
        "Origin": f"http://{host}",
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Key": "x3JJHMbDL1EzLkh9GBhXDw==",
        "Sec-WebSocket-Version": "13",
    }
    with closing(HTTPConnection("127.0.0.1", console.port)) as connection:
        connection.request("GET", "/_stcore/stream", headers=asked)
        assert connection.getresponse().status == status


def test_a_taken_port_is_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        stopped = launch(tmp_path / "data", port, "-m", "console.server")
        _, said = stopped.communicate(timeout=START_S)
    assert stopped.returncode == 2
    assert len(said.splitlines()) == 1
    assert str(port) in said


def test_a_missing_key_is_one_line(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "data")
    open_runtime(settings).engine.dispose()
    settings.key_file.unlink()
    (port,) = free_ports(1)
    stopped = launch(settings.data, port, "-m", "console.server")
    _, said = stopped.communicate(timeout=START_S)
    assert stopped.returncode == 2
    assert len(said.splitlines()) == 1
    assert str(settings.key_file) in said

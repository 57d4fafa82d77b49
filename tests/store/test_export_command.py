"""`malote export` in a terminal: it tells how far it is, and ends in good order."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from core.runtime import open_runtime
from core.settings import Settings
from tests.store.mailbox_made import fill

pytestmark = pytest.mark.slow

FAR = re.compile(rb"[1-9][\d,]* (?:of [\d,]+ )?messages")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give an installation with a mailbox that takes a moment to export."""
    folder = tmp_path_factory.mktemp("terminal") / "data"
    runtime = open_runtime(Settings(data=folder))
    fill(runtime, 20_000, index=False)
    runtime.engine.dispose()
    return folder


def in_terminal(data: Path, *words: str) -> tuple[subprocess.Popen[bytes], int]:
    """Start an export whose standard error is a terminal; give its other end."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "core.cli", "export", *words],
        env={**os.environ, "MALOTE_DATA": str(data), "LC_ALL": "C.UTF-8"},
        stdout=subprocess.DEVNULL,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    return process, ours


def said(ours: int) -> Iterator[bytes]:
    """Yield what the terminal shows, until the program ends."""
    with suppress(OSError):  # Linux: its end is an error of reading
        while some := os.read(ours, 4096):
            yield some


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("name", ["out.csv", "out.parquet"])
def test_ended_early_it_leaves_nothing(
    data: Path, tmp_path: Path, number: signal.Signals, name: str
) -> None:
    process, ours = in_terminal(data, "1", str(tmp_path / name))
    shown = b""
    for some in said(ours):
        shown += some
        if FAR.search(shown) and process.poll() is None:
            process.send_signal(number)
    os.close(ours)
    assert process.wait(60) != 0
    assert FAR.search(shown)
    assert b"Traceback" not in shown
    assert list(tmp_path.iterdir()) == []


def test_left_alone_it_clears_its_line(data: Path, tmp_path: Path) -> None:
    process, ours = in_terminal(data, "1", str(tmp_path / "out.csv"))
    shown = b"".join(said(ours))
    os.close(ours)
    assert process.wait(60) == 0
    assert shown.endswith(b"\r\x1b[K")
    assert len((tmp_path / "out.csv").read_bytes().splitlines()) == 20_001

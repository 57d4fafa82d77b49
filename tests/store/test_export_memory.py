"""An export needs no more memory for more rows."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from core.exporting import Format
from core.runtime import Runtime, open_runtime
from core.settings import Settings
from tests.store.mailbox_made import fill

pytestmark = pytest.mark.slow
ALLOWED_KIB = 40 << 10
MEASURED = r"""
import re, sys
from pathlib import Path
from core import exporting
from core.browse import Question
from core.exporting import Ask, Format
from core.runtime import open_runtime
from core.settings import Settings
opened = open_runtime(Settings(data=Path(sys.argv[1])))
ask = Ask(Format(sys.argv[2]), Question((int(sys.argv[3]),)))
path = Path(sys.argv[1]) / ("out." + sys.argv[2])
made = exporting.make(opened, ask, path, lambda done, total: None)
# Not ru_maxrss: that is the parent's, too, from before the program was loaded.
said = Path("/proc/self/status").read_text()
print(made.messages, re.search(r"VmHWM:\s+(\d+)", said)[1])
"""


def peak_kib(runtime: Runtime, one: int, kind: Format, count: int) -> int:
    """Give the most memory that a process needs to export a mailbox."""
    said = subprocess.run(
        [sys.executable, "-c", MEASURED, str(runtime.settings.data), kind, str(one)],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert int(said[0]) == count
    return int(said[1])


@pytest.mark.parametrize("kind", [Format.CSV, Format.PARQUET])
def test_memory_does_not_grow_with_the_rows(
    big: tuple[Runtime, int, int], kind
) -> None:
    """Ten times the rows and 45 MB of CSV more, and no more than chance of memory."""
    runtime, small, large = big
    few = peak_kib(runtime, small, kind, 20_000)
    many = peak_kib(runtime, large, kind, 200_000)
    assert many - few < ALLOWED_KIB


@pytest.fixture(scope="module")
def big(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Runtime, int, int]]:
    """Give two mailboxes, of 20,000 messages and of 200,000."""
    opened = open_runtime(Settings(data=tmp_path_factory.mktemp("big") / "data"))
    yield (
        opened,
        fill(opened, 20_000, index=False),
        fill(opened, 200_000, index=False),
    )
    opened.engine.dispose()

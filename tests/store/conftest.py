"""An empty store in a folder of its own, as an installation would have it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.runtime import Runtime, open_runtime
from core.settings import Settings


@pytest.fixture
def runtime(tmp_path: Path) -> Iterator[Runtime]:
    """Open a new installation."""
    opened = open_runtime(Settings(data=tmp_path / "data"))
    yield opened
    opened.engine.dispose()

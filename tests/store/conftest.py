"""An empty store in a folder of its own, as an installation would have it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.runtime import Runtime, open_runtime
from core.settings import Settings


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Choose a database: SQLite in the folder of `runtime`, then PostgreSQL.

    `parametrize("database_url", ["sqlite"], indirect=True)` takes one of them.
    """
    if request.param == "sqlite":
        return ""
    url: str = request.getfixturevalue("served_url")
    return url


@pytest.fixture
def runtime(tmp_path: Path, database_url: str) -> Iterator[Runtime]:
    """Open a new installation, on each database in turn."""
    opened = open_runtime(Settings(data=tmp_path / "data", database_url=database_url))
    yield opened
    opened.engine.dispose()

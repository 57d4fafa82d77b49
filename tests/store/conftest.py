"""An empty store in a folder of its own, as an installation would have it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.runtime import Runtime, open_runtime
from core.settings import Settings
from tests.store.mailbox_made import fill

MADE = 5_000  # messages of `mailbox`
SERVED = {"postgresql", "served_url"}  # fixtures that start PostgreSQL


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs PostgreSQL: `make check` runs without any server."""
    for item in items:
        if isinstance(item, pytest.Function):
            chosen = getattr(item, "callspec", None)
            url = chosen and chosen.params.get("database_url")
            if url == "postgresql" or SERVED.intersection(item.fixturenames):
                item.add_marker("server")


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


@pytest.fixture(scope="module")
def mailbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Runtime, int]]:
    """Give an installation with a mailbox of some thousand messages."""
    opened = open_runtime(Settings(data=tmp_path_factory.mktemp("mailbox") / "data"))
    yield opened, fill(opened, MADE)
    opened.engine.dispose()

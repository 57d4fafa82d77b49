"""The migrations lead to the very tables that the code has; the vault follows."""

from pathlib import Path

import pytest

from core.errors import KeyMissing, KeyWrong
from core.runtime import Runtime, open_runtime
from core.store import migrate
from core.store.engine import open_engine
from core.vault import make_key
from tests.servers.postgresql import Postgresql


@pytest.fixture
def empty(request: pytest.FixtureRequest, kind: str, tmp_path: Path) -> str:
    """Give the URL of a database without any table."""
    if kind == "sqlite":
        return f"sqlite:///{tmp_path}/m.db"
    server: Postgresql = request.getfixturevalue("postgresql")
    return server.database()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_migrations_equal_the_schema(empty: str) -> None:
    engine = open_engine(empty)
    before, after = migrate.upgrade(engine)
    assert (before, after) == (None, migrate.newest())
    assert after == migrate.HEAD
    migrate.check(engine)
    assert migrate.upgrade(engine) == (after, after)
    engine.dispose()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_database_file_is_private(runtime: Runtime) -> None:
    path = runtime.settings.data / "malote.db"
    assert path.stat().st_mode & 0o777 == 0o600


def test_without_its_key_it_refuses_to_open_and_makes_no_new_one(
    runtime: Runtime,
) -> None:
    settings = runtime.settings
    settings.key_file.rename(settings.key_file.with_name("away"))
    with pytest.raises(KeyMissing):
        open_runtime(settings)
    assert not settings.key_file.exists()
    make_key(settings.key_file)
    with pytest.raises(KeyWrong):
        open_runtime(settings)

"""An installation at one moment, to begin from as often as a test likes.

kept = keep(installation, one, tmp_path / "kept")
with kept.copy(tmp_path / "a") as again:        # some milliseconds, no migration
    again.sync(one)
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Table, select

from core.runtime import Runtime, open_vault
from core.settings import Settings
from core.store.engine import open_engine, reading
from core.store.schema import folder, message, placement, poison, rollup
from tests.servers.installation import Installation

Row = tuple[Any, ...]
# What differs between two runs that did the same: keys, and when it was looked at.
OWN = {
    "id",
    "message_id",
    "folder_id",
    "compared_at",
    "missing_since",
    "unseen_on_server",
}


@dataclass(frozen=True, slots=True)
class Kept:
    """Files of a closed store and its settings."""

    settings: Settings
    ca_file: Path

    @contextmanager
    def copy(self, to: Path, **changes: object) -> Iterator[Installation]:
        """Open a copy in another folder; `changes` are to its settings."""
        shutil.copytree(self.settings.data, to)
        with opened(self.at(to, **changes), self.ca_file) as installation:
            yield installation
        shutil.rmtree(to)

    def at(self, data: Path, **changes: object) -> Settings:
        """Give the settings of a copy that lies in a folder."""
        own = {"data": data, "database_url": f"sqlite:///{data}/malote.db"}
        return self.settings.model_copy(
            update={**own, "key_file": data / "key", **changes}
        )


def keep(installation: Installation, to: Path) -> Kept:
    """Copy the files of an installation that nobody writes to at the moment."""
    installation.runtime.engine.dispose()  # the last to leave empties the WAL
    shutil.copytree(installation.runtime.settings.data, to)
    kept = Kept(installation.runtime.settings, installation.ca_file)
    return Kept(kept.at(to), kept.ca_file)


@contextmanager
def opened(settings: Settings, ca_file: Path) -> Iterator[Installation]:
    """Open a store that is up to date; close it at the end."""
    engine = open_engine(settings.database_url)
    try:
        runtime = Runtime(settings, engine, open_vault(settings, engine))
        yield Installation(runtime, ca_file)
    finally:
        engine.dispose()


def content(installation: Installation) -> dict[str, list[Row]]:
    """Give all that a sync writes about mail, without keys: equal for equal ends."""
    with reading(installation.runtime.engine) as conn:
        lies = (
            select(folder.c.name, placement, message.c.identity)
            .join(folder, placement.c.folder_id == folder.c.id)
            .join(message, placement.c.message_id == message.c.id)
        )
        out = {"placement": sorted(_plain(r) for r in conn.execute(lies).mappings())}
        for table in (message, folder, poison, rollup):
            rows = conn.execute(_all_of(table)).mappings()
            out[table.name] = sorted((_plain(r) for r in rows), key=repr)
        return out


def _all_of(table: Table) -> Any:
    return select(table)


def _plain(row: Any) -> Row:
    return tuple(value for name, value in row.items() if str(name) not in OWN)

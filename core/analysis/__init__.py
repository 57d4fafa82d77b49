"""Everything that is counted and kept, as pandas frames, for notebooks and scripts.

    from core import analysis

    with analysis.open("data/var") as malote:        # or a database URL, or nothing
        malote.integrations()
        found = malote.messages("from:ana has:attachment after:2026-01-01")
        found.count()                                 # exact, or "about"
        for frame in found: ...                       # a few thousand rows at a time
        found.frame()                                 # all of them
        malote.volume(date(2026, 1, 1), date(2026, 3, 31), step="week", by="team")
        malote.correspondents("domain", team="Sales").frame()
        malote.responses(date(2026, 1, 1), date(2026, 3, 31)).frame()

It reads and never writes: the connection itself refuses to. No worker need run, no key
be at hand, and nobody else is held up. Columns and types: docs/reference/frames.md.
"""

from __future__ import annotations

from pathlib import Path

from core.analysis.lazy import Frames, Messages
from core.analysis.malote import Malote
from core.analysis.numbers import Counted
from core.errors import BadInput
from core.settings import read_settings
from core.store.engine import open_engine, reading
from core.store.migrate import HEAD, current
from core.store.readonly import read_only

__all__ = ["Counted", "Frames", "Malote", "Messages", "open"]


def open(where: str | Path | None = None) -> Malote:  # noqa: A001 - analysis.open
    """Open an installation for reading: its data folder, a database URL, or our own.

    Raises:
        BadInput: there is no such database, or it is of another version of Malote.
        StoreUnavailable: it cannot be had.

    """
    url = read_settings().database_url if where is None else _url(str(where))
    path = url.removeprefix("sqlite:///")
    if path != url and not Path(path).is_file():  # else SQLite would make a new one
        raise BadInput("database", "database_missing", path=path)
    engine = read_only(open_engine(url))
    with reading(engine) as conn:
        found = current(conn)
    if found != HEAD:
        raise BadInput("database", "database_version", found=found, wanted=HEAD)
    return Malote(engine)


def _url(where: str) -> str:
    return where if "://" in where else f"sqlite:///{Path(where).absolute()}/malote.db"

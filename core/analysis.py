"""Everything that is counted and kept, as pandas frames, for notebooks and scripts.

    from core import analysis

    with analysis.open("data/var") as malote:        # or a database URL, or nothing
        malote.integrations()
        found = malote.messages("from:ana has:attachment after:2026-01-01")
        found.count()                                 # exact, or "about"
        for frame in found: ...                       # a few thousand rows at a time
        found.frame()                                 # all of them
        malote.volume(date(2026, 1, 1), date(2026, 3, 31), zone="America/Sao_Paulo")

It reads and never writes: the connection itself refuses to. No worker need run, no key
be at hand, and nobody else is held up. Columns and types: docs/reference/frames.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from zoneinfo import ZoneInfo

import pandas as pd
from sqlalchemy import Engine

from core import columns, metrics
from core.browse import Count
from core.columns import typed
from core.errors import BadInput
from core.exporting.rows import stream
from core.question import Filters, Question, typed as read_search, wanted
from core.settings import read_settings
from core.store import exported, frames, pages
from core.store.engine import open_engine, reading
from core.store.instants import from_ms, to_ms
from core.store.migrate import HEAD, current
from core.store.readonly import read_only

RUNS = 1_000
Which = int | Sequence[int] | None  # an integration, some, or (None) all of them


@dataclass(frozen=True, slots=True)
class Messages:
    """Messages that were asked for; nothing is read before it is wanted."""

    _engine: Engine
    question: Question

    def __iter__(self) -> Iterator[pd.DataFrame]:
        """Yield them, newest first, in frames of at most 2,000 rows (`MESSAGES`)."""
        return stream(self._engine, self.question)

    def frame(self, most: int | None = None) -> pd.DataFrame:
        """Give the newest `most` of them, or all, as one frame."""
        some: list[pd.DataFrame] = []
        left = most
        for frame in self:
            some.append(frame if left is None else frame.head(left))
            left = None if left is None else left - len(some[-1])
            if left == 0:
                break
        if not some:
            return columns.empty(columns.MESSAGES)
        return pd.concat(some, ignore_index=True)

    def count(self) -> Count:
        """Count them: exactly up to 10,000."""
        asked = wanted(self.question)
        with reading(self._engine) as conn:
            found, exact = pages.count(conn, asked)
            return Count(found, exact, None if exact else pages.about(conn, asked))


@dataclass(frozen=True, slots=True)
class Malote:
    """An installation, to be read. May be used in a `with`, which closes it."""

    _engine: Engine

    def __enter__(self) -> Self:
        """Give itself."""
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        """Close."""
        self.close()

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    def integrations(self) -> pd.DataFrame:
        """Give one row per integration, live and ended, with its clocks and counts."""
        with reading(self._engine) as conn:
            return typed(frames.integrations(conn), columns.INTEGRATIONS)

    def folders(self, integration: int) -> pd.DataFrame:
        """Give one row per folder of an integration, missing ones too."""
        with reading(self._engine) as conn:
            return typed(frames.folders(conn, integration), columns.FOLDERS)

    def runs(self, integration: int, most: int = RUNS) -> pd.DataFrame:
        """Give the newest runs of an integration, newest first."""
        with reading(self._engine) as conn:
            return typed(frames.runs(conn, integration, most), columns.RUNS)

    def messages(
        self,
        search: str = "",
        *,
        integration: Which = None,
        folder: int | None = None,
        zone: str = "UTC",
        **filters: Any,
    ) -> Messages:
        """Give messages, by what the search box understands and by `Filters` by name.

        `zone` is that of the days in `since`, `until`, `before:` and `after:`.

        Raises:
            BadInput: a part of the search means nothing.
            TypeError: there is no such filter.

        """
        if unclear := read_search(search).unclear:
            raise BadInput("search", "search_unclear", words=" ".join(unclear))
        ids = self._ids(integration)
        whole = integration is None
        chosen = replace(Filters(), **filters)
        return Messages(
            self._engine, Question(ids, folder, search, chosen, zone, whole)
        )

    def volume(
        self,
        first: date,
        last: date,
        *,
        integration: Which = None,
        folder: int | None = None,
        zone: str = "UTC",
        kinds: Sequence[str] = metrics.DEFAULT_KINDS,
        asides: Sequence[str] = metrics.DEFAULT_ASIDES,
    ) -> pd.DataFrame:
        """Count messages received and sent on each day of a zone, both days included.

        As the page Volume does: persons and lists, and nothing that was set aside.
        """
        place = ZoneInfo(zone)
        start, end = map(to_ms, metrics.bounds(first, last, place))
        with reading(self._engine) as conn:
            if folder is not None:
                slots = frames.folder_slots(conn, folder, start, end)
            else:
                slots = frames.slots(conn, [*self._ids(integration)], start, end)
        found = metrics.per_day(slots, first, last, place, kinds, asides)
        return typed(found, columns.VOLUME)

    def days(
        self, *, integration: Which = None, zone: str = "UTC"
    ) -> tuple[date, date] | None:
        """Give the first and the last day of which anything is held; None: nothing."""
        with reading(self._engine) as conn:
            found = frames.extent(conn, [*self._ids(integration)])
        if found is None:
            return None
        first, last = (from_ms(ms).astimezone(ZoneInfo(zone)).date() for ms in found)
        return first, last

    def threads(self, *, integration: Which = None) -> pd.DataFrame:
        """Give one row per conversation of each mailbox, the latest first."""
        with reading(self._engine) as conn:
            found = exported.threads(conn, self._ids(integration))
        return typed(found, columns.THREADS)

    def _ids(self, which: Which) -> tuple[int, ...]:
        if isinstance(which, int):
            return (which,)
        if which is not None:
            return tuple(int(one) for one in which)
        with reading(self._engine) as conn:
            return tuple(int(one) for one in frames.integrations(conn)["id"])


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

"""An installation, to be read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from types import TracebackType
from typing import Any, Self
from zoneinfo import ZoneInfo

import pandas as pd
from sqlalchemy import Engine

from core import clock, columns, metrics
from core.analysis import numbers
from core.analysis.lazy import Frames, Messages, messages
from core.analysis.numbers import Counted, Days
from core.analysis.whose import Which, Whose, find, one_of
from core.columns import typed
from core.errors import BadInput
from core.metrics import Step
from core.question import Filters, Question, typed as read_search
from core.store import by_month, calendars, exported, frames, questions
from core.store.engine import reading
from core.store.instants import from_ms

RUNS = 1_000
WAITING = 1_000


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
        question = Question(ids, folder, search, chosen, zone, whole)
        return messages(self._engine, question)

    def teams(self) -> pd.DataFrame:
        """Give one row per team, by name; an empty name: mailboxes of no team."""
        found = self.integrations().assign(mailboxes=1)
        found["live"] = found["disconnected_at"].isna().astype(int)
        sums = found.groupby("team", as_index=False)[["mailboxes", "live"]].sum()
        return typed(sums, columns.TEAMS)

    def volume(
        self,
        first: date,
        last: date,
        *,
        integration: Which = None,
        team: str | None = None,
        folder: int | None = None,
        zone: str = "UTC",
        step: str = "day",
        by: str = "",
        kinds: Sequence[str] = metrics.DEFAULT_KINDS,
        asides: Sequence[str] = metrics.DEFAULT_ASIDES,
        internal: bool | None = None,
    ) -> pd.DataFrame:
        """Count messages received and sent in the days of a zone, both included.

        Every `step` ("hour", "day", "week", "month") has a row; `by` "team" or
        "mailbox", it has one for each of them. As the page Volume does: persons and
        lists, and nothing that was set aside. `internal`: only mail within the
        mailbox's own domain (True), or only other mail (False).

        Raises:
            BadInput: there is no such team, step or `by`.

        """
        chosen = Step(one_of("step", step, tuple(Step))[0])
        asked = Counted(chosen, tuple(kinds), tuple(asides), internal, folder)
        return self.volumes(
            first, last, asked, integration=integration, team=team, zone=zone, by=by
        ).frame()

    def volumes(
        self,
        first: date,
        last: date,
        asked: Counted,
        *,
        integration: Which = None,
        team: str | None = None,
        zone: str = "UTC",
        by: str = "",
    ) -> Frames:
        """Give the same with a frame for each team or mailbox: for very many."""
        if asked.folder is not None and asked.internal is not None:
            raise BadInput("folder", "internal_in_folder")
        parts = self._whose(integration, team).parts(by)
        return Frames(
            columns.VOLUME,
            lambda: numbers.volume(self._engine, parts, first, last, zone, asked),
        )

    def correspondents(
        self,
        what: str = "address",
        *,
        first: date | None = None,
        last: date | None = None,
        direction: str | None = None,
        integration: Which = None,
        team: str | None = None,
        by: str = "",
    ) -> Frames:
        """Count mail of persons and lists with each correspondent, month by month.

        `what`: "address" or "domain". The months are those in which `first` and `last`
        lie, in the zone of the organisation's calendar; None: from the first, to the
        last. A message to many counts with each of them.

        Raises:
            BadInput: there is no such team, direction, `what` or `by`.

        """
        wanted = one_of("what", what, by_month.WHAT)[0]
        directions = one_of("direction", direction, metrics.DIRECTIONS)
        parts = self._whose(integration, team).parts(by)
        days = Days(first, last, "UTC")
        return Frames(
            columns.CORRESPONDENTS,
            lambda: numbers.correspondents(
                self._engine, parts, wanted, directions, days
            ),
        )

    def responses(
        self,
        first: date | None = None,
        last: date | None = None,
        *,
        side: str | None = None,
        integration: Which = None,
        team: str | None = None,
        zone: str = "UTC",
    ) -> Frames:
        """Give messages that may be answered, each with the first answer to it.

        `side`: "ours", messages of persons to us; "theirs", messages of ours. Those
        that came in these days of the zone; None: from the first, to the last.

        Raises:
            BadInput: there is no such team or side.

        """
        sides = one_of("side", side, questions.SIDES)
        whose, days = self._whose(integration, team), Days(first, last, zone)
        return Frames(
            columns.RESPONSES,
            lambda: numbers.responses(self._engine, whose, sides, days),
        )

    def waiting(
        self,
        first: date | None = None,
        last: date | None = None,
        *,
        side: str = "ours",
        integration: Which = None,
        team: str | None = None,
        zone: str = "UTC",
        now: datetime | None = None,
        most: int = WAITING,
    ) -> pd.DataFrame:
        """Give messages that wait for an answer, the oldest first, at most `most`.

        How long each has waited is told until `now`; None: until this moment.
        """
        one_of("side", side, questions.SIDES)
        whose, days = self._whose(integration, team), Days(first, last, zone)
        until = now or clock.now()
        return numbers.waiting(self._engine, whose, side, until, days, most)

    def deliveries(
        self,
        first: date,
        last: date,
        *,
        integration: Which = None,
        team: str | None = None,
        zone: str = "UTC",
        by: str = "",
    ) -> pd.DataFrame:
        """Tell what became of the mail that was planned for each day of a zone.

        Every step is evidence, and counts a mail once; opens are not to be had.

        Raises:
            BadInput: there is no such team or `by`.

        """
        parts = self._whose(integration, team).parts(by)
        found = numbers.deliveries(self._engine, parts, first, last, zone)
        return Frames(columns.DELIVERIES, lambda: found).frame()

    @staticmethod
    def availability() -> pd.DataFrame:
        """Tell of every number how sure it is by each method; "none": not to be had."""
        return numbers.availability()

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

    def zone(self) -> str:
        """Give the zone of the organisation's calendar, which months are of."""
        with reading(self._engine) as conn:
            return calendars.kept(conn).zone

    def threads(self, *, integration: Which = None) -> pd.DataFrame:
        """Give one row per conversation of each mailbox, the latest first."""
        with reading(self._engine) as conn:
            found = exported.threads(conn, self._ids(integration))
        return typed(found, columns.THREADS)

    def _whose(self, integration: Which, team: str | None) -> Whose:
        with reading(self._engine) as conn:
            return find(conn, integration, team)

    def _ids(self, which: Which) -> tuple[int, ...]:
        if isinstance(which, int):
            return (which,)
        if which is not None:
            return tuple(int(one) for one in which)
        with reading(self._engine) as conn:
            return tuple(int(one) for one in frames.integrations(conn)["id"])

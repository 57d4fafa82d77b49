"""Commands that write numbers to a file: volume, responses, correspondents."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pandas as pd
import typer

from core import exporting, watch
from core.analysis import Counted, Frames, Malote
from core.business import first_day, month_number
from core.cli.output import Json, actor, runtime, say, texts
from core.cli.progress import ending_in_good_order, progress, unwritten
from core.errors import BadInput
from core.exporting import Format, Table
from core.metrics import DEFAULT_ASIDES, DEFAULT_KINDS, Step
from core.responses import Side
from core.runtime import Runtime
from core.volume_parts import By

MONTHS_MOST = 1_200


class Kind(StrEnum):
    """A kind of table."""

    CSV = "csv"
    PARQUET = "parquet"


class What(StrEnum):
    """What a correspondent is known by."""

    ADDRESS = "address"
    DOMAIN = "domain"


class Direction(StrEnum):
    """Which way mail goes."""

    RECEIVED = "received"
    SENT = "sent"


File = Annotated[Path, typer.Argument(help="A file; of .csv or .parquet, or --format.")]
As = Annotated[
    Kind | None, typer.Option("--format", help="Whatever the file's name ends in.")
]
From = Annotated[
    datetime | None,
    typer.Option("--from", formats=["%Y-%m-%d"], help="The first day: 2026-01-31."),
]
To = Annotated[
    datetime | None,
    typer.Option("--to", formats=["%Y-%m-%d"], help="The last day, included."),
]
Months = Annotated[
    int | None,
    typer.Option(
        min=1, max=MONTHS_MOST, help="So many months, whole, of which this is the last."
    ),
]
Team = Annotated[str | None, typer.Option(help="Only of the team of this name.")]
Mailbox = Annotated[
    int | None, typer.Option(help="Only of the integration of this id.")
]
Zone = Annotated[
    str, typer.Option(help="The zone that days are of, if not the organisation's.")
]
Parts = Annotated[By | None, typer.Option("--by", help="One row for each of them.")]


@dataclass(frozen=True, slots=True)
class Asked:
    """An export of numbers; first and last day None: all that there is."""

    opened: Runtime
    malote: Malote
    kind: Format
    file: Path
    first: date | None
    last: date | None
    zone: str
    of: dict[str, Any]  # team and integration


def volume(
    file: File,
    *,
    first: From = None,
    last: To = None,
    months: Months = None,
    team: Team = None,
    mailbox: Mailbox = None,
    step: Annotated[Step, typer.Option(help="How long each row is.")] = Step.DAY,
    by: Parts = None,
    internal: Annotated[
        bool | None,
        typer.Option(
            "--internal/--external", help="Only mail within the own domain, or other."
        ),
    ] = None,
    zone: Zone = "",
    kind: As = None,
    as_json: Json = False,
) -> None:
    """Write how many messages of persons and lists were received and sent."""
    asked = _asked(file, kind, (first, last, months), zone, team, mailbox)
    held = asked.malote.days(zone=asked.zone)
    today = asked.opened.clock().astimezone(ZoneInfo(asked.zone)).date()
    start = asked.first or (held[0] if held else asked.last or today)
    end = asked.last or (held[1] if held else today)
    found = asked.malote.volumes(
        start,
        max(start, end),
        Counted(step, DEFAULT_KINDS, DEFAULT_ASIDES, internal),
        zone=asked.zone,
        by=by or "",
        **asked.of,
    )
    chosen = {"first": start, "last": end, "step": step, "by": by, "internal": internal}
    _write("volume", asked, found, chosen, as_json=as_json)


def responses(
    file: File,
    *,
    first: From = None,
    last: To = None,
    months: Months = None,
    team: Team = None,
    mailbox: Mailbox = None,
    side: Annotated[
        Side | None, typer.Option(help="Only of those that we, or they, are to answer.")
    ] = None,
    zone: Zone = "",
    kind: As = None,
    as_json: Json = False,
) -> None:
    """Write each message that may be answered, with the answer and how long it took."""
    asked = _asked(file, kind, (first, last, months), zone, team, mailbox)
    found = asked.malote.responses(
        asked.first, asked.last, side=side, zone=asked.zone, **asked.of
    )
    _write("responses", asked, found, {"side": side}, as_json=as_json)


def correspondents(
    file: File,
    *,
    first: From = None,
    last: To = None,
    months: Months = None,
    team: Team = None,
    mailbox: Mailbox = None,
    what: Annotated[What, typer.Option(help="Addresses or domains.")] = What.ADDRESS,
    direction: Annotated[
        Direction | None, typer.Option(help="Only mail from, or to, them.")
    ] = None,
    by: Parts = None,
    kind: As = None,
    as_json: Json = False,
) -> None:
    """Write with whom mail was exchanged in each month, and how many messages.

    Months are whole, and those of the organisation's zone.
    """
    asked = _asked(file, kind, (first, last, months), "", team, mailbox)
    found = asked.malote.correspondents(
        what,
        first=asked.first,
        last=asked.last,
        direction=direction,
        by=by or "",
        **asked.of,
    )
    chosen = {"what": what, "direction": direction, "by": by}
    _write("correspondents", asked, found, chosen, as_json=as_json)


def zone_of(name: str) -> str:
    """Give the name of a zone.

    Raises:
        BadInput: there is none of this name.

    """
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadInput("zone", "zone_unknown") from None


def _asked(
    file: Path,
    kind: Kind | None,
    period: tuple[datetime | None, datetime | None, int | None],
    zone: str,
    team: str | None,
    mailbox: int | None,
) -> Asked:
    opened = runtime()
    if mailbox is not None:
        watch.integration(opened, mailbox)
    malote = Malote(opened.engine)
    known = zone_of(zone) if zone else malote.zone()
    today = opened.clock().astimezone(ZoneInfo(known)).date()
    first, last = _period(*period, today)
    of = {"team": team, "integration": mailbox}
    return Asked(opened, malote, _format(file, kind), file, first, last, known, of)


def _period(
    first: datetime | None, last: datetime | None, months: int | None, today: date
) -> tuple[date | None, date | None]:
    if months is not None:
        if first or last:
            raise BadInput("months", "months_or_days")
        month = month_number(today)
        return first_day(month - months + 1), today
    start, end = first and first.date(), last and last.date()
    if start and end and start > end:
        raise BadInput("last_day", "to_before_from")
    return start, end


def _format(file: Path, kind: Kind | None) -> Format:
    try:
        return Format(kind or Kind(file.suffix.lower().removeprefix(".")))
    except ValueError:
        raise BadInput("file", "table_kind") from None


def _write(
    numbers: str, asked: Asked, found: Frames, chosen: dict[str, Any], *, as_json: bool
) -> None:
    t = texts()
    period = {"first": asked.first, "last": asked.last, "zone": asked.zone}
    question = {
        name: str(value)
        for name, value in {"numbers": numbers, **period, **asked.of, **chosen}.items()
        if value is not None
    }
    exporting.record_numbers(asked.opened, asked.kind, question, actor())
    about = exporting.about(question, asked.opened.clock())
    with progress(t, "numbers") as told, ending_in_good_order(told) as on_done:
        table = Table(found.columns, _told(found, on_done), about)
        with unwritten():
            rows = exporting.write(asked.kind, asked.file, table, lambda _rows: None)
    said = {"file": str(asked.file), "rows": rows}
    say(said, as_json=as_json, text=t("cli.exported", n=rows, file=asked.file))


def _told(found: Frames, on_done: exporting.OnDone) -> Iterator[pd.DataFrame]:
    """Tell how far it is with each frame: between two of them it may be ended."""
    done = 0
    on_done(0, None)
    for some in found:
        done += len(some)
        on_done(done, None)
        yield some

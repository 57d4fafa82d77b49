"""The command that takes messages along: as a table, or as they are."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer

from core import exporting, watch
from core.browse import Question, typed
from core.cli.output import Id, Json, actor, runtime, say, texts
from core.errors import BadInput
from core.exporting import Ask, Format
from core.i18n import Texts
from core.runtime import Runtime

EACH_S = 0.2
TWICE_S = 1.0  # sooner, a signal is the one that came already
TOO_MANY = 1_001  # messages for one mbox: it is refused, and tells how many may be
CLEARED = "\r\x1b[K"


def export(
    integration_id: Id,
    file: Annotated[
        Path,
        typer.Argument(help="A file ending in .csv, .parquet, .mbox or .eml."),
    ],
    *,
    search: Annotated[
        str, typer.Option(help="As in the search box: 'from:ana after:2026-01-01'.")
    ] = "",
    folder: Annotated[str, typer.Option(help="Only of the folder of this name.")] = "",
    message: Annotated[
        list[int] | None,
        typer.Option(help="For .eml and .mbox: a message's id; may be repeated."),
    ] = None,
    zone: Annotated[str, typer.Option(help="The zone that days are of.")] = "UTC",
    as_json: Json = False,
) -> None:
    """Write messages to a file, newest first; all that a search asks for.

    Tables hold what is known of each message, .mbox and .eml the messages themselves.
    """
    opened, t = runtime(), texts()
    watch.integration(opened, integration_id)
    kind = _kind(file)
    question = Question(
        (integration_id,),
        _folder(opened, integration_id, folder),
        _understood(search),
        zone=_zone(zone),
    )
    ids = _ids(opened, question, kind, message or [])
    exporting.record(opened, Ask(kind, question, ids), actor())
    with _progress(t) as told, _ending_in_good_order(told) as on_done:
        try:
            made = exporting.make(opened, Ask(kind, question, ids), file, on_done)
        except OSError as error:
            raise BadInput("file", "file_unwritten", reason=error.strerror) from None
    text = t("cli.exported", n=made.messages, file=file)
    if made.left:
        text += "\n" + t("export.left", n=made.left)
    said = {"file": str(file), "rows": made.messages, "left_out": made.left}
    say(said, as_json=as_json, text=text)


def _kind(file: Path) -> Format:
    try:
        return Format(file.suffix.lower().removeprefix("."))
    except ValueError:
        raise BadInput("file", "export_kind") from None


def _folder(opened: Runtime, integration_id: int, title: str) -> int | None:
    if not title:
        return None
    found = watch.folders(opened, integration_id)
    mine = found[found["title"] == title]
    if mine.empty:
        raise BadInput("folder", "folder_unknown")
    return int(mine["id"].iloc[0])


def _understood(search: str) -> str:
    """Give a search, unless a part means nothing: without it, more would be written."""
    if unclear := typed(search).unclear:
        raise BadInput("search", "search_unclear", words=" ".join(unclear))
    return search


def _zone(name: str) -> str:
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadInput("zone", "zone_unknown") from None


def _ids(
    opened: Runtime, question: Question, kind: Format, given: list[int]
) -> tuple[int, ...]:
    """Give the messages for .eml and .mbox: those named, or all that are asked for."""
    if not kind.of_mail:
        return ()
    ids = list(dict.fromkeys(given))
    if not ids:
        for some in exporting.rows(opened, question):
            ids += [int(one) for one in some["message_id"]]
            if len(ids) >= TOO_MANY:
                break
    if not ids or (kind is Format.EML and len(ids) != 1):
        raise BadInput("message", "no_messages")
    return tuple(ids)


@contextmanager
def _progress(t: Texts) -> Iterator[exporting.OnDone]:
    """Give what tells a person in a terminal how far it is, on one line."""
    if not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    said = 0.0

    def on_done(done: int, total: int | None) -> None:
        nonlocal said
        if time.monotonic() - said >= EACH_S:
            said = time.monotonic()
            key = "export.so_far" if total is None else "export.of"
            text = t(key, done=done, total=total or 0)
            print(CLEARED + text, end="", file=sys.stderr, flush=True)

    try:
        yield on_done
    finally:
        print(CLEARED, end="", file=sys.stderr, flush=True)


@contextmanager
def _ending_in_good_order(told: exporting.OnDone) -> Iterator[exporting.OnDone]:
    """Let SIGTERM and Ctrl-C end us between two steps: with nothing half written.

    An exception raised by a handler is lost if it comes while an object is being
    deleted; so it is only noted. One press often comes twice (from the terminal and
    from make): only a second one, later, ends us at once, wherever we are.
    """
    came: list[tuple[int, float]] = []

    def note(number: int, _frame: object) -> None:
        if not came:
            came.append((number, time.monotonic()))
        elif time.monotonic() - came[0][1] > TWICE_S:
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)

    def on_done(done: int, total: int | None) -> None:
        if came:
            sys.exit(128 + came[0][0])
        told(done, total)

    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, note) for number in numbers}
    try:
        yield on_done
    finally:
        if not came:  # else we clear up and end: nothing may come between
            for number, handler in before.items():
                signal.signal(number, handler)

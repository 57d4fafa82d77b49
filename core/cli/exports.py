"""Commands that take messages and numbers along, to files.

`malote export 3 mail.csv` is `malote export messages 3 mail.csv`, as it was before
there were others.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from core import exporting, watch
from core.browse import Question, typed
from core.cli import numbers
from core.cli.output import Id, Json, actor, runtime, say, texts
from core.cli.progress import ending_in_good_order, progress, unwritten
from core.errors import BadInput
from core.exporting import Ask, Format
from core.runtime import Runtime

TOO_MANY = 1_001  # messages for one mbox: it is refused, and tells how many may be


class Exports(TyperGroup):
    """What can be exported; a number, or an option, in its place means messages."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the words behind `export`."""
        if args and args[0] not in {*self.commands, "--help"} and not args[0].isalpha():
            args = ["messages", *args]
        return super().parse_args(ctx, args)


export = typer.Typer(
    cls=Exports,
    help="Write messages, or numbers, to a file that is there whole or not at all.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)
export.command("volume")(numbers.volume)
export.command("responses")(numbers.responses)
export.command("correspondents")(numbers.correspondents)


@export.command("messages")
def messages(
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
        zone=numbers.zone_of(zone),
    )
    ids = _ids(opened, question, kind, message or [])
    exporting.record(opened, Ask(kind, question, ids), actor())
    with progress(t) as told, ending_in_good_order(told) as on_done, unwritten():
        made = exporting.make(opened, Ask(kind, question, ids), file, on_done)
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

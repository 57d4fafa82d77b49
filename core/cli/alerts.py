"""Commands on alerts: what is open, and the sinks that are told of it."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from core import alerts as use_case
from core.alerts import Shown
from core.cli.mailbox import password_in
from core.cli.output import DONE, SERVER, Json, actor, runtime, say, texts
from core.i18n import DEFAULT, Texts
from core.secret import Secret

SinkId = Annotated[int, typer.Argument(help="The sink's id, as `sink list` shows it.")]
sink = typer.Typer(
    help="Where alerts are told: add, list, test and remove sinks.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)


def alerts(*, as_json: Json = False) -> None:
    """List the open alerts, the worst first."""
    opened, t = runtime(), texts()
    found = use_case.open_alerts(opened)
    lines = [_line(t, one) for one in found] or [t("cli.no_alerts")]
    lines += [_failing(t, one) for one in use_case.failing_sinks(opened)]
    say([_plain(t, one) for one in found], as_json=as_json, text="\n".join(lines))


@sink.command("add")
def add(
    name: Annotated[str, typer.Argument(help="How people call it.")],
    *,
    url_file: Annotated[
        Path | None, typer.Option(help="File with the Apprise URL; else asked for.")
    ] = None,
    language: Annotated[
        str, typer.Option(help="Language of the messages: en or pt_BR.")
    ] = DEFAULT,
    as_json: Json = False,
) -> None:
    """Add a sink. Its URL holds secrets: it is read from a file, or asked for."""
    opened, t = runtime(), texts()
    url = _asked(t) if url_file is None else password_in(url_file, "sink_url_file")
    made = use_case.add_sink(opened, name, language, url, actor())
    shown = next(s.shown for s in use_case.all_sinks(opened) if s.id == made)
    text = t("cli.sink_added", id=made, shown=shown)
    say({"id": made, "shown": shown}, as_json=as_json, text=text)


@sink.command("list")
def list_(*, as_json: Json = False) -> None:
    """List the sinks, and how each is."""
    opened, t = runtime(), texts()
    found = use_case.all_sinks(opened)
    lines = [f"{s.id:>4}  {s.name:<24} {s.language:<6} {s.shown}" for s in found]
    lines += [_failing(t, one) for one in found if one.failed_at is not None]
    text = "\n".join(lines) or t("cli.no_sinks")
    say([asdict(one) for one in found], as_json=as_json, text=text)


@sink.command("test")
def try_(sink_id: SinkId, *, as_json: Json = False) -> None:
    """Send a message to a sink now."""
    done = use_case.test_sink(runtime(), sink_id, actor())
    t = texts()
    text = t("cli.sink_works") if done.ok else t("cli.sink_broken", words=done.words)
    say(asdict(done), as_json=as_json, text=text)
    raise typer.Exit(DONE if done.ok else SERVER)


@sink.command("remove")
def remove(sink_id: SinkId, *, as_json: Json = False) -> None:
    """Remove a sink; its URL is deleted, and what waits for it is not sent."""
    use_case.remove_sink(runtime(), sink_id, actor())
    text = texts()("cli.sink_removed", id=sink_id)
    say({"id": sink_id, "removed": True}, as_json=as_json, text=text)


def _asked(t: Texts) -> Secret:
    return Secret(typer.prompt(t("field.sink_url"), hide_input=True))


def _line(t: Texts, shown: Shown) -> str:
    one = shown.alert
    what = use_case.short(t, one.code)
    return f"{one.id:>4}  {t.moment(one.since)}  {one.address:<32}  {what}"


def _failing(t: Texts, one: use_case.Sink) -> str:
    since = t.moment(one.failed_at) if one.failed_at else ""
    return t("alerts.sink_failing", name=one.name, at=since, words=one.failed_words)


def _plain(t: Texts, shown: Shown) -> dict[str, object]:
    return {
        **asdict(shown.alert),
        "rule": use_case.rule_name(t, shown.rule),
        "on_its_way": shown.on_its_way,
        "snoozed_until": shown.snoozed_until,
    }

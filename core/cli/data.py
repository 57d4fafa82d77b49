"""Commands on what is held: status, privacy, team, messages."""

from __future__ import annotations

import json
import sys
from collections.abc import Hashable, Mapping
from typing import Annotated, Any

import pandas as pd
import typer

from core import browse, fleet, watch
from core.cli.output import Id, Json, actor, plain, runtime, say, texts
from core.errors import BadInput
from core.i18n import Texts
from core.model import Privacy


def status(*, as_json: Json = False) -> None:
    """Tell how every integration is doing."""
    opened, t = runtime(), texts()
    found = watch.overview(opened)
    alive = watch.worker_lives(opened)
    lines = [_status_line(t, row) for row in found.to_dict("records")]
    lines.append(t("cli.worker_lives") if alive else t("cli.worker_silent"))
    value = {"worker": alive, "integrations": found}
    if as_json:
        value["integrations"] = found.to_dict("records")
    say(value, as_json=as_json, text="\n".join(lines))


def privacy(
    integration_id: Id,
    level: Annotated[Privacy, typer.Argument(help="What may be kept.")],
    *,
    erase_subjects: Annotated[
        bool,
        typer.Option("--erase-subjects", help="Erase what is stored, for good."),
    ] = False,
    as_json: Json = False,
) -> None:
    """Say how much is kept of a mailbox; with less, what is stored is erased."""
    opened, t = runtime(), texts()
    now = watch.integration(opened, integration_id)
    destroys = now.privacy.allows_subject and not level.allows_subject
    if destroys and not erase_subjects:
        raise BadInput("level", "erases_subjects")
    erased = watch.set_privacy(opened, integration_id, level, actor())
    name = t(f"privacy.{level}.name")
    text = t("cli.privacy_set", address=now.address, level=name, n=erased)
    value = {"id": integration_id, "privacy": str(level), "subjects_erased": erased}
    say(value, as_json=as_json, text=text)


def team(
    owner: Annotated[str, typer.Argument(help="The owner's name.")],
    name: Annotated[str, typer.Argument(metavar="TEAM", help='The team; "" for none.')],
    *,
    as_json: Json = False,
) -> None:
    """Put an owner into a team, to filter mailboxes and alerts by."""
    kept = fleet.set_team_of(runtime(), owner, name, actor())
    text = texts()("cli.team_set" if kept else "cli.team_none", owner=owner, team=kept)
    say({"owner": owner, "team": kept}, as_json=as_json, text=text)


def messages(
    integration_id: Id,
    *,
    search: Annotated[str, typer.Option(help="In subject and addresses.")] = "",
    everything: Annotated[
        bool, typer.Option("--all", help="Every message, as JSON lines.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 20,
    as_json: Json = False,
) -> None:
    """Show the newest messages of an integration, or every one of them."""
    opened, t = runtime(), texts()
    watch.integration(opened, integration_id)
    if everything:
        for rows in browse.everything(opened, integration_id):
            for row in rows.to_dict("records"):
                sys.stdout.write(json.dumps(plain(row), ensure_ascii=False) + "\n")
        return
    question = browse.Question((integration_id,), search=search)
    page = browse.page(opened, question, size=limit)
    lines = [_line(t, row) for row in page.rows.to_dict("records")]
    say(page.rows, as_json=as_json, text="\n".join(lines) or t("messages.none"))


def _status_line(t: Texts, row: Mapping[Hashable, Any]) -> str:
    ended = isinstance(row["disconnected_at"], pd.Timestamp)
    state = t("state.disconnected" if ended else f"state.{row['shown_state']}")
    level = t(f"privacy.{row['privacy']}.name")
    return f"{row['id']:>4}  {state:<24} {row['address']}  ({level})"


def _line(t: Texts, row: Mapping[Hashable, Any]) -> str:
    at = row["at"]
    when = t.moment(at.to_pydatetime()) if isinstance(at, pd.Timestamp) else ""
    return f"{when}  {str(row['from_address'])[:32]:<32}  {row['subject']}"

"""Commands on what is held: status, team, messages."""

from __future__ import annotations

import json
import sys
from collections.abc import Hashable, Mapping
from typing import Annotated, Any

import pandas as pd
import typer

from core import browse, fleet, watch
from core.cli.output import Id, Json, actor, plain, runtime, say, texts
from core.i18n import Texts


def status(*, as_json: Json = False) -> None:
    """Tell how every integration is doing."""
    opened, t = runtime(), texts()
    found = watch.overview(opened)
    alive = watch.worker_lives(opened)
    lines = [
        f"{r['id']:>4}  {t('state.' + r['shown_state']):<24} {r['address']}"
        if r["disconnected_at"] is None or r["disconnected_at"] != r["disconnected_at"]
        else f"{r['id']:>4}  {t('state.disconnected'):<24} {r['address']}"
        for r in found.to_dict("records")
    ]
    lines.append(t("cli.worker_lives") if alive else t("cli.worker_silent"))
    value = {"worker": alive, "integrations": found}
    if as_json:
        value["integrations"] = found.to_dict("records")
    say(value, as_json=as_json, text="\n".join(lines))


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


def _line(t: Texts, row: Mapping[Hashable, Any]) -> str:
    at = row["at"]
    when = t.moment(at.to_pydatetime()) if isinstance(at, pd.Timestamp) else ""
    return f"{when}  {str(row['from_address'])[:32]:<32}  {row['subject']}"

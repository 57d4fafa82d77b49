"""Commands on mailboxes: connect, reconnect, disconnect, sync."""

from __future__ import annotations

import threading
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from core import connect as use_case, watch
from core.cli.output import OWNER, SERVER, Id, Json, actor, runtime, say, texts
from core.connect import Form, OnStep, Progress, Step
from core.errors import BadInput, MailError, Overtaken, Refused
from core.i18n import Texts
from core.jobs.embedded import free_the_dead, syncer
from core.model import Privacy, Security, Server, Trigger
from core.runtime import Runtime, holder
from core.secret import Secret
from core.store import integrations
from core.store.engine import reading
from core.sync import run
from core.sync.syncer import FolderReport
from core.words import explain, explain_code


def connect(
    address: Annotated[str, typer.Argument(help="The e-mail address.")],
    *,
    owner: Annotated[str, typer.Option(help="The person whose mailbox it is.")],
    imap: Annotated[str, typer.Option(help="Incoming server (IMAP).")],
    smtp: Annotated[str, typer.Option(help="Outgoing server (SMTP).")],
    imap_port: int = 993,
    smtp_port: int = 465,
    imap_security: Security = Security.TLS,
    smtp_security: Security = Security.TLS,
    login: Annotated[str, typer.Option(help="User name, if not the address.")] = "",
    password_file: Annotated[
        Path | None, typer.Option(help="File with the password; else it is asked for.")
    ] = None,
    privacy: Annotated[
        Privacy, typer.Option(help="What may be kept of it.")
    ] = Privacy.BODY,
    accept_limitations: Annotated[
        bool, typer.Option("--accept-limitations", help="See the article.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Connect a mailbox by IMAP; nothing is stored unless every step passed."""
    t = texts()
    form = Form(
        owner=owner,
        address=address,
        password=_password(password_file, t),
        imap=Server(imap, imap_port, imap_security),
        smtp=Server(smtp, smtp_port, smtp_security),
        login=login,
        acknowledged=accept_limitations,
        privacy=privacy,
    )
    steps: list[Step] = []
    told = _teller(t, steps, as_json=as_json)
    made = use_case.connect(runtime(), form, actor(), told)
    text = t("cli.connected", address=address, id=made)
    say({"id": made, "steps": _shown(steps)}, as_json=as_json, text=text)


def reconnect(
    integration_id: Id,
    *,
    imap: Annotated[str, typer.Option(help="Incoming server; else as it is.")] = "",
    smtp: Annotated[str, typer.Option(help="Outgoing server; else as it is.")] = "",
    imap_port: int | None = None,
    smtp_port: int | None = None,
    imap_security: Security | None = None,
    smtp_security: Security | None = None,
    login: Annotated[str, typer.Option(help="User name; else as it is.")] = "",
    password_file: Annotated[
        Path | None, typer.Option(help="File with the password; else it is asked for.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Give a mailbox a new password or other servers; its history stays."""
    opened, t = runtime(), texts()
    now = watch.integration(opened, integration_id)
    form = Form(
        owner=now.owner,
        address=now.address,
        password=_password(password_file, t),
        imap=_changed(now.imap, imap, imap_port, imap_security),
        smtp=_changed(now.smtp, smtp, smtp_port, smtp_security),
        login=login or now.login,
    )
    steps: list[Step] = []
    told = _teller(t, steps, as_json=as_json)
    use_case.reconnect(opened, integration_id, form, actor(), told)
    text = t("cli.reconnected", address=now.address, id=integration_id)
    say({"id": integration_id, "steps": _shown(steps)}, as_json=as_json, text=text)


def disconnect(integration_id: Id, *, as_json: Json = False) -> None:
    """End an integration; its password is deleted, its history stays."""
    use_case.disconnect(runtime(), integration_id, actor())
    text = texts()("cli.disconnected", id=integration_id)
    say({"id": integration_id, "disconnected": True}, as_json=as_json, text=text)


def sync(
    *,
    once: Annotated[bool, typer.Option("--once", help="One pass, then end.")] = False,
    integration: Annotated[int | None, typer.Option(help="Only this one.")] = None,
    explain_plan: Annotated[
        bool, typer.Option("--explain", help="Say what each folder needed, and why.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Sync every live integration, once or at the usual interval until Ctrl-C."""
    opened, pause = runtime(), threading.Event()
    while True:
        code = _sync_pass(opened, integration, explained=explain_plan, as_json=as_json)
        if once:
            raise typer.Exit(code)
        pause.wait(opened.settings.sync_every_s)


def _sync_pass(
    opened: Runtime, only: int | None, *, explained: bool, as_json: bool
) -> int:
    free_the_dead(opened)
    with reading(opened.engine) as conn:
        chosen = [i.id for i in integrations.live(conn) if only in {None, i.id}]
        if only is not None and not chosen:
            integrations.get(conn, only)
            raise BadInput("integration", "not_live")
    reports = [_sync_one(opened, i) for i in chosen]
    lines = [line for _, line, _ in reports] or [texts()("cli.nothing_to_sync")]
    if explained:
        lines += [line for value, _, _ in reports for line in _explained(value)]
    say([r for r, _, _ in reports], as_json=as_json, text="\n".join(lines))
    return max((code for _, _, code in reports), default=0)


def _sync_one(
    opened: Runtime, integration_id: int
) -> tuple[dict[str, object], str, int]:
    t = texts()
    try:
        report = run.sync(syncer(opened, holder()), integration_id, Trigger.COMMAND)
    except MailError as error:
        failed = {
            "integration": integration_id,
            "outcome": "not_run",
            "error": error.code,
        }
        return (
            failed,
            f"{integration_id}: {explain(t, error).line}",
            SERVER if isinstance(error, Overtaken) else 0,
        )
    value: dict[str, object] = {
        "integration": integration_id,
        "outcome": str(report.outcome),
        "seconds": round(report.seconds, 3),
        **asdict(report.changes),
        "folders": [_folder(f) for f in report.folders],
        "error": report.error.code if report.error else None,
    }
    if report.error is None:
        return value, f"{integration_id}: {_changes_line(t, value)}", 0
    code = OWNER if isinstance(report.error, Refused) else SERVER
    return value, f"{integration_id}: {explain(t, report.error).line}", code


def _folder(report: FolderReport) -> dict[str, object]:
    steps = [{"step": type(s).__name__, **asdict(s)} for s in report.steps]
    return {"title": report.title, "steps": steps, "problem": report.problem}


def _explained(value: dict[str, object]) -> list[str]:
    """Write the plan of each folder: what it needed, and as of which numbers."""
    t, lines = texts(), []
    folders = value.get("folders")
    for folder in folders if isinstance(folders, list) else []:
        words = [t(f"plan.{s['step']}", **_facts(s)) for s in folder["steps"]]
        if folder["problem"]:
            words = [
                explain_code(t, folder["problem"], {"folder": folder["title"]}).what
            ]
        said = " · ".join(words) or t("plan.nothing")
        lines.append(f"  {folder['title']}: {said}")
    return lines


def _facts(step: dict[str, object]) -> dict[str, object]:
    cursor = step.get("cursor")
    return {**step, **(cursor if isinstance(cursor, dict) else {})}


def _changes_line(t: Texts, value: dict[str, object]) -> str:
    names = ("added", "read", "flagged", "moved", "gone", "poisoned")
    counts = ", ".join(f"{t('change.' + n)} {value[n]}" for n in names)
    return f"{counts} ({value['seconds']} s)"


def _changed(
    now: Server, host: str, port: int | None, security: Security | None
) -> Server:
    return Server(
        host or now.host,
        now.port if port is None else port,
        now.security if security is None else security,
    )


def _teller(t: Texts, steps: list[Step], *, as_json: bool) -> OnStep:
    """Print each step as it ends, and keep it."""

    def told(step: Step) -> None:
        if step.progress is not Progress.RUNNING:
            steps.append(step)
            if not as_json:
                typer.echo(_step_line(t, step), err=True)

    return told


def _shown(steps: list[Step]) -> list[dict[str, object]]:
    return [
        {"side": s.side, "step": s.name, "seconds": round(s.seconds, 3)} for s in steps
    ]


def _step_line(t: Texts, step: Step) -> str:
    mark = "ok" if step.progress is Progress.OK else "--"
    name = t(f"step.{step.name}")
    return f"{mark} {step.side.upper()} {name} {t.duration(step.seconds)}"


def _password(path: Path | None, t: Texts) -> Secret:
    if path is None:
        return Secret(typer.prompt(t("field.password"), hide_input=True))
    return password_in(path)


def password_in(path: Path, field: str = "password_file") -> Secret:
    """Read a password from a file; the line break at its end is not part of it.

    Raises:
        BadInput: the file cannot be read.

    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise BadInput(field, "file_unread", reason=error.strerror) from None
    except UnicodeDecodeError:
        raise BadInput(field, "file_unread", reason="UTF-8?") from None
    return Secret(text.removesuffix("\n").removesuffix("\r"))

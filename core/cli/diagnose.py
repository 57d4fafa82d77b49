"""The command doctor: what is wrong with this installation, or with one address."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from core import discovery, providers, watch
from core.cli import support
from core.cli.mailbox import password_in
from core.cli.output import (
    DONE,
    SERVER,
    Json,
    actor,
    exit_code,
    runtime,
    say,
    texts,
)
from core.connect import Form, Step, clean_address, preflight
from core.errors import BadInput, MailError
from core.i18n import Texts
from core.model import Integration, Method, Security, Server
from core.network import reach, resolve
from core.runtime import Runtime
from core.secret import Secret
from core.store import credentials, recounting, scoping
from core.store.engine import reading
from core.sync.access import PASSWORD
from core.words import explain

PORTS = {
    "imap": {Security.TLS: 993, Security.STARTTLS: 143, Security.NONE: 143},
    "smtp": {Security.TLS: 465, Security.STARTTLS: 587, Security.NONE: 587},
}
NOBODY = Secret("")
# A password goes to servers that somebody vouches for, not to what a search has found.
CONFIRMED = {"from_options", "from_integration", "from_catalogue"}


def doctor(
    address: Annotated[
        str, typer.Argument(help="Check the servers of this address.")
    ] = "",
    *,
    imap: Annotated[str, typer.Option(help="Incoming server (IMAP).")] = "",
    smtp: Annotated[str, typer.Option(help="Outgoing server (SMTP).")] = "",
    imap_port: int = 0,
    smtp_port: int = 0,
    imap_security: Security = Security.TLS,
    smtp_security: Security = Security.TLS,
    login: Annotated[str, typer.Option(help="User name, if not the address.")] = "",
    password_file: Annotated[
        Path | None, typer.Option(help="File with the password; else no login.")
    ] = None,
    discover: Annotated[
        bool, typer.Option("--discover", help="Search for the servers, by DNS first.")
    ] = False,
    recount: Annotated[
        bool, typer.Option("--recount", help="Compare totals with messages; repair.")
    ] = False,
    bundle_file: Annotated[
        Path | None,
        typer.Option("--bundle", help="Write what support needs to a new zip file."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Say what is wrong: with settings, store and worker, or with an address."""
    if bundle_file is not None:
        support.write(bundle_file, address, as_json=as_json)
        return
    if not address:
        raise typer.Exit(_installation(recount=recount, as_json=as_json))
    opened, t = runtime(), texts()
    servers = (
        _server("imap", imap, imap_port, imap_security),
        _server("smtp", smtp, smtp_port, smtp_security),
    )
    form, source = filled(opened, address, servers, discover=discover)
    if login:
        form = replace(form, login=login)
    if password_file is not None and source in CONFIRMED:
        form = replace(form, password=password_in(password_file))
    _address(opened, t, form, source, as_json=as_json)


def _address(
    opened: Runtime, t: Texts, form: Form, source: str, *, as_json: bool
) -> None:
    """Check both servers of an address, and print the report."""
    failed: list[MailError] = []

    def told(step: Step) -> None:
        if step.error is not None:
            failed.append(step.error)

    report = preflight(opened, form, told, actor())
    lines = [report.as_text(t), "", t(f"doctor.{source}")]
    if not form.password:
        searched = source not in CONFIRMED
        lines.append(t("doctor.not_confirmed" if searched else "doctor.no_password"))
    value = {**report.as_dict(), "source": source, "login_tried": bool(form.password)}
    say(value, as_json=as_json, text="\n".join([*lines, *_hints(t, form)]))
    raise typer.Exit(exit_code(failed[0]) if failed else DONE)


def _hints(t: Texts, form: Form) -> list[str]:
    """Say what the provider of an address is known to need."""
    known = providers.catalogue()
    domain = form.address.rpartition("@")[2]
    found = known.of_domain(domain) or known.of_host(form.imap.host)
    hints = providers.hints(found, form.address) if found else ()
    said = [f"{t('hint.' + one.key, **one.facts)} {one.url}".strip() for one in hints]
    return ["", *(f"* {words}" for words in said)] if said else []


def filled(
    opened: Runtime,
    address: str,
    servers: tuple[Server | None, Server | None],
    *,
    discover: bool,
) -> tuple[Form, str]:
    """Fill in the form of an address; tell from where the servers are known.

    A stored password goes to the servers that it is stored for, and to no others.
    """
    address = clean_address(address)
    imap, smtp = servers
    if imap and smtp:
        return Form(actor(), address, NOBODY, imap, smtp), "from_options"
    form, source = _of_integration(opened, address) or _of_search(
        opened, address, discover=discover
    )
    if imap or smtp:
        form = replace(
            form, imap=imap or form.imap, smtp=smtp or form.smtp, password=NOBODY
        )
    return form, source


def _of_integration(opened: Runtime, address: str) -> tuple[Form, str] | None:
    folded = address.casefold()
    found = [one for one in watch.live(opened) if one.address.casefold() == folded]
    if not found:
        return None
    one = found[0]
    form = Form(one.owner, address, _stored(opened, one), one.imap, one.smtp, one.login)
    return form, "from_integration"


def _stored(opened: Runtime, one: Integration) -> Secret:
    if one.method is not Method.IMAP:
        return NOBODY
    with reading(opened.engine) as conn:
        sealed = credentials.credential_of(conn, one.id, PASSWORD)
    return opened.vault.open(sealed, one.id, PASSWORD)


def _of_search(opened: Runtime, address: str, *, discover: bool) -> tuple[Form, str]:
    found, policy = discovery.at_once(address), opened.policy()
    if discover and not (found and found.candidates):
        found = discovery.by_dns(address, policy)
        if not found.candidates and found.takes_mail:
            found = discovery.widely(address, policy)
    if not found or not found.candidates:
        named = providers.catalogue().by_id(found.provider) if found else None
        if named is not None:  # known, and known to have no IMAP
            raise BadInput("address", "no_imap", provider=named.name)
        raise BadInput("imap_host", "servers_unknown")
    best = found.candidates[0]
    form = Form(
        actor(),
        address,
        NOBODY,
        best.imap,
        best.smtp,
        discovery.login_for(best, address),
    )
    return form, f"from_{best.source}"


def _server(side: str, host: str, port: int, security: Security) -> Server | None:
    return Server(host, port or PORTS[side][security], security) if host else None


def _installation(*, recount: bool, as_json: bool) -> int:
    """Look at settings, store, worker and servers; give the exit code."""
    opened, t = runtime(), texts()
    checks = [_check_worker(opened), *_privacy(opened), *_check_servers(opened)]
    if recount:
        checks += _recount(opened)
    lines = [f"{'ok' if c['ok'] else '--'} {c['check']} {c['words']}" for c in checks]
    value = {"data": str(opened.settings.data), "checks": checks}
    head = t("cli.data_in", path=opened.settings.data)
    say(value, as_json=as_json, text="\n".join([head, *lines]))
    return DONE if all(c["ok"] for c in checks) else SERVER


def _check_worker(opened: Runtime) -> dict[str, Any]:
    alive = watch.worker_lives(opened)
    words = texts()("cli.worker_lives" if alive else "cli.worker_silent")
    return {"check": "worker", "ok": alive, "words": words}


def _privacy(opened: Runtime) -> list[dict[str, Any]]:
    """Say how much is kept of each mailbox; nothing is wrong with any level."""
    t = texts()
    return [
        {
            "check": f"{one.address} {t('privacy.title').lower()}",
            "ok": True,
            "words": t(f"privacy.{one.privacy}.name"),
            "privacy": str(one.privacy),
        }
        for one in watch.live(opened)
    ]


def _check_servers(opened: Runtime) -> list[dict[str, Any]]:
    policy, found = opened.policy(), []
    for one in watch.live(opened):
        for side, server in (("imap", one.imap), ("smtp", one.smtp)):
            name = f"{one.address} {side} {server.host}:{server.port}"
            try:
                reach(server, resolve(server, policy), policy).close()
                found.append({"check": name, "ok": True, "words": ""})
            except MailError as error:
                words = explain(texts(), error).line
                found.append({"check": name, "ok": False, "words": words})
    return found


def _recount(opened: Runtime) -> list[dict[str, Any]]:
    """Compare all that is counted with the messages, and say what was wrong."""
    t = texts()
    with reading(opened.engine) as conn:
        addresses = {id_: box.address for id_, box in scoping.mailboxes(conn).items()}
    found = []
    for one in recounting.repair(opened.engine):
        bad = {name: n for name, n in one.wrong.items() if n}
        words = [t(f"recounted.{name}", n=n) for name, n in bad.items()]
        found.append(
            {
                "check": f"{addresses.get(one.id, t('recounted.all'))} totals",
                "ok": not bad,
                "words": " ".join(words) or t("recounted.right"),
                "integration": one.id,
                "wrong": one.wrong,
            }
        )
    return found

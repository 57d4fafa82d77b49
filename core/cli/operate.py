"""Commands on the service: serve, worker, doctor, migrate."""

from __future__ import annotations

import os
import runpy
from typing import Annotated, Any

import typer

from core import watch
from core.cli.output import SERVER, Json, runtime, say, texts
from core.errors import MailError
from core.jobs.worker import work
from core.network import reach, resolve
from core.runtime import Runtime
from core.settings import read_settings
from core.store import integrations, migrate as migrations, rollups
from core.store.engine import open_engine, reading, writing
from core.words import explain


def serve(
    *,
    port: Annotated[int | None, typer.Option(help="Port of the console.")] = None,
) -> None:
    """Start the console on localhost, with one worker beside it; Ctrl-C ends both."""
    if port is not None:
        os.environ["MALOTE_PORT"] = str(port)
    read_settings()
    # By name: core knows no console. In this process: what is imported stays so.
    runpy.run_module("console.server", run_name="__main__")


def worker() -> None:
    """Work in this process: sync what is due until SIGTERM or Ctrl-C."""
    work()


def migrate(*, as_json: Json = False) -> None:
    """Bring the database up to date."""
    engine = open_engine(read_settings().database_url)
    before, after = migrations.upgrade(engine)
    text = texts()("cli.migrated", before=before or "-", after=after)
    say({"before": before, "after": after}, as_json=as_json, text=text)


def doctor(
    *,
    recount: Annotated[
        bool, typer.Option("--recount", help="Compare totals with messages; repair.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Look at settings, store, worker and servers, and say what is wrong."""
    opened, t = runtime(), texts()
    checks = [_check_worker(opened), *_check_servers(opened)]
    if recount:
        checks += _recount(opened)
    lines = [f"{'ok' if c['ok'] else '--'} {c['check']} {c['words']}" for c in checks]
    value = {"data": str(opened.settings.data), "checks": checks}
    head = t("cli.data_in", path=opened.settings.data)
    say(value, as_json=as_json, text="\n".join([head, *lines]))
    raise typer.Exit(0 if all(c["ok"] for c in checks) else SERVER)


def _check_worker(opened: Runtime) -> dict[str, Any]:
    alive = watch.worker_lives(opened)
    words = texts()("cli.worker_lives" if alive else "cli.worker_silent")
    return {"check": "worker", "ok": alive, "words": words}


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
    with reading(opened.engine) as conn:
        chosen = integrations.live(conn)
    found = []
    for one in chosen:
        with writing(opened.engine) as conn:
            wrong = rollups.repair(conn, one.id)
        words = texts()("cli.recounted", n=wrong)
        found.append(
            {"check": f"{one.address} totals", "ok": wrong == 0, "words": words}
        )
    return found

"""Commands on the service: serve, worker, migrate."""

from __future__ import annotations

import os
import runpy
from typing import Annotated

import typer

from core.cli.output import Json, say, texts
from core.jobs.worker import work
from core.settings import read_settings
from core.store import migrate as migrations
from core.store.engine import open_engine


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

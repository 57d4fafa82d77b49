"""Exports in a process of their own: made, cancelled, killed, downloaded, swept."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from core import exporting
from core.browse import Question
from core.errors import ExportsBusy, LinkExpired
from core.exporting import Ask, Format, State, kept
from core.runtime import Runtime
from core.store.engine import reading
from core.store.schema import audit
from tests.store.test_exporting import write

pytestmark = pytest.mark.slow


def finished(export: exporting.Export) -> exporting.Told:
    export._process.wait(60)
    return exporting.told(export)


def test_a_child_makes_it_and_a_ticket_gives_it(
    mailbox: tuple[Runtime, int], tmp_path: Path
) -> None:
    runtime, one = mailbox
    question = Question((one,), search="extraordinario")
    running = exporting.start(runtime, Ask(Format.CSV, question), "test")
    told = finished(running)
    assert (told.state, told.done, told.total) == (State.DONE, 40, 40)
    got = exporting.download(runtime, exporting.ticket(runtime, running.folder))
    assert (
        got.path.read_bytes()
        == write(runtime, Format.CSV, question, tmp_path).read_bytes()
    )
    assert got.name.endswith(".csv")
    assert {path.stat().st_mode & 0o077 for path in running.folder.iterdir()} == {0}
    about = exporting.ticket(runtime, running.folder, "about")
    beside = exporting.download(runtime, about)
    assert json.loads(beside.path.read_text("utf-8"))["url"] == got.name
    exporting.cancel(running)
    assert not running.folder.exists()
    with pytest.raises(LinkExpired):
        exporting.download(runtime, about)
    with reading(runtime.engine) as conn:
        newest = select(audit).order_by(audit.c.id.desc()).limit(1)
        noted = conn.execute(newest).one()
    assert (noted.actor, noted.act, noted.integration_id) == ("test", "export", one)
    assert (noted.facts["format"], noted.facts["search"]) == ("csv", "extraordinario")


def test_cancelled_while_it_runs_nothing_is_left(
    mailbox: tuple[Runtime, int],
) -> None:
    runtime, one = mailbox
    running = exporting.start(runtime, Ask(Format.CSV, Question((one,))), "test")
    assert running.folder.is_dir()
    exporting.cancel(running)
    assert running._process.poll() is not None
    assert not running.folder.exists()
    with pytest.raises(LinkExpired):
        exporting.told(running)


def test_killed_it_is_told_and_swept_later(
    mailbox: tuple[Runtime, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    runtime, one = mailbox
    running = exporting.start(runtime, Ask(Format.PARQUET, Question((one,))), "test")
    running._process.kill()
    told = finished(running)
    assert (told.state, told.code) == (State.FAILED, "export_broke")
    assert exporting.forget_old(runtime) == 0
    monkeypatch.setattr(kept, "KEEP_S", -1)
    assert exporting.forget_old(runtime) == 1
    assert not running.folder.exists()


def test_no_more_than_two_at_once(mailbox: tuple[Runtime, int]) -> None:
    runtime, one = mailbox
    ask = Ask(Format.CSV, Question((one,)))
    under_way = [exporting.start(runtime, ask, "test") for _ in range(2)]
    try:
        with pytest.raises(ExportsBusy):
            exporting.start(runtime, ask, "test")
    finally:
        for running in under_way:
            exporting.cancel(running)
    exporting.cancel(exporting.start(runtime, ask, "test"))


def test_a_ticket_of_somebody_else_opens_nothing(
    mailbox: tuple[Runtime, int], tmp_path: Path
) -> None:
    runtime, one = mailbox
    question = Question((one,), search="extraordinario")
    running = exporting.start(runtime, Ask(Format.PARQUET, question), "test")
    finished(running)
    good = exporting.ticket(runtime, running.folder)
    body, _, signed = good.rpartition(".")
    late = replace(runtime, clock=lambda: runtime.clock() + timedelta(minutes=16))
    bad = [
        "", "x", good[:-1], good + "0", body, f"{body}.{'0' * 64}",
        good.replace(".file.", ".about."), f"../../key.file.99999999999.{signed}",
        f"{running.folder.name}.file.99999999999.{signed}",
    ]  # fmt: skip
    for ticket in bad:
        with pytest.raises(LinkExpired):
            exporting.download(runtime, ticket)
    with pytest.raises(LinkExpired):
        exporting.download(late, good)
    assert exporting.download(runtime, good).path.is_file()
    del tmp_path
    exporting.cancel(running)

"""The sync status page says how much is held, how new mail is noticed, and what for."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import update
from streamlit.testing.v1 import AppTest

from core import watch
from core.model import Changes, Outcome, Poison, Problem, Trigger
from core.runtime import Runtime
from core.store import folders, integrations, leases, poisons, runs
from core.store.engine import writing
from core.store.followed import ON_AND_OFF
from core.store.schema import folder
from tests.console.conftest import visit, words
from tests.store.building import connected, listed, put, some

VIEWS = ("folders", "runs", "errors", "server", "recording", "events")
EARLIER = timedelta(minutes=1)


@pytest.fixture
def one(runtime: Runtime) -> int:
    """Store an integration that is well, with ten messages in its inbox."""
    one = connected(runtime, "Ana")
    put(runtime, one, listed(runtime, one, "Inbox")["Inbox"], some(10))
    before = runtime.clock() - EARLIER
    with writing(runtime.engine) as conn:
        integrations.change(conn, one, state="ok", login_ok_at=before)
        run = runs.begin(conn, one, Trigger.SCHEDULE, before)
        runs.finish(conn, run, Outcome.OK, Changes(added=10), None, before)
    return one


def table(at: AppTest) -> pd.DataFrame:
    """Give the only table: parts that were not chosen are not drawn."""
    assert not at.exception
    assert not at.error
    (shown,) = at.dataframe
    value: pd.DataFrame = shown.value
    return value


def tell(runtime: Runtime, one: int, what: str, **facts: str) -> None:
    with writing(runtime.engine) as conn:
        runs.tell(conn, one, what, runtime.clock(), **facts)


@pytest.mark.parametrize(
    ("values", "portuguese", "english"),
    [
        ({"on_server": 10}, "Completa", "Complete"),
        ({"on_server": 13}, "Faltam 3", "Short by 3"),
        (
            {"on_server": 1_250_000, "capped": True},
            "Limitada pelo servidor",
            "Capped by the server",
        ),
        (
            {"on_server": 2_000, "low": 400},
            "Primeira leitura: 10 de 2.000",
            "First reading: 10 of 2,000",
        ),
        (
            {"on_server": None, "low": 400},
            "Primeira leitura em andamento",
            "First reading under way",
        ),
        (
            {"on_server": None, "low": None},
            "Ainda não comparada",
            "Not yet compared",
        ),
        (
            {"building_uidvalidity": 7},
            "Sendo lida de novo",
            "Being read again",
        ),
        (
            {"problem_code": "folder_refused"},
            "O servidor não a abriu",
            "The server would not open it",
        ),
    ],
)
def test_coverage_is_told_in_words(
    runtime: Runtime,
    one: int,
    values: dict[str, Any],
    portuguese: str,
    english: str,
) -> None:
    with writing(runtime.engine) as conn:
        conn.execute(update(folder).values(**values))
    for language, said in (("pt_BR", portuguese), ("en", english)):
        at = visit("sync", language, integration=str(one))
        assert list(table(at)["coverage"]) == [said]


def test_what_cannot_be_read_is_no_gap(runtime: Runtime, one: int) -> None:
    with writing(runtime.engine) as conn:
        (inbox,) = folders.current(conn, one)
        bad = [Poison(11, "broken")]
        poisons.set_aside(conn, inbox.id, inbox.generation, bad, runtime.clock())
        conn.execute(update(folder).values(on_server=11))
    at = visit("sync", integration=str(one))
    assert list(table(at)["coverage"]) == ["Completa, menos 1 ilegível"]


@pytest.mark.parametrize("last", [None, *ON_AND_OFF])
def test_how_new_mail_is_noticed_is_told(
    runtime: Runtime, one: int, last: str | None
) -> None:
    if last is not None:
        tell(runtime, one, last)
    said = words(visit("sync", integration=str(one)))
    told, asked = "O servidor avisa o Malote", "a cada 60 segundos"
    assert (told in said, asked in said) == (last == "watched", last != "watched")


def test_a_paused_mailbox_is_not_said_to_be_watched(runtime: Runtime, one: int) -> None:
    tell(runtime, one, "watched")
    watch.pause(runtime, one, "test")
    assert "avisa o Malote" not in words(visit("sync", integration=str(one)))


def test_events_are_told_in_words(runtime: Runtime, one: int) -> None:
    tell(runtime, one, "server_alert", words="Quota <b>90 %</b> {full}")
    for what in (*ON_AND_OFF, "idle_deaf"):
        tell(runtime, one, what)
    for what in ("problem", "recovered", "watch_lost"):
        tell(runtime, one, what, problem="server_contradicts")
    for language, last in (
        ("pt_BR", "o Malote pergunta em intervalos: servidor se contradiz"),
        ("en", "Malote asks at intervals: server contradicts itself"),
    ):
        told = table(visit("sync", language, integration=str(one), view="events"))[
            "what"
        ]
        assert told[0].endswith(last)
        assert told[7].endswith("Quota <b>90 %</b> {full}")
        assert not [text for text in told if text.startswith("event.")]


def test_runs_tell_why_and_what_was_read(runtime: Runtime, one: int) -> None:
    now = runtime.clock()
    with writing(runtime.engine) as conn:
        good = runs.begin(conn, one, Trigger.NOTICE, now)
        runs.finish(conn, good, Outcome.OK, Changes(added=2, read=5), None, now)
        bad = runs.begin(conn, one, Trigger.SCHEDULE, now)
        problem = Problem("server_contradicts", {})
        runs.finish(conn, bad, Outcome.FAILED, Changes(), problem, now)
    shown = table(visit("sync", integration=str(one), view="runs"))
    assert list(shown["outcome"][:2]) == ["Falhou: servidor se contradiz", "Concluída"]
    assert list(shown["trigger"][:2]) == ["Programada", "Aviso do servidor"]
    assert list(shown["read"]) == [0, 5, 0]


def test_a_first_sync_shows_how_far_it_is(runtime: Runtime, one: int) -> None:
    now = runtime.clock()
    with writing(runtime.engine) as conn:
        leases.take(conn, one, "test:0:0", now)
        run = runs.begin(conn, one, Trigger.SCHEDULE, now)
        runs.progress(conn, run, done=500, total=2_000, current="Inbox", folders=1)
    said = progress(visit("sync", integration=str(one)))
    assert said.startswith("Lendo a caixa: 500 de 2.000 mensagens")


def progress(at: AppTest) -> str:
    bars = at.get("progress")
    assert len(bars) == 1
    return str(bars[0].proto.text)

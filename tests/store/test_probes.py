"""Who is to be probed, and what is written of a probe."""

from datetime import timedelta

import pytest
from sqlalchemy import event, insert

from core.model import State
from core.runtime import Runtime
from core.store import incidents, integrations, probes, runs
from core.store.engine import reading, writing
from core.store.schema import wish
from core.sync import probe
from tests.store.building import connected

SOON = timedelta(seconds=1)


def change(runtime: Runtime, one: int, **values: object) -> None:
    with writing(runtime.engine) as conn:
        integrations.change(conn, one, **values)


def due(runtime: Runtime) -> list[int]:
    with reading(runtime.engine) as conn:
        return [one for one, _ in probes.due(conn, runtime.clock())]


@pytest.fixture
def one(runtime: Runtime) -> int:
    made = connected(runtime)
    change(runtime, made, seen_at=runtime.clock())
    return made


@pytest.mark.parametrize(
    "values",
    [
        {"seen_at": None},  # not synced yet
        {"paused": True},
        {"disconnected_at": True},
        {"state": str(State.NEEDS_PASSWORD), "failures": 1},
        {"state": str(State.RETRYING), "failures": 3},  # the sync tries again, slowly
        {"probe_at": True},
        {"demo": True},  # its servers rest
    ],
)
def test_who_is_not_probed(
    runtime: Runtime, one: int, values: dict[str, object]
) -> None:
    assert due(runtime) == [one]
    later = runtime.clock() + timedelta(hours=1)
    dates = {"probe_at", "disconnected_at"}
    change(runtime, one, **{k: later if k in dates else v for k, v in values.items()})
    assert due(runtime) == []


def test_the_demo_is_probed_while_it_is_wanted(runtime: Runtime, one: int) -> None:
    change(runtime, one, demo=True)
    with writing(runtime.engine) as conn:
        now = runtime.clock()
        conn.execute(insert(wish).values(name="demo", wanted=True, since=now))
    assert due(runtime) == [one]


def test_who_waits_longest_comes_first(runtime: Runtime, one: int) -> None:
    other = connected(runtime, "Bia", "bia@example.org")
    now = runtime.clock()
    change(runtime, other, seen_at=now)
    with writing(runtime.engine) as conn:
        probes.plan(conn, {one: now - SOON, other: now - 2 * SOON})
        probes.plan(conn, {})
    assert due(runtime) == [other, one]


def test_it_is_one_question(runtime: Runtime, one: int) -> None:
    asked: list[str] = []
    event.listen(
        runtime.engine, "before_cursor_execute", lambda *args: asked.append(args[2])
    )
    assert due(runtime) == [one]
    # psycopg begins by itself, and in the same message.
    assert [one.split()[0] for one in asked if one != "BEGIN"] == ["SELECT"]


@pytest.mark.parametrize("gone", ["disconnected_at", "credentials_at", "paused"])
def test_what_is_of_another_mailbox_is_not_written(
    runtime: Runtime, one: int, gone: str
) -> None:
    with writing(runtime.engine) as conn:
        since = integrations.credentials_since(conn, [one])[one]
        assert probes.answered(conn, one, since, runtime.clock())
    later = runtime.clock() + SOON
    change(runtime, one, **{gone: True if gone == "paused" else later})
    with writing(runtime.engine) as conn:
        assert not probes.answered(conn, one, since, runtime.clock())


@pytest.mark.parametrize(
    ("watched", "told", "over"),
    [
        (True, "watched", True),
        (False, "watched", False),  # the new connection is not there yet
        (False, "watch_lost", False),
        (False, "polled", True),  # there is none any more that could be deaf
    ],
)
def test_when_deafness_is_over(
    runtime: Runtime, one: int, watched: bool, told: str, over: bool
) -> None:
    now = runtime.clock()
    with writing(runtime.engine) as conn:
        runs.tell(conn, one, told, now)
        incidents.observe(conn, one, probe.DEAF, now)
        probe.hears_again(conn, one, now, watched=watched)
        assert (incidents.open_of(conn, one) == []) is over

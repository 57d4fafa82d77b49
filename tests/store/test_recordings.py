"""Recordings on their way to the store: nothing is lost, and nothing grows for ever."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core import watch
from core.errors import StoreUnavailable
from core.runtime import Runtime
from core.store import integrations, recorded
from core.store.engine import reading
from core.store.recorded import LINES_MOST
from core.sync.recordings import Recordings
from tests.store.building import connected


@pytest.fixture
def one(runtime: Runtime) -> int:
    one = connected(runtime)
    watch.record(runtime, one, "test")
    return one


def kept(runtime: Runtime, one: int) -> list[str]:
    with reading(runtime.engine) as conn:
        return [line.line for line in recorded.newest(conn, one, LINES_MOST)]


def heard(recordings: Recordings, runtime: Runtime, one: int, count: int) -> None:
    """Let a connection say something."""
    with reading(runtime.engine) as conn:
        integration = integrations.get(conn, one)
    recorder = recordings.of(integration, "sync")
    assert recorder
    for n in range(count):
        recorder.sent(b"M%d NOOP\r\n" % n)


def test_what_could_not_be_written_is_written_later(
    runtime: Runtime, one: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    recordings = Recordings(runtime.engine)
    heard(recordings, runtime, one, 2)

    def fail(*_: object) -> None:
        raise StoreUnavailable("gone")

    with monkeypatch.context() as broken:
        broken.setattr(recorded, "add", fail)
        with pytest.raises(StoreUnavailable):
            recordings.write()
    assert kept(runtime, one) == []
    recordings.write()
    recordings.write()
    assert kept(runtime, one) == ["M0 NOOP", "M1 NOOP"]


def test_while_nobody_writes_the_newest_wait(runtime: Runtime, one: int) -> None:
    recordings = Recordings(runtime.engine)
    heard(recordings, runtime, one, LINES_MOST + 5)
    recordings.write()
    lines = kept(runtime, one)
    assert (len(lines), lines[0]) == (LINES_MOST, "M5 NOOP")


def test_what_was_said_before_it_was_stopped_is_kept(
    runtime: Runtime, one: int
) -> None:
    recordings = Recordings(runtime.engine)
    heard(recordings, runtime, one, 1)
    watch.stop_recording(runtime, one, "test")
    recordings.write()
    assert kept(runtime, one) == ["M0 NOOP"]
    with reading(runtime.engine) as conn:
        assert recordings.of(integrations.get(conn, one), "idle") is None


def test_a_connection_that_goes_on_is_recorded_no_longer(
    runtime: Runtime, one: int
) -> None:
    ahead = [timedelta()]
    recordings = Recordings(runtime.engine, lambda: runtime.clock() + ahead[0])
    with reading(runtime.engine) as conn:
        recorder = recordings.of(integrations.get(conn, one), "idle")
    assert recorder
    recorder.sent(b"M1 NOOP\r\n")
    ahead[0] = watch.recording(runtime, one).until - runtime.clock()  # type: ignore[operator]  # it is on
    recorder.sent(b"M2 NOOP\r\n")
    recordings.write()
    assert kept(runtime, one) == ["M1 NOOP"]

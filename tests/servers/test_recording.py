"""A real worker is recorded: all that was said to a server, and nothing private."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from core import watch
from core.clock import now
from core.runtime import Runtime
from core.secret import Secret
from core.store import credentials, recorded
from core.store.engine import reading, writing
from core.store.recorded import BYTES_MOST, LINES_MOST, Line
from tests.servers.device import compose, deliver_by_lmtp
from tests.servers.dovecot import Account, Dovecot, Kind
from tests.servers.installation import Installation
from tests.servers.listening import holds, working

SUBJECT, PASSWORD = "Salary-SEEN-of-Ana", "Zq7-CANARY-9f3e"
LIMIT_S = 20.0
pytestmark = pytest.mark.server


class Hands:
    """A clock that can be put forward."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return now() + self.ahead


def forms(text: str) -> set[str]:
    """Give a text in the forms that it may be repeated in."""
    raws = (text.encode(), text.encode("utf-16-le"), f"\0\0{text}".encode())
    return {text, text[::-1], *(b64encode(raw).decode()[3:-4] for raw in raws)}


def lines(runtime: Runtime, one: int, who: str = "") -> list[str]:
    with reading(runtime.engine) as conn:
        found = recorded.newest(conn, one, LINES_MOST)
    return [f"{x.way} {x.line}" for x in found if who in {"", x.who}]


def planted(installation: Installation, account: Account) -> int:
    """Connect a mailbox whose password is known when it is seen."""
    one, vault = installation.connect(account), installation.runtime.vault
    sealed = vault.seal(Secret(PASSWORD), one, "password")
    with writing(installation.runtime.engine) as conn:
        credentials.put_credential(conn, one, "password", vault.key_id, sealed)
    return one


@pytest.mark.parametrize("kind", [Kind.FULL, Kind.BARE])
def test_sync_and_idle_are_recorded_and_it_ends_by_itself(
    installation: Installation, dovecot: Dovecot, kind: Kind
) -> None:
    account, hands = dovecot.mailbox("canary", kind), Hands()
    dovecot.fill(account, {"INBOX": 40, "Sent": 3})
    deliver_by_lmtp(account, compose(subject=SUBJECT))
    one = planted(installation, account)
    runtime = replace(installation.runtime, clock=hands)
    follows = kind is Kind.FULL  # the bare one knows no IDLE
    with working(runtime) as worker:
        worker.until(lambda: holds(installation, one, "INBOX", 41), LIMIT_S)
        assert not lines(runtime, one)
        watch.record(runtime, one, "test")
        worker.until(lambda: is_told(runtime, one, "sync", "LOGOUT"), LIMIT_S)
        if follows:
            worker.until(lambda: is_told(runtime, one, "idle", "IDLE"), LIMIT_S)
            worker.until_quiet(one)
        deliver_by_lmtp(account, compose(subject=SUBJECT))
        watch.sync_now(runtime, one, "test")
        worker.until(lambda: is_told(runtime, one, "sync", "FETCH (UID"), LIMIT_S)
        if follows:
            worker.until(lambda: is_told(runtime, one, "idle", "EXISTS"), LIMIT_S)
        ends = watch.recording(runtime, one).until
        assert ends is not None
        hands.ahead = timedelta(minutes=11)
        deliver_by_lmtp(account, compose(subject=SUBJECT))
        watch.sync_now(runtime, one, "test")
        worker.until(lambda: holds(installation, one, "INBOX", 43), LIMIT_S)
    with reading(runtime.engine) as conn:  # some of before may be written late
        assert all(x.at < ends for x in recorded.newest(conn, one, LINES_MOST))
    assert watch.recording(runtime, one).until is None
    text = watch.recording_as_text(runtime, one)
    for private in (*forms(PASSWORD), *forms(SUBJECT), account.user):
        assert private.lower() not in text.lower()


def is_told(runtime: Runtime, one: int, who: str, what: str) -> bool:
    return any(what in line for line in lines(runtime, one, who))


def test_a_refused_login_is_told_to_its_end(
    installation: Installation, account: Account
) -> None:
    one = planted(installation, account)  # which this name does not have
    watch.record(installation.runtime, one, "test")
    assert installation.sync(one).error
    said = lines(installation.runtime, one)
    assert said[0].startswith("in * OK")
    assert any(line.startswith("out M") and line.endswith("…") for line in said)
    assert any(" NO [AUTHENTICATIONFAILED]" in line for line in said)
    assert not [x for x in said for form in forms(PASSWORD) if form in x]


def test_a_person_stops_it_and_deletes_it(
    installation: Installation, account: Account
) -> None:
    one, runtime = installation.connect(account), installation.runtime
    watch.record(runtime, one, "test")
    installation.sync(one)
    before = lines(runtime, one)
    assert before
    watch.stop_recording(runtime, one, "test")
    installation.sync(one)
    assert lines(runtime, one) == before
    watch.forget_recording(runtime, one, "test")
    assert lines(runtime, one) == []


def test_the_oldest_lines_go(installation: Installation, account: Account) -> None:
    one, runtime = installation.connect(account), installation.runtime
    at = runtime.clock()
    for size, left in ((1, LINES_MOST), (500, BYTES_MOST // 500)):
        made = [Line(one, at, "sync", "in", f"{n:>{size}}") for n in range(2_500)]
        with writing(runtime.engine) as conn:
            recorded.add(conn, made)
        kept = lines(runtime, one)
        assert len(kept) == left
        assert kept[-1].endswith("2499")

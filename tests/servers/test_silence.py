"""A mailbox to which nothing comes any more, though every sync is green."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from core import quiet, watch
from core.clock import now
from core.jobs import doubts
from core.model import State
from core.store import incidents
from core.store.engine import reading
from tests.servers.device import Device, compose, deliver_by_lmtp
from tests.servers.dovecot import Account
from tests.servers.installation import Installation
from tests.servers.listening import working

pytestmark = pytest.mark.server
UTC = ZoneInfo("UTC")
WEEKS, DAYS = 6, timedelta(days=9)
PATIENCE_S = 60.0


class Shifted:
    """A clock that is some days behind, until it is set right."""

    def __init__(self) -> None:
        self.behind = DAYS

    def __call__(self) -> datetime:
        return now() - self.behind


def plant(phone: Device) -> int:
    """Deliver a message for each working hour of six weeks; give how many."""
    last = (now() - DAYS).replace(minute=5, second=0, microsecond=0)
    hours = [last - timedelta(hours=1 + n) for n in range(WEEKS * 168)]
    worked = [h for h in reversed(hours) if h.weekday() < 5 and 9 <= h.hour < 17]
    for when in worked:
        phone.deliver("INBOX", at=when, subject="As every hour")
    return len(worked)


def wrong(installation: Installation, one: int) -> dict[str, dict[str, str]]:
    with reading(installation.runtime.engine) as conn:
        return {i.code: i.facts for i in incidents.open_of(conn, one)}


def test_a_silent_mailbox_is_found_and_a_delivery_ends_it(
    installation: Installation, account: Account, monkeypatch: pytest.MonkeyPatch
):
    for every in ("SILENT_S", "LEARN_S", "BEHIND_S"):
        monkeypatch.setattr(doubts, every, 0.3)
    clock = Shifted()
    runtime = replace(installation.runtime, clock=clock)
    with Device(account) as phone:
        assert plant(phone) == WEEKS * 40
        one = installation.connect(account)
        with working(runtime) as worker:
            worker.until(lambda: quiet.of(runtime, one, UTC).enough)
            worker.until_quiet(one)
            assert wrong(installation, one) == {}
            clock.behind = timedelta()
            worker.until(lambda: "silent" in wrong(installation, one), PATIENCE_S)
            known = quiet.of(runtime, one, UTC)
            assert known.silent
            assert 30 <= known.expected <= 60
            assert watch.standing(runtime, one).state is not State.RETRYING
            deliver_by_lmtp(account, compose(subject="At last"))
            worker.until(lambda: "silent" not in wrong(installation, one), PATIENCE_S)
    installation.check(one, account)

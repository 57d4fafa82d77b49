"""Other devices act at the same time: in the end we hold what the server holds."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from core.errors import ConnectionLost
from core.model import Changes, Outcome
from core.sync.syncer import Report
from tests.servers.cyrus import MailServer
from tests.servers.device import Device, compose, deliver_by_lmtp
from tests.servers.dovecot import Account
from tests.servers.installation import Installation
from tests.servers.laptop import Laptop

TOGETHER_S = 120.0  # a round is waited for so long
SHARED = ("INBOX", "Sent", "Trash")  # of phone and laptop; the phone has more
pytestmark = pytest.mark.server


@pytest.mark.soak_sized
def test_devices_act_while_we_sync(
    installation: Installation,
    server: MailServer,
    box: Account,
    tmp_path: Path,
    *,
    soaking: bool,
) -> None:
    count = 50 if soaking else 5
    server.fill(
        box, {"INBOX": 100 + 20 * count, "Sent": 60, "Trash": 5, "Project 0": 40}
    )
    one = installation.connect(box)
    laptop = Laptop(tmp_path / "laptop", box, SHARED)
    laptop.sync()
    rounds = Rounds(count, others=2)
    with ThreadPoolExecutor(2) as pool:
        others = [
            pool.submit(rounds.take, lambda n: use_laptop(laptop, n)),
            pool.submit(rounds.take, lambda n: use_phone(box, n)),
        ]
        reports = rounds.meanwhile(lambda: installation.sync(one), others)
    # Dovecot 2.3 hangs up if a folder gets another name during a FETCH from it.
    errors = [report.error for report in reports if report.error]
    assert [error for error in errors if not isinstance(error, ConnectionLost)] == []
    laptop.sync()

    last = installation.sync(one)
    assert last.outcome is Outcome.OK, last.error
    installation.check(one, box)
    held = installation.held(one)
    assert len(held[f"Project {count}"]) == 40 + 2 * count
    written = {message_id for _, message_id, _ in held["Sent"].values()}
    assert {f"<laptop.{n}@example.org>" for n in range(count)} <= written
    again = installation.sync(one)
    assert again.changes == Changes()


def use_phone(box: Account, number: int) -> None:
    """Do what a person does with a phone, on a new connection."""
    chance = random.Random(number)
    folder = f"Project {number}"
    with Device(box) as phone:
        deliver_by_lmtp(box, compose(subject="Olá"))
        uids = phone.uids("INBOX")
        phone.read("INBOX", chance.sample(uids, 10))
        phone.move("INBOX", chance.sample(uids, 4), "Archive")
        phone.delete("INBOX", chance.sample(uids, 3))
        phone.deliver("INBOX", flags=[r"\Flagged"])
        phone.rename(folder, f"Project {number + 1}")
        for _ in range(2):
            phone.deliver(f"Project {number + 1}")
        phone.flag("Sent", chance.sample(phone.uids("Sent"), 5), r"\Answered")


def use_laptop(laptop: Laptop, number: int) -> None:
    """Do what a person does offline, then go online."""
    laptop.write("Sent", compose(message_id=f"<laptop.{number}@example.org>"))
    laptop.read("INBOX", 8)
    laptop.move("INBOX", 3, "Trash")
    laptop.delete("INBOX", 2)
    laptop.sync()


class Rounds:
    """Everybody begins each round together; we go on for as long as others act."""

    def __init__(self, count: int, others: int) -> None:
        self._count = count
        self._others = others
        self._start = threading.Barrier(others + 1, timeout=TOGETHER_S)

    def take(self, act: Callable[[int], None]) -> None:
        """Act once per round; a failure ends the rounds for everybody."""
        try:
            for number in range(self._count):
                self._start.wait()
                act(number)
            self._start.wait()
        except BaseException:
            self._start.abort()
            raise

    def meanwhile(
        self, sync: Callable[[], Report], others: list[Future[None]]
    ) -> list[Report]:
        """Sync again and again while the others act; give every report."""
        reports: list[Report] = []
        try:
            for _ in range(self._count):
                self._start.wait()
                reports.append(sync())
                while self._start.n_waiting < self._others and not self._start.broken:
                    reports.append(sync())
            self._start.wait()
        except threading.BrokenBarrierError:
            for other in others:  # tell what went wrong there
                other.result()
            raise
        return reports

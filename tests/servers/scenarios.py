"""Runs to be cut: what they bring, and what must be true in the middle and after."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

from core.model import Changes
from core.store import rollups
from core.store.engine import reading
from tests.servers.crashing import Runner
from tests.servers.device import Device
from tests.servers.dovecot import Account, Dovecot
from tests.servers.installation import Installation
from tests.servers.kept import Kept, Row, content

NAMES = ["INBOX", "Sent", "Archive", "Trash", *(f"Pasta {n}" for n in range(6))]
FOLDERS = {name: 4 + number for number, name in enumerate(NAMES)}
NOTHING = asdict(Changes())
Held = dict[str, dict[int, tuple[frozenset[str], str, int]]]


@dataclass(frozen=True, slots=True)
class Scenario:
    """A run to be cut: where it begins, and what a run that is not cut makes of it."""

    kept: Kept
    one: int
    account: Account
    before: Held
    after: Held
    clean: dict[str, list[Row]]
    commits: int
    log_bytes: int
    pages: int  # that the run adds to the database
    swaps: bool  # only generations are swapped: all old or all new is seen


def check_between(copy: Installation, scenario: Scenario) -> None:
    """Say that what people see is right, though perhaps not all of it is there yet."""
    held = copy.held(scenario.one)
    for name, rows in held.items():
        old, new = scenario.before.get(name, {}), scenario.after.get(name, {})
        assert all(row in (old.get(uid), new.get(uid)) for uid, row in rows.items())
        if scenario.swaps:
            assert rows in (old, new)
    with reading(copy.runtime.engine) as conn:
        assert rollups.held(conn, scenario.one) == rollups.counted(conn, scenario.one)
        assert conn.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"


def check_healed(copy: Installation, scenario: Scenario, run: Runner) -> None:
    """Run once and be equal to a run that was never cut; run again and do nothing."""
    once = run(copy.runtime.settings, scenario.one)
    assert once is not None
    assert once.outcome == "ok", once.error
    assert content(copy) == scenario.clean
    again = run(copy.runtime.settings, scenario.one)
    assert again is not None
    assert (again.outcome, again.changes) == ("ok", NOTHING)
    assert content(copy) == scenario.clean


def change_everything(dovecot: Dovecot, account: Account) -> None:
    dovecot.set_uidvalidity(account, "Pasta 5", 987654321)
    with Device(account) as phone:
        for name in NAMES:
            uids = phone.uids(name)
            for number in range(4):
                phone.deliver(name, subject=f"Number {number} of {name}")
            phone.read(name, uids[:2])
            phone.delete(name, uids[2])
        phone.move("Archive", phone.uids("Archive")[:3], "Trash")
        phone.copy("Pasta 1", phone.uids("Pasta 1")[:3], "Sent")
        phone.rename("Pasta 4", "Outra pasta")
        phone.remove("Pasta 3")
        phone.create("Nova")


def restore(dovecot: Dovecot, account: Account) -> None:
    with Device(account) as phone:
        for name in NAMES:
            phone.delete(name, phone.uids(name)[:2])
            phone.deliver(name, subject=f"After the loss of {name}")
    for number, name in enumerate(NAMES):
        dovecot.set_uidvalidity(account, name, 987654321 + number)


def pages(installation: Installation) -> int:
    with installation.runtime.engine.connect() as conn:
        return int(conn.exec_driver_sql("PRAGMA page_count").scalar_one())


def pragma(setting: str) -> Callable[[Any, object], None]:
    def set_it(connection: Any, _record: object) -> None:
        connection.execute(f"PRAGMA {setting}")

    return set_it


HOLD = """
import sqlite3, sys, time
conn = sqlite3.connect(sys.argv[1], isolation_level=None)
conn.execute("BEGIN IMMEDIATE")
print("held", flush=True)
time.sleep(60)
"""


@contextmanager
def holding(installation: Installation) -> Iterator[subprocess.Popen[str]]:
    """Let another process hold the database for writing."""
    path = installation.runtime.settings.data / "malote.db"
    words = [sys.executable, "-c", HOLD, str(path)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.terminate()

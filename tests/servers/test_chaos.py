"""A wire that is cut, held up or garbled at any byte, over TLS, both ways.

THREATS, faults 8 to 10: what was written is right, whatever was lost; the failure is
one of our errors; when the wire is whole again, one run makes all equal.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from socket import create_connection
from ssl import create_default_context

import pytest

from core.errors import MailError, NoAnswer, Unreachable
from core.model import Outcome
from core.store import rollups
from core.store.engine import reading
from tests.certificates import Certificates
from tests.servers.device import Device, snapshot
from tests.servers.dovecot import Account, Dovecot
from tests.servers.installation import Installation, installed
from tests.servers.kept import Kept, keep
from tests.servers.wire import How, between

pytestmark = [pytest.mark.server, pytest.mark.soak_sized]

OFFSETS, OFFSETS_SOAK = 11, 150  # of each conversation, way and kind: 220 and 3,000
AT_ONCE = 8  # most of them only wait
IMPATIENT = {"connect_timeout_s": 0.5, "command_timeout_s": 0.5}
PATIENT = 64  # times as much: then it is no matter of how busy the machine is
FOLDERS = {"INBOX": 60, "Sent": 25, "Projetos": 15, "Restored": 10}
Held = dict[str, dict[int, tuple[frozenset[str], str, int]]]


@dataclass(frozen=True, slots=True)
class Conversation:
    """A sync to be disturbed: where it begins, where it must end, how long it is."""

    kept: Kept
    one: int
    account: Account
    before: Held
    after: Held
    down: int
    up: int
    greeted: int  # bytes from the server up to its greeting


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder for stores."""
    return tmp_path_factory.mktemp("chaos")


@pytest.fixture(scope="module")
def first(dovecot: Dovecot, certificates: Certificates, place: Path) -> Conversation:
    """Give the first sync of a mailbox."""
    account = dovecot.mailbox("first")
    dovecot.fill(account, FOLDERS)
    with installed(place / "first", certificates.ca_file) as installation:
        one = installation.connect(account)
        kept = keep(installation, place / "first.kept")
    return _measured(kept, one, account, {}, place)


@pytest.fixture(scope="module")
def delta(dovecot: Dovecot, certificates: Certificates, place: Path) -> Conversation:
    """Give the sync of a mailbox in which something of every kind has happened."""
    account = dovecot.mailbox("delta")
    dovecot.fill(account, FOLDERS)
    with installed(place / "delta", certificates.ca_file) as installation:
        one = installation.connect(account)
        assert installation.sync(one).outcome is Outcome.OK
        kept = keep(installation, place / "delta.kept")
        before = installation.held(one)
    dovecot.set_uidvalidity(account, "Restored", 987654321)
    with Device(account) as phone:
        uids = phone.uids("INBOX")
        for number in range(20):
            phone.deliver("INBOX", subject=f"Number {number}")
        phone.read("INBOX", uids[:9])
        phone.delete("INBOX", uids[10:14])
        phone.move("INBOX", uids[20:23], "Trash")
        phone.copy("INBOX", uids[30:32], "Sent")
        phone.rename("Projetos", "Projetos antigos")
    return _measured(kept, one, account, before, place)


@pytest.fixture(params=["first", "delta"])
def conversation(request: pytest.FixtureRequest) -> Conversation:
    """Give each of them."""
    found = request.getfixturevalue(request.param)
    assert isinstance(found, Conversation)
    return found


@pytest.mark.parametrize("way", ["cut_down", "cut_up"])
@pytest.mark.parametrize("how", list(How), ids=lambda how: how.name.lower())
def test_no_row_is_wrong_and_the_next_run_mends_it(
    conversation: Conversation, way: str, how: How, place: Path, *, soaking: bool
) -> None:
    size = conversation.down if way == "cut_down" else conversation.up
    offsets = list(_spread(size, OFFSETS_SOAK if soaking else OFFSETS))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        hurt = list(
            pool.map(lambda at: _disturb(conversation, way, how, at, place), offsets)
        )
    assert sum(hurt) >= len(offsets) - 1  # the last may come after LOGOUT


NUMBERS = count()


def _disturb(
    c: Conversation, way: str, how: How, offset: int, place: Path, patience: int = 1
) -> bool:
    """Sync over a wire that fails at an offset, then over a whole one.

    On a busy machine a short time limit may come before the offset does: once more
    then, with longer ones.
    """
    at = f"{how.name.lower()} {way} {offset}"
    with (
        c.kept.copy(place / f"copy-{next(NUMBERS)}") as patient,
        between(c.account.imap_port) as wire,
    ):
        patient.use_port(c.one, wire.port)
        wire.how = how
        setattr(wire, way, offset)
        cut = _impatient(patient, patience).sync(c.one)
        if cut.error is not None:
            assert isinstance(
                cut.error, MailError if how is How.GARBLE else Unreachable
            )
        assert _wrong(patient.held(c.one), c) == {}, at
        _check_rollups(patient, c.one)
        hurt = wire.hurt > 0
        wire.mend()
        again = patient.sync(c.one)
        assert again.outcome is Outcome.OK, (at, again.error)
        assert patient.held(c.one) == c.after, at
        _check_rollups(patient, c.one)
    if not hurt and isinstance(cut.error, NoAnswer) and patience < PATIENT:
        return _disturb(c, way, how, offset, place, patience * 4)
    return hurt


def _impatient(installation: Installation, patience: int) -> Installation:
    """Give the same store with short time limits: a stall is noticed soon."""
    runtime = installation.runtime
    limits = {name: seconds * patience for name, seconds in IMPATIENT.items()}
    hasty = runtime.settings.model_copy(update=limits)
    return Installation(
        type(runtime)(hasty, runtime.engine, runtime.vault), installation.ca_file
    )


def _wrong(held: Held, c: Conversation) -> Held:
    """Find rows that are neither what the server holds nor what it held before."""
    out: Held = {}
    for name, rows in held.items():
        right = [there.get(name, {}) for there in (c.before, c.after)]
        for uid, row in rows.items():
            if row not in [there.get(uid) for there in right]:
                out.setdefault(name, {})[uid] = row
    return out


def _check_rollups(installation: Installation, one: int) -> None:
    with reading(installation.runtime.engine) as conn:
        assert rollups.held(conn, one) == rollups.counted(conn, one)


def _spread(size: int, number: int) -> Iterator[int]:
    """Give offsets all over a conversation: one in each of so many equal stretches."""
    chance = random.Random(size)
    for n in range(number):
        yield (n * size + chance.randrange(max(1, size))) // number


def _measured(
    kept: Kept, one: int, account: Account, before: Held, place: Path
) -> Conversation:
    """Sync once over a whole wire, and count its bytes."""
    there = snapshot(account)
    after: Held = {
        name: {uid: (*held,) for uid, held in uids.items()}
        for name, uids in there.items()
        if uids
    }
    with (
        kept.copy(place / f"copy-{next(NUMBERS)}") as installation,
        between(account.imap_port) as wire,
    ):
        installation.use_port(one, wire.port)
        report = installation.sync(one)
        assert report.outcome is Outcome.OK, report.error
        assert installation.held(one) == after
        assert wire.connections == 1
        down, up = wire.down, wire.up
        _greeted(wire.port, account)
        return Conversation(kept, one, account, before, after, down, up, wire.down)


def _greeted(port: int, account: Account) -> None:
    """Hear a greeting over TLS and leave."""
    context = create_default_context(cafile=str(account.ca_file))
    with create_connection((account.host, port)) as sock:
        with context.wrap_socket(sock, server_hostname=account.host) as tls:
            assert tls.recv(4) == b"* OK"

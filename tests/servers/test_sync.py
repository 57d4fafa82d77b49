"""One behaviour, many servers: after a sync we hold what the server holds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core import watch
from core.connect import disconnect
from core.errors import ConnectionLost, Ended, NoAnswer
from core.model import Outcome
from tests.servers.cyrus import MailServer
from tests.servers.device import Device
from tests.servers.dovecot import Account
from tests.servers.installation import Installation, installed
from tests.servers.wire import How, between

BEST = pytest.mark.parametrize("place", ["full", "cyrus"], indirect=True)
LONG_AGO = datetime(2024, 2, 29, 23, 59, tzinfo=UTC)
pytestmark = pytest.mark.server


def test_an_empty_mailbox(installation: Installation, box: Account) -> None:
    one = installation.connect(box)
    report = installation.sync(one)
    assert report.outcome is Outcome.OK, report.error
    installation.check(one, box)


def test_what_other_devices_do_is_seen(
    installation: Installation, server: MailServer, box: Account
) -> None:
    server.fill(box, {"INBOX": 60, "Sent": 20, "Clientes/Negocia&AOcA4w-o": 10})
    one = installation.connect(box)
    first = installation.sync(one)
    assert (first.outcome, first.changes.added) == (Outcome.OK, 90), first.error
    installation.check(one, box)

    with Device(box) as phone:
        uids = phone.uids("INBOX")
        phone.deliver("INBOX", subject="Olá, ção", at=LONG_AGO)
        phone.deliver("INBOX", subject="Now", flags=[r"\Seen", r"\Flagged"])
        phone.read("INBOX", uids[:5])
        phone.unflag("INBOX", uids[5:8], r"\Seen")
        phone.delete("INBOX", uids[10:14])
        phone.move("INBOX", uids[20:23], "Trash")
        phone.copy("INBOX", uids[30:32], "Archive")
    second = installation.sync(one)
    assert second.outcome is Outcome.OK, second.error
    changes = second.changes
    assert (changes.added, changes.moved, changes.gone) == (2, 3, 4)
    installation.check(one, box)

    third = installation.sync(one)
    nothing = third.changes
    assert (nothing.added, nothing.moved, nothing.gone, nothing.flagged) == (0, 0, 0, 0)


def test_folders_come_go_and_change_their_names(
    installation: Installation, server: MailServer, box: Account
) -> None:
    server.fill(box, {"INBOX": 5, "Old name": 7, "Doomed": 3})
    one = installation.connect(box)
    installation.sync(one)
    with Device(box) as phone:
        phone.rename("Old name", "Novo nome é este")
        phone.remove("Doomed")
        phone.create("Empty & new")
    report = installation.sync(one)
    assert (report.outcome, report.changes.added) == (Outcome.OK, 0), report.error
    installation.check(one, box)


def test_another_uidvalidity_does_not_count_twice(
    installation: Installation, server: MailServer, box: Account
) -> None:
    server.fill(box, {"INBOX": 40})
    one = installation.connect(box)
    installation.sync(one)
    server.set_uidvalidity(box, "INBOX", 987654321)
    report = installation.sync(one)
    assert (report.outcome, report.changes.added) == (Outcome.OK, 0), report.error
    installation.check(one, box)


def test_reading_changes_nothing_on_the_server(
    installation: Installation, server: MailServer, box: Account
) -> None:
    server.fill(box, {"INBOX": 30})
    with Device(box) as phone:
        before = phone.snapshot()
        one = installation.connect(box)
        installation.sync(one)
        installation.sync(one)
        assert phone.snapshot() == before
        recent = phone.client.folder_status("INBOX", ["RECENT"])
    assert recent[b"RECENT"] == 30  # RFC 9051 §6.3.3: EXAMINE does not claim them


def bytes_of_a_first_sync(box: Account, data: Path) -> int:
    """Sync into a store of its own, over a whole wire; give the bytes it carried."""
    with installed(data, box.ca_file) as other, between(box.imap_port) as wire:
        one = other.connect(box)
        other.use_port(one, wire.port)
        assert other.sync(one).outcome is Outcome.OK
        return wire.down


@BEST
@pytest.mark.parametrize(
    "how", [How.CLOSE, How.RESET, How.STALL], ids=lambda how: how.name.lower()
)
@pytest.mark.parametrize("share", [0.02, 0.2, 0.45, 0.7, 0.97])
def test_a_sync_that_is_cut_off_is_gone_on_with(
    installation: Installation,
    server: MailServer,
    box: Account,
    how: How,
    share: float,
    tmp_path: Path,
) -> None:
    server.fill(box, {"INBOX": 1500, "Sent": 300})
    size = bytes_of_a_first_sync(box, tmp_path / "measured")
    one = installation.connect(box)
    with between(box.imap_port) as wire:
        installation.use_port(one, wire.port)
        wire.how, wire.cut_down = how, int(share * size)
        cut = installation.sync(one)
        assert cut.outcome is Outcome.FAILED
        assert isinstance(cut.error, (ConnectionLost, NoAnswer)), cut.error
        wire.mend()
        again = installation.sync(one)
    assert again.outcome is Outcome.OK, again.error
    assert wire.down > 0
    assert cut.changes.added + again.changes.added == 1800
    installation.check(one, box)


@BEST
def test_what_is_paused_or_disconnected_is_not_written(
    installation: Installation, server: MailServer, box: Account
) -> None:
    server.fill(box, {"INBOX": 20})
    one = installation.connect(box)
    watch.pause(installation.runtime, one, "test")
    with pytest.raises(Ended):
        installation.sync(one)
    watch.resume(installation.runtime, one, "test")
    assert installation.sync(one).outcome is Outcome.OK
    with Device(box) as phone:
        phone.deliver("INBOX", subject="after the end")
    disconnect(installation.runtime, one, "test")
    with pytest.raises(Ended):
        installation.sync(one)
    assert len(installation.held(one)["INBOX"]) == 20


@BEST
def test_how_it_stands_is_told(installation: Installation, box: Account) -> None:
    one = installation.connect(box)
    installation.sync(one)
    with between(box.imap_port) as wire:
        installation.use_port(one, wire.port)
        wire.cut_down = 0
        installation.sync(one)
        stands = watch.standing(installation.runtime, one)
        assert (stands.state, stands.failures) == ("retrying", 1)
        assert stands.problem is not None
        assert stands.problem.code == "connection_lost"
        assert stands.next_at is not None
        assert stands.next_at - installation.runtime.clock() < timedelta(minutes=15)
        wire.mend()
        installation.sync(one)
    stands = watch.standing(installation.runtime, one)
    assert (stands.state, stands.failures, stands.problem) == ("ok", 0, None)
    told = list(watch.recent_events(installation.runtime, one)["what"])
    assert told[:2] == ["recovered", "problem"]

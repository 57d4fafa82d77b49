"""Acts on messages with a running worker, during a sync, and on Gmail's labels."""

from __future__ import annotations

import time

import pytest

from core import watch
from core.acting import Act, Stage
from core.model import Outcome
from tests.servers.acted import Acted
from tests.servers.changeable import ChangeableMailbox
from tests.servers.device import Device, snapshot
from tests.servers.dovecot import Account, Dovecot
from tests.servers.following import Follower
from tests.servers.installation import Installation
from tests.servers.listening import working
from tests.servers.wire import between

pytestmark = pytest.mark.server
SOON_S = 5.0  # a second until it is picked up, a login, and a busy machine


def test_a_worker_carries_acts_out_at_once(
    installation: Installation, dovecot: Dovecot, account: Account
) -> None:
    dovecot.fill(account, {"INBOX": 5, "Archive": 1, "Trash": 1})
    acted = Acted(installation, installation.connect(account))
    with working(installation.runtime) as worker, Device(account) as phone:
        worker.until_quiet(acted.one)
        with Device(account) as device:
            device.unflag("INBOX", [1, 2], r"\Seen")
        worker.until(lambda: r"\Seen" not in acted.flags("INBOX")[1])
        worker.until_quiet(acted.one)
        began = time.monotonic()
        act_id = acted.ask(Act.READ, "INBOX", 1, 2)
        worker.until(lambda: acted.told(act_id).stage is Stage.DONE)
        moved = acted.ask(Act.ARCHIVE, "INBOX", 1, 2)
        worker.until(lambda: acted.uids("Archive") == [1, 2, 3])
        assert time.monotonic() - began < 2 * SOON_S
        assert phone.uids("INBOX") == [3, 4, 5]
        worker.until_quiet(acted.one)
        acted.undo(moved)
        worker.until(lambda: len(acted.uids("INBOX")) == 5)
        worker.until_quiet(acted.one)
    installation.check(acted.one, account)
    runs = watch.recent_runs(installation.runtime, acted.one)
    assert set(runs["outcome"]) == {"ok"}
    assert "request" in set(runs["trigger"])


def test_an_act_waits_for_a_server_that_is_away(
    installation: Installation, dovecot: Dovecot, account: Account
) -> None:
    dovecot.fill(account, {"INBOX": 3, "Trash": 1})
    with between(account.imap_port) as wire:
        acted = Acted(installation, installation.connect(account))
        acted.sync()
        installation.use_port(acted.one, wire.port)
        with working(installation.runtime) as worker:
            worker.until_quiet(acted.one)
            wire.cut_down = 0
            wire.cut_now()
            act_id = acted.ask(Act.DELETE, "INBOX", 2)
            worker.until(
                lambda: watch.standing(installation.runtime, acted.one).failures > 0
            )
            assert acted.told(act_id).is_open
            assert acted.uids("INBOX") == [1, 3]
            wire.mend()
            worker.until(lambda: acted.told(act_id).stage is Stage.DONE, 60)
            worker.until_quiet(acted.one)
        assert len(snapshot(account)["Trash"]) == 2
        installation.check(acted.one, account)


@pytest.mark.parametrize("capabilities", ["IMAP4rev1", "IMAP4rev1 CONDSTORE"])
def test_what_is_asked_for_during_a_sync_is_done_by_it(
    follower: Follower, capabilities: str
) -> None:
    box = ChangeableMailbox({"INBOX": 3, "Trash": 0}, capabilities)
    with follower.following(box) as followed:
        acted = Acted(followed.installation, followed.id)
        acted.sync()
        inbox = box.boxes["INBOX"]
        inbox.add(flags=r"\Seen")
        asked: list[int] = []

        def ask_now(command: bytes) -> list[bytes]:
            answer = box.usual(command)  # old marks are on their way to us
            if not asked:
                asked.append(acted.ask(Act.FLAG, "INBOX", 1, 2))
                asked.append(acted.ask(Act.DELETE, "INBOX", 3))
            return answer

        box.answers[rb"UID FETCH \S+ \(.*HEADER"] = ask_now
        report = acted.sync()
        assert asked
        assert report.outcome is Outcome.OK
        assert [acted.told(act_id).stage for act_id in asked] == [Stage.DONE] * 2
        assert r"\Flagged" in acted.flags("INBOX")[1]
        assert len(acted.uids("Trash")) == 1
    assert box.there("INBOX") == [
        "<1@example.net>",
        "<2@example.net>",
        "<4@example.net>",
    ]
    assert inbox.mails[0].flags == r"\Flagged"


def test_archiving_where_there_is_only_all_mail(follower: Follower) -> None:
    box = ChangeableMailbox(
        {"INBOX": 2, "All": 2}, "IMAP4rev1 MOVE UIDPLUS SPECIAL-USE"
    )
    box.boxes["All"].attributes = r"\HasNoChildren \All"

    def only_the_label(_: bytes) -> list[bytes]:
        """Take the label away, as Gmail does: it lies in all mail already."""
        inbox = box.boxes["INBOX"]
        moved = [mail for mail in inbox.mails if mail.uid == 1]
        return [*box.taken(inbox, moved), b"{tag} OK [COPYUID 7 1 1] done"]

    box.answers[rb"UID MOVE"] = only_the_label
    with follower.following(box) as followed:
        acted = Acted(followed.installation, followed.id)
        acted.sync()
        told = acted.do(Act.ARCHIVE, "INBOX", 1)
        assert (told.stage, told.done, told.target) == (Stage.DONE, 1, "All")
        assert acted.uids("INBOX") == [2]
        assert acted.uids("All") == [1, 2]
        del box.answers[rb"UID MOVE"]
        acted.undo(told.id)
        acted.sync()
        assert len(acted.uids("INBOX")) == 2

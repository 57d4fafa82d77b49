"""Acts on messages, on real servers: done there, shown here, and taken back."""

from __future__ import annotations

import pytest

from core import mail_acts
from core.acting import Act, Stage
from core.model import Flags
from tests.servers.acted import Acted
from tests.servers.cyrus import MailServer
from tests.servers.device import Device, snapshot
from tests.servers.dovecot import Account
from tests.servers.installation import Installation

pytestmark = pytest.mark.server


@pytest.fixture
def acted(installation: Installation, server: MailServer, box: Account) -> Acted:
    """Give a mailbox with some mail, as it stands after a sync."""
    folders = {"INBOX": 6, "Archive": 1, "Trash": 0, "Sent": 1, "Project": 2}
    server.fill(box, folders)
    with Device(box) as device:
        device.unflag("INBOX", device.uids("INBOX"), r"\Seen")
    one = installation.connect(box)
    acted = Acted(installation, one)
    acted.sync()
    return acted


@pytest.mark.parametrize(
    ("act", "flag", "on"),
    [
        (Act.READ, r"\Seen", True),
        (Act.UNREAD, r"\Seen", False),
        (Act.FLAG, r"\Flagged", True),
        (Act.UNFLAG, r"\Flagged", False),
    ],
)
def test_a_mark_is_shown_at_once_and_done_on_the_server(
    acted: Acted, box: Account, act: Act, flag: str, *, on: bool
) -> None:
    if not on:
        with Device(box) as device:
            device.flag("INBOX", [1, 2, 3], flag)
        acted.sync()
    act_id = acted.ask(act, "INBOX", 1, 2, 3)
    assert all((flag in acted.flags("INBOX")[uid]) is on for uid in (1, 2, 3))
    assert acted.told(act_id).stage is Stage.ASKED
    acted.sync()
    told = acted.told(act_id)
    assert (told.stage, told.done, told.total) == (Stage.DONE, 3, 3)
    there = snapshot(box)["INBOX"]
    assert all((flag in there[uid].flags) is on for uid in (1, 2, 3))
    acted.installation.check(acted.one, box)
    assert acted.audited() == [f"messages_{act}"]


def test_undoing_a_mark_leaves_what_another_device_did(
    acted: Acted, box: Account
) -> None:
    with Device(box) as device:
        act_id = acted.ask(Act.READ, "INBOX", 1, 2)
        device.read("INBOX", 1)  # before it is carried out: it is not ours
    acted.sync()
    acted.undo(act_id)
    acted.sync()
    there = snapshot(box)["INBOX"]
    assert r"\Seen" in there[1].flags
    assert r"\Seen" not in there[2].flags
    acted.installation.check(acted.one, box)


@pytest.mark.parametrize(
    ("act", "to", "named"),
    [
        (Act.MOVE, "Project", "Project"),
        (Act.ARCHIVE, "Archive", ""),
        (Act.DELETE, "Trash", ""),
    ],
)
def test_a_move_leaves_at_once_arrives_once_and_comes_back(
    acted: Acted, box: Account, act: Act, to: str, named: str
) -> None:
    runtime = acted.installation.runtime
    before = snapshot(box)
    wanted = [before["INBOX"][uid].message_id for uid in (2, 4)]
    act_id = acted.ask(act, "INBOX", 2, 4, to=named)
    assert acted.uids("INBOX") == [1, 3, 5, 6]
    acted.sync()
    told = acted.told(act_id)
    assert (told.stage, told.done, told.total) == (Stage.DONE, 2, 2)
    assert told.target == to
    shown = snapshot(box)
    assert sorted(shown["INBOX"])[:4] in ([1, 3, 5, 6], [1, 2, 3, 4])
    arrived = [held.message_id for held in shown[to].values()]
    assert all(arrived.count(message_id) == 1 for message_id in wanted)
    assert len(arrived) == len(before.get(to, {})) + 2
    acted.installation.check(acted.one, box)

    assert len(mail_acts.undo(runtime, "Ana", act_id)) == 1
    acted.sync()
    here = snapshot(box)["INBOX"]
    back = [h.message_id for h in here.values() if r"\Deleted" not in h.flags]
    assert sorted(back) == sorted(h.message_id for h in before["INBOX"].values())
    acted.installation.check(acted.one, box)


def test_only_what_was_moved_is_expunged(acted: Acted, box: Account) -> None:
    with Device(box) as device:
        device.flag("INBOX", 5, r"\Deleted")  # by somebody who may want it back
    acted.sync()
    acted.do(Act.DELETE, "INBOX", 1)
    assert 5 in snapshot(box)["INBOX"]


def test_moving_to_sent_counts_once_and_as_sent(acted: Acted, box: Account) -> None:
    acted.do(Act.MOVE, "INBOX", 1, to="Sent")
    acted.installation.check(acted.one, box)
    held = acted.installation.held(acted.one)
    assert len(held["Sent"]) == 2


def test_messages_that_went_meanwhile_are_told(acted: Acted, box: Account) -> None:
    first = acted.ask(Act.READ, "INBOX", 1, 2)
    second = acted.ask(Act.ARCHIVE, "INBOX", 1)
    with Device(box) as device:
        device.delete("INBOX", 1)
    acted.sync()
    told = acted.told(first)
    assert (told.stage, told.done, told.total) == (Stage.DONE, 1, 2)
    gone = acted.told(second)
    assert (gone.stage, gone.done) == (Stage.FAILED, 0)
    assert gone.problem is not None
    assert gone.problem.code == "messages_gone"
    acted.installation.check(acted.one, box)


def test_another_uidvalidity_means_that_nothing_is_done(
    acted: Acted, server: MailServer, box: Account
) -> None:
    act_id = acted.ask(Act.DELETE, "Project", 1)
    server.set_uidvalidity(box, "Project", 4_000_000)
    acted.sync()
    told = acted.told(act_id)
    assert told.stage is Stage.FAILED
    assert told.problem is not None
    assert told.problem.code == "folder_renumbered"
    assert len(snapshot(box)["Project"]) == 2
    acted.installation.check(acted.one, box)
    assert acted.audited() == ["messages_delete", "delete_failed"]


def test_hundreds_at_once(acted: Acted, server: MailServer, box: Account) -> None:
    server.fill(box, {"INBOX": 1200})
    acted.sync()
    told = acted.do(Act.READ, "INBOX")
    assert told.done == told.total
    told = acted.do(Act.ARCHIVE, "INBOX")
    assert told.done == 1206
    acted.installation.check(acted.one, box)
    assert not Flags.SEEN & 0

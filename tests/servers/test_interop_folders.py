"""What servers do, row by row of the table of interoperability: folders.

Each test bears the number of its row; faults are those of THREATS.
"""

from __future__ import annotations

import re

import pytest

from core.errors import (
    ProtocolBroken,
)
from core.imap import listing
from core.model import Outcome, Role
from tests.servers.following import Follower
from tests.servers.steps import Table
from tests.servers.table import OK, Box, Mail, ScriptedMailbox

FOLDERS = {"INBOX": 3, "Sent": 2, "Work": 4}
LIST_STATUS = "IMAP4rev1 LIST-EXTENDED LIST-STATUS SPECIAL-USE"
EXCHANGE = b"* OK The Microsoft Exchange IMAP4 service is ready."
pytestmark = pytest.mark.server


def test_row_09_qresync_is_not_asked_of_icloud(follower: Follower) -> None:
    box = ScriptedMailbox(capabilities="IMAP4rev1 QRESYNC CONDSTORE XAPPLELITERAL")
    with follower.session(box) as (session, server):
        assert session.profile.name == "icloud"
        assert (session.features.qresync, session.features.condstore) == (False, True)
        assert not server.said(rb"QRESYNC")


@pytest.mark.parametrize(
    "answer", [[OK], [b"* ENABLED", OK], [b"* ENABLED CONDSTORE", OK], [b"{tag} BAD"]]
)
def test_row_09_qresync_counts_only_if_it_was_enabled(
    follower: Follower, answer: list[bytes]
) -> None:
    box = ScriptedMailbox(capabilities="IMAP4rev1 QRESYNC")
    with follower.session(box) as (session, _):
        listing.examine(session, "INBOX")
        assert session.features.qresync
    box.answers[rb"ENABLE"] = answer
    with follower.session(box) as (session, _):
        listing.examine(session, "INBOX")
        assert (session.features.qresync, session.features.condstore) == (False, True)


def test_row_21_outlook_cuts_the_list_short(follower: Follower) -> None:
    tree = {
        "INBOX": 1, "INBOX/A, B (c)": 2, "Work": 0, "Work/2026": 3, "Work/2026/May": 1,
    }  # fmt: skip
    box = ScriptedMailbox(tree, greeting=EXCHANGE)
    for name in ("INBOX", "Work", "Work/2026"):
        box.boxes[name].attributes = r"\HasChildren"
    box.boxes["Hidden"] = Box("Hidden", [Mail(1)])

    def list_(command: bytes) -> list[bytes]:
        _, _, pattern = command.replace(b'"', b"").decode().split(" ", 2)
        above = pattern.removeprefix("%").removesuffix("%")
        if pattern == "*":  # cut short
            return [box.listed(box.boxes["INBOX"]), OK]
        rows = [
            box.listed(b)
            for b in box.boxes.values()
            if b.name.startswith(above) and "/" not in b.name[len(above) :]
        ]
        return [*(r for r in rows if b"Hidden" not in r), OK]

    box.answers[rb'LIST "" [^I]'] = list_
    with follower.session(box) as (session, _):
        found = listing.sweep(session)
        assert set(found.numbers) == {*tree, "Hidden"}


def test_row_22_status_with_an_empty_list(follower: Follower) -> None:
    box = ScriptedMailbox(FOLDERS)
    box.answers[rb'STATUS "INBOX"'] = [b'* STATUS "INBOX" ()', OK]
    with follower.session(box) as (session, _):
        found = listing.sweep(session)
        assert found.numbers.keys() == {"Sent", "Work"}
        assert found.refused == {}


@pytest.mark.parametrize("capabilities", ["IMAP4rev1", LIST_STATUS])
def test_row_24_the_list_is_empty_at_times(
    follower: Follower, capabilities: str
) -> None:
    box = ScriptedMailbox(FOLDERS, capabilities)
    empty = iter([True])

    def list_(command: bytes) -> list[bytes]:
        return [OK] if next(empty, False) else box.usual(command)

    box.answers[rb"LIST"] = list_
    with follower.session(box) as (session, _):
        assert listing.sweep(session).numbers.keys() == FOLDERS.keys()


def test_row_24_an_empty_list_does_not_make_folders_disappear(
    follower: Follower,
) -> None:
    box = ScriptedMailbox(FOLDERS)
    with follower.following(box) as one:
        one.sync()
        box.answers[rb"LIST"] = [OK]
        assert isinstance(one.sync().error, ProtocolBroken)
        assert one.folders()["missing_since"].isna().all()
        assert len(one.uids("Work")) == 4


def test_row_28_courier_settles_uidvalidity_by_select(follower: Follower) -> None:
    box = ScriptedMailbox(greeting=b"* OK Courier-IMAP ready. Copyright 1998-2018")
    changing = iter(range(100, 999))

    def examine(command: bytes) -> list[bytes]:
        box.boxes["INBOX"].uidvalidity = next(changing)
        return box.usual(command)

    box.answers[rb"EXAMINE"] = examine
    with follower.following(box) as one:
        one.sync()
        assert one.sync().changes.added == 0
        assert one.uids("INBOX") == [1, 2, 3]
        assert not one.server.said(rb" (STORE|EXPUNGE|CLOSE|APPEND)\b")


@pytest.mark.parametrize("capabilities", ["IMAP4rev1", LIST_STATUS])
def test_row_29_a_phantom_folder_is_left_alone(
    follower: Follower, capabilities: str
) -> None:
    box = ScriptedMailbox(FOLDERS, capabilities)
    phantom = b'* LIST () "/" "shared/nobody"'

    def list_(command: bytes) -> list[bytes]:
        *lines, end = box.usual(command)
        return [*lines, phantom, end]

    box.answers[rb"LIST"] = list_
    with follower.following(box) as one:
        report = one.sync()
        assert report.outcome is Outcome.OK, report.error
        assert len(one.uids("Work")) == 4
    with follower.session(box) as (session, _):
        assert listing.sweep(session).refused == {"shared/nobody": "folder_refused"}


def test_row_29_the_server_loses_its_index(follower: Follower) -> None:
    box = ScriptedMailbox(FOLDERS, "IMAP4rev1 CONDSTORE")
    box.boxes["INBOX"].modseq = 90
    with follower.following(box) as one:
        one.sync()
        box.boxes["INBOX"].modseq = 4  # down, without another UIDVALIDITY
        box.boxes["INBOX"].mails[0].flags = r"\Seen"
        box.boxes["Work"].uidvalidity = 8
        report = one.sync()
        assert (report.outcome, report.changes.added) == (Outcome.OK, 0)
        assert one.flags("INBOX")[1] == {r"\Seen"}
        assert len(one.uids("Work")) == 4


def test_row_30_only_what_list_is_asked_for(follower: Follower) -> None:
    box = ScriptedMailbox({"INBOX": 1, "Enviadas por mim": 2}, LIST_STATUS)

    def list_(command: bytes) -> list[bytes]:
        asked = b"SPECIAL-USE" in command
        box.boxes["Enviadas por mim"].attributes = r"\Sent" if asked else ""
        return box.usual(command)

    box.answers[rb"LIST"] = list_
    with follower.session(box) as (session, _):
        for found in (listing.folders(session), listing.sweep(session).folders):
            assert [f.role for f in found] == [Role.INBOX, Role.SENT]


def test_row_31_several_lines_of_exists(follower: Follower) -> None:
    box = ScriptedMailbox({"INBOX": 9})

    def examine(command: bytes) -> list[bytes]:
        *lines, end = box.usual(command)
        return [b"* 2 EXISTS", *lines, b"* 5 EXISTS", end]

    box.answers[rb"EXAMINE"] = examine
    with follower.following(box) as one:
        assert one.sync().outcome is Outcome.OK
        assert len(one.uids("INBOX")) == 9


def without(box: ScriptedMailbox, item: bytes) -> Table:
    """Leave out what some servers leave out of EXAMINE and STATUS."""

    def examine(command: bytes) -> list[bytes]:
        return [line for line in box.usual(command) if item not in line]

    def status(command: bytes) -> list[bytes]:
        return [re.sub(rb" %s \d+" % item, b"", ln) for ln in box.usual(command)]

    return {rb"EXAMINE": examine, rb"STATUS": status}


def test_row_35_a_server_that_tells_no_uidnext(follower: Follower) -> None:
    box = ScriptedMailbox(FOLDERS)
    box.answers = without(box, b"UIDNEXT")
    with follower.following(box) as one:
        one.sync()
        box.boxes["INBOX"].add()
        assert one.sync().outcome is Outcome.OK
        assert one.uids("INBOX") == [1, 2, 3, 4]


def test_row_35_uidvalidity_of_64_bits(follower: Follower) -> None:
    box = ScriptedMailbox()
    box.boxes["INBOX"].uidvalidity = 2**63 - 5
    with follower.following(box) as one:
        assert one.sync().changes.added == 3
        assert one.sync().changes.added == 0


def test_row_36_roles_where_special_use_is_not_offered(follower: Follower) -> None:
    box = ScriptedMailbox({"INBOX": 1, "odeslané": 1, "newsletters": 1}, delimiter="|")
    box.boxes["odeslané"].attributes = r"\Noinferiors \Sent"
    box.boxes["newsletters"].attributes = r"\Noinferiors"
    with follower.session(box) as (session, _):
        found = listing.sweep(session)
        roles = [f.role for f in found.folders]
        assert roles == [Role.INBOX, Role.SENT, Role.OTHER]
        assert {f.delimiter for f in found.folders} == {"|"}
        assert len(found.numbers) == 3


def test_row_39_another_uidvalidity_does_not_count_twice(follower: Follower) -> None:
    box = ScriptedMailbox(greeting=b"* OK Proton Mail Bridge 03 - gluon session ID 1")
    with follower.following(box) as one:
        one.sync()
        inbox = box.boxes["INBOX"]
        inbox.uidvalidity = 8
        for mail in inbox.mails:  # the same messages under other UIDs
            mail.uid += 50
        report = one.sync()
        assert report.outcome is Outcome.OK
        assert one.uids("INBOX") == [51, 52, 53]


@pytest.mark.parametrize("mark", ["\\", "\\\\"])
def test_row_41_domino_separates_by_a_backslash(follower: Follower, mark: str) -> None:
    box = ScriptedMailbox({"INBOX": 1}, delimiter=mark)
    box.answers[rb"LIST"] = lambda c: [
        *box.usual(c)[:-1],
        b'* LIST () "%s" "Work\\\\Done"' % mark.encode(),
        OK,
    ]
    box.answers[rb'STATUS "Work\\\\Done"'] = [
        rb'* STATUS "Work\\Done" (MESSAGES 7 UIDNEXT 8 UIDVALIDITY 1)',
        OK,
    ]
    with follower.session(box) as (session, _):
        found = listing.sweep(session)
        assert found.numbers["Work\\Done"].messages == 7
        assert {f.delimiter for f in found.folders} == {"\\"}


def test_row_45_portuguese_folders_below_the_inbox(follower: Follower) -> None:
    names = ["INBOX", "INBOX.enviadas", "INBOX.lixo", "INBOX.rascunhos", "INBOX.Spam"]
    box = ScriptedMailbox(dict.fromkeys(names, 1), delimiter=".")
    with follower.session(box) as (session, _):
        roles = [f.role for f in listing.sweep(session).folders]
    expected = [Role.INBOX, Role.SENT, Role.TRASH, Role.DRAFTS, Role.JUNK]
    assert roles == expected


@pytest.mark.parametrize("where", ["missing", "not sticky"])
def test_fault_25_a_folder_that_cannot_be_tracked(
    follower: Follower, where: str
) -> None:
    box = ScriptedMailbox()
    box.answers = without(box, b"UIDVALIDITY")
    if where == "not sticky":
        box.answers[rb"EXAMINE"] = lambda c: [
            b"* NO [UIDNOTSTICKY] Non-persistent UIDs",
            *box.usual(c),
        ]
    with follower.session(box) as (session, _):
        assert listing.examine(session, "INBOX").uidvalidity == 0

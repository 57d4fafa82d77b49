"""All folders and their numbers in one sweep, whatever the server does.

The numbers in names are those of the faults and threats in THREATS.
"""

from __future__ import annotations

import time

import pytest

from core.errors import (
    FolderForbidden,
    FolderRefused,
    SessionRefused,
    Throttled,
)
from core.imap import listing
from core.imap.opening import open_session
from core.model import Outcome, State
from core.secret import Secret
from tests.servers.device import Device
from tests.servers.dovecot import Dovecot, Kind
from tests.servers.following import Follower
from tests.servers.table import OK, Box, ScriptedMailbox

FOLDERS = {"INBOX": 3, "Sent": 2, "Work": 4}
LIST_STATUS = "IMAP4rev1 LIST-EXTENDED LIST-STATUS SPECIAL-USE"
EXCHANGE = b"* OK The Microsoft Exchange IMAP4 service is ready."
pytestmark = pytest.mark.server


@pytest.mark.parametrize("capabilities", ["IMAP4rev1", LIST_STATUS])
@pytest.mark.parametrize("more", ["", " CONDSTORE"])
def test_a_sweep(follower: Follower, capabilities: str, more: str) -> None:
    box = ScriptedMailbox(FOLDERS, capabilities + more)
    box.boxes["Top"] = Box("Top", attributes=r"\Noselect \HasChildren")
    with follower.session(box) as (session, server):
        found = listing.sweep(session)
        assert {n: s.messages for n, s in found.numbers.items()} == FOLDERS
        assert {n: s.uidnext for n, s in found.numbers.items()}["Work"] == 5
        assert all(s.highestmodseq == bool(more) for s in found.numbers.values())
        assert [f.name for f in found.folders] == [*FOLDERS, "Top"]
        assert found.refused == {}
        assert not server.said(rb"STATUS.*Top")
        one_by_one = server.said(rb"\d STATUS")
        assert len(one_by_one) == (0 if "LIST-STATUS" in capabilities else 3)


@pytest.mark.parametrize("capabilities", ["IMAP4rev1", LIST_STATUS])
def test_a_sweep_of_some_folders(follower: Follower, capabilities: str) -> None:
    box = ScriptedMailbox(FOLDERS, capabilities)
    with follower.session(box) as (session, server):
        found = listing.sweep(session, ["Work", "inbox", "Nowhere", "Work"])
        assert found.numbers.keys() == {"Work", "INBOX"}
        assert len(found.folders) == 3
        assert not server.said(rb"STATUS.*Sent")


def test_fault_20_and_22_one_folder_does_not_stop_the_others(
    follower: Follower,
) -> None:
    box = ScriptedMailbox(FOLDERS)
    with follower.following(box) as one:
        box.answers[rb'(STATUS|EXAMINE) "Work"'] = [b"{tag} NO [NOPERM] denied"]
        box.answers[rb'(STATUS|EXAMINE) "Sent"'] = [b"{tag} NO [NONEXISTENT] gone"]
        assert one.sync().outcome is Outcome.OK
        assert one.uids("INBOX") == [1, 2, 3]
        problems = one.folders().set_index("name")["problem_code"]
        assert problems["Work"] == FolderForbidden.code
        assert problems["Sent"] == FolderRefused.code


@pytest.mark.parametrize("kind", list(Kind), ids=lambda kind: kind.name.lower())
def test_a_sweep_of_a_real_server(
    follower: Follower, dovecot: Dovecot, kind: Kind
) -> None:
    account = dovecot.mailbox(kind=kind)
    dovecot.fill(account, {"INBOX": 7, "Sent": 1})
    with Device(account) as phone:
        phone.create('Say "hi" \\ (b)')
        phone.deliver('Say "hi" \\ (b)')
    policy = follower.installation.runtime.policy()
    secret = Secret(account.password)
    with open_session(account.imap, account.user, secret, policy) as session:
        found = listing.sweep(session)
        held = {n: s.messages for n, s in found.numbers.items() if s.messages}
        assert held == {"INBOX": 7, 'Say "hi" \\ (b)': 1, "Sent": 1}
        assert found.refused == {}
        for name, numbers in found.numbers.items():
            opened = listing.examine(session, name)
            assert (numbers.uidvalidity, numbers.uidnext, numbers.messages) == (
                opened.uidvalidity,
                opened.uidnext,
                opened.messages,
            )


def test_fault_22_is_told_by_the_sweep(follower: Follower) -> None:
    box = ScriptedMailbox(FOLDERS)
    box.answers[rb'STATUS "Work"'] = [b"{tag} NO [NOPERM] denied"]
    with follower.session(box) as (session, _):
        found = listing.sweep(session)
        assert found.refused == {"Work": "folder_forbidden"}
        assert found.numbers.keys() == {"INBOX", "Sent"}


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (b"NO [LIMIT] too many commands", Throttled),
        (b"BAD User is authenticated but not connected.", SessionRefused),
    ],
)
def test_what_concerns_the_whole_mailbox_ends_a_sweep(
    follower: Follower, words: bytes, error: type[Throttled]
) -> None:
    box = ScriptedMailbox(FOLDERS)
    box.answers[rb'STATUS "Sent"'] = [b"{tag} " + words]
    with follower.session(box) as (session, _), pytest.raises(error):
        listing.sweep(session)


BAD = [b"{tag} BAD Error in IMAP command"]


def test_fault_37_list_status_offered_and_not_understood(follower: Follower) -> None:
    box = ScriptedMailbox(FOLDERS, LIST_STATUS)
    box.answers[rb"LIST .*STATUS \("] = BAD
    with box.served(follower.certificates) as server:
        for _ in range(3):
            with follower.logged_in(server) as session:
                found = listing.sweep(session)
                assert {n: s.messages for n, s in found.numbers.items()} == FOLDERS
                assert listing.sweep(session) == found
        assert len(server.said(rb"LIST .*STATUS \(")) == 1  # in all three sessions


def test_fault_37_list_with_return_options_not_understood(follower: Follower) -> None:
    box = ScriptedMailbox(FOLDERS, LIST_STATUS)
    box.answers[rb"LIST .*RETURN"] = BAD
    with follower.following(box) as one:
        assert one.sync().outcome is Outcome.OK
        assert len(one.server.said(rb"LIST .*RETURN \(SPECIAL-USE CHILDREN\)")) == 1


def test_fault_37_condstore_offered_and_not_understood(follower: Follower) -> None:
    box = ScriptedMailbox(FOLDERS, "IMAP4rev1 CONDSTORE OBJECTID")
    box.answers[rb"STATUS .*(HIGHESTMODSEQ|MAILBOXID)"] = BAD
    with follower.session(box) as (session, server):
        found = listing.sweep(session)
        assert {n: s.messages for n, s in found.numbers.items()} == FOLDERS
        assert not session.features.condstore
        assert len(server.said(rb"HIGHESTMODSEQ")) == 1


def test_a_folder_named_by_its_id(follower: Follower) -> None:
    box = ScriptedMailbox(capabilities="IMAP4rev1 OBJECTID")
    numbers = b"MESSAGES 3 UIDNEXT 4 UIDVALIDITY 7 UNSEEN 0 MAILBOXID (F21)"
    box.answers[rb"STATUS .*MAILBOXID"] = [b"* STATUS INBOX (%s)" % numbers, OK]
    box.answers[rb"EXAMINE"] = lambda c: [
        b"* OK [MAILBOXID (F21)] Ok",
        *box.usual(c),
    ]
    with follower.session(box) as (session, _):
        assert listing.sweep(session).numbers["INBOX"].mailbox_id == "F21"
        assert listing.examine(session, "INBOX").mailbox_id == "F21"


ODD_LISTS: list[tuple[list[bytes], set[str]]] = [
    ([b'* LIST () "/" "Work"'], {"Work", "INBOX"}),  # INBOX is there all the same
    ([b'* LIST () "/" INBOX'] * 3, {"INBOX"}),
    ([b'* LIST () "/" INBOX', b'* LIST () "/" inbox'], {"INBOX"}),
    ([b"* LIST () NIL INBOX", b"* LIST () NIL a/b"], {"INBOX", "a/b"}),
    ([b'* LIST () "/" INBOX', b'* LIST () "/" "&bad7&&-"'], {"INBOX", "&bad7&&-"}),
    ([b'* LIST () "/" INBOX', b'* LIST () "/" "never ends'], {"INBOX"}),
    ([b'* LIST () "/" {5}\r\nINBOX', b'* LIST () "/" {3}\r\na"b'], {"INBOX", 'a"b'}),
    ([b"* LIST ((((((( INBOX", b'* LIST () "/" INBOX'], {"INBOX"}),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "names"), ODD_LISTS)
def test_fault_42_odd_lists(
    follower: Follower, lines: list[bytes], names: set[str]
) -> None:
    box = ScriptedMailbox()
    box.answers[rb"LIST"] = [*lines, OK]
    with follower.session(box) as (session, _):
        found = listing.sweep(session)
        assert {f.name for f in found.folders} == names
        assert len(found.folders) == len(names)


@pytest.mark.parametrize("capabilities", ["IMAP4rev1", LIST_STATUS])
def test_fault_42_many_folders(follower: Follower, capabilities: str) -> None:
    names = ["INBOX", *(f"Archive/{n:05}" for n in range(20_000))]
    box = ScriptedMailbox(dict.fromkeys(names, 0), capabilities)
    follower.installation.runtime.settings.__dict__["command_timeout_s"] = 60
    with follower.session(box) as (session, _):
        began = time.monotonic()
        found = listing.sweep(session)
        assert len(found.numbers) == len(found.folders) == 20_001
        assert time.monotonic() - began < 20  # the script is the slower side


def test_fault_42_a_list_that_never_ends_is_bounded(follower: Follower) -> None:
    lines = [b'* LIST () "/" "f%d"' % n for n in range(60_000)]
    box = ScriptedMailbox()
    box.answers[rb"LIST"] = [*lines, OK]
    with follower.session(box) as (session, _):
        assert len(listing.folders(session)) <= listing.FOLDERS_MAX + 1


def test_fault_43_numbers_of_another_folder(follower: Follower) -> None:
    box = ScriptedMailbox(FOLDERS)
    box.answers[rb'STATUS "Work"'] = [
        b'* STATUS "Other" (MESSAGES 99 UIDNEXT 100 UIDVALIDITY 1)',
        b"* STATUS inbox (MESSAGES 5 UIDNEXT 6 UIDVALIDITY 7)",
        OK,
    ]
    with follower.session(box) as (session, _):
        found = listing.sweep(session)
        assert {n: s.messages for n, s in found.numbers.items()} == {
            "INBOX": 5,
            "Sent": 2,
        }
        with pytest.raises(FolderRefused):
            listing.status(session, "Work")


def test_threat_9_absurd_numbers_of_one_folder(follower: Follower) -> None:
    for capabilities in ("IMAP4rev1", LIST_STATUS):
        box = ScriptedMailbox(FOLDERS, capabilities)
        work = box.boxes["Work"]
        work.gap = 2**32
        with follower.session(box) as (session, _):
            found = listing.sweep(session)
            assert found.refused == {"Work": "protocol_broken"}
            assert found.numbers.keys() == {"INBOX", "Sent"}


def test_a_mailbox_that_cannot_be_listed_is_tried_again(follower: Follower) -> None:
    box = ScriptedMailbox()
    with follower.following(box) as one:
        box.answers[rb"LIST"] = [b"{tag} NO no listing today"]
        assert isinstance(one.sync().error, SessionRefused)
        assert one.standing().state is State.RETRYING

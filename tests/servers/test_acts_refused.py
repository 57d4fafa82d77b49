"""Acts on messages where servers refuse, lack extensions, or are cut off."""

from __future__ import annotations

import pytest

from core.acting import Act, Stage
from core.model import Outcome, State
from core.store import integrations
from core.store.engine import writing
from tests.servers.acted import Acted
from tests.servers.changeable import ChangeableMailbox
from tests.servers.following import Followed, Follower

FOLDERS = {"INBOX": 4, "Trash": 1, "Archive": 0}
THREE = "IMAP4rev1", "IMAP4rev1 UIDPLUS", "IMAP4rev1 MOVE UIDPLUS"
SEEN = r"\Seen"
ALL = ["<1@example.net>", "<2@example.net>", "<3@example.net>", "<4@example.net>"]


def begin(followed: Followed) -> Acted:
    acted = Acted(followed.installation, followed.id)
    assert acted.sync().outcome is Outcome.OK
    return acted


def again(acted: Acted) -> None:
    """Sync, and not wait until a mailbox that failed is due."""
    with writing(acted.installation.runtime.engine) as conn:
        integrations.change(conn, acted.one, failures=0)
    report = acted.sync()
    assert report.outcome is Outcome.OK, report.error


@pytest.mark.parametrize("capabilities", THREE)
def test_a_move_with_whatever_the_server_has(
    follower: Follower, capabilities: str
) -> None:
    box = ChangeableMailbox(FOLDERS, capabilities)
    box.boxes["INBOX"].mails[3].flags = r"\Deleted"  # somebody else's
    with follower.following(box) as followed:
        acted = begin(followed)
        told = acted.do(Act.DELETE, "INBOX", 1, 2)
        assert (told.stage, told.done) == (Stage.DONE, 2)
        assert told.left_marked == (0 if "UIDPLUS" in capabilities else 2)
        assert acted.uids("INBOX") == [3]
        assert len(acted.uids("Trash")) == 3
        acted.undo(told.id)
        again(acted)
        said = followed.server.said
        assert bool(said(rb"UID MOVE")) == ("MOVE" in capabilities)
        assert bool(said(rb"UID EXPUNGE")) == (capabilities == "IMAP4rev1 UIDPLUS")
    assert box.bare_expunges == 0
    assert box.there("INBOX") == ALL[:3]
    assert len(box.there("Trash")) == 1
    left = [mail.message_id for mail in box.boxes["INBOX"].mails]
    assert ALL[3] in left


@pytest.mark.parametrize("capabilities", THREE)
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("at", [rb"UID (COPY|MOVE)", rb"UID STORE", rb"UID EXPUNGE"])
def test_a_move_that_is_cut_off_is_done_once(
    follower: Follower, capabilities: str, when: str, at: bytes
) -> None:
    box = ChangeableMailbox(FOLDERS, capabilities)
    with follower.following(box) as followed:
        acted = begin(followed)
        act_id = acted.ask(Act.ARCHIVE, "INBOX", 1, 2, 3)
        (box.cut_after if when == "after" else box.cut_before)(at)
        cut = acted.sync()
        if at in box.answers:  # this server is never asked that
            assert cut.outcome is Outcome.OK
        else:
            assert cut.outcome is Outcome.FAILED
            assert acted.told(act_id).stage is Stage.DOING
            assert acted.uids("INBOX") == [4]
            again(acted)
        told = acted.told(act_id)
        assert (told.stage, told.done) == (Stage.DONE, 3)
        assert box.there("INBOX") == ALL[3:]
        assert box.there("Archive") == ALL[:3]
        assert acted.uids("Archive") == [1, 2, 3]
        acted.undo(act_id)
        again(acted)
    assert box.there("INBOX") == ALL


@pytest.mark.parametrize("capabilities", THREE)
@pytest.mark.parametrize("at", [rb"UID (COPY|MOVE) 2", rb"UID STORE 2"])
def test_a_long_move_that_is_cut_off_goes_on_where_it_was(
    follower: Follower,
    monkeypatch: pytest.MonkeyPatch,
    capabilities: str,
    at: bytes,
) -> None:
    monkeypatch.setattr("core.imap.changing.AT_ONCE", 1)
    box = ChangeableMailbox(FOLDERS, capabilities)
    with follower.following(box) as followed:
        acted = begin(followed)
        act_id = acted.ask(Act.ARCHIVE, "INBOX", 1, 2, 3)
        box.cut_after(at)
        acted.sync()
        again(acted)
        told = acted.told(act_id)
        assert (told.stage, told.done) == (Stage.DONE, 3)
        assert told.left_marked == (0 if "UIDPLUS" in capabilities else 3)
    assert box.there("INBOX") == ALL[3:]
    assert box.there("Archive") == ALL[:3]


def test_uids_that_last_for_one_session_are_not_acted_on(follower: Follower) -> None:
    box = ChangeableMailbox(FOLDERS, "IMAP4rev1 MOVE UIDPLUS")
    fleeting = b"* OK [UIDNOTSTICKY] one session"
    box.answers[rb"SELECT|EXAMINE"] = lambda c: [fleeting, *box.usual(c)]
    with follower.following(box) as followed:
        acted = begin(followed)
        told = acted.do(Act.DELETE, "INBOX", 1)
        assert told.problem is not None
        assert told.problem.code == "folder_renumbered"
    assert box.there("INBOX") == ALL


def test_copies_that_were_there_before_are_none_of_an_attempt(
    follower: Follower,
) -> None:
    box = ChangeableMailbox(FOLDERS, "IMAP4rev1 UIDPLUS")
    old = box.boxes["Archive"].add()
    assert old.message_id == ALL[0]
    with follower.following(box) as followed:
        acted = begin(followed)
        acted.ask(Act.ARCHIVE, "INBOX", 1)
        box.cut_before(rb"UID COPY")
        acted.sync()
        again(acted)
    assert box.there("Archive") == [ALL[0], ALL[0]]
    assert box.there("INBOX") == ALL[1:]


@pytest.mark.parametrize("act", [Act.READ, Act.DELETE])
def test_a_folder_that_is_read_only(follower: Follower, act: Act) -> None:
    box = ChangeableMailbox(FOLDERS, "IMAP4rev1 MOVE UIDPLUS", read_only={"INBOX"})
    with follower.following(box) as followed:
        acted = begin(followed)
        before = acted.flags("INBOX")
        told = acted.do(act, "INBOX", 1)
        assert (told.stage, told.done) == (Stage.FAILED, 0)
        assert told.problem is not None
        assert told.problem.code == "folder_read_only"
        assert told.problem.facts["folder"] == "INBOX"
        assert not told.can_undo
        assert acted.flags("INBOX") == before
        assert acted.audited() == [f"messages_{act}", f"{act}_failed"]
        assert not followed.server.said(rb"UID (STORE|MOVE|COPY)")
        assert followed.standing().state is State.OK


@pytest.mark.parametrize(
    ("says", "code"),
    [
        (b"NO [NOPERM] not yours", "folder_read_only"),
        (b"NO [TRYCREATE] no such", "act_refused"),
        (b"NO [OVERQUOTA] full", "act_refused"),
        (b"BAD what is that", "act_refused"),
    ],
)
@pytest.mark.parametrize("act", [Act.FLAG, Act.ARCHIVE])
def test_what_is_refused_is_told_and_shown_as_it_was(
    follower: Follower, act: Act, says: bytes, code: str
) -> None:
    box = ChangeableMailbox(FOLDERS, "IMAP4rev1 MOVE UIDPLUS")
    box.answers[rb"UID (STORE|MOVE)"] = [b"{tag} " + says]
    with follower.following(box) as followed:
        acted = begin(followed)
        told = acted.do(act, "INBOX", 1, 2)
        assert told.problem is not None
        assert (told.stage, told.problem.code) == (Stage.FAILED, code)
        assert told.problem.facts["server_says"]
        assert acted.uids("INBOX") == [1, 2, 3, 4]
        assert acted.flags("INBOX")[1] == set()


def test_a_mark_that_the_folder_does_not_keep(follower: Follower) -> None:
    box = ChangeableMailbox(FOLDERS, "IMAP4rev1")
    kept = rb"* OK [PERMANENTFLAGS (\Seen \Deleted)] limited"
    box.answers[rb"SELECT"] = lambda c: [kept, *box.usual(c)]
    with follower.following(box) as followed:
        acted = begin(followed)
        assert acted.do(Act.READ, "INBOX", 1).stage is Stage.DONE
        told = acted.do(Act.FLAG, "INBOX", 1)
        assert told.problem is not None
        assert told.problem.code == "folder_read_only"


def test_a_refusal_in_the_middle_is_told_as_n_of_m(
    follower: Follower, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.imap.changing.AT_ONCE", 2)
    box = ChangeableMailbox(FOLDERS, "IMAP4rev1 MOVE UIDPLUS")
    box.answers[rb"UID MOVE 3"] = [b"{tag} NO [LIMIT-OF-A-KIND] enough"]
    with follower.following(box) as followed:
        acted = begin(followed)
        told = acted.do(Act.ARCHIVE, "INBOX")
        assert (told.stage, told.done, told.total) == (Stage.FAILED, 2, 4)
        assert acted.uids("INBOX") == [3, 4]
        assert acted.uids("Archive") == [1, 2]
        assert told.can_undo
        del box.answers[rb"UID MOVE 3"]
        acted.undo(told.id)
        again(acted)
    assert box.there("INBOX") == ALL


def test_marks_that_are_refused_in_the_middle(
    follower: Follower, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.imap.changing.AT_ONCE", 2)
    box = ChangeableMailbox({"INBOX": 4}, "IMAP4rev1")
    box.answers[rb"UID STORE 3"] = [b"{tag} NO enough"]
    with follower.following(box) as followed:
        acted = begin(followed)
        told = acted.do(Act.READ, "INBOX")
        assert (told.stage, told.done, told.total) == (Stage.FAILED, 2, 4)
        assert acted.flags("INBOX") == {1: {SEEN}, 2: {SEEN}, 3: set(), 4: set()}
        del box.answers[rb"UID STORE 3"]
        acted.undo(told.id)
        again(acted)
    assert [mail.flags for mail in box.boxes["INBOX"].mails] == [""] * 4


def test_another_device_s_mark_outlives_an_act_that_fails(follower: Follower) -> None:
    box = ChangeableMailbox(FOLDERS, "IMAP4rev1 CONDSTORE MOVE UIDPLUS")
    with follower.following(box) as followed:
        acted = begin(followed)
        act_id = acted.ask(Act.READ, "INBOX", 1, 2)
        inbox = box.boxes["INBOX"]
        inbox.modseq += 1
        inbox.mails[0].flags, inbox.mails[0].modseq = r"\Seen", inbox.modseq
        # A run that is at its folders already when people act, and then is refused.
        box.cut_before(rb"UID STORE")
        acted.sync()
        box.answers[rb"UID STORE"] = [b"{tag} NO not now"]
        again(acted)
        assert acted.told(act_id).stage is Stage.FAILED
        assert acted.flags("INBOX")[1] == {r"\Seen"}
        assert acted.flags("INBOX")[2] == set()

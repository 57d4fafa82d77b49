"""Copies of sent mail on servers that refuse, lie, or end the connection."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

import pytest

from core.errors import ConnectionLost
from core.imap import appending
from core.imap.session import Session
from core.model import Outcome
from core.outgoing import CopyStage, Stage, Step
from tests.servers.appendable import AppendableMailbox
from tests.servers.changeable import ChangeableMailbox
from tests.servers.following import Followed, Follower
from tests.servers.sent import Sent

pytestmark = pytest.mark.server


class Here:
    """A scripted mailbox, and what is sent from it."""

    def __init__(self, followed: Followed, box: AppendableMailbox) -> None:
        self.followed, self.box = followed, box
        self.sent = Sent.of(followed.installation, followed.id)
        self.sent.sync_well()

    def copies(self, mail_id: int) -> int:
        """Count the copies of a mail in Sent."""
        message_id = self.sent.got(mail_id).message_id
        return [m.message_id for m in self.box.boxes["Sent"].mails].count(message_id)

    def problem(self, mail_id: int) -> str:
        """Give why there is no copy."""
        problem = self.sent.got(mail_id).problem
        return problem.code if problem else ""


@pytest.fixture
def box() -> AppendableMailbox:
    """Give a mailbox with a folder for sent mail."""
    return AppendableMailbox({"INBOX": 2, "Sent": 1})


@pytest.fixture
def here(follower: Follower, box: AppendableMailbox) -> Iterator[Here]:
    """Give it, integrated and synced."""
    with follower.following(box) as followed:
        yield Here(followed, box)


def test_what_is_sent_to_the_server(here: Here) -> None:
    mail_id = here.sent.mail()
    here.sent.sync_well()
    assert here.copies(mail_id) == 1
    (stored,) = [m for m in here.box.boxes["Sent"].mails if m.flags]
    assert stored.flags == r"\Seen"
    sent_at = here.sent.got(mail_id).sent_at
    assert sent_at is not None
    (date,) = here.box.dates
    said = datetime.strptime(date.decode(), "%d-%b-%Y %H:%M:%S %z")
    assert said == sent_at.replace(microsecond=0)
    assert not here.followed.server.said(rb"SELECT|STORE|EXPUNGE")


def test_an_append_whose_answer_never_came_is_looked_for(here: Here) -> None:
    mail_id = here.sent.mail()
    here.box.cuts = True
    assert isinstance(here.sent.sync().error, ConnectionLost)
    assert here.sent.got(mail_id).copy is CopyStage.BEGUN
    here.sent.pass_time(minutes=1)
    here.sent.sync_well()
    assert here.sent.got(mail_id).copy is CopyStage.STORED
    assert (here.copies(mail_id), here.box.appends) == (1, 1)


def test_a_server_that_stores_late_has_one_copy(here: Here) -> None:
    mail_id = here.sent.mail()
    content = here.sent.content(mail_id)
    here.box.refuses_late, here.box.cuts = b"NO not yet", True
    here.sent.sync()
    here.sent.pass_time(seconds=10)
    here.sent.sync_well()  # it is not there yet, and is looked for once more
    here.box.refuses_late = b""
    here.box.put("Sent", content, r"\Seen")
    here.sent.pass_time(minutes=1)
    here.sent.sync_well()
    assert here.sent.got(mail_id).copy is CopyStage.FOUND
    assert (here.copies(mail_id), here.box.appends) == (1, 1)


def test_a_server_that_hangs_up_each_time_is_left_in_peace(here: Here) -> None:
    mail_id = here.sent.mail()
    here.box.refuses_late = b"NO"
    for _ in range(12):
        here.box.cuts = here.sent.got(mail_id).copy is CopyStage.WANTED
        here.sent.sync()
        here.sent.pass_time(days=1)
    assert here.sent.got(mail_id).copy is CopyStage.FAILED
    assert here.problem(mail_id) == "copy_refused"
    assert here.box.appends == 5
    here.sent.sync_well()


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize(
    "says", [b"NO [OVERQUOTA] full", b"NO [TRYCREATE] none", b"BAD what", b"NO no"]
)
def test_a_refusal_is_tried_again_and_then_told(
    here: Here, says: bytes, *, late: bool
) -> None:
    mail_id = here.sent.mail()
    setattr(here.box, "refuses_late" if late else "refuses", says)
    here.sent.sync_well()
    first = here.sent.got(mail_id)
    assert (first.stage, first.copy) == (Stage.SENT, CopyStage.WANTED)
    here.sent.sync_well()
    assert here.box.appends == 1  # not before its time
    for _ in range(5):
        here.sent.pass_time(days=1.1)
        here.sent.sync_well()
    mail = here.sent.got(mail_id)
    assert (mail.stage, mail.copy) == (Stage.SENT, CopyStage.FAILED)
    assert mail.problem is not None
    assert mail.problem.code == "copy_refused"
    assert mail.problem.facts["server_says"] == says.partition(b" ")[2].decode()
    assert mail.problem.facts["folder"] == "Sent"
    assert here.box.appends == 5
    assert here.sent.content(mail_id) == b""


def test_a_refusal_that_ends_lets_the_copy_be_stored(here: Here) -> None:
    mail_id = here.sent.mail()
    here.box.refuses = b"NO [OVERQUOTA] full"
    here.sent.sync_well()
    here.box.refuses = b""
    here.sent.pass_time(minutes=11)
    here.sent.sync_well()
    assert here.sent.got(mail_id).copy is CopyStage.STORED
    assert here.copies(mail_id) == 1


@pytest.mark.parametrize("says", [b"NO [TOOBIG] too big"])
def test_what_is_too_big_is_not_tried_again(here: Here, says: bytes) -> None:
    mail_id = here.sent.mail()
    here.box.refuses = says
    here.sent.sync_well()
    assert here.sent.got(mail_id).copy is CopyStage.FAILED


def test_a_limit_is_kept_to_without_asking(follower: Follower) -> None:
    box = AppendableMailbox({"INBOX": 1, "Sent": 0}, "IMAP4rev1 APPENDLIMIT=1000")
    with follower.following(box) as followed:
        here = Here(followed, box)
        large, small = here.sent.mail(body="x" * 1000), here.sent.mail()
        here.sent.sync_well()
        assert here.problem(large) == "copy_too_large"
        assert here.sent.got(small).copy is CopyStage.STORED
        assert box.appends == 1


def test_without_a_folder_nothing_fails_but_the_copy(follower: Follower) -> None:
    box = AppendableMailbox({"INBOX": 1})
    with follower.following(box) as followed:
        here = Here(followed, box)
        mail_id, other = here.sent.mail(), here.sent.mail()
        here.sent.sync_well()
        assert here.sent.got(mail_id).copy is CopyStage.WANTED
        for _ in range(2):
            here.sent.pass_time(days=1.1)
            here.sent.sync_well()
        assert here.sent.got(other).copy is CopyStage.FAILED
        assert here.problem(mail_id) == "no_sent_folder"
        assert (box.appends, here.sent.steps(mail_id)) == (0, [])


def test_a_folder_that_does_not_open(here: Here) -> None:
    mail_id = here.sent.mail()
    here.box.answers[rb'EXAMINE "Sent"'] = [b"{tag} NO [NOPERM] not yours"]
    for _ in range(5):
        here.sent.sync()
        here.sent.pass_time(days=1.1)
    assert here.sent.got(mail_id).copy is CopyStage.FAILED
    assert here.box.appends == 0


@pytest.mark.parametrize(
    "answer",
    [
        [b"{tag} NO [CANNOT] no such search"],
        [b"{tag} BAD [CLIENTBUG] what"],
        [b"* SEARCH", b"{tag} OK nothing"],
        [b"{tag} OK nothing"],  # INTEROP 8
        [b"* SEARCH 1", b"{tag} OK always this one"],
    ],
)
def test_servers_whose_search_is_no_good(here: Here, answer: list[bytes]) -> None:
    here.box.answers[rb"UID SEARCH .*HEADER"] = answer
    found, stored = here.sent.mail(), here.sent.mail()
    here.box.put("Sent", here.sent.content(found))
    here.sent.sync_well()
    assert here.sent.got(found).copy is CopyStage.FOUND
    assert here.sent.got(stored).copy is CopyStage.STORED
    assert (here.copies(found), here.copies(stored)) == (1, 1)


def test_a_copy_far_down_is_found_by_searching(here: Here) -> None:
    mail_id = here.sent.mail()
    here.box.put("Sent", here.sent.content(mail_id))
    for _ in range(250):
        here.box.boxes["Sent"].add()
    here.sent.sync_well()
    assert here.sent.got(mail_id).copy is CopyStage.FOUND
    assert here.box.appends == 0


def test_outlook_gives_a_name_of_its_own(here: Here) -> None:
    mail_id = here.sent.mail()
    mine = here.sent.got(mail_id).message_id.encode()
    raw = here.sent.content(mail_id).replace(
        b"Message-ID: " + mine,
        b"Message-ID: <x@prod.outlook.com>\r\nX-Microsoft-Original-Message-ID: " + mine,
    )
    here.box.put("Sent", raw)
    here.sent.sync_well()
    assert here.sent.got(mail_id).copy is CopyStage.FOUND
    assert here.box.appends == 0


def test_a_mail_that_waits_for_some_keeps_its_content(here: Here) -> None:
    mail_id = here.sent.mail()
    with here.sent.installation.runtime.engine.begin() as conn:
        conn.exec_driver_sql("UPDATE mail SET state = 'queued'")
    here.sent.sync_well()
    mail = here.sent.got(mail_id)
    assert (mail.stage, mail.copy) == (Stage.QUEUED, CopyStage.STORED)
    assert here.sent.content(mail_id)


def test_an_answer_to_nothing(
    follower: Follower, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = AppendableMailbox({"INBOX": 1, "Sent": 0})
    with follower.following(box) as followed:
        here = Here(followed, box)
        mail_id = here.sent.mail()
        monkeypatch.setattr(box, "refuses", b"OK without the message")
        here.sent.sync_well()
        assert here.sent.got(mail_id).copy is CopyStage.WANTED


def test_who_is_no_longer_asked_for_stores_nothing(follower: Follower) -> None:
    box = AppendableMailbox({"Sent": 0})
    with follower.session(box) as (session, _):
        with pytest.raises(ZeroDivisionError):
            _append(session, b"x" * 200_000)
        assert session.client.connection.sock.fileno() == -1
    assert box.boxes["Sent"].mails == []


def _append(session: Session, content: bytes) -> None:
    pieces = iter([1, 1, 0])

    def going_on() -> None:
        assert 1 / next(pieces)

    appending.append(session, "Sent", content, datetime.now().astimezone(), going_on)


def test_a_mailbox_that_nobody_may_change(follower: Follower) -> None:
    """A scripted server without APPEND refuses it as any unknown command."""
    box = ChangeableMailbox({"INBOX": 1, "Sent": 0})
    with follower.following(box) as followed:
        sent = Sent.of(followed.installation, followed.id)
        sent.sync_well()
        mail_id = sent.mail()
        report = sent.sync()
        assert report.outcome is Outcome.OK
        assert sent.got(mail_id).copy is CopyStage.WANTED
        assert Step.IN_SENT not in sent.steps(mail_id)
        assert replace(sent.got(mail_id), problem=None).stage is Stage.SENT

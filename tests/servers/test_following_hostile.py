"""Reports on servers that answer otherwise than was asked."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from core.model import Outcome
from core.outgoing import Step
from core.store import arrived
from core.store.engine import reading
from tests.servers.appendable import AppendableMailbox
from tests.servers.following import Followed, Follower
from tests.servers.reporting import dsn
from tests.servers.sent import BOB, Sent
from tests.servers.steps import Close, Lines, Send
from tests.servers.table import Mail

pytestmark = pytest.mark.server
ASKED = rb"UID FETCH \d+ \(UID BODY\.PEEK\[\]"


class Bounces(AppendableMailbox):
    """A mailbox that says of every message that it is a bounce."""

    def fetched(self, number: int, mail: Mail, command: bytes) -> bytes:
        """Give a message whole, if that is asked for; else say that it is a report."""
        line = super().fetched(number, mail, command)
        raw = getattr(mail, "raw", b"")
        if raw and b"BODY.PEEK[]" in command:
            return b"* %d FETCH (UID %d BODY[]<0> {%d}\r\n%s)" % (
                number, mail.uid, len(raw), raw,
            )  # fmt: skip
        report = (
            b'BODYSTRUCTURE (("TEXT" "PLAIN" NIL NIL NIL "7BIT" 12 1) "REPORT" '
            b'("REPORT-TYPE" "delivery-status"))'
        )
        before, found, after = line.partition(b"BODYSTRUCTURE (")
        return before + report + after[after.index(b" BODY[") :] if found else line


@pytest.fixture
def box() -> Bounces:
    """Give a mailbox with a folder for sent mail."""
    return Bounces({"INBOX": 0, "Sent": 0})


@pytest.fixture
def followed(follower: Follower, box: Bounces) -> Iterator[Followed]:
    """Give it, integrated."""
    with follower.following(box) as one:
        yield one


@pytest.fixture
def sent(followed: Followed) -> Sent:
    """Give what is sent from it."""
    made = Sent.of(followed.installation, followed.id)
    made.sync_well()
    return made


def bounce(sent: Sent, box: Bounces, mail_id: int) -> None:
    box.put("INBOX", dsn(sent.got(mail_id).message_id, [BOB]))


def is_behind(sent: Sent) -> bool:
    with reading(sent.runtime.engine) as conn:
        return arrived.behind(conn, sent.runtime.clock()) == [sent.one]


def test_a_bounce_is_read(sent: Sent, box: Bounces, followed: Followed) -> None:
    mail_id = sent.mail()
    bounce(sent, box, mail_id)
    sent.sync_well()
    assert Step.FAILED in sent.steps(mail_id)
    assert followed.server.said(ASKED + rb"<0\.\d+>")
    assert not is_behind(sent)


@pytest.mark.parametrize(
    "answer",
    [
        [b"{tag} NO [UNAVAILABLE] this one cannot be had"],
        [b"{tag} NO no"],
        [b"{tag} BAD what"],
        [b"{tag} OK nothing"],
        [b"* 1 FETCH (UID 1 BODY[]<0> NIL)", b"{tag} OK done"],
    ],
)
def test_what_is_not_to_be_had_is_passed_over(
    sent: Sent, box: Bounces, answer: Lines
) -> None:
    first, second = sent.mail(), sent.mail()
    bounce(sent, box, first)
    bounce(sent, box, second)
    usual = box.usual
    box.answers[ASKED] = lambda c: answer if c.startswith(b"UID FETCH 1 ") else usual(c)
    sent.sync_well()
    assert Step.FAILED not in sent.steps(first)
    assert Step.FAILED in sent.steps(second)
    assert not is_behind(sent)


def test_an_answer_without_end_ends_one_run_and_no_more(
    sent: Sent, box: Bounces
) -> None:
    first, second = sent.mail(), sent.mail()
    bounce(sent, box, first)
    bounce(sent, box, second)
    usual = box.usual
    flood = Send(b"* 1 FETCH (UID 1 BODY[]<0> {%d}\r\n" % (50 << 20))
    box.answers[ASKED] = lambda c: (
        [flood] if c.startswith(b"UID FETCH 1 ") else usual(c)
    )
    report = sent.sync()
    assert report.error is not None
    assert report.error.code == "limit_exceeded"
    assert is_behind(sent)
    sent.pass_time(minutes=30)
    sent.sync_well()
    assert Step.FAILED not in sent.steps(first)
    assert Step.FAILED in sent.steps(second)
    assert not is_behind(sent)


def test_a_connection_that_was_cut_loses_no_report(sent: Sent, box: Bounces) -> None:
    mail_id = sent.mail()
    bounce(sent, box, mail_id)
    box.cut_before(ASKED)
    assert sent.sync().outcome is Outcome.FAILED
    assert is_behind(sent)
    sent.pass_time(minutes=30)
    sent.sync_well()
    assert Step.FAILED in sent.steps(mail_id)


def test_a_message_that_ends_every_connection_is_passed_over(
    sent: Sent, box: Bounces
) -> None:
    mail_id = sent.mail()
    bounce(sent, box, mail_id)
    box.answers[ASKED] = [Close()]
    outcomes = []
    for _ in range(5):
        outcomes.append(sent.sync().outcome)
        sent.pass_time(hours=1)
    assert outcomes == [Outcome.FAILED] * 4 + [Outcome.OK]
    assert Step.FAILED not in sent.steps(mail_id)

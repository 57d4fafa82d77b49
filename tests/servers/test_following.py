"""What became of mail that was sent, told by what arrives: on real servers."""

from __future__ import annotations

from datetime import timedelta
from time import monotonic

import pytest

from core.model import Privacy
from core.outgoing import CopyStage, Source, Stage, Step
from core.store import activities, blocked, evidence, integrations
from core.store.engine import reading, writing
from tests.servers.cyrus import MailServer
from tests.servers.device import Device, compose, deliver_by_lmtp
from tests.servers.dovecot import Account
from tests.servers.installation import Installation
from tests.servers.reporting import DELAYED, dsn, mdn
from tests.servers.sent import BOB, Sent
from tests.servers.wire import between

pytestmark = pytest.mark.server
EVA = "eva@example.net"
BOUNDED = 3 << 20  # bytes that a run may read of a message of 50 MB
USUAL = pytest.mark.parametrize("place", ["full", "cyrus"], indirect=True)
ONE = pytest.mark.parametrize("place", ["full"], indirect=True)


@pytest.fixture
def sent(installation: Installation, server: MailServer, box: Account) -> Sent:
    """Give a mailbox with some mail, as it stands after a sync."""
    server.fill(box, {"INBOX": 3, "Sent": 1})
    made = Sent.of(installation, installation.connect(box))
    made.sync_well()
    return made


def arrive(sent: Sent, box: Account, *mails: bytes) -> None:
    """Let other servers deliver mail, and sync."""
    for one in mails:
        deliver_by_lmtp(box, one)
    sent.sync_well()


def answer(message_id: str, sender: str = f"Bob <{BOB}>", **fields: str) -> bytes:
    named = {"sender": sender, "in_reply_to": message_id, "subject": "Re: x", **fields}
    return compose(**named)  # type: ignore[arg-type]  # fields by name


def answered_at(sent: Sent, activity_id: int) -> object:
    with reading(sent.runtime.engine) as conn:
        return activities.get(conn, activity_id).answered_at


@USUAL
def test_a_bounce_is_told_of_whom_it_names(sent: Sent, box: Account) -> None:
    mail_id = sent.mail(to=[BOB, EVA])
    message_id = sent.got(mail_id).message_id
    arrive(sent, box, dsn(message_id, [BOB.upper()]))
    arrive(sent, box, dsn(message_id, [EVA], DELAYED))
    found = {e.step: e for e in sent.evidence(mail_id) if e.source is Source.DSN}
    assert set(found) == {Step.FAILED, Step.DELAYED}
    failed, delayed = found[Step.FAILED], found[Step.DELAYED]
    assert (failed.recipient, failed.status) == (BOB, "5.1.1")
    assert "no such user" in failed.diagnostic
    assert failed.message_id is not None
    assert (delayed.recipient, delayed.status) == (EVA, "4.4.1")
    assert sent.got(mail_id).answered_at is None


@ONE
def test_a_report_that_names_only_our_envelope(sent: Sent, box: Account) -> None:
    mail_id = sent.mail()
    name = sent.got(mail_id).message_id.strip("<>")
    arrive(sent, box, dsn("", [BOB], envelope_id=name))
    assert Step.FAILED in sent.steps(mail_id)


@ONE
def test_reports_of_mail_that_is_not_ours_are_left_alone(
    sent: Sent, box: Account
) -> None:
    mail_id = sent.mail()
    arrive(sent, box, dsn("<other@example.org>", [BOB]), mdn("<other@x>", BOB))
    assert sent.steps(mail_id) == [Step.IN_SENT]


@USUAL
def test_a_receipt_counts_if_a_person_sent_it(sent: Sent, box: Account) -> None:
    mail_id = sent.mail()
    message_id = sent.got(mail_id).message_id
    arrive(sent, box, mdn(message_id, BOB, "automatic-action"))
    assert Step.DISPLAYED not in sent.steps(mail_id)
    arrive(sent, box, mdn(message_id, BOB))
    (step,) = [e for e in sent.evidence(mail_id) if e.step is Step.DISPLAYED]
    assert (step.source, step.recipient) == (Source.MDN, BOB)


@USUAL
def test_an_answer_marks_the_activity_and_ends_what_was_to_follow(
    sent: Sent, box: Account
) -> None:
    activity_id = sent.activity()
    mail_id = sent.mail(activity_id=activity_id)
    later = sent.runtime.clock() + timedelta(days=3)
    follow_up = sent.mail(
        Stage.QUEUED, follows_id=mail_id, activity_id=activity_id, next_at=later
    )
    after_that = sent.mail(Stage.QUEUED, follows_id=follow_up, next_at=later)
    other = sent.mail(Stage.QUEUED, next_at=later)
    arrive(sent, box, answer(sent.got(mail_id).message_id))
    mail = sent.got(mail_id)
    (step,) = [e for e in sent.evidence(mail_id) if e.step is Step.ANSWERED]
    assert (step.source, step.recipient) == (Source.REPLY, BOB)
    assert mail.answered_at == step.at == answered_at(sent, activity_id)
    for one in (follow_up, after_that):
        assert sent.got(one).stage is Stage.CANCELLED
        assert sent.got(one).ended_why == "answered"
    assert sent.got(other).stage is Stage.QUEUED
    first = mail.answered_at
    arrive(sent, box, answer(mail.message_id, f"Eva <{EVA}>"))
    assert sent.got(mail_id).answered_at == first
    assert sent.steps(mail_id).count(Step.ANSWERED) == 2


@ONE
@pytest.mark.parametrize(
    "headers",
    [
        {"auto_submitted": "auto-replied"},
        {"precedence": "bulk", "auto_submitted": "auto-generated"},
    ],
)
def test_an_automatic_answer_is_no_answer(
    sent: Sent, box: Account, headers: dict[str, str]
) -> None:
    activity_id = sent.activity()
    mail_id = sent.mail(activity_id=activity_id)
    follow_up = sent.mail(Stage.QUEUED, follows_id=mail_id)
    arrive(sent, box, answer(sent.got(mail_id).message_id, **headers))
    assert Step.AUTO_ANSWERED in sent.steps(mail_id)
    assert sent.got(mail_id).answered_at is None
    assert answered_at(sent, activity_id) is None
    assert sent.got(follow_up).stage is Stage.QUEUED


@ONE
def test_our_own_mail_answers_nothing(sent: Sent, box: Account) -> None:
    mail_id = sent.mail(to=[BOB, box.address])
    message_id = sent.got(mail_id).message_id
    arrive(
        sent,
        box,
        sent.content(mail_id),
        answer(message_id, box.address),  # from another device, to oneself
    )
    with Device(box) as device:
        device.deliver("Sent", raw=answer(message_id, f"Alias <me@{EVA}>"))
    sent.sync_well()
    assert Step.ANSWERED not in sent.steps(mail_id)


@ONE
def test_a_list_s_answer_and_a_named_mail_of_before(sent: Sent, box: Account) -> None:
    first, second = sent.mail(), sent.mail()
    refs = f"{sent.got(first).message_id} <x@example.net> {sent.got(second).message_id}"
    arrive(sent, box, compose(references=refs, list_id="<list.example.net>"))
    assert Step.ANSWERED in sent.steps(first)
    assert Step.ANSWERED in sent.steps(second)


@ONE
def test_what_speaks_of_an_uncertain_mail_settles_it(sent: Sent, box: Account) -> None:
    bounced, answered = sent.mail(Stage.UNCERTAIN), sent.mail(Stage.UNCERTAIN)
    arrive(
        sent,
        box,
        dsn(sent.got(bounced).message_id, [BOB]),
        answer(sent.got(answered).message_id),
    )
    for one in (bounced, answered):
        mail = sent.got(one)
        assert (mail.stage, mail.ended_why) == (Stage.SENT, "found")
    sent.sync_well()
    assert sent.got(answered).copy is CopyStage.STORED


@ONE
def test_at_metadata_only_reports_are_read_too(sent: Sent, box: Account) -> None:
    with writing(sent.runtime.engine) as conn:
        integrations.change(conn, sent.one, privacy=str(Privacy.METADATA))
    mail_id = sent.mail()
    message_id = sent.got(mail_id).message_id
    arrive(sent, box, dsn(message_id, [BOB]), answer(message_id, body="CANARY-BODY"))
    assert {Step.FAILED, Step.ANSWERED} <= set(sent.steps(mail_id))
    assert "CANARY" not in repr(sent.evidence(mail_id))


@ONE
def test_nothing_is_read_of_mailboxes_that_send_nothing(
    sent: Sent, box: Account
) -> None:
    arrive(sent, box, dsn("<1@example.org>", [BOB]))
    with reading(sent.runtime.engine) as conn:
        assert evidence.mark(conn, sent.one) == 0


@ONE
def test_reports_are_not_marked_as_read_and_read_once(sent: Sent, box: Account) -> None:
    mail_id = sent.mail()
    arrive(sent, box, dsn(sent.got(mail_id).message_id, [BOB]))
    with Device(box) as device:
        uid = max(device.uids("INBOX"))
        assert rb"\Seen" not in device.client.get_flags([uid])[uid]
    seen = sent.evidence(mail_id)
    with between(box.imap_port, box.host) as wire:
        sent.installation.use_port(sent.one, wire.port)
        sent.sync_well()
        assert wire.down < 20_000
    assert sent.evidence(mail_id) == seen


@ONE
def test_many_reports_are_read_in_their_turn(sent: Sent, box: Account) -> None:
    ids = [sent.mail() for _ in range(45)]
    with Device(box) as device:
        for one in ids:
            device.deliver("INBOX", raw=dsn(sent.got(one).message_id, [BOB]))
    sent.sync_well()
    assert all(Step.FAILED in sent.steps(one) for one in ids)


@ONE
def test_a_report_of_50_mb_costs_no_more_than_another(sent: Sent, box: Account) -> None:
    mail_id = sent.mail()
    returned = "x" * 75 + "\r\n"
    report = dsn(sent.got(mail_id).message_id, [BOB], returned=returned * 700_000)
    assert len(report) > 50 << 20
    nothing = report.replace(b"message/delivery-status", b"text/plain")
    with Device(box) as device:
        device.deliver("INBOX", raw=report)
        device.deliver("INBOX", raw=nothing)
    began = monotonic()
    with between(box.imap_port, box.host) as wire:
        sent.installation.use_port(sent.one, wire.port)
        sent.sync_well()
        assert wire.down < BOUNDED
    assert Step.FAILED in sent.steps(mail_id)
    assert monotonic() - began < 30


@ONE
def test_a_report_that_is_gone_does_not_stop_a_run(
    sent: Sent, box: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone, kept = sent.mail(), sent.mail()
    with Device(box) as device:
        uid = device.deliver("INBOX", raw=dsn(sent.got(gone).message_id, [BOB]))
        device.deliver("INBOX", raw=dsn(sent.got(kept).message_id, [BOB]))
        usual = evidence.mark

        def delete_now(*args: object) -> int:
            """Delete it when it is in our store, and was not fetched yet."""
            held = sent.installation.held(sent.one).get("INBOX", {})
            if uid in held and uid in device.uids("INBOX"):
                device.delete("INBOX", uid)
            return usual(*args)  # type: ignore[arg-type]  # passed through

        monkeypatch.setattr(evidence, "mark", delete_now)
        sent.sync_well()
    assert Step.FAILED not in sent.steps(gone)
    assert Step.FAILED in sent.steps(kept)


@ONE
def test_who_unsubscribes_from_bulk_mail_is_not_written_to_again(
    sent: Sent, box: Account
) -> None:
    sent.mail(to=[EVA])
    sent.mail(to=[BOB.title()], bulk=True)
    asked = [compose(sender=one, subject="Unsubscribe") for one in (BOB, EVA)]
    arrive(sent, box, *asked)
    with reading(sent.runtime.engine) as conn:
        found = blocked.listed(conn)
    assert [(one.pattern, one.reason, one.actor) for one in found] == [
        (BOB, "unsubscribe", BOB)
    ]
    arrive(sent, box, asked[0])
    with reading(sent.runtime.engine) as conn:
        assert blocked.listed(conn) == found

"""What is queued goes out through a real server, once; on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core import outbox
from core.outbox import FollowUp, SenderSettings
from core.outgoing import CopyStage, Stage, Verdict
from core.store import integrations, outbox as kept
from core.store.engine import writing
from tests.servers.dovecot import Account
from tests.servers.installation import Installation
from tests.servers.listening import working
from tests.servers.posting import BOTH, Posting
from tests.servers.smtp import Submission
from tests.store.outgoing import ACTOR, Sender

pytestmark = [
    pytest.mark.server,
    pytest.mark.parametrize("database_url", BOTH, indirect=True),
]
MINUTE = timedelta(minutes=1)


def test_a_mail_goes_out_once(post: Posting) -> None:
    mail_id = post.ana.send(bcc="duda@example.net")
    post.tick(3)
    mail = post.ana.mail(mail_id)
    assert (mail.stage, mail.tries, mail.copy) == (Stage.SENT, 1, CopyStage.WANTED)
    assert [one.verdict for one in mail.recipients] == [Verdict.ACCEPTED] * 2
    (sent,) = post.submission.received
    assert sent.sender == post.account.address
    assert sent.to == ("rui@example.net", "duda@example.net")
    assert sent.message["Message-ID"] == mail.message_id
    assert b"duda" not in sent.raw


def test_a_running_worker_sends_within_seconds(
    installation: Installation, account: Account, submission: Submission
) -> None:
    one = installation.connect(account)
    with working(installation.runtime) as worker:
        sender = Sender(installation.runtime, one, None)  # type: ignore[arg-type]  # its clock runs
        mail_id = sender.send()
        worker.until(lambda: sender.stage(mail_id) is Stage.SENT)
        assert len(submission.sent_by(account.address)) == 1


def test_mail_waits_for_its_time(post: Posting) -> None:
    mail_id = post.ana.send(at=post.ana.clock() + 10 * MINUTE)
    post.after(minutes=9)
    assert post.ana.stage(mail_id) is Stage.QUEUED
    post.after(minutes=1)
    assert post.ana.stage(mail_id) is Stage.SENT


def test_bounds_hold_mail_back_and_lose_none(post: Posting) -> None:
    settings = SenderSettings("Ana", per_hour=2, per_day=3)
    outbox.set_sender(post.ana.runtime, post.ana.one, settings, ACTOR)
    ids = [post.ana.send() for _ in range(5)]
    began = post.ana.clock()
    post.tick(6)
    assert len(post.received()) == 2
    assert {post.ana.mail(one).next_at for one in ids[2:]} == {began + 60 * MINUTE}
    assert outbox.gauge(post.ana.runtime, post.ana.one).free_at == began + 60 * MINUTE
    post.after(4, minutes=59)
    assert len(post.received()) == 2
    post.after(6, minutes=1)
    assert len(post.received()) == 3
    post.after(6, hours=23, minutes=1)
    assert sorted(post.received()) == sorted(post.ana.mail(i).message_id for i in ids)


def test_a_temporary_refusal_is_tried_again_for_a_day(post: Posting) -> None:
    post.submission.answer_to_data = "451 4.3.0 Try later"
    activity_id = post.ana.activity(owner=f"Owner of {post.account.user}")
    mail_id = post.ana.send(activity_id=activity_id)
    began = post.ana.clock()
    pauses = []
    post.tick()
    while post.ana.stage(mail_id) is Stage.QUEUED:
        mail = post.ana.mail(mail_id)
        assert mail.problem is not None
        assert mail.problem.facts["server_says"] == "451 4.3.0 Try later"
        pauses.append((mail.next_at - post.ana.clock()) / MINUTE)
        post.after(seconds=(mail.next_at - post.ana.clock()).total_seconds())
    assert pauses[:7] == [1, 1, 2, 4, 8, 16, 30]
    mail = post.ana.mail(mail_id)
    assert (mail.stage, mail.said) == (Stage.FAILED, "451 4.3.0 Try later")
    assert mail.tried_at == began + timedelta(days=1)
    assert post.ana.done_at(activity_id) is None
    assert post.received() == []
    post.submission.answer_to_data = ""
    outbox.try_again(post.ana.runtime, mail_id, ACTOR)
    post.tick()
    assert post.arrived(mail_id) == 1
    assert post.ana.done_at(activity_id) == post.ana.clock()


def test_recipients_have_answers_of_their_own(post: Posting) -> None:
    post.submission.answers = {
        "gone@example.net": "550 5.1.1 unknown",
        "full@example.net": "452 4.2.2 full",
    }
    mail_id = post.ana.send(cc="gone@example.net, full@example.net")
    post.tick()
    mail = post.ana.mail(mail_id)
    assert [(one.verdict, one.code, one.said) for one in mail.recipients[1:]] == [
        (Verdict.REFUSED, 550, "5.1.1 unknown"),
        (Verdict.DEFERRED, 452, "4.2.2 full"),
    ]
    assert (mail.stage, mail.envelope) == (Stage.QUEUED, ("full@example.net",))
    assert mail.sent_at == post.ana.clock()
    post.submission.answers.pop("full@example.net")
    post.after(minutes=1)
    assert post.ana.stage(mail_id) is Stage.SENT
    assert [sent.to for sent in post.submission.received] == [
        ("rui@example.net",),
        ("full@example.net",),
    ]


def test_all_refused_is_told_with_the_servers_words(post: Posting) -> None:
    post.submission.answers = {"rui@example.net": "550 5.1.1 unknown"}
    mail_id = post.ana.send(follow_up=FollowUp(1, "viu?"))
    post.tick()
    mail = post.ana.mail(mail_id)
    assert mail.stage is Stage.FAILED
    assert mail.problem is not None
    assert mail.problem.code == "submission_refused"
    assert mail.recipients[0].said == "5.1.1 unknown"
    assert post.ana.follow_up_of(mail_id).stage is Stage.CANCELLED


def test_who_is_blocked_before_it_goes_out_is_not_written_to(post: Posting) -> None:
    mail_id = post.ana.send(at=post.ana.clock() + MINUTE)
    outbox.block(post.ana.runtime, "example.net", "asked us to stop", ACTOR)
    post.after(minutes=1)
    mail = post.ana.mail(mail_id)
    assert mail.stage is Stage.FAILED
    assert mail.problem is not None
    assert mail.problem.code == "recipient_blocked"
    assert post.received() == []


def test_a_follow_up_goes_unless_it_is_answered(post: Posting) -> None:
    silent = post.ana.send(follow_up=FollowUp(2, "viu?"))
    answered = post.ana.send(follow_up=FollowUp(2, "viu?"))
    post.tick(2)
    with writing(post.ana.runtime.engine) as conn:
        kept.change(conn, answered, [Stage.SENT], answered_at=post.ana.clock())
    post.after(3, hours=47)
    assert len(post.received()) == 2
    post.after(3, hours=1)
    assert post.ana.follow_up_of(silent).stage is Stage.SENT
    assert len(post.received()) == 3
    ended = post.ana.follow_up_of(answered)
    assert (ended.stage, ended.ended_why) == (Stage.CANCELLED, "answered")


def test_a_wrong_password_is_sent_once_and_mail_waits_for_another(
    post: Posting,
) -> None:
    ids = [post.ana.send() for _ in range(3)]
    with writing(post.ana.runtime.engine) as conn:
        integrations.change(conn, post.ana.one, login=f"deny-{post.account.user}")
    post.tick(4)
    post.after(4, minutes=11)
    post.after(2, minutes=1)
    mails = [post.ana.mail(one) for one in ids]
    assert [mail.tries for mail in mails] == [2, 0, 0]  # a bare no has a second look
    assert {mail.stage for mail in mails} == {Stage.QUEUED}
    assert {mail.problem.code for mail in mails if mail.problem} == {"wrong_password"}
    post.after(8, hours=12)
    assert [post.ana.mail(one).tries for one in ids] == [2, 0, 0]
    with writing(post.ana.runtime.engine) as conn:
        now = post.ana.clock()
        values = {"login": post.account.user, "credentials_at": now}
        integrations.change(conn, post.ana.one, **values)
    post.after(4, minutes=1)
    assert post.stages() == {Stage.SENT: 3}


def test_nobody_mends_it_for_a_day(post: Posting) -> None:
    ids = [post.ana.send() for _ in range(2)]
    with writing(post.ana.runtime.engine) as conn:
        integrations.change(conn, post.ana.one, login=f"deny-{post.account.user}")
    post.tick(2)
    post.after(2, minutes=10)
    post.after(4, days=1)
    mails = [post.ana.mail(one) for one in ids]
    assert {mail.stage for mail in mails} == {Stage.FAILED}
    assert [mail.tries for mail in mails] == [3, 0]


def test_a_server_that_is_away_keeps_all_mail_waiting(post: Posting) -> None:
    ids = [post.ana.send() for _ in range(3)]
    with writing(post.ana.runtime.engine) as conn:
        integrations.change(conn, post.ana.one, smtp_port=1)
    post.tick(5)
    assert [post.ana.mail(one).tries for one in ids] == [1, 0, 0]
    with writing(post.ana.runtime.engine) as conn:
        port = post.submission.port
        integrations.change(conn, post.ana.one, smtp_port=port)
    post.after(4, minutes=1)
    assert post.stages() == {Stage.SENT: 3}


def test_a_pause_keeps_mail_and_an_end_stops_it(post: Posting) -> None:
    mail_id = post.ana.send()
    with writing(post.ana.runtime.engine) as conn:
        integrations.change(conn, post.ana.one, paused=True)
    post.after(days=3)
    assert post.ana.stage(mail_id) is Stage.QUEUED
    with writing(post.ana.runtime.engine) as conn:
        integrations.change(conn, post.ana.one, paused=False)
    post.submission.answer_to_data = "451 4.3.0 Try later"
    post.tick()  # its day begins with the first try
    assert post.ana.stage(mail_id) is Stage.QUEUED
    with writing(post.ana.runtime.engine) as conn:
        integrations.disconnect(conn, post.ana.one, post.ana.clock())
    post.tick()
    mail = post.ana.mail(mail_id)
    assert mail.stage is Stage.FAILED
    assert mail.problem is not None
    assert mail.problem.code == "no_integration"

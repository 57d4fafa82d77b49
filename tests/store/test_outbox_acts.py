"""What becomes of mail in both databases: by the server's word, and by a person's."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core import outbox
from core.errors import (
    NotThatStage,
    SubmissionRefused,
)
from core.outbox import FollowUp, conclude
from core.outbox.outcome import Result, Try
from core.outgoing import CopyStage, Recipient, Source, Stage, Step, Verdict
from core.runtime import Runtime
from core.store import outbox as kept, turns
from core.store.engine import writing
from tests.store.outgoing import ACTOR, HOLDER, Sender

HOST = "smtp.example.org"


@pytest.fixture
def ana(runtime: Runtime) -> Sender:
    """Give a mailbox that sends."""
    return Sender.of(runtime)


def steps(ana: Sender, mail_id: int) -> list[tuple[Step, Source, str, str]]:
    found = outbox.evidence_of(ana.runtime, [mail_id])[mail_id]
    return [(one.step, one.source, one.recipient, one.status) for one in found]


def test_what_is_accepted_is_sent_and_a_copy_is_wanted(ana: Sender) -> None:
    mail = ana.accept(ana.send())
    assert (mail.stage, mail.sent_at, mail.said) == (
        Stage.SENT,
        ana.clock(),
        "2.0.0 queued as 1",
    )
    assert mail.copy is CopyStage.WANTED
    assert mail.copy_next_at is not None
    assert mail.copy_next_at > ana.clock()
    assert not mail.at_brink
    assert steps(ana, mail.id) == [
        (Step.ACCEPTED, Source.SMTP, "rui@example.net", "2.1.5")
    ]
    assert ana.content(mail.id)  # for the copy


def test_partial_refusals_are_shown_per_recipient(ana: Sender) -> None:
    mail_id = ana.send(cc="caio@example.net, duda@example.net")
    told = (
        Recipient("rui@example.net", verdict=Verdict.ACCEPTED, code=250, said="OK"),
        Recipient("caio@example.net", verdict=Verdict.REFUSED, code=550, said="5.1.1"),
        Recipient("duda@example.net", verdict=Verdict.DEFERRED, code=452, said="4.2.2"),
    )
    mail = ana.end(mail_id, Try(HOST, told, "kept"))
    assert (mail.stage, mail.sent_at, mail.copy) == (
        Stage.QUEUED,
        ana.clock(),
        CopyStage.WANTED,
    )
    assert mail.envelope == ("duda@example.net",)
    assert mail.next_at == ana.clock() + timedelta(minutes=1)
    first_sent = ana.clock()
    with writing(
        ana.runtime.engine
    ) as conn:  # the copy is in Sent: it keeps what it needs
        kept.drop_content(conn, mail_id)
        kept.change(conn, mail_id, [Stage.QUEUED], copy=CopyStage.STORED)
    assert ana.content(mail_id)
    ana.clock.move(minutes=1)
    mail = ana.accept(mail_id)
    assert (mail.stage, mail.sent_at, mail.copy) == (
        Stage.SENT,
        first_sent,
        CopyStage.STORED,
    )
    assert ana.content(mail_id) == b""
    assert [step for step, *_ in steps(ana, mail_id)] == [
        Step.ACCEPTED,
        Step.FAILED,
        Step.ACCEPTED,
    ]


def test_what_failed_can_be_tried_again_with_its_follow_up(ana: Sender) -> None:
    mail_id = ana.send(cc="caio@example.net", follow_up=FollowUp(2, "viu?"))
    told = (
        Recipient("rui@example.net", verdict=Verdict.REFUSED, code=550, said="5.1.1"),
    )
    error = SubmissionRefused("554", server_says="554 5.7.1 no", host=HOST)
    mail = ana.end(mail_id, Try(HOST, told, "554 5.7.1 no", error))
    assert (mail.stage, mail.envelope) == (Stage.FAILED, ())
    assert mail.problem is not None
    assert mail.problem.facts["server_says"] == "554 5.7.1 no"
    assert [one.said for one in mail.recipients] == ["5.1.1", "554 5.7.1 no"]
    assert ana.follow_up_of(mail_id).stage is Stage.CANCELLED
    assert ana.follow_up_of(mail_id).ended_why == "first_failed"
    ana.clock.move(days=3)
    outbox.try_again(ana.runtime, mail_id, ACTOR)
    mail = ana.mail(mail_id)
    assert (mail.stage, mail.tries, mail.problem) == (Stage.QUEUED, 0, None)
    assert mail.not_before == mail.next_at == ana.clock()
    assert mail.envelope == ("rui@example.net", "caio@example.net")
    assert ana.follow_up_of(mail_id).stage is Stage.QUEUED
    with pytest.raises(NotThatStage):
        outbox.try_again(ana.runtime, mail_id, ACTOR)
    assert ana.acts() == ["send_mail", "retry_mail"]


def test_who_has_it_does_not_get_it_again(ana: Sender) -> None:
    mail_id = ana.send(cc="caio@example.net")
    told = (Recipient("rui@example.net", verdict=Verdict.ACCEPTED, code=250),)
    later = Recipient("caio@example.net", verdict=Verdict.DEFERRED, code=451)
    ana.end(mail_id, Try(HOST, (*told, later), "kept"))
    with writing(ana.runtime.engine) as conn:
        kept.change(conn, mail_id, [Stage.QUEUED], stage=Stage.FAILED)
    outbox.try_again(ana.runtime, mail_id, ACTOR)
    assert ana.mail(mail_id).envelope == ("caio@example.net",)


def test_a_mail_that_waits_can_be_cancelled(ana: Sender) -> None:
    mail_id = ana.send(follow_up=FollowUp(2, "viu?"))
    outbox.cancel(ana.runtime, mail_id, ACTOR)
    mail = ana.mail(mail_id)
    assert (mail.stage, mail.ended_why) == (Stage.CANCELLED, "by_hand")
    assert ana.content(mail_id) == b""
    assert ana.follow_up_of(mail_id).ended_why == "first_cancelled"
    for act in (outbox.cancel, outbox.try_again):
        with pytest.raises(NotThatStage):
            act(ana.runtime, mail_id, ACTOR)
    assert ana.acts() == ["send_mail", "cancel_mail"]


def test_either_it_is_cancelled_or_it_is_taken(ana: Sender) -> None:
    mail_id = ana.send()
    ana.take(mail_id)
    with pytest.raises(NotThatStage):
        outbox.cancel(ana.runtime, mail_id, ACTOR)
    other = ana.send()
    outbox.cancel(ana.runtime, other, ACTOR)
    with writing(ana.runtime.engine) as conn:
        assert not kept.take(conn, other, HOLDER, ana.clock())


def test_what_some_have_got_stays_sent_when_the_rest_is_cancelled(ana: Sender) -> None:
    mail_id = ana.send(cc="caio@example.net", follow_up=FollowUp(2, "viu?"))
    told = (
        Recipient("rui@example.net", verdict=Verdict.ACCEPTED, code=250),
        Recipient("caio@example.net", verdict=Verdict.DEFERRED, code=451),
    )
    ana.end(mail_id, Try(HOST, told, "kept"))
    outbox.cancel(ana.runtime, mail_id, ACTOR)
    assert ana.mail(mail_id).stage is Stage.SENT
    assert ana.content(mail_id)  # the copy is not stored yet
    assert ana.follow_up_of(mail_id).stage is Stage.QUEUED


@pytest.mark.parametrize("act", [outbox.cancel, outbox.try_again])
def test_an_uncertain_mail_is_only_settled(ana: Sender, act) -> None:
    mail_id = ana.send()
    assert ana.lose(mail_id).stage is Stage.UNCERTAIN
    with pytest.raises(NotThatStage):
        act(ana.runtime, mail_id, ACTOR)


def test_a_person_says_that_it_was_sent(ana: Sender) -> None:
    activity_id = ana.activity()
    mail_id = ana.send(activity_id=activity_id)
    tried_at = ana.clock()
    ana.lose(mail_id)
    ana.clock.move(hours=5)
    outbox.settle(ana.runtime, mail_id, sent=True, actor=ACTOR)
    mail = ana.mail(mail_id)
    assert (mail.stage, mail.sent_at, mail.ended_why) == (
        Stage.SENT,
        tried_at,
        "by_hand",
    )
    assert mail.copy is CopyStage.WANTED
    assert mail.recipients[0].verdict is Verdict.ACCEPTED
    assert steps(ana, mail_id) == [
        (Step.ACCEPTED, Source.PERSON, "rui@example.net", "")
    ]
    assert ana.done_at(activity_id) == ana.clock()
    with pytest.raises(NotThatStage):
        outbox.settle(ana.runtime, mail_id, sent=False, actor=ACTOR)
    assert ana.acts()[-1] == "settle_mail"


def test_a_person_says_that_it_was_not_sent(ana: Sender) -> None:
    mail_id = ana.send()
    ana.lose(mail_id)
    ana.clock.move(days=2)
    outbox.settle(ana.runtime, mail_id, sent=False, actor=ACTOR)
    mail = ana.mail(mail_id)
    assert (mail.stage, mail.at_brink, mail.tries) == (Stage.QUEUED, False, 0)
    assert mail.not_before == ana.clock()
    assert ana.accept(mail_id).stage is Stage.SENT


def test_a_result_of_a_mail_that_was_taken_from_us_is_not_written(ana: Sender) -> None:
    mail = ana.take(ana.send())
    with writing(ana.runtime.engine) as conn:
        kept.recover(conn, mail.id, HOLDER, ana.clock())
        follows = Result(Stage.FAILED, ana.clock())
        assert not conclude.conclude(conn, mail, follows, ana.clock())
        assert turns.in_hands(conn, mail.id) == (Stage.QUEUED, "")
        assert turns.in_hands(conn, 99) is None
    assert ana.stage(mail.id) is Stage.QUEUED


def test_the_content_of_what_failed_is_kept_for_a_while(ana: Sender) -> None:
    mail_id = ana.send()
    error = SubmissionRefused("554", server_says="554 no", host=HOST)
    ana.end(mail_id, Try(HOST, (), "554 no", error))
    with writing(ana.runtime.engine) as conn:
        assert turns.forget_content(conn, ana.clock()) == 0
        ana.clock.move(days=31)
        assert turns.forget_content(conn, ana.clock()) == 1
    with pytest.raises(NotThatStage):
        outbox.try_again(ana.runtime, mail_id, ACTOR)
    outbox.cancel(ana.runtime, mail_id, ACTOR)
    assert ana.stage(mail_id) is Stage.CANCELLED

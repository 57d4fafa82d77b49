"""What becomes of a mail: decisions without a server, a database or a clock."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from core.errors import (
    CertificateExpired,
    ConnectionLost,
    MailError,
    NeedsPermission,
    NoAnswer,
    Overtaken,
    StoreUnavailable,
    SubmissionDeferred,
    SubmissionRefused,
    SubmissionUncertain,
    Throttled,
    WrongPassword,
)
from core.model import Problem
from core.outbox.limits import Gauge, measure
from core.outbox.outcome import Result, Try, result
from core.outbox.turn import Around, Go, Stop, Wait, turn
from core.outgoing import Mail, Recipient, Stage, Verdict
from core.store.blocked import Blocked
from core.store.senders import SenderSettings

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
FREE = Gauge(60, 0, 400, 0, None)
ANA, RUI = Recipient("ana@example.org"), Recipient("rui@example.org")
MAIL = Mail(
    id=1,
    integration_id=1,
    activity_id=None,
    follows_id=None,
    actor="test",
    message_id="<1@example.org>",
    sender="Me <me@example.org>",
    sender_address="me@example.org",
    subject="x",
    size_bytes=10,
    smtputf8=False,
    bulk=False,
    stage=Stage.SENDING,
    made_at=NOW,
    not_before=NOW,
    next_at=NOW,
    tries=1,
    recipients=(ANA, RUI),
)


def said(one: Recipient, verdict: Verdict, words: str = "", code: int = 0) -> Recipient:
    return replace(one, verdict=verdict, said=words, code=code)


def after(
    error: MailError | None = None,
    told: tuple[Recipient, ...] = (),
    mail: Mail = MAIL,
    later: timedelta = timedelta(0),
    jitter: float = 0.0,
) -> Result:
    words = error.facts.get("server_says", "") if error else "2.0.0 kept"
    tried = Try("smtp.example.org", told, words, error)
    return result(mail, tried, NOW + later, lambda: jitter)


def verdicts(found: Result) -> dict[str, Verdict]:
    return {one.address: one.verdict for one in found.told}


# ---- after a try


def test_accepted_by_all() -> None:
    told = tuple(said(one, Verdict.ACCEPTED, "OK", 250) for one in (ANA, RUI))
    found = after(told=told)
    assert (found.stage, found.accepted, found.problem) == (Stage.SENT, told, None)
    assert found.said == "2.0.0 kept"


def test_who_is_refused_is_told_and_the_mail_is_sent_to_the_others() -> None:
    told = (
        said(ANA, Verdict.ACCEPTED),
        said(RUI, Verdict.REFUSED, "5.1.1 unknown", 550),
    )
    found = after(told=told)
    assert found.stage is Stage.SENT
    assert found.told == told
    assert found.accepted == told[:1]


def test_who_is_deferred_is_tried_again() -> None:
    told = (said(ANA, Verdict.ACCEPTED), said(RUI, Verdict.DEFERRED, "4.2.2 full", 452))
    found = after(told=told)
    assert found.stage is Stage.QUEUED
    assert found.next_at == NOW + MINUTE
    assert found.accepted == told[:1]
    assert found.problem is not None
    assert found.problem.facts == {
        "host": "smtp.example.org",
        "server_says": "4.2.2 full",
    }


def test_a_day_later_the_deferred_are_given_up_and_the_mail_stays_sent() -> None:
    mail = replace(
        MAIL, sent_at=NOW, recipients=(said(ANA, Verdict.ACCEPTED), RUI), tries=30
    )
    error = SubmissionDeferred("4.2.2", server_says="452 4.2.2 full", host="h")
    error.told = (said(RUI, Verdict.DEFERRED, "4.2.2 full", 452),)
    found = after(error, error.told, mail, DAY)
    assert found.stage is Stage.SENT
    assert verdicts(found) == {RUI.address: Verdict.REFUSED}
    assert found.told[0].said == "4.2.2 full"


def test_a_permanent_refusal_ends_it_with_the_servers_words() -> None:
    error = SubmissionRefused("554", server_says="554 5.7.1 spam", host="h")
    found = after(error)
    assert found.stage is Stage.FAILED
    assert found.problem == Problem("submission_refused", error.facts)
    assert [(one.verdict, one.code, one.said) for one in found.told] == [
        (Verdict.REFUSED, 554, "554 5.7.1 spam")
    ] * 2


def test_an_acceptance_before_a_failure_is_none() -> None:
    told = (said(ANA, Verdict.ACCEPTED), said(RUI, Verdict.REFUSED, "5.1.1", 550))
    found = after(SubmissionDeferred("451", server_says="451 later", host="h"), told)
    assert found.stage is Stage.QUEUED
    assert found.accepted == ()
    assert verdicts(found) == {RUI.address: Verdict.REFUSED}


def test_nobody_is_left() -> None:
    told = tuple(said(one, Verdict.REFUSED, "5.1.1", 550) for one in (ANA, RUI))
    found = after(SubmissionDeferred("451", server_says="451 later", host="h"), told)
    assert found.stage is Stage.FAILED


def test_uncertain_is_never_queued() -> None:
    told = (said(RUI, Verdict.REFUSED, "5.1.1", 550),)
    for later in (timedelta(0), 2 * DAY):
        found = after(SubmissionUncertain("cut", host="h"), told, later=later)
        assert found.stage is Stage.UNCERTAIN
        assert found.problem is not None
        assert verdicts(found) == {RUI.address: Verdict.REFUSED}


@pytest.mark.parametrize(
    ("tries", "least_s", "most_s"),
    [(1, 60, 60), (2, 60, 120), (3, 120, 240), (7, 1800, 3600), (30, 1800, 3600)],
)
def test_back_off_grows_from_a_minute_to_an_hour(
    tries: int, least_s: float, most_s: float
) -> None:
    mail = replace(MAIL, tries=tries)
    for error in (
        SubmissionDeferred("451", server_says="451", host="h"),
        NoAnswer(host="h", port=465),
        ConnectionLost(host="h", port=465),
        StoreUnavailable("locked", reason="locked"),
        Overtaken("mail 1"),
    ):
        soon, late = after(error, mail=mail), after(error, mail=mail, jitter=0.999999)
        assert soon.stage is late.stage is Stage.QUEUED
        assert (soon.next_at - NOW).total_seconds() == least_s
        assert (late.next_at - NOW).total_seconds() == pytest.approx(most_s, abs=0.01)


def test_a_server_that_asks_for_patience_gets_it() -> None:
    found = after(Throttled("slow", host="h", wait_s=1200))
    assert found.next_at == NOW + 20 * MINUTE


def test_the_last_try_is_at_the_end_of_the_day_and_then_it_failed() -> None:
    error = SubmissionDeferred("451", server_says="451 4.3.0 later", host="h")
    mail = replace(MAIL, tries=20)
    late = after(error, mail=mail, later=DAY - 10 * MINUTE)
    assert (late.stage, late.next_at) == (Stage.QUEUED, NOW + DAY)
    over = after(error, mail=mail, later=DAY)
    assert over.stage is Stage.FAILED
    assert over.said == "451 4.3.0 later"
    assert set(verdicts(over).values()) == {Verdict.REFUSED}
    assert after(NoAnswer(host="h"), mail=mail, later=DAY).stage is Stage.FAILED


def test_a_refused_login_waits_for_somebody() -> None:
    for error in (WrongPassword(certain="yes"), NeedsPermission()):
        found = after(error, later=HOUR)
        assert (found.stage, found.next_at) == (Stage.QUEUED, NOW + DAY)
    unsure = WrongPassword(certain="no")
    assert after(unsure).next_at == NOW + 10 * MINUTE
    assert after(unsure, mail=replace(MAIL, tries=2)).next_at == NOW + DAY


def test_what_a_person_must_mend_is_tried_now_and_then() -> None:
    assert after(CertificateExpired(host="h")).next_at == NOW + 15 * MINUTE


# ---- when its time has come


def test_it_goes_when_nothing_keeps_it() -> None:
    assert turn(MAIL, Around(FREE), NOW) == Go()


def test_it_waits_for_a_slot() -> None:
    full = Gauge(1, 1, 400, 1, NOW + MINUTE)
    assert turn(MAIL, Around(full), NOW) == Wait(NOW + MINUTE)


def test_it_waits_for_what_another_mail_has_met() -> None:
    problem = Problem("no_answer", {})
    hold = (NOW + 2 * HOUR, problem)
    assert turn(MAIL, Around(FREE, hold), NOW) == Wait(NOW + MINUTE, problem)
    soon = (NOW + MINUTE / 2, problem)
    assert turn(MAIL, Around(FREE, soon), NOW) == Wait(NOW + MINUTE / 2, problem)
    due = (NOW, problem)  # it asks for all at this moment
    assert turn(MAIL, Around(FREE, due), NOW) == Wait(NOW + MINUTE, problem)
    late = turn(MAIL, Around(FREE, hold), NOW + DAY)
    assert late == Stop(Stage.FAILED, problem=problem)


def test_who_is_blocked_meanwhile_is_not_written_to() -> None:
    found = Blocked(1, "@example.org", "asked us to stop", "ana", NOW)
    stop = turn(MAIL, Around(FREE, blocked=((ANA.address, found),)), NOW)
    assert isinstance(stop, Stop)
    assert stop.stage is Stage.FAILED
    assert stop.problem is not None
    assert stop.problem.code == "recipient_blocked"
    assert stop.problem.facts["reason"] == "asked us to stop"


@pytest.mark.parametrize(
    ("stage", "follows"),
    [
        (Stage.SENT, Go()),
        (Stage.QUEUED, Wait(NOW + 15 * MINUTE)),
        (Stage.SENDING, Wait(NOW + 15 * MINUTE)),
        (Stage.UNCERTAIN, Wait(NOW + 15 * MINUTE)),
        (Stage.FAILED, Stop(Stage.CANCELLED, "first_failed")),
        (Stage.CANCELLED, Stop(Stage.CANCELLED, "first_cancelled")),
    ],
)
def test_a_follow_up_goes_by_the_mail_before_it(
    stage: Stage, follows: Go | Wait | Stop
) -> None:
    first = replace(MAIL, stage=stage)
    assert turn(MAIL, Around(FREE, first=first), NOW) == follows
    answered = replace(first, answered_at=NOW)
    stop = Stop(Stage.CANCELLED, "answered")
    assert turn(MAIL, Around(FREE, first=answered), NOW) == stop


# ---- bounds


def test_the_gauge_counts_and_says_when_there_is_room() -> None:
    settings = SenderSettings("Me", per_hour=2, per_day=3)
    assert measure(settings, [], NOW) == Gauge(2, 0, 3, 0, None)
    one, two = NOW - 50 * MINUTE, NOW - 20 * MINUTE
    assert measure(settings, [two], NOW) == Gauge(2, 1, 3, 1, None)
    assert measure(settings, [one, two], NOW) == Gauge(2, 2, 3, 2, one + HOUR)
    old = NOW - 23 * HOUR
    assert measure(settings, [old, one, two], NOW).free_at == old + DAY
    assert measure(settings, [old, one], NOW) == Gauge(2, 1, 3, 2, None)


def test_at_that_very_moment_there_is_room() -> None:
    settings = SenderSettings("Me", per_hour=1, per_day=10)
    free_at = measure(settings, [NOW], NOW).free_at
    assert free_at is not None
    assert measure(settings, [NOW], free_at).free_at is None
